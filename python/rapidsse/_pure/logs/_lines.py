"""Where the events of a log lie that is JSON lines.

Only LF ends a line; a CR before it is no part of the payload, nor is a BOM at its start: files that
were joined have theirs within. Lines of white space are no events.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from ..._limits import LONG_PAYLOAD
from .._search import find_first
from .._source import Searchable, check_chunk, searchable
from .._spans import SpanFinder
from ._frames import Frame

if TYPE_CHECKING:
    from typing_extensions import Buffer

_CR = 0x0D

is_blank = re.compile(rb"\s*+").fullmatch


class LineFrames:
    """The events of a body of JSON lines."""

    def __init__(self, offset: int, finder: SpanFinder, max_event_size: int | None) -> None:
        self._finder = finder
        self._limit = max_event_size
        # The chunk being read, and the offset of its first byte.
        self._view = memoryview(b"")
        self._buf: Searchable = b""
        self._pos = 0
        self._base = offset
        # The line being read: its offset, and its bytes in the chunks before this one. The
        # bytes of one that is too large are dropped.
        self._line_offset = offset
        self._line = bytearray()
        self._dropping = False
        self._closed = False

    @property
    def position(self) -> int:
        return self._base + self._pos

    @property
    def unknown_lines(self) -> int:
        # Each line is an event.
        return 0

    @property
    def is_finished(self) -> bool:
        return self._closed

    def push(self, chunk: Buffer) -> None:
        self._view = check_chunk(chunk)
        self._buf = searchable(self._view)

    def finish(self) -> None:
        self._closed = True

    def find_next(self, frame: Frame) -> bool:
        while self._pos < len(self._view):
            start = self._pos
            lf = find_first(self._buf, start, len(self._view), (b"\n",))
            if lf < 0:
                self._carry(start)
                break
            self._pos = lf + 1
            if self._end_line(frame, self._view[start:lf], complete=True):
                return True
        self._leave_chunk()
        is_cut = self._closed and self._line_offset < self._base
        return is_cut and self._end_line(frame, memoryview(b""), complete=False)

    def _leave_chunk(self) -> None:
        self._base += len(self._view)
        self._view = memoryview(b"")
        self._buf = b""
        self._pos = 0

    def _carry(self, start: int) -> None:
        """Takes the rest of the chunk as part of a line that goes on in the next one."""
        if self._dropping:
            return
        self._line += self._view[start:]
        if self._limit is None or BOM_UTF8.startswith(self._line):
            return
        if len(self._line) - _bom_size(self._line) > self._limit:
            self._line_offset += _bom_size(self._line)
            self._dropping = True
            self._line.clear()

    def _end_line(self, frame: Frame, rest: memoryview, *, complete: bool) -> bool:
        """Ends the line with `rest`; true when that makes an event."""
        if self._line:
            self._line += rest
            line = memoryview(bytes(self._line))
            self._line.clear()
        else:
            line = rest.toreadonly()
        bom = 0 if self._dropping else _bom_size(line)
        start, self._line_offset = self._line_offset + bom, self.position
        line = line[bom:]
        if self._dropping or (self._limit is not None and len(line) > self._limit):
            self._dropping = False
            frame.fill(None, "", start, self.position, complete=complete)
            return True
        if len(line) and line[-1] == _CR:
            line = line[:-1]
        if is_blank(line):
            return False
        payload = bytes(line) if len(line) < LONG_PAYLOAD else line
        spans = None if len(line) < LONG_PAYLOAD else self._finder.of(line)
        frame.fill(payload, "", start, self.position, complete=complete, spans=spans)
        return True


def _bom_size(line: bytearray | memoryview) -> int:
    return len(BOM_UTF8) if bytes(line[: len(BOM_UTF8)]) == BOM_UTF8 else 0
