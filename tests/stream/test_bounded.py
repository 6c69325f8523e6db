"""What is held, and how often a byte is looked at, is bounded."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import pytest

from rapidsse import EventTooLarge, Parser, iter_sse


@pytest.mark.parametrize(
    ("stream", "pending"),
    [
        (b"data: abc", 3),
        (b"data:", 0),
        (b"data: ", 0),
        (b"data:  ", 1),
        (b"data: abc\n", 3),
        (b"data: a\ndata: b", 3),
        (b"data: a\ndata", 5),
        (b"data: a\ndata:", 2),
        (b"da", 2),
        (b"event: abc", 3),
        (b"event: abc\nevent: d", 1),
        (b"id: abc", 3),
        (b"id: abc\nid: x\0", 2),
        (b"id: abc\nid: x\0\n", 3),
        (b"retr", 4),
        (b"retry: 123", 0),
        (b"retry: 123\n", 0),
        (b": comment", 0),
        (b"unknown: field", 0),
        (b"unknown", 0),
        (b"data: abc\n\n", 0),
        (b"event: abc\n\n", 0),
    ],
)
def test_pending(stream: bytes, pending: int) -> None:
    parser = Parser()
    parser.feed(stream)
    assert parser.pending == pending
    parser = Parser()
    for at in range(len(stream)):
        parser.feed(stream[at : at + 1])
    assert parser.pending == pending
    parser.close()
    assert parser.pending == 0


def resident() -> int:
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        pytest.skip("needs /proc to see how much memory is used")
    return int(pages) * mmap.PAGESIZE


@pytest.mark.parametrize(
    "start", [b": ", b"unknown: ", b"dataset", b"retry: ", b"data: 12345\ndata: "]
)
def test_meaningless_lines_are_never_held(start: bytes) -> None:
    parser = Parser(max_event_size=4)
    chunk = b"0" * (1 << 20)
    try:
        parser.feed(start)
        parser.feed(chunk)
    except EventTooLarge:
        assert start.startswith(b"data: ")
    before = resident()
    for _ in range(128):
        parser.feed(chunk)
        assert parser.pending == 0
    assert resident() - before < 16 << 20
    assert [event.data for event in parser.feed(b"\n\ndata: x\n\n")] == ["x"]


def test_endless_blocks_without_data_are_not_held() -> None:
    parser = Parser()
    for _ in range(20):
        parser.feed(b": comment\nunknown: x\nretry: 1\nid: 1\nevent: e\n" * 200)
        assert parser.pending == 2


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_one_event_in_many_chunks(size: int) -> None:
    data = bytes(range(32, 127)) * 200
    stream = b"data: " + data + b"\n\n"
    parser = Parser()
    assert parser.feed(b"data: ") == []
    held = 0
    events = []
    for at in range(len(b"data: "), len(stream), size):
        events += parser.feed(stream[at : at + size])
        assert events or parser.pending >= held
        held = parser.pending
    (event,) = events
    assert event.data_bytes.tobytes() == data


@pytest.mark.parametrize("eol", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [1, 500, 1 << 30])
def test_pure_engine_searches_each_byte_a_bounded_number_of_times(
    eol: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted and not timed: the bytes that `find` is let loose on."""
    from rapidsse._pure import FrameReader, _chunks

    searched = 0

    class Counting:
        def __init__(self, view: memoryview) -> None:
            self.chunk = view.tobytes()

        def find(self, sub: bytes, start: int, end: int) -> int:
            nonlocal searched
            found = self.chunk.find(sub, start, end)
            searched += (end if found < 0 else found + 1) - start
            return found

        def __getitem__(self, key: Any) -> Any:
            return self.chunk[key]

    monkeypatch.setattr(_chunks, "searchable", Counting)
    line = b"data: " + b"x" * 2000 + eol
    stream = (line * 20 + eol) * 2
    reader = FrameReader()
    for at in range(0, len(stream), size):
        reader.push(memoryview(stream)[at : at + size])
    assert len(list(reader)) == 2
    assert len(stream) <= searched < 8 * len(stream)


@pytest.mark.parametrize("line", [b":", b": comment", b"unknown", b"unknown: field"])
def test_an_ignored_line_is_not_buffered(line: bytes) -> None:
    parser = Parser()
    for start in range(1, len(line) + 1):
        parser.reset()
        parser.feed(b"data: x\n" + line[:start])
        # As much of a line as may yet become a field's name is held.
        assert parser.pending == 1 + (start if b":" not in line[:start] and start <= 5 else 0)


@pytest.mark.parametrize("size", [1000, 65_536, 1 << 30])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_a_limit_among_large_events(size: int, eol: bytes) -> None:
    """The limit holds for events that are read faster than line by line, too."""
    sizes = [10, 17_000, 25_000, 15_000, 20_000, 20_001, 10]
    blocks = [b"data: " + b"x" * length + eol + eol for length in sizes]
    stream = b"".join(blocks)
    events = iter_sse(
        (stream[at : at + size] for at in range(0, len(stream), size)), max_event_size=20_000
    )
    found: list[int | tuple[int, int]] = []
    for _ in sizes:
        try:
            found.append(len(next(events).data_bytes))
        except EventTooLarge as error:
            found.append((error.index, error.offset))
    offsets = [sum(map(len, blocks[:index])) for index in range(len(blocks))]
    assert found == [10, 17_000, (2, offsets[2]), 15_000, 20_000, (5, offsets[5]), 10]
    assert next(events, None) is None
