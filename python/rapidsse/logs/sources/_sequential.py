"""A log that gives its bytes once, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

__all__ = ["Peekable", "SequentialSource"]


class Peekable:
    """The chunks of an iterator, of which the first can be looked at before."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.ended = False
        """Whether the chunks that were peeked at are the last ones."""
        self._chunks = chunks
        self._peeked = b""

    def peek(self, size: int) -> bytes:
        """`Source.peek`."""
        while len(self._peeked) < size and (chunk := self._next()):
            self._peeked += chunk
        return self._peeked

    def read(self) -> bytes:
        """`Source.read`."""
        if self._peeked:
            chunk, self._peeked = self._peeked, b""
            return chunk
        return self._next()

    def _next(self) -> bytes:
        chunk = b"" if self.ended else next(self._chunks, b"")
        self.ended = not chunk
        return chunk


def _nothing() -> None: ...


class SequentialSource:
    """`Source` of chunks. `check` is its `check_unchanged`, `close` ends what gives the chunks."""

    def __init__(
        self,
        name: str,
        chunks: Iterator[bytes],
        *,
        size: int | None,
        is_remote: bool,
        check: Callable[[], None] = _nothing,
        close: Callable[[], None] = _nothing,
    ) -> None:
        self.name = name
        self.size = size
        self.consumed = 0
        self.is_remote = is_remote
        self.check_unchanged = check
        self.close = close
        self._chunks = Peekable(chunks)

    def peek(self, size: int) -> bytes:
        """`Source.peek`."""
        return self._chunks.peek(size)

    def read(self) -> bytes:
        """`Source.read`."""
        chunk = self._chunks.read()
        self.consumed += len(chunk)
        return chunk
