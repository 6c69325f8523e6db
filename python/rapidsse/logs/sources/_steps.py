"""`Steps`: what a source holds, decompressed and in UTF-8, in steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

from ..._errors import InputError
from .._bodies import Compression
from ._ahead import Ahead
from ._buffers import Cut, Piece, StepsInto, cut_pieces
from ._compression import BrokenData, MissingPackage, decompressed
from ._source import Source, closed
from ._unicode import as_utf8

__all__ = ["Steps"]

T = TypeVar("T")


class Steps:
    """The steps, to be iterated over once; the first can be looked at before.

    Raises `InputError` after all that is good.
    """

    def __init__(self, source: Source, compression: Compression) -> None:
        self._source = source
        self._compression: Compression = compression
        self._head = b""
        self._ended = self._closed = False
        self._error: InputError | None = None
        self._ahead: Ahead[Any] | None = None
        self._steps = self._decompressed()

    def _decompressed(self) -> Iterator[bytes]:
        given = 0
        name = self._source.name
        try:
            # A function of no arguments is called until it gives nothing.
            for step in as_utf8(decompressed(iter(self._source.read, b""), self._compression)):
                given += len(step)
                yield step
        except MissingPackage as error:
            raise InputError(name, str(error)) from error
        except BrokenData as error:
            raise InputError(name, f"{error}; {given:,} bytes of content precede") from error

    def head(self, size: int) -> tuple[bytes, bool]:
        """The first bytes, at least `size`, and whether they are all.

        What precedes an error is all there is; the error is raised after it.
        """
        while len(self._head) < size and not self._ended:
            try:
                chunk = next(self._steps, b"")
            except InputError as error:
                if not self._head:
                    raise
                chunk, self._error = b"", error
            self._ended = not chunk
            self._head += chunk
        return self._head, self._ended

    def __iter__(self) -> Iterator[bytes]:
        return self._run_ahead(self._all(), len) if self._is_long else self._all()

    def pieces(self, cut: Cut, longest: int | None) -> Iterator[Piece]:
        """The content, cut where events end if that does not wait for a writer."""
        if not self._is_long:
            return ((step, 0, len(step)) for step in self._all())
        pieces = cut_pieces(StepsInto(self._all()), sys.maxsize, cut, longest)
        return self._run_ahead(pieces, lambda piece: piece[2] - piece[1])

    @property
    def _is_long(self) -> bool:
        """Whether a thread that runs ahead is worth it: there is more, which takes time."""
        # Where it may have to wait for a writer, no thread could be stopped.
        waits = self._source.size is None
        takes_time = self._compression != "none" or self._source.is_remote
        return takes_time and not waits and not self._ended

    def _run_ahead(self, items: Generator[T, None, None], size: Callable[[T], int]) -> Ahead[T]:
        self._ahead = Ahead(items, size, self._source.close, self._source.name)
        return self._ahead

    def _all(self) -> Generator[bytes, None, None]:
        if self._head:
            head, self._head = self._head, b""
            yield head
        if self._error is not None:
            raise self._error
        if self._ended:
            return
        # Files of some file systems can be read after that.
        if self._closed:
            raise closed(self._source.name)
        yield from self._steps

    def close(self) -> None:
        """Stops reading, and closes the source: at once, or when it has answered."""
        self._closed = True
        if self._ahead is None:
            self._source.close()
        else:
            self._ahead.close()
