"""A log that is in memory already."""

from __future__ import annotations

from ._source import CHUNK, InMemory, InPlace

__all__ = ["MemorySource"]


class MemorySource:
    """`Source` of a buffer, which is read in place."""

    def __init__(self, content: InMemory) -> None:
        # A `memoryview` cannot be searched.
        self.content: InPlace = bytes(content) if isinstance(content, memoryview) else content
        self.name = "<memory>"
        self.size: int | None = len(self.content)
        self.consumed = 0
        self.is_remote = False

    def peek(self, size: int) -> bytes:
        """`Source.peek`."""
        return bytes(self.content[self.consumed : self.consumed + size])

    def read(self) -> bytes:
        """`Source.read`."""
        chunk = self.peek(CHUNK)
        self.consumed += len(chunk)
        return chunk

    def check_unchanged(self) -> None:
        """Nobody else writes there."""

    def close(self) -> None:
        """Its owner closes it."""
