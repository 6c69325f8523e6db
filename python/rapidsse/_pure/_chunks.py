"""Chunks: the bytes of a stream, pushed or pulled, each read in place.

The BOM that may open a stream (WHATWG HTML, section 9.2.6) is skipped here, so that the layers
above never see it.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ._source import Searchable, check_chunk, owned, searchable

if TYPE_CHECKING:
    from typing_extensions import Buffer

_NOTHING = memoryview(b"")


class Chunk:
    """A chunk, and how much of it has been read.

    `view` are its bytes, read-only and in place, and `buf` is what searches them. `pos` is the
    next byte to read, `end` their number, `offset` the first byte's offset in the stream.
    """

    __slots__ = ("buf", "end", "offset", "pos", "view")

    def __init__(self, data: Buffer, offset: int) -> None:
        view = check_chunk(data)
        self.view = view.toreadonly()
        self.buf: Searchable = data if type(data) is bytes else searchable(view)
        self.pos = 0
        self.end = len(view)
        self.offset = offset

    def let_go(self) -> None:
        """Makes it an empty chunk behind these bytes, which it no longer keeps alive."""
        self.offset += self.end
        self.pos = self.end = 0
        self.view = _NOTHING
        self.buf = b""


class Chunks:
    """The chunks of one stream, in order: pushed chunks, then the chunks of `source`."""

    def __init__(self, source: Iterator[Buffer] | None) -> None:
        self._source = source
        self._queue: deque[Buffer] = deque()
        self._offset = 0
        # The stream's first bytes, as long as they may be the start of a BOM.
        self._start: bytes | None = b""
        self.is_closed = False

    def push(self, data: Buffer) -> None:
        """Adds a chunk, which is referred to in place: it must not change afterwards."""
        if self.is_closed:
            raise ValueError("the reader is closed: create another one to read another stream")
        check_chunk(data)
        self._queue.append(data)

    def close(self) -> None:
        """Says that no more chunks come."""
        self.is_closed = True

    def next(self) -> Chunk | None:
        """The next chunk; `None` if there is none, or none yet. Raises what the source raises."""
        data = self._next_data()
        if data is None:
            if not (self.is_closed and self._start):
                return None
            # The stream is shorter than a BOM.
            chunk = Chunk(self._start, 0)
            self._start = None
            return chunk
        if self._start is not None:
            return self._first_chunk(data, self._start)
        chunk = Chunk(data, self._offset)
        self._offset += chunk.end
        return chunk

    def _next_data(self) -> Buffer | None:
        if self._queue:
            return self._queue.popleft()
        if self._source is None or self.is_closed:
            return None
        for data in self._source:
            # Its producer may reuse any buffer but `bytes`.
            return owned(data)
        self.is_closed = True
        return None

    def _first_chunk(self, data: Buffer, start: bytes) -> Chunk:
        """The first chunk without the BOM; an empty one as long as more bytes decide."""
        chunk = Chunk(start + bytes(data) if start else data, 0)
        self._offset = chunk.end
        head = bytes(chunk.view[: len(BOM_UTF8)])
        if len(head) < len(BOM_UTF8) and BOM_UTF8.startswith(head):
            self._start = head
            return Chunk(b"", self._offset)
        self._start = None
        if head == BOM_UTF8:
            chunk.pos = len(BOM_UTF8)
        return chunk
