"""Where a log can be cut: places at which a reader's state does not depend on what came before.

Event streams: before an event of type `response.created`, which begins a stream always, and
behind a `[DONE]`, which ends one. JSON lines of events: before such a `response.created`. Lines
that each hold a request: before every line. Reading the parts gives what reading the whole does.

A place is taken only when it is certain. The bytes `response.created` may stand in a text, so
the engine itself reads the block around them; blank lines of mixed line ends are overlooked,
and the block, which then holds several events, is not taken.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from .._engine import FrameReader, LogReader

__all__ = ["Content", "Cuts", "boundaries", "next_boundary"]

Content = bytes | mmap.mmap
Cuts = Literal["sse", "lines", "records"]

_CREATED, _DONE, _BOM = b"response.created", b"[DONE]", b"\xef\xbb\xbf"
_BLANK = (b"\n\n", b"\r\n\r\n", b"\r\r")
# Searched in windows, so that one that never comes does not cost a pass of its own.
_WINDOW = 1 << 16
# Blocks are small as a rule; the search for their ends widens where they are not.
_NEAR, _WIDEN = 1 << 14, 16


def next_boundary(
    content: Content, cuts: Cuts, start: int, *, max_event_size: int | None = None
) -> int | None:
    """The first place at or after `start`, and before the end, to cut `content` at.

    `cuts` is the framing of the log's events, or `records` for lines that hold requests.
    `max_event_size` is the reader's: what it would drop begins no stream.
    """
    return next(boundaries(content, cuts, start, max_event_size=max_event_size), None)


def boundaries(
    content: Content, cuts: Cuts, start: int = 0, *, max_event_size: int | None = None
) -> Iterator[int]:
    """All places to cut at from `start` on, in order. One pass, whatever the content."""
    limit = len(content) if max_event_size is None else max_event_size
    match cuts:
        case "sse":
            found = _in_stream(content, start, limit)
        case "lines":
            found = _in_lines(content, start, limit)
        case "records":
            found = _line_starts(content, start)
    last = 0
    for at in found:
        # The end of a stream may be the beginning of the next.
        if max(start, last + 1) <= at < len(content) and not _marked(content, at):
            yield (last := at)


def _marked(content: Content, at: int) -> bool:
    """Whether a byte order mark stands here: text inside a body, none at its beginning."""
    return content[at : at + len(_BOM)] == _BOM


def _in_stream(content: Content, start: int, limit: int) -> Iterator[int]:
    # A `[DONE]` before `start` may end its block there.
    at: int | None = max(0, start - _NEAR)
    while at is not None and (at := _either(content, at)) is not None:
        end = _block_end(content, at)
        if end is None:
            return
        begin = _block_begin(content, at)
        if end - begin <= limit and not _marked(content, begin):
            block = content[begin:end]
            if _is_done(block):
                yield end
            elif begin >= start and _is_created(block, "sse"):
                yield begin
        at = end


def _in_lines(content: Content, start: int, limit: int) -> Iterator[int]:
    at = content.find(_CREATED, start)
    while at >= 0:
        begin = content.rfind(b"\n", max(0, start - 1), at) + 1
        end = content.find(b"\n", at) + 1
        if not end:
            return
        known = begin > 0 or start == 0
        if known and end - begin <= limit and _is_created(content[begin:end], "lines"):
            yield begin
        at = content.find(_CREATED, end)


def _line_starts(content: Content, start: int) -> Iterator[int]:
    at = content.find(b"\n", max(0, start - 1))
    while at >= 0:
        yield at + 1
        at = content.find(b"\n", at + 1)


def _either(content: Content, at: int) -> int | None:
    """The next place where the text of a mark stands."""
    while at < len(content):
        end = at + _WINDOW
        # Most of a log of pictures is a few long lines, which one byte is searched in at once.
        # That passes over marks deep inside an event, where hardly any boundary is.
        if any(content.find(mark, at, end) >= 0 for mark in (b"\n", b"\r")):
            places = [content.find(mark, at, end) for mark in (_CREATED, _DONE)]
            if found := [place for place in places if place >= 0]:
                return min(found)
        # A mark may lie across the window's end.
        at = end - len(_CREATED)
    return None


def _block_begin(content: Content, at: int) -> int:
    """Behind the last blank line before `at`."""
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
        reach *= _WIDEN


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


def _is_done(block: bytes) -> bool:
    reader = FrameReader()
    reader.push(block)
    return [bytes(event.data_bytes).strip() for event in reader] == [_DONE]


def _is_created(block: bytes, framing: Literal["sse", "lines"]) -> bool:
    found = _Found()
    reader = LogReader(found, framing=framing, hands_over=frozenset({"all"}))
    reader.begin(0)
    reader.push(block)
    while reader.advance():
        reader.take()
    reader.finish()
    while reader.advance():
        reader.take()
    return found.types == ["response.created"]


class _Found:
    """A `LogHandler` that keeps the types of the events."""

    def __init__(self) -> None:
        self.types: list[Any] = []

    def event(self, payload: bytes | memoryview, *_: Any, **__: Any) -> None:
        self.types.append(msgspec.json.decode(payload).get("type"))

    def failure(self, *_: Any, **__: Any) -> None:
        self.types.append(None)

    def stream(self, *_: Any, **__: Any) -> None: ...
