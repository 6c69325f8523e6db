"""`LogReader` on the engine in use: its batches, and the events that it delivers."""

from __future__ import annotations

import inspect
import itertools
import json
from typing import Any

import pytest

import stream_strategies
from body_reading import read_body
from log_reading import COLUMNS, Recorder, read_log, taken, totals_of, values
from rapidsse import _engine
from rapidsse._apis import BASE64_KEYS
from rapidsse._engine import LogReader, find_spans

# Batches and columns.


def reader_of(body: bytes, **options: Any) -> Any:
    reader = LogReader(Recorder(), **options)
    reader.begin(0)
    reader.push(body)
    return reader


def sizes(reader: Any) -> list[int]:
    """The rows of each batch, the last one included."""
    found = []
    while reader.advance():
        assert reader.advance()
        found.append(reader.take()[0])
    reader.finish()
    assert not reader.advance()
    return [*found, reader.take()[0]]


EVENTS = b'data: {"delta":"\xe2\x82\xac\xe2\x82\xac"}\n\n' * 10


@pytest.mark.parametrize(
    ("rows", "expected"), [(4, [4, 4, 2]), (5, [5, 5, 0]), (11, [10]), (1, [1] * 10 + [0])]
)
@pytest.mark.parametrize("columns", [[], ["delta"], ["offset"]])
def test_a_batch_has_so_many_rows(rows: int, expected: list[int], columns: list[str]) -> None:
    assert sizes(reader_of(EVENTS, batch_rows=rows, columns=columns)) == expected


@pytest.mark.parametrize("size", [1, 6, 7, 13, 40])
@pytest.mark.parametrize("columns", [["delta"], ["event", "delta"], ["payload"]])
def test_a_batch_has_so_many_bytes(size: int, columns: list[str]) -> None:
    """Or more, by the last row at most."""
    lengths = {"delta": 6, "event": 7, "payload": len(EVENTS) // 10 - 8}
    row = sum(lengths[column] for column in columns)
    batches = sizes(reader_of(EVENTS, batch_bytes=size, columns=columns))
    assert sum(batches) == 10
    assert len(batches) > 1
    assert all((rows - 1) * row < size for rows in batches)
    assert sizes(reader_of(EVENTS, batch_bytes=1000, columns=columns)) == [10]


@pytest.mark.parametrize("columns", [["payload"], ["index", "delta"], list(reversed(COLUMNS))])
def test_only_the_columns_asked_for(columns: list[str]) -> None:
    reader = reader_of(EVENTS, columns=columns)
    assert not reader.advance()
    rows, found = reader.take()
    assert (rows, list(found)) == (10, columns)
    whole = read_body(EVENTS).rows
    for name, column in found.items():
        assert values(column, name, rows) == [row[name] for row in whole]
    assert reader.take()[0] == 0


def test_a_new_reader_has_no_rows() -> None:
    reader = LogReader(Recorder(), columns=COLUMNS)
    assert not reader.advance()
    assert taken(reader) == []
    assert totals_of(reader) == (0, 0, 0, 0, 0)
    assert reader.types() == {}


def test_a_batch_is_as_large_on_both_engines_unless_asked() -> None:
    parameters = inspect.signature(LogReader).parameters
    defaults = parameters["batch_rows"].default, parameters["batch_bytes"].default
    assert defaults == (16_384, 4 << 20)
    assert sizes(reader_of(b"data: {}\n\n" * 16_385, columns=["offset"])) == [16_384, 1]
    long = b'data: {"delta":"%b"}\n\n' % (b"x" * (1 << 20))
    assert sizes(reader_of(long * 5, columns=["delta"])) == [4, 1]


# What is delivered.


def delivered(wanted: str, *values: dict[str, Any]) -> list[bool]:
    body = b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)
    offsets = [row["offset"] for row in read_body(body).rows]
    assert len(offsets) == len(values)
    events = read_body(body, deliver=frozenset({wanted})).events
    return [offset in [event[3] for event in events] for offset in offsets]


def test_state_is_delivered() -> None:
    assert delivered(
        "state",
        {"type": "response.created", "response": {}},
        {"type": "response.output_text.delta", "delta": "x", "response": None, "error": ""},
        {"type": "response.output_text.done"},
        {"type": "error"},
        {"error": {}},
        {"error": "out of memory"},
        {"type": "image_generation.partial_image"},
        {"type": "image_generation.completed"},
    ) == [True, False, False, True, True, True, False, True]


def test_texts_are_delivered() -> None:
    assert delivered(
        "texts",
        {"type": "response.output_text.delta", "delta": "x"},
        {"type": "response.output_text.done"},
        {"type": "response.completed", "response": {}},
    ) == [False, True, False]


def test_not_too_much_is_delivered_at_once() -> None:
    body = b'data: {"type":"error","text":"%b"}\n\n' % (b"x" * 2**20)
    recorder = Recorder()
    reader = LogReader(recorder, deliver=frozenset({"state"}))
    reader.begin(0)
    reader.push(body * 40)
    counts = [0]
    while reader.advance():
        counts.append(len(recorder.calls))
    assert counts[-1] < 40
    assert max(after - before for before, after in itertools.pairwise(counts)) == 16


def test_state_of_a_chat_is_delivered() -> None:
    chunk = {"object": "chat.completion.chunk"}
    assert delivered(
        "state",
        {"type": "ping"},
        chunk,
        chunk,
        {**chunk, "usage": None},
        {**chunk, "usage": {}},
        {**chunk, "choices": [{}, {"finish_reason": "stop"}]},
    ) == [False, True, False, False, True, True]


def test_images_are_delivered() -> None:
    assert delivered(
        "images",
        {"type": "response.x", "partial_image_b64": ""},
        {"type": "response.x", "partial_image_b64": None},
        {"type": "response.x", "b64_json": "x"},
        {"type": "response.x", "item": {"type": "image_generation_call"}},
        {"type": "response.x", "item": {"type": "message"}},
        {"type": "response.x", "item": "image_generation"},
        {"type": "response.output_text.delta", "delta": "image/png"},
        {"type": "x", "a": [{"b": "data:image/png;base64,AAAA"}]},
        {"candidates": [{"a": {"mimeType": "image/png"}}]},
        {"candidates": [{"a": {"mimeType": "image/png", "data": "AAAA"}}]},
        {"a": "image"},
        {"type": "response.x", "response": {"output": [{"type": "image_generation_call"}]}},
        {"type": "response.x", "item": {"type": "image_generation_call", "result": "A" * 20_000}},
        {"type": "response.x", "item": {"a": "A" * 20_000, "result": "image_generation_call"}},
    ) == [False, False, True, *[False] * 4, True, False, True, False, False, True, False]


@pytest.mark.parametrize("image", [b"", b"QUJD", b"QUJD" * 6000, b"QUJD" * 100_000, b"\\u0041"])
def test_what_is_delivered_comes_with_its_spans(image: bytes) -> None:
    payload = b'{"a":1,"partial_image_b64":"%b","delta":"QUJD"}' % image
    body = b"data: %b\n\n" % payload
    keys = set(BASE64_KEYS)
    place = find_spans(payload, keys), 0, 0, len(body) - 1, 0, "message", None
    for chunks in (
        [body],
        [body[:7], body[7:]],
        stream_strategies.cut(body, range(0, 2**20, 65_536)),
    ):
        log = read_log(_engine, [(0, chunks)], deliver=frozenset({"all"}))
        assert log.events == [(payload, *place)]
