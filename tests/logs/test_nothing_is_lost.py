"""Responses in made records of any shape: each is read once, or the log says that it was not.

A lost response is one that has no row, in a log of which nothing is skipped or passed over and in
which `verify` finds nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow")
yaml = pytest.importorskip("yaml")

import rapidsse
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import choice, chunk, completed, created, delta, sse

Events = list[dict[str, Any]]


def chat(id: str) -> Events:
    return [
        chunk(id, choices=[choice(role="assistant", content="H")]),
        chunk(id, choices=[choice(content="i")]),
        chunk(id, choices=[choice(finish="stop")]),
    ]


def response(id: str) -> Events:
    return [created(id), delta("Hi"), completed(id, output=[MESSAGE])]


def message(id: str) -> Events:
    start = {"id": id, "role": "assistant", "content": []}
    block = {"type": "text_delta", "text": "Hi"}
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": block},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]


MESSAGE = {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}
BODIES: list[Callable[[Events], Any]] = [
    lambda events: sse(*events).decode(),
    lambda events: sse(*events, "[DONE]").decode(),
    lambda events: events,
    lambda events: [json.dumps(event) for event in events],
    lambda events: [f"data: {json.dumps(event)}\n\n" for event in events],
    lambda events: base64.b64encode(sse(*events)).decode(),
    json.dumps,
    lambda events: "\n".join(map(json.dumps, events)),
    lambda events: [{"ts": n, "event": event} for n, event in enumerate(events)],
    lambda events: [{"ts": n, "data": json.dumps(event)} for n, event in enumerate(events)],
    lambda events: [[n, line] for n, line in enumerate(sse(*events).decode().split("\n"))],
    lambda events: [
        [1_700_000_000 + n, line] for n, line in enumerate(sse(*events).decode().split("\n"))
    ][::-1],
]
WRAPS: list[Callable[[str, Any], Any]] = [
    lambda name, value: {name: value},
    lambda name, value: {"id": 1, "meta": {"a": [1, 2]}, name: value, "ok": True},
    lambda name, value: {name: json.dumps(value)},
    lambda name, value: [{"key": "a", "value": 1}, {"key": name, "value": value}],
]
LOGS: list[Callable[[list[Any]], str]] = [
    lambda records: "".join(json.dumps(record) + "\n" for record in records),
    lambda records: "".join(map(json.dumps, records)),
    lambda records: json.dumps(records, indent=1),
    lambda records: json.dumps({"records": records}),
    yaml.safe_dump,
    lambda records: yaml.safe_dump_all(records, explicit_start=True),
]
_NAMES = st.sampled_from(
    [
        "response",
        "output",
        "body",
        "data",
        "result",
        "x",
        "value",
        "record",
        "content",
        "raw",
        "log",
    ]
)
_WRAPS = st.lists(st.tuples(st.sampled_from(WRAPS), _NAMES), min_size=1, max_size=3)
_STREAMS = st.tuples(st.sampled_from([chat, response, message]), st.sampled_from(BODIES))
_RECORDS = st.lists(
    st.tuples(_STREAMS, _WRAPS, st.one_of(st.none(), st.tuples(_STREAMS, _NAMES))),
    min_size=1,
    max_size=3,
)


@given(made=_RECORDS, log=st.sampled_from(LOGS))
def test_each_response_is_read_once_or_the_log_says_that_it_was_not(
    made: list[Any], log: Callable[[list[Any]], str]
) -> None:
    ids = list[str]()

    def body(stream: Any) -> Any:
        ids.append(f"id{len(ids)}")
        events_of, body_of = stream
        return body_of(events_of(ids[-1]))

    records = list[Any]()
    for stream, wraps, other in made:
        value = body(stream)
        for wrap, name in wraps:
            value = wrap(name, value)
        record = value if isinstance(value, dict) else {"x": value}
        if other is not None:
            other_stream, name = other
            record.setdefault(f"{name}2", body(other_stream))
        records.append(record)
    text = log(records).encode()
    found: list[Problem] = []
    with rapidsse.open_log(text) as opened:
        Verifier(found.append).verify(opened)
        is_told = bool(found or opened.skipped or opened.passed_over)
    rows = pa.table(rapidsse.scan(text, table="responses")).to_pylist()
    read = [row["response_id"] for row in rows]
    assert is_told or sorted(read) == sorted(ids)
    if not found:
        assert len(read) == len(set(read))
        assert {row["output_text"] for row in rows} == {"Hi"}
