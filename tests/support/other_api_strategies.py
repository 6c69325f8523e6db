"""Hypothesis strategies: events of the APIs that the naive oracles do not know, for comparing the
engines with each other."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

_ODD = st.sampled_from([None, True, False, 0, 1.5, 2**64, "", "x", [], {}, [1], {"id": "r1"}])
_TEXT = st.sampled_from(["a", "", "\u20ac", "\U0001f600", "\ud83d", "\ude00", '"', "\n"])
_INDEX = st.one_of(st.integers(0, 2), _ODD)
_JSON = st.one_of(_TEXT, st.sampled_from([{"a": 1}, [1.50], "{", 7]), _ODD)

Events = st.SearchStrategy[dict[str, Any]]


def _some(**members: st.SearchStrategy[Any]) -> Events:
    """An object with some of these members; now and then one of another type."""
    loose = {name: st.one_of(value, value, value, _ODD) for name, value in members.items()}
    return st.fixed_dictionaries({}, optional=loose)


def _typed(key: str, *types: str, **members: st.SearchStrategy[Any]) -> Events:
    return st.tuples(st.sampled_from(types), _some(**members)).map(
        lambda drawn: {key: drawn[0]} | drawn[1]
    )


_call = _some(
    id=_TEXT, index=_INDEX, name=_TEXT, parameters=_JSON, type=_TEXT,
    function=_some(name=_TEXT, arguments=_JSON, output=_JSON),
    code_interpreter=_some(input=_TEXT, outputs=st.lists(_some(logs=_TEXT), max_size=2)),
)  # fmt: skip
_calls = st.lists(_call, max_size=3)
_said = st.one_of(
    _TEXT, _some(text=_TEXT, type=st.sampled_from(["text", "x"]), special=st.booleans())
)
_message = _some(role=_TEXT, content=st.one_of(_said, st.lists(_said, max_size=2)), thinking=_TEXT,
                 tool_calls=_calls)  # fmt: skip
_ollama = _some(
    message=_message, response=_TEXT, done=st.booleans(), done_reason=_TEXT, model=_TEXT,
    thinking=_TEXT, eval_count=st.integers(0, 9),
)  # fmt: skip
_delta = _some(
    text=_TEXT, reasoningContent=_some(text=_TEXT), toolUse=_some(input=_JSON, name=_TEXT)
)
_converse = _some(
    messageStart=_some(role=_TEXT),
    contentBlockStart=_some(start=_some(toolUse=_some(toolUseId=_TEXT, name=_TEXT)),
                            contentBlockIndex=_INDEX),
    contentBlockDelta=_some(delta=_delta, contentBlockIndex=_INDEX),
    contentBlockStop=_some(contentBlockIndex=_INDEX),
    messageStop=_some(stopReason=_TEXT),
    metadata=_some(usage=_some(inputTokens=st.integers(0, 9))),
)  # fmt: skip
_part = _some(index=_INDEX, text=_some(value=_TEXT), refusal=_TEXT)
_run = _typed(
    "event", "thread.run.created", "thread.run.queued", "thread.run.step.delta",
    "thread.message.delta", "thread.message.delta", "thread.run.completed", "thread.run.failed",
    "thread.created",
    id=_TEXT, run_id=_TEXT, status=_TEXT, usage=_some(total_tokens=st.integers(0, 9)),
    last_error=_some(code=_TEXT, message=_TEXT),
    delta=_some(content=st.lists(_part, max_size=2),
                step_details=_some(tool_calls=_calls)),
)  # fmt: skip
_cohere = _typed(
    "event_type", "stream-start", "text-generation", "text-generation", "tool-calls-chunk",
    "tool-calls-generation", "citation-generation", "stream-end",
    generation_id=_TEXT, text=_said, tool_calls=_calls, is_finished=st.booleans(),
    finish_reason=_TEXT,
    response=_some(generation_id=_TEXT, finish_reason=_TEXT,
                   meta=_some(tokens=_some(input_tokens=st.integers(0, 9)))),
)  # fmt: skip
_tgi = _some(
    index=_INDEX, token=_said, generated_text=st.one_of(st.none(), _TEXT),
    details=_some(finish_reason=_TEXT, generated_tokens=st.integers(0, 9)),
)  # fmt: skip
_kinds = st.sampled_from([_ollama, _converse, _run, _cohere, _tgi])


def events() -> Events:
    """An event of one of these APIs, or much like one."""
    return st.one_of(_kinds.flatmap(lambda kind: kind), _mixed)


_mixed = st.tuples(_ollama, _tgi, _cohere).map(lambda drawn: drawn[0] | drawn[1] | drawn[2])


def streams() -> st.SearchStrategy[list[bytes]]:
    """The payloads of several events of one API, and now and then one of another."""
    own = _kinds.flatmap(lambda kind: st.lists(kind, min_size=1, max_size=8))
    return st.tuples(own, st.lists(events(), max_size=2)).map(
        lambda drawn: [json.dumps(event).encode() for event in [*drawn[0], *drawn[1], *drawn[0]]]
    )


def bodies(framing: str) -> st.SearchStrategy[bytes]:
    """A body of these events, as an event stream or by lines."""
    return streams().map(lambda payloads: b"".join(_written(each, framing) for each in payloads))


def _written(payload: bytes, framing: str) -> bytes:
    if framing == "lines":
        return payload + b"\n"
    name = json.loads(payload).get("event")
    named = b"event: %b\n" % name.encode() if isinstance(name, str) else b""
    return b"%bdata: %b\n\n" % (named, payload)
