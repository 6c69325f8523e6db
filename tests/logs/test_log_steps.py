"""One call of `LogReader.advance` delivers a bounded number of bytes, names and ids included."""

from __future__ import annotations

from typing import Any

import pytest

from log_reading import Recorder
from rapidsse._engine import LogReader

MANY, LONG = 48, 1 << 20
NAME = b"n" * LONG
STEP = 16 << 20
"""Bytes delivered in a step, or more by the last event."""


@pytest.mark.parametrize(
    ("first", "event"),
    [
        (b"", b"event: %b\ndata: {bad\n\n" % NAME),
        (b"", b"event: %b\ndata: {}\n\n" % NAME),
        (b"", b'data: {"type":"%b"}\n\n' % NAME),
        (
            b'data: {"type":"response.created","response":{"id":"%b"}}\n\n' % NAME,
            b'data: {"type":"response.x"}\n\n',
        ),
    ],
    ids=["the name of a failure", "the name of an event", "a type", "a response's id"],
)
def test_names_and_ids_count(first: bytes, event: bytes) -> None:
    recorder: Any = Recorder()
    reader = LogReader(recorder, deliver={"all"})
    reader.begin(0)
    reader.push(first + event * MANY)
    delivered = []
    goes_on = True
    while goes_on:
        before = len(recorder.calls)
        goes_on = reader.advance()
        reader.take()
        delivered.append(len(recorder.calls) - before)
    reader.finish()
    assert not reader.advance()
    assert sum(delivered) == MANY + bool(first)
    assert max(delivered) <= STEP // LONG + 1
