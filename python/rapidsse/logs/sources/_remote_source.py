"""A remote log that is read in parts, of which several are on their way at a time."""

from __future__ import annotations

from collections.abc import Iterator

from ._remote_file import RemoteFile
from ._source import Peekable

__all__ = ["RemoteSource"]


class RemoteSource:
    """`Source` of what `parts` gives of a remote file, as stored."""

    def __init__(self, file: RemoteFile, parts: Iterator[bytes]) -> None:
        self.name = file.url
        self.size: int | None = file.size
        self.consumed = 0
        self.is_remote = True
        self._file = file
        self._parts = parts
        self._chunks = Peekable(self._read)
        self._ended = False

    def peek(self, size: int) -> bytes:
        """`Source.peek`."""
        return self._chunks.peek(size)

    def read(self) -> bytes:
        """`Source.read`: 4 MiB at most."""
        chunk = self._chunks.read()
        self.consumed += len(chunk)
        return chunk

    def _read(self) -> bytes:
        chunk = b"" if self._ended else next(self._parts, b"")
        self._ended = not chunk
        return chunk

    def check_unchanged(self) -> None:
        """`Source.check_unchanged`."""
        self._file.check_unchanged()

    def close(self) -> None:
        """No connection is kept."""
