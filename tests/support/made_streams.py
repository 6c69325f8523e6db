"""Streams of Anthropic messages, Gemini chunks and Gemini interactions, and the truth about each.

The payloads are made here from the SDKs' own types, as there are no recordings of these APIs:
`tests/typed/test_made_streams.py` reads every payload with the SDK, and checks that a stream holds
every type of event, block and delta. What a stream says (text, tokens, images) is not read from
it but noted while it is made.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from sdk_payloads import Payloads

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WORDS = (
    "naïve",
    "café",
    "“quoted”",
    "日本語",
    "👋🏽",
    "back\\slash",
    'a "b"',
    "line\nbreak",
    "tab\t",
    "x",
)


@dataclass(kw_only=True)
class Made:
    """A stream and the truth about it: what the API's own clients would say of it."""

    api: str
    payloads: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    response_id: str | None = None
    model: str | None = None
    # The API's own word for how it ended; `None` before it has.
    status: str | None = None
    complete: bool = False
    # The answer: no thoughts, and nothing of the calls of tools and their results.
    text: str = ""
    images: list[bytes] = field(default_factory=list[bytes])
    # As the API reports them: input, cached, cache_written, output, reasoning, total.
    tokens: dict[str, int] = field(default_factory=dict[str, int])
    error: tuple[str, str] | None = None

    def frames(self, line_end: str = "\n") -> Iterator[bytes]:
        """The events, as the API sends them: with the name that it gives them, if any."""
        for payload in self.payloads:
            name = payload.get("type") or payload.get("event_type")
            named = f"event: {name}{line_end}" if name else ""
            data = json.dumps(payload, ensure_ascii=False)
            yield f"{named}data: {data}{line_end}{line_end}".encode()
        if self.api == "interactions" and self.complete:
            yield f"event: done{line_end}data: [DONE]{line_end}{line_end}".encode()

    def body(self, line_end: str = "\n") -> bytes:
        return b"".join(self.frames(line_end))

    def array(self) -> bytes:
        """As one JSON array, which is what Gemini answers without `alt=sse`."""
        return json.dumps(self.payloads, ensure_ascii=False, indent=2).encode()


def text_pieces(random: Random) -> list[str]:
    return [
        " ".join(random.choices(WORDS, k=random.randint(0, 5))) for _ in range(random.randint(1, 6))
    ]


def image(random: Random) -> bytes:
    """A picture that occurs once."""
    return PNG + random.randbytes(random.randint(1, 3000))


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def others(values: Iterable[Any], *known: str) -> list[dict[str, Any]]:
    """Those of a type that is none of `known`."""
    return [value for value in values if value.get("type") not in known]


# Anthropic messages -------------------------------------------------------------------------------


@cache
def _anthropic_blocks() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from anthropic import types

    made = Payloads(frozenset({"data"}))
    blocks = others(made.of(types.ContentBlock), "text")
    return blocks, others(made.of(types.RawContentBlockDelta), "text_delta")


def anthropic_message(random: Random) -> Made:
    """A stream of the Messages API, with every type of block and delta."""
    number = random.randrange(10**9)
    made = Made(api="anthropic", response_id=f"msg_{number}", model=f"claude-{number}")
    add = made.payloads.append
    usage = {
        "input_tokens": random.randrange(1, 999),
        "cache_read_input_tokens": random.randrange(999),
        "cache_creation_input_tokens": random.randrange(999),
        "output_tokens": 1,
    }
    message = {
        "id": made.response_id, "type": "message", "role": "assistant", "model": made.model,
        "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    add({"type": "message_start", "message": message})
    add({"type": "ping"})
    blocks, deltas = _anthropic_blocks()
    for index, block in enumerate(_shuffled(random, [*blocks, None, None])):
        start = block or {"type": "text", "text": "", "citations": None}
        add({"type": "content_block_start", "index": index, "content_block": start})
        if block is None:
            for piece in text_pieces(random):
                made.text += piece
                delta = {"type": "text_delta", "text": piece}
                add({"type": "content_block_delta", "index": index, "delta": delta})
        for delta in deltas if index == 0 else ():
            add({"type": "content_block_delta", "index": index, "delta": delta})
        add({"type": "content_block_stop", "index": index})
    made.status = random.choice(["end_turn", "max_tokens", "tool_use", "refusal"])
    output = random.randrange(1, 999)
    delta = {"stop_reason": made.status, "stop_sequence": None}
    # The counts of the last event are those of the whole message.
    add({"type": "message_delta", "delta": delta, "usage": {**usage, "output_tokens": output}})
    add({"type": "message_stop"})
    made.tokens = {
        "input": usage["input_tokens"],
        "cached": usage["cache_read_input_tokens"],
        "cache_written": usage["cache_creation_input_tokens"],
        "output": output,
    }
    made.complete = True
    return made


# Gemini: chunks of `generateContent` --------------------------------------------------------------


@cache
def _gemini_parts() -> list[dict[str, Any]]:
    from google.genai import types

    made = Payloads(frozenset({"data"}))
    (part,) = made.of(types.Part)
    # A part is one of these; only what says more about it goes with another.
    kinds = {name: value for name, value in part.items() if isinstance(value, dict)}
    return [{name: value} for name, value in kinds.items() if name != "inlineData"]


@cache
def _gemini_candidate() -> dict[str, Any]:
    from google.genai import types

    (candidate,) = Payloads().of(types.Candidate)
    return {name: candidate[name] for name in candidate if name not in ("content", "index")}


def gemini_chunks(random: Random) -> Made:
    """A stream of `generateContent`, with every kind of part."""
    number = random.randrange(10**9)
    made = Made(api="gemini", response_id=f"r{number}", model=f"gemini-{number}")
    prompt = random.randrange(1, 999)

    def add(*parts: dict[str, Any], **members: Any) -> None:
        candidate = {"content": {"parts": [*parts], "role": "model"}, "index": 0}
        made.payloads.append(
            {
                "candidates": [{**candidate, **members}],
                "usageMetadata": usage,
                "modelVersion": made.model,
                "responseId": made.response_id,
            }
        )

    usage: dict[str, Any] = {"promptTokenCount": prompt, "totalTokenCount": prompt}
    for part in _shuffled(random, [*_gemini_parts(), None, "image", "thought", None]):
        if part is None:
            for piece in text_pieces(random):
                made.text += piece
                add({"text": piece})
        elif part == "thought":
            add({"text": "a thought", "thought": True, "thoughtSignature": encoded(b"signed")})
        elif part == "image":
            made.images.append(image(random))
            blob = {"mimeType": "image/png", "data": encoded(made.images[-1])}
            made.text += "before"
            add({"text": "before"}, {"inlineData": blob})
        else:
            add(part)
    output, thoughts, cached = (random.randrange(1, 999) for _ in range(3))
    usage = {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": cached,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": prompt + output + thoughts,
    }
    made.status = random.choice(["STOP", "MAX_TOKENS", "SAFETY"])
    add({"text": ""}, **{**_gemini_candidate(), "finishReason": made.status})
    made.tokens = {
        "input": prompt,
        "cached": cached,
        "output": output,
        "reasoning": thoughts,
        "total": prompt + output + thoughts,
    }
    made.complete = True
    return made


# Gemini: the Interactions API ---------------------------------------------------------------------


@cache
def _interaction_types() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from google.genai import interactions

    made = Payloads(frozenset({"data"}), marks_unknown="is_unknown")
    steps = others(made.of(interactions.Step), "model_output", "user_input")
    # The models of deltas are only in the event that holds them.
    events = made.of(interactions.StepDelta)
    return steps, others((event["delta"] for event in events), "text", "image")


def interaction(random: Random) -> Made:
    """A stream of the Interactions API, with every type of step and delta."""
    number = random.randrange(10**9)
    made = Made(api="interactions", response_id=f"i{number}", model=f"gemini-{number}")
    counter = iter(range(10**6))

    def add(event_type: str, **members: Any) -> None:
        made.payloads.append({"event_type": event_type, "event_id": f"e{next(counter)}", **members})

    def state(status: str, **members: Any) -> dict[str, Any]:
        return {
            "id": made.response_id, "object": "interaction", "model": made.model,
            "status": status, **members,
        }  # fmt: skip

    add("interaction.created", interaction=state("in_progress"))
    add("interaction.status_update", interaction_id=made.response_id, status="in_progress")
    steps, deltas = _interaction_types()
    for index, step in enumerate(_shuffled(random, [*steps, None])):
        add("step.start", index=index, step=step or {"type": "model_output"})
        if step is None:
            for piece in text_pieces(random):
                made.text += piece
                add("step.delta", index=index, delta={"type": "text", "text": piece})
            made.images.append(image(random))
            data = {"mime_type": "image/png", "data": encoded(made.images[-1])}
            add("step.delta", index=index, delta={"type": "image", **data})
        for delta in deltas if index == 0 else ():
            add("step.delta", index=index, delta=delta)
        add("step.stop", index=index)
    made.status = random.choice(["completed", "failed", "incomplete", "requires_action"])
    names = {
        "input": "total_input_tokens",
        "cached": "total_cached_tokens",
        "output": "total_output_tokens",
        "reasoning": "total_thought_tokens",
        "total": "total_tokens",
    }
    made.tokens = {name: random.randrange(1, 999) for name in names}
    usage = {member: made.tokens[name] for name, member in names.items()}
    add("interaction.completed", interaction=state(made.status, usage=usage))
    made.complete = True
    return made


STREAMS: dict[str, Callable[[Random], Made]] = {
    "anthropic": anthropic_message,
    "gemini": gemini_chunks,
    "interactions": interaction,
}


def _shuffled(random: Random, values: list[Any]) -> list[Any]:
    return random.sample(values, len(values))
