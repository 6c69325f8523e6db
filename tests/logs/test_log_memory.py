"""`LogReader` holds no more than one unfinished event, and nothing of what it drops."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from log_reading import Recorder, totals_of
from rapidsse._engine import LogReader

MEBIBYTE = 1 << 20
STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")

pytestmark = pytest.mark.skipif(
    not (sys.platform == "linux" and CLEAR_REFS.exists()),
    reason="the peak of a process's memory can be set back on Linux only",
)


def memory(name: str) -> int:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))


class Counter(Recorder):
    """Keeps no payload."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []

    def event(self, event: Any) -> None:
        self.kinds.append("event")

    def failure(self, failure: Any) -> None:
        self.kinds.append(failure.kind)


def peak_of(chunks: Iterator[bytes], **options: Any) -> tuple[int, Counter, tuple[int, ...]]:
    """How much memory reading took at most, in bytes."""
    counter = Counter()
    reader = LogReader(counter, **options)
    reader.begin(0)
    CLEAR_REFS.write_text("5")
    before = memory("VmRSS")
    for chunk in chunks:
        reader.push(chunk)
        while reader.advance():
            reader.take()
    reader.finish()
    while reader.advance():
        reader.take()
    return memory("VmHWM") - before, counter, totals_of(reader)


def repeated(before: bytes, part: bytes, size: int, after: bytes) -> Iterator[bytes]:
    yield before
    for _ in range(size // len(part)):
        yield part
    yield after


SIZE = 128 * MEBIBYTE
CHUNK = b"x" * (1 << 16)


@pytest.mark.parametrize(
    ("before", "options", "kinds"),
    [
        (b"data: {}\n\n: comment ", {}, []),
        (b"data: {}\n\nunknown: ", {}, []),
        (b'data: {}\n\ndata: {"a":"', {"max_event_size": MEBIBYTE}, ["too_large"]),
        (b"data: {}\n\nevent: ", {"max_event_size": MEBIBYTE}, ["too_large"]),
        (b'{}\n{"a":"', {"max_event_size": MEBIBYTE, "framing": "lines"}, ["too_large"]),
    ],
)
def test_a_long_line_that_is_not_kept(
    before: bytes, options: dict[str, Any], kinds: list[str]
) -> None:
    after = b"\n\ndata: {}\n\n" if "framing" not in options else b"\n{}\n"
    peak, counter, totals = peak_of(repeated(before, CHUNK, SIZE, after), **options)
    assert counter.kinds == kinds
    assert totals[0] == 2
    assert sum(totals[2:]) == len(before) + SIZE + len(after)
    assert peak < 24 * MEBIBYTE


def test_a_log_of_many_events() -> None:
    """Also of one stream, whose sequence numbers all come."""
    numbers = iter(range(1 << 30))
    filler = b'"' + b"x" * 500 + b'"'

    def chunks() -> Iterator[bytes]:
        for _ in range(256):
            yield b"".join(
                b'data: {"type":"response.x","sequence_number":%d,"delta":%b}\n\n'
                % (next(numbers), filler)
                for _ in range(256)
            )

    peak, counter, totals = peak_of(
        chunks(), columns=["stream", "delta", "payload"], batch_bytes=MEBIBYTE
    )
    ((_, _, _, _, events, failures, missing, duplicates, *_),) = counter.calls
    assert totals[0] == events == 256 * 256
    assert (failures, missing, duplicates) == (0, 0, 0)
    assert peak < 24 * MEBIBYTE
