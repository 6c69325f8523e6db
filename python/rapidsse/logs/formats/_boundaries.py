"""Where a log can be cut: places at which a reader's state does not depend on what came before.

Event streams: before an event of a type that always begins a stream, such as `response.created`,
and behind a `[DONE]`, which ends one. JSON lines of events: before such an event. Lines that each
hold a request: before every line. Reading the parts gives what reading the whole does.

A place is taken only when it is certain. The bytes of the type may stand in a text, so
the engine itself reads the block around them; blank lines of mixed line ends are overlooked,
and the block, which then holds several events, is not taken.

Which places there are depends on the content alone, not on where a search begins or ends:
two readers that share an edge find the same place, whatever each has read of the log. So
what is looked at around a mark is bounded (`_REACH`, `_NEAR`), and windows lie on fixed places.
"""

from __future__ import annotations

import mmap
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, Literal, Protocol

from ..._apis import BEGINS, DONE
from ..._engine import Event, Failure, FrameReader, LogReader, StreamEnd
from ..._json import decode_json
from .._bodies import Body, Damage
from .._drive import drive

__all__ = ["Cuts", "Searchable", "boundaries", "next_boundary"]


class Searchable(Protocol):
    """What can be cut: `bytes`, or a window on a file that is read as needed."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> bytes | bytearray: ...
    def find(self, sub: bytes, start: int, end: int, /) -> int: ...
    def rfind(self, sub: bytes, start: int, end: int, /) -> int: ...


Content = bytes | mmap.mmap | Searchable
Cuts = Literal["sse", "lines", "records"]

_BEGINS = tuple(sorted(type.encode() for type in BEGINS))
_BLANK = (b"\n\n", b"\r\n\r\n", b"\r\r")
# Searched in windows, so that one that never comes does not cost a pass of its own.
_WINDOW = 1 << 16
# Blocks are small as a rule; the search for their ends widens where they are not.
_NEAR, _WIDEN = 1 << 14, 16
# A type that stands further behind the beginning of its block is not looked at,
# nor is a `[DONE]` whose block is longer than `_NEAR`.
_REACH = 1 << 20


def next_boundary(
    content: Content,
    cuts: Cuts,
    start: int,
    *,
    before: int | None = None,
    max_event_size: int | None = None,
) -> int | None:
    """The first place at or after `start`, and before `before` or the end, to cut `content` at.

    `cuts` is the framing of the log's events, or `records` for lines that hold requests.
    `max_event_size` is the reader's: what it would drop begins no stream. Little more is looked
    at than what lies between `start` and the place, or `before`.
    """
    found = boundaries(content, cuts, start, before=before, max_event_size=max_event_size)
    return next(found, None)


def boundaries(
    content: Content,
    cuts: Cuts,
    start: int = 0,
    *,
    before: int | None = None,
    max_event_size: int | None = None,
) -> Iterator[int]:
    """All places to cut at from `start` on, in order. One pass, whatever the content."""
    size = len(content)
    stop = size if before is None else min(before, size)
    limit = size if max_event_size is None else max_event_size
    match cuts:
        case "sse":
            found = _in_stream(content, start, min(stop + _REACH, size), limit)
        case "lines":
            found = _in_lines(content, start, min(stop + _REACH, size), limit)
        case "records":
            found = _line_starts(content, start, stop)
    last = 0
    for at in found:
        if at >= stop:
            return
        # The end of a stream may be the beginning of the next.
        if max(start, last + 1) <= at and not _marked(content, at):
            yield (last := at)


def _marked(content: Content, at: int) -> bool:
    """Whether a byte order mark stands here: text inside a body, none at its beginning."""
    return content[at : at + len(BOM_UTF8)] == BOM_UTF8


def _in_stream(content: Content, start: int, stop: int, limit: int) -> Iterator[int]:
    # A `[DONE]` before `start` may end its block there.
    at: int | None = max(0, start - _NEAR)
    while at is not None and (at := _either(content, at, stop)) is not None:
        end = _block_end(content, at)
        if end is None:
            return
        begin = _block_begin(content, at)
        if begin is not None and end - begin <= limit and not _marked(content, begin):
            if end - begin <= _NEAR and _is_done(content[begin:end]):
                yield end
            elif begin >= start and _begins_stream(content[begin:end], "sse"):
                yield begin
        at = end


def _in_lines(content: Content, start: int, stop: int, limit: int) -> Iterator[int]:
    at = _begin(content, start, stop)
    while at is not None:
        low = max(0, at - _REACH)
        begin = content.rfind(b"\n", low, at) + 1
        end = content.find(b"\n", at, len(content)) + 1
        if not end:
            return
        known = begin > 0 or low == 0
        if (
            known
            and begin >= start
            and end - begin <= limit
            and _begins_stream(content[begin:end], "lines")
        ):
            yield begin
        at = _begin(content, end, stop)


def _begin(content: Content, start: int, stop: int) -> int | None:
    """The next place where the text of a type stands that begins a stream."""
    for at in range(start, stop, _WINDOW):
        ends = [min(at + _WINDOW + len(type) - 1, stop) for type in _BEGINS]
        places = [content.find(type, at, end) for type, end in zip(_BEGINS, ends, strict=True)]
        if found := [place for place in places if place >= 0]:
            return min(found)
    return None


def _line_starts(content: Content, start: int, stop: int) -> Iterator[int]:
    at = content.find(b"\n", max(0, start - 1), stop)
    while at >= 0:
        yield at + 1
        at = content.find(b"\n", at + 1, stop)


def _either(content: Content, at: int, stop: int) -> int | None:
    """The next place before `stop` where the text of a mark stands."""
    while at < stop:
        window = at - at % _WINDOW
        end = window + _WINDOW
        # Most of a log of pictures is a few long lines, which one byte is searched in at once.
        # That passes over marks deep inside an event, where hardly any boundary is.
        if any(content.find(mark, window, end) >= 0 for mark in (b"\n", b"\r")):
            # A mark may lie across the window's end.
            places = [content.find(mark, at, end + len(mark) - 1) for mark in (*_BEGINS, DONE)]
            if found := [place for place in places if place >= 0]:
                return min(found)
        at = end
    return None


def _block_begin(content: Content, at: int) -> int | None:
    """Behind the last blank line before `at`; `None` if it lies too far away."""
    reach = _NEAR
    while True:
        low = max(0, at - reach)
        begin = low
        for blank in _BLANK:
            place = content.rfind(blank, begin, at)
            if place >= 0:
                begin = place + len(blank)
        if begin > low or low == 0:
            return begin + _rest_of_line_end(content, begin)
        if reach == _REACH:
            return None
        reach = min(reach * _WIDEN, _REACH)


def _block_end(content: Content, at: int) -> int | None:
    """Behind the first blank line after `at`."""
    reach = _NEAR
    while True:
        high = min(len(content), at + reach)
        end = None
        for blank in _BLANK:
            place = content.find(blank, at, high if end is None else end)
            if place >= 0:
                end = place + len(blank)
        if end is not None:
            return end + _rest_of_line_end(content, end)
        if high == len(content):
            return None
        reach *= _WIDEN


def _rest_of_line_end(content: Content, at: int) -> int:
    return int(0 < at < len(content) and content[at - 1 : at + 1] == b"\r\n")


def _is_done(block: bytes | bytearray) -> bool:
    return [bytes(event.data_bytes).strip() for event in _framed(block)] == [DONE]


def _framed(block: bytes | bytearray) -> FrameReader:
    reader = FrameReader()
    reader.push(block)
    return reader


def _begins_stream(block: bytes | bytearray, framing: Literal["sse", "lines"]) -> bool:
    # A `[DONE]` before it, which `LogReader` keeps to itself, is of the stream before.
    if framing == "sse" and sum(1 for _ in _framed(block)) != 1:
        return False
    found = _Types()
    reader = LogReader(found, framing=framing, deliver=frozenset({"all"}))
    for is_full in drive(reader, (Body(0, (block,)),), found.damage):
        if is_full:
            reader.take()
    return found.types in [[type] for type in BEGINS]


class _Types:
    """A `LogHandler` that keeps the types of the events."""

    def __init__(self) -> None:
        self.types: list[Any] = []

    def event(self, event: Event) -> None:
        self.types.append(decode_json(event.payload)[0].get("type"))

    def failure(self, failure: Failure) -> None:
        self.types.append(None)

    def stream(self, end: StreamEnd) -> None: ...

    def damage(self, damage: Damage) -> None: ...
