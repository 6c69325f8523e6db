"""Events of many large chunks, whose data is not copied before somebody asks for it."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from rapidsse import EventTooLarge, Parser, iter_sse
from rapidsse._engine import FrameReader

SIZE = 1500
CLEAN = "".join(random.Random(5).choices("abc 0,:{}", k=40 * SIZE))


def chunks(data: bytes) -> list[bytes]:
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def references(chunks: list[bytes]) -> int:
    return sys.getrefcount(chunks[5])


PAYLOADS = {
    "clean": CLEAN,
    "an escape in the middle": CLEAN[:20_000] + '"\\' + CLEAN[20_000:],
    "text beyond ASCII in the middle": CLEAN[:20_000] + "é€🎈" + CLEAN[20_000:],
    "text beyond ASCII at the end": CLEAN + "é",
    "two lines": CLEAN[:20_000] + "\n" + CLEAN[20_000:],
    "lines and text beyond ASCII": CLEAN + "\né\n" + CLEAN,
}
TAKES: dict[str, Callable[[Any], Any]] = {
    "text": lambda event: event.data,
    "bytes": lambda event: bytes(event.data_bytes),
    "pickled": lambda event: pickle.loads(pickle.dumps(event)),
    "hash": hash,
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("first", TAKES)
def test_whatever_is_asked_first(payload: str, first: str) -> None:
    lines = "".join(f"data: {line}\n" for line in payload.split("\n"))
    data = f"event: large\n{lines}\ndata: next\n\n".encode()
    event, following = iter_sse(chunks(data))
    whole, _ = iter_sse(data)
    assert TAKES[first](event) == TAKES[first](whole)
    assert event.data == payload == event.data
    assert event.data_bytes == payload.encode()
    assert event == whole
    assert event.event == "large"
    assert following.data == "next"


def test_invalid_bytes_are_replaced() -> None:
    clean = CLEAN.encode()
    (event,) = iter_sse(chunks(b"data: " + clean + b"\xff" + clean + b"\n\n"))
    assert event.data == f"{CLEAN}\ufffd{CLEAN}"
    assert event.data_bytes == clean + b"\xff" + clean


def test_the_chunks_are_let_go_of_when_the_bytes_are_joined() -> None:
    reader = FrameReader()
    given = chunks(f"data: {CLEAN}\n\n".encode())
    held = references(given)
    for chunk in given:
        reader.push(chunk)
    del chunk
    (event,) = reader
    assert event.data_bytes == CLEAN.encode()
    assert references(given) == held
    assert event.data == CLEAN


@pytest.mark.parametrize("end", ["limit", "end of the stream"])
def test_a_dropped_event_holds_no_chunks(end: str) -> None:
    given = chunks(f"data: {CLEAN}".encode())
    held = references(given)
    reader = FrameReader(max_event_size=30_000 if end == "limit" else None)
    for chunk in given:
        reader.push(chunk)
    del chunk
    if end == "limit":
        with pytest.raises(EventTooLarge):
            next(reader)
    reader.finish()
    assert list(reader) == []
    assert references(given) == held
    assert reader.pending == 0


def test_the_next_event_does_not_get_what_a_dropped_one_had() -> None:
    given = chunks(f"data: {CLEAN}\n\ndata: {CLEAN[:9000]}\n\n".encode())
    reader = FrameReader(iter(given), max_event_size=30_000)
    with pytest.raises(EventTooLarge):
        next(reader)
    (event,) = reader
    assert event.data == CLEAN[:9000]


def test_a_chunk_that_changes_later_does_not_change_the_event() -> None:
    """`feed` takes a copy of a buffer that its owner may use again."""
    parser = Parser()
    events = []
    for chunk in chunks(f"data: {CLEAN}\n\n".encode()):
        buffer = bytearray(chunk)
        events += parser.feed(buffer)
        buffer[:] = bytes(len(buffer))
    (event,) = events
    assert event.data == CLEAN
