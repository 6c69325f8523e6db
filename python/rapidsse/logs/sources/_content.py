"""The content of a log: its bytes, decompressed, in place where that is possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..._errors import InputError
from .._bodies import Compression
from ._ahead import Ahead
from ._compression import MAGIC_BYTES, BrokenData, MissingPackage, decompressed, recognise
from ._input import InPlace, Input

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["LINE_LIMIT", "WHOLE_LIMIT", "Content"]

# A record of more is not kept in memory, and a document of more is refused.
LINE_LIMIT = 512 << 20
WHOLE_LIMIT = 1 << 30
_PIECE = 1 << 20


class Content:
    """The bytes of `source` from `start` to `stop` (`None`: its end), to be read once.

    `mapped` is the file where it lies, if it is a plain one; else it is read on. `size`
    counts the bytes that were taken.
    """

    def __init__(
        self,
        source: Input,
        compression: Compression | None,
        *,
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self.source = source.source
        # Where it may have to wait for a writer, no thread could be stopped.
        self._waits = source.size is None
        self._remote = source.remote
        self.compression: Compression = compression or recognise(source.peek(MAGIC_BYTES))
        self.mapped: InPlace | None = source.map() if self.compression == "none" else None
        self.start = start
        self.stop = start if self.mapped is None else len(self.mapped) if stop is None else stop
        self.size = 0
        self._head = b""
        self._ended = False
        self._ahead: Ahead | None = None
        self._pieces = self._read(source)

    def _read(self, source: Input) -> Iterator[bytes]:
        given = 0
        try:
            # A function of no arguments is called until it gives nothing.
            for piece in decompressed(iter(source.read, b""), self.compression):
                given += len(piece)
                yield piece
        except MissingPackage as error:
            raise InputError(self.source, str(error)) from error
        except BrokenData as error:
            raise InputError(self.source, f"{error}; {given:,} bytes of content precede") from error

    def head(self, size: int) -> tuple[bytes, bool]:
        """The first bytes of the whole log, at least `size`, and whether they are all."""
        if self.mapped is not None:
            return bytes(self.mapped[:size]), len(self.mapped) <= size
        while len(self._head) < size and not self._ended:
            chunk = next(self._pieces, b"")
            self._ended = not chunk
            self._head += chunk
        return self._head, self._ended

    def first(self, size: int) -> tuple[bytes, bool]:
        """The first bytes from `start` on, at least `size`, and whether they are all."""
        if self.mapped is not None:
            stop = min(self.start + size, self.stop)
            return bytes(self.mapped[self.start : stop]), stop == self.stop
        return self.head(size)

    def chunks(self) -> Iterator[Buffer]:
        """The content. Raises `InputError` after all that is good."""
        if self.mapped is not None:
            self.size = self.stop - self.start
            yield memoryview(self.mapped)[self.start : self.stop]
            return
        for chunk in self._stream():
            self.size += len(chunk)
            yield chunk

    def _stream(self) -> Iterator[bytes]:
        if self._head:
            head, self._head = self._head, b""
            yield head
        if self._ended:
            return
        if self._waits or (self.compression == "none" and not self._remote):
            yield from self._pieces
        else:
            self._ahead = Ahead(self._pieces)
            yield from self._ahead

    def lines(self) -> Iterator[tuple[int, Buffer | None, int]]:
        """Each line's offset, its bytes with their LF, and their number.

        The bytes of a line past `LINE_LIMIT` are not kept (`None`). Raises `InputError`
        after all that is good; a line that is cut short by it is not given.
        """
        return self._lines_read() if self.mapped is None else self._lines_in_place(self.mapped)

    def _lines_in_place(self, mapped: InPlace) -> Iterator[tuple[int, Buffer | None, int]]:
        view = memoryview(mapped)
        at = self.start
        while at < self.stop:
            found = mapped.find(b"\n", at, self.stop)
            end = self.stop if found < 0 else found + 1
            self.size = end - self.start
            yield at, view[at:end] if end - at <= LINE_LIMIT else None, end - at
            at = end

    def _lines_read(self) -> Iterator[tuple[int, Buffer | None, int]]:
        offset, length, parts = self.start, 0, list[bytes]()
        for chunk in self._stream():
            self.size += len(chunk)
            at = 0
            while (found := chunk.find(b"\n", at)) >= 0:
                length += found + 1 - at
                parts.append(chunk[at : found + 1])
                yield offset, b"".join(parts) if length <= LINE_LIMIT else None, length
                offset, length, parts = offset + length, 0, []
                at = found + 1
            length += len(chunk) - at
            if length <= LINE_LIMIT:
                parts.append(chunk[at:])
            else:
                parts = []
        if length:
            yield offset, b"".join(parts) if length <= LINE_LIMIT else None, length

    def bounded(self) -> Iterator[bytes]:
        """The content in pieces. Raises `InputError` past `WHOLE_LIMIT`."""
        for piece in self._stream() if self.mapped is None else _pieces(self.mapped):
            self.size += len(piece)
            if self.size > WHOLE_LIMIT:
                raise InputError(
                    self.source,
                    f"it is a document of more than {WHOLE_LIMIT >> 20:,} MiB, which is read as a "
                    "whole: split it",
                )
            yield piece

    def document(self) -> bytearray:
        """The whole content, without a BOM. Raises `InputError` as `bounded` does."""
        # Not a list of pieces to join, which would take twice the memory.
        whole = bytearray()
        for piece in self.bounded():
            whole += piece
        return whole[3:] if whole.startswith(b"\xef\xbb\xbf") else whole

    def close(self) -> None:
        """Stops reading."""
        if self._ahead is not None:
            self._ahead.close()


def _pieces(mapped: InPlace) -> Iterator[bytes]:
    for at in range(0, len(mapped), _PIECE):
        yield bytes(mapped[at : at + _PIECE])
