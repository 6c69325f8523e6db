"""Content in buffers, each of which ends where an event does.

An event that a buffer would cut is moved to the front of the next one, which is larger if need
be: so every event lies in one piece, where spans and `Base64` refer to it. A buffer is filled
again once nothing refers to it. What is read in one step is decoded while the cache holds it.

The pieces depend on the content alone, not on which buffers were free: who reads again gets the
same.
"""

from __future__ import annotations

import mmap
import re
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..._errors import InputError
from ..._field_names import ANY_FIELD
from ._file import FileSource

__all__ = ["CUTS", "Piece", "StepsInto", "cut_pieces", "file_pieces"]

Piece = tuple[mmap.mmap | bytes, int, int]
"""A buffer, and the part of it that is meant."""

_STEP = 512 << 10
_BUFFER = 4 << 20
_SMALL = 64 << 10
"""A file of no more is read into `bytes`."""
_REST = 512 << 10
"""An unfinished event of no more is moved to the front of a buffer, which the cache holds, though
the buffer has room. Measured on the image log."""
_LONGEST = 512 << 20
"""Bytes of an event that is kept in one piece, unless a limit is set."""
_LINES = 64
"""So many lines are looked at for the end of an event."""

_ANONYMOUS = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if sys.platform != "win32" else {}


class _Buffer:
    """Memory that begins on a page: a read to anywhere else takes five times as long on some
    machines."""

    __slots__ = ("memory",)

    def __init__(self, size: int) -> None:
        self.memory = mmap.mmap(-1, size, **_ANONYMOUS)

    @property
    def is_free(self) -> bool:
        """Whether nothing refers to the memory: each view of it holds a reference."""
        return _references(self) == _ALONE


def _references(buffer: _Buffer) -> int:
    # Only CPython counts them.
    count: Callable[[object], int] = getattr(sys, "getrefcount", lambda _: -1)
    return count(buffer.memory)


_ALONE = max(_references(_Buffer(mmap.PAGESIZE)), 0)

# Of all logs: many small ones are read with the same few buffers.
_pool: deque[_Buffer] = deque(maxlen=8)


def _take(size: int) -> _Buffer:
    # The one that was used last first, which the cache may still hold.
    for _ in range(len(_pool)):
        try:
            buffer = _pool.pop()
        except IndexError:
            break  # another thread was faster
        if len(buffer.memory) >= size and buffer.is_free:
            return buffer
        _pool.appendleft(buffer)
    return _Buffer(size)


def _give_back(buffer: _Buffer) -> None:
    if len(buffer.memory) <= 2 * _BUFFER:
        _pool.append(buffer)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a content can be cut."""

    end: Callable[[mmap.mmap, int, int], int]
    """The end of the last event between two places; the first of them if there is none."""
    has_comments: bool = False
    """Whether comments may stand before an event: they are not kept, however long."""


def _after_line(memory: mmap.mmap, low: int, high: int) -> int:
    return max(memory.rfind(b"\n", low, high) + 1, low)


def _after_blank_line(memory: mmap.mmap, low: int, high: int) -> int:
    first, at = low + 2, high
    for _ in range(_LINES):
        # One byte is searched for much faster than two.
        at = memory.rfind(b"\n", first, at)
        if at < 0:
            return low
        if memory[at - 1] == 10 or memory[at - 2 : at] == b"\n\r":
            return at + 1
    ends = (memory.rfind(blank, low, high) + len(blank) for blank in (b"\n\n", b"\n\r\n"))
    return max(end if end > low + 2 else low for end in ends)


def _after_blank_line_of_cr(memory: mmap.mmap, low: int, high: int) -> int:
    """For logs whose lines end in CR alone, which would otherwise be kept in memory whole."""
    at = high
    for _ in range(_LINES):
        at = memory.rfind(b"\r", low + 1, at)
        if at < 0:
            break
        if memory[at - 1] == 13:
            return at + 1
    return low


_IGNORED = re.compile(rb"[\r\n]*+(?:(?!%b[:\r\n])[^\r\n]*+[\r\n]++)*+" % ANY_FIELD)
_REST_OF_IGNORED = re.compile(rb"[^\r\n]*+" + _IGNORED.pattern)
_IGNORED_START = re.compile(rb":|(?!%b[:\r\n])[^\r\n]{6}" % ANY_FIELD)
"""Six bytes of a line decide whether it is of a field."""


def _after_ignored(memory: mmap.mmap, begin: int, high: int, *, inside: bool) -> int:
    """The end of the comments and unknown fields that stand before an event: they are not kept,
    however long.

    `inside`: whether `begin` lies within one.
    """
    match = (_REST_OF_IGNORED if inside else _IGNORED).match(memory, begin, high)
    end = begin if match is None else match.end()
    # The last one may be longer than a buffer.
    return high if _IGNORED_START.match(memory, end, high) else end


CUTS = {"lines": Cut(_after_line), "sse": Cut(_after_blank_line, has_comments=True)}
"""By the framing. Where events end in another way, the engine joins what a piece cuts."""


class Readable(Protocol):
    """What gives its bytes in order."""

    def read_into(self, view: memoryview) -> int:
        """Reads the next bytes; returns how many, none at the end, and fewer than there is room
        for if no more come or an error does, which the next call raises: `InputError`."""
        ...


class StepsInto:
    """`Readable` of an iterator's steps."""

    def __init__(self, steps: Iterator[bytes]) -> None:
        self._steps = steps
        self._rest = memoryview(b"")
        self._error: InputError | None = None

    def read_into(self, view: memoryview) -> int:
        filled = 0
        while filled < len(view) and (self._rest or self._next(is_first=not filled)):
            size = min(len(self._rest), len(view) - filled)
            view[filled : filled + size] = self._rest[:size]
            self._rest = self._rest[size:]
            filled += size
        return filled

    def _next(self, *, is_first: bool) -> bool:
        try:
            if self._error is None:
                self._rest = memoryview(next(self._steps, b""))
        except InputError as error:
            self._error = error
        if self._error is not None and is_first:
            failed, self._error = self._error, None
            raise failed
        return bool(self._rest)


def file_pieces(
    file: FileSource, start: int, stop: int | None, cut: Cut, longest: int | None
) -> Iterator[Piece]:
    """`cut_pieces` of a file's bytes from `start` up to `stop` (`None`: the end)."""
    file.skip_to(start)
    left = sys.maxsize if stop is None else stop - start
    if left <= _SMALL:
        while left and (data := file.read(left)):
            left -= len(data)
            yield data, 0, len(data)
        return
    yield from cut_pieces(file, left, cut, longest)


def cut_pieces(
    source: Readable, left: int, cut: Cut, longest: int | None
) -> Generator[Piece, None, None]:
    """The next bytes, so many of them if there are.

    Events of more than `longest` bytes are cut. Raises `InputError` after all that is good.
    """
    longest = _LONGEST if longest is None else max(longest, _STEP)
    failed: InputError | None = None
    buffer = _take(_BUFFER)
    begin = filled = 0
    inside = False  # a comment, or a line of an unknown field
    try:
        while left:
            rest = filled - begin
            if (begin and rest <= _REST) or len(buffer.memory) - filled < _STEP:
                buffer = _moved(buffer, begin, filled)
                begin, filled = 0, rest
            with memoryview(buffer.memory) as view:
                try:
                    size = source.read_into(view[filled : filled + min(_STEP, left)])
                except InputError as error:
                    failed = error
                    break
            if not size:
                break
            left -= size
            low, filled = max(begin, filled - 2), filled + size
            end = cut.end(buffer.memory, low, filled)
            if end > low:
                inside = False
            else:
                end = begin
                if filled - begin > _BUFFER // 2 and cut.has_comments:
                    is_first = filled - size - begin <= _BUFFER // 2
                    low = begin if is_first else low
                    end = _after_blank_line_of_cr(buffer.memory, low, filled)
                    if end == low:
                        end = _after_ignored(buffer.memory, begin, filled, inside=inside)
                        inside = end == filled and buffer.memory[end - 1] not in b"\r\n"
                if end == begin and filled - begin > longest:
                    end = filled
            if end > begin:
                yield buffer.memory, begin, end
                begin = end
        if begin < filled:
            yield buffer.memory, begin, filled
    finally:
        _give_back(buffer)
    if failed is not None:
        raise failed


def _moved(buffer: _Buffer, begin: int, end: int) -> _Buffer:
    """The buffer that has these bytes at its front, and room for more."""
    rest = end - begin
    if rest <= _REST and buffer.is_free:
        # The front is what the cache still holds.
        buffer.memory.move(0, begin, rest)
        return buffer
    other = _take(max(_BUFFER, 2 * (rest + _STEP)))
    with memoryview(buffer.memory) as old, memoryview(other.memory) as new:
        new[:rest] = old[begin:end]
    _give_back(buffer)
    return other
