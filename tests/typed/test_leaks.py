"""What was read leaves nothing behind: as many objects live after many events as before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import rapidsse

EVENTS = 8000
LOG = b'data: {"type":"response.output_text.delta","delta":"a"}\n\n' * EVENTS
FAILURES = b"data: {oops\n\n" * EVENTS


def views() -> Iterator[object]:
    return (event.data_bytes for event in rapidsse.iter_sse(LOG))


def texts_of_chunks() -> Iterator[object]:
    chunks = (LOG[at : at + 1000] for at in range(0, len(LOG), 1000))
    return (event.data for event in rapidsse.iter_sse(chunks))


def typed() -> Iterator[object]:
    return iter(rapidsse.Decoder(dict[str, Any]).iter(LOG))


def typed_failures() -> Iterator[object]:
    return iter(rapidsse.Decoder(dict[str, Any], on_error="yield").iter(FAILURES))


def logged() -> Iterator[object]:
    return iter(rapidsse.open_log(LOG))


def logged_failures() -> Iterator[object]:
    return iter(rapidsse.open_log(FAILURES, on_error="yield"))


@pytest.mark.parametrize(
    "reading", [views, texts_of_chunks, typed, typed_failures, logged, logged_failures]
)
def test_nothing_stays(reading: Callable[[], Iterator[object]]) -> None:
    def read() -> int:
        assert sum(1 for _ in reading()) == EVENTS
        return sys.getallocatedblocks()

    # What is made once, such as caches, is there after the first time.
    read()
    assert read() - read() > -EVENTS // 10
