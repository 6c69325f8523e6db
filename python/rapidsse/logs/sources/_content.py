"""The content of a log: its bytes, decompressed, in place where that is possible."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..._errors import InputError
from .._bodies import Compression, Framing
from ._buffers import CUTS, file_pieces
from ._compression import MAGIC_BYTES, recognise
from ._file import FileSource
from ._memory import MemorySource
from ._source import InPlace, Source
from ._steps import Steps
from ._unicode import is_utf16

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["LINE_LIMIT", "WHOLE_LIMIT", "Content"]

# A record of more is not kept in memory, and a document of more is refused.
LINE_LIMIT = 512 << 20
WHOLE_LIMIT = 1 << 30


class Content:
    """The bytes of `source` from `start` to `stop` (`None`: its end), to be read once.

    `is_plain`: it is memory or a regular file, and neither compressed nor UTF-16, so that any part
    of it can be read; `in_memory`: it stays where it was given. `size` counts the bytes that were
    taken, and `skipped` the lines in which no event was found.
    """

    def __init__(
        self,
        source: Source,
        compression: Compression | None,
        *,
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self.source = source.name
        magic = b"" if compression else source.peek(MAGIC_BYTES)
        self.compression: Compression = compression or recognise(magic)
        self.start = start
        self.size = 0
        self.skipped = 0
        self._source = source
        # What is of size 0 in /proc is not empty.
        self._stop = stop or source.size or None
        self._memory = source if isinstance(source, MemorySource) else None
        self._file = source if isinstance(source, FileSource) else None
        if self.compression != "none" or is_utf16(magic):
            self._memory = self._file = None
        self.is_plain = self._memory is not None or self._file is not None
        self.in_memory = self._memory is not None
        self._steps = Steps(source, self.compression)

    def head(self, size: int) -> tuple[bytes, bool]:
        """The first bytes of the whole log, at least `size`, and whether they are all."""
        return self._plain(0, size, self._source.size) if self.is_plain else self._steps.head(size)

    def first(self, size: int) -> tuple[bytes, bool]:
        """The first bytes from `start` on, at least `size`, and whether they are all."""
        return (
            self._plain(self.start, size, self._stop) if self.is_plain else self._steps.head(size)
        )

    def _plain(self, start: int, size: int, end: int | None) -> tuple[bytes, bool]:
        stop = min(start + size, end or start + size)
        if self._memory is not None:
            data = bytes(self._memory.content[start:stop])
        else:
            assert self._file is not None
            data = self._file.read_at(start, stop)
        return data, len(data) < size or stop == end

    def chunks(self, framing: Framing, longest: int | None = None) -> Iterator[Buffer]:
        """The content. Raises `InputError` after all that is good.

        Chunks of a file, and of a remote or compressed log whose size is known, end where events of this framing do, unless one is of more than
        `longest` bytes. They are read into the same memory once nothing refers to it.
        """
        for memory, start, stop in self._pieces(framing, longest):
            whole = isinstance(memory, bytes) and stop - start == len(memory)
            chunk = memory if whole else memoryview(memory)[start:stop].toreadonly()
            del memory
            self.size += stop - start
            yield chunk
            del chunk

    def _pieces(self, framing: Framing, longest: int | None) -> Iterator[tuple[InPlace, int, int]]:
        """The content as buffers, and the part of each."""
        if self._memory is not None:
            stop = len(self._memory.content) if self._stop is None else self._stop
            if self.start < stop:
                self._memory.consumed = stop
                yield self._memory.content, self.start, stop
        elif self._file is not None:
            yield from file_pieces(self._file, self.start, self._stop, CUTS[framing], longest)
        else:
            yield from self._steps.pieces(CUTS[framing], longest)

    def lines(self) -> Iterator[tuple[int, Buffer | None, int]]:
        """Each line's offset, its bytes with their LF, and their number.

        The bytes of a line past `LINE_LIMIT` are not kept (`None`). Raises `InputError`
        after all that is good; a line that is cut short by it is not given.
        """
        offset, length, parts = self.start, 0, list["Buffer"]()
        for memory, start, stop in self._pieces("lines", LINE_LIMIT):
            at = start
            while at < stop:
                found = memory.find(b"\n", at, stop)
                end = stop if found < 0 else found + 1
                length += end - at
                self.size += end - at
                # In memory it is kept anyway.
                if length <= LINE_LIMIT:
                    parts.append(memoryview(memory)[at:end])
                else:
                    parts = []
                at = end
                if found >= 0:
                    yield offset, _joined(parts, length), length
                    offset, length, parts = offset + length, 0, []
        if length:
            yield offset, _joined(parts, length), length

    def bounded(self) -> Iterator[bytes]:
        """The content in steps. Raises `InputError` past `WHOLE_LIMIT`."""
        for step in self._steps:
            self.size += len(step)
            if self.size > WHOLE_LIMIT:
                raise InputError(
                    self.source,
                    f"it is a document of more than {WHOLE_LIMIT >> 20:,} MiB, which is read as a "
                    "whole: split it",
                )
            yield step

    def document(self) -> bytearray:
        """The whole content, without a BOM. Raises `InputError` as `bounded` does."""
        # Not a list of steps to join, which would take twice the memory.
        whole = bytearray()
        for step in self.bounded():
            whole += step
        return whole.removeprefix(BOM_UTF8)

    def close(self) -> None:
        """Stops reading, and closes the source."""
        self._steps.close()


def _joined(parts: list[Buffer], length: int) -> Buffer | None:
    if length > LINE_LIMIT:
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)
