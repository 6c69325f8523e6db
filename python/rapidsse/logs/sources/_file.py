"""A log in a regular file, which is read through one descriptor and never mapped.

Others may write to the file, or cut it short, while it is read. A mapping would then change under
the reader, or end the process; what was read into memory stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from io import FileIO

from ..._errors import InputError
from ._source import CHUNK, changed, closed, reason_of
from ._window import Window

__all__ = ["FileSource"]

_WINDOW = 64 << 10
"""Bytes that are read at once to search in. Larger blocks are new memory each time, whose page faults
take longer than reading."""


class FileSource:
    """`Source` of a regular file. One thread at a time reads it."""

    def __init__(self, name: str, file: FileIO, status: os.stat_result) -> None:
        self.name = name
        self.size: int | None = status.st_size
        self.consumed = 0
        self.is_remote = False
        self._file = file
        self._status = status
        self._at = 0
        # Where the descriptor is: to set it takes as long as a small read.
        self._position = -1

    def peek(self, size: int) -> bytes:
        """`Source.peek`."""
        return self.read_at(self._at, self._at + size)

    def read(self, size: int = CHUNK) -> bytes:
        """`Source.read`: `size` bytes at most."""
        chunk = self.read_at(self._at, self._at + size)
        self._at += len(chunk)
        self.consumed += len(chunk)
        return chunk

    def read_at(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, or up to the file's end."""
        parts = list[bytes]()

        def read(filled: int) -> int:
            parts.append(self._file.read(stop - start - filled))
            return len(parts[-1])

        self._fill(read, start, stop - start)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, view: memoryview) -> int:
        """Reads the next bytes; returns how many, and fewer than there is room for at the file's
        end and where it cannot be read on, which the next call says."""
        size = self._fill(lambda filled: self._file.readinto(view[filled:]), self._at, len(view))
        self._at += size
        self.consumed += size
        return size

    def window(self) -> Window:
        """The file as bytes to search in."""
        return Window(self._read_all, self._status.st_size, most=_WINDOW)

    def _read_all(self, start: int, stop: int) -> bytes:
        data = self.read_at(start, stop)
        if len(data) < stop - start:
            self.check_unchanged()
            raise changed(self.name)
        return data

    def skip_to(self, offset: int) -> None:
        """What is read next begins at `offset`."""
        self._at = offset

    def _fill(self, read: Callable[[int], int], offset: int, size: int) -> int:
        """Reads `size` bytes from `offset` on, or up to the file's end; returns how many they are.

        `read` reads more of them, given how many were, and returns how many it read.
        """
        filled = 0
        try:
            if self._position != offset:
                self._file.seek(offset)
            self._position = -1
            # A read may give less than there is.
            while filled < size and (count := read(filled)):
                filled += count
            self._position = offset + filled
        except (OSError, ValueError) as error:
            # Another thread may close it at any time.
            if self._file.closed:
                raise closed(self.name) from None
            if isinstance(error, ValueError):
                raise
            if not filled:
                raise InputError(self.name, f"{reason_of(error)}, at byte {offset:,}") from error
        return filled

    def check_unchanged(self) -> None:
        """`Source.check_unchanged`, by the size and the time of modification."""
        before = self._status
        # Files in /proc are of size 0, whatever they hold.
        if self._file.closed or not before.st_size:
            return
        now = os.fstat(self._file.fileno())
        if now.st_size != before.st_size:
            raise changed(self.name, f"from {before.st_size:,} to {now.st_size:,} bytes")
        if now.st_mtime_ns != before.st_mtime_ns:
            raise changed(self.name, "in place")

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
