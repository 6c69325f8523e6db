"""Where a log's bytes come from: an opened file, or memory."""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
from typing import BinaryIO

from ..._engine import MappingGuard
from ..._errors import InputError

__all__ = ["CHUNK", "InMemory", "InPlace", "Input", "MemoryInput", "reason_of"]

CHUNK = 1 << 20

InPlace = bytes | bytearray | mmap.mmap
"""What can be read and searched where it lies."""

InMemory = InPlace | memoryview
"""A log that is given by its content, not by its name."""


class Input:
    """An opened log, as it lies there: not decompressed.

    `size` is the file's, where it is known; `consumed` counts the bytes read of it, without
    those that were only peeked at. A mapped file counts as read at once. `remote`: each read
    may take a round trip.
    """

    def __init__(self, source: str, file: BinaryIO, size: int | None, *, remote: bool) -> None:
        self.source = source
        self.size = size
        self.consumed = 0
        self._file = file
        self._peeked = b""
        self._ended = False
        self._failed: InputError | None = None
        self._mapped: mmap.mmap | None = None
        self._guard: MappingGuard | None = None
        self.remote = remote
        self._status = None if remote or source == "-" else os.fstat(file.fileno())

    def peek(self, size: int) -> bytes:
        """The next bytes, at least `size` of them unless the input ends before."""
        while len(self._peeked) < size and (chunk := self._read()):
            self._peeked += chunk
        return self._peeked

    def read(self) -> bytes:
        """The next bytes: 1 MiB at most (4 MiB, in parts of a remote file), or what a pipe holds;
        none at the end.

        Raises `InputError`.
        """
        if self._peeked:
            chunk, self._peeked = self._peeked, b""
        else:
            chunk = self._read()
        self.consumed += len(chunk)
        return chunk

    def _read(self) -> bytes:
        if self._failed is not None:
            raise self._failed
        chunk = bytearray()
        while not self._ended and len(chunk) < CHUNK:
            try:
                # One system call: what a pipe holds is decoded before more is waited for.
                read1 = getattr(self._file, "read1", self._file.read)
                piece = bytes(read1(CHUNK - len(chunk)))
            except Exception as error:
                # A file system of fsspec raises what its client library does.
                if not (isinstance(error, OSError) or self.remote):
                    raise
                failed = InputError(self.source, reason_of(error))
                if not chunk:
                    raise failed from error
                # What came before is good.
                failed.__cause__ = error
                self._failed = failed
                break
            self._ended = not piece
            if not self.remote:
                return piece
            # A server gives now more, now less at a time; who reads again is to read the same
            # chunks, so that the same batches are made of them.
            chunk += piece
        return bytes(chunk)

    def map(self) -> InPlace | None:
        """The whole input in place, if it is a regular file; nothing is read on then."""
        # An empty file cannot be mapped, and one of size 0 in /proc is not even empty.
        if self._status is None or not stat.S_ISREG(self._status.st_mode) or not self.size:
            return None
        try:
            self._mapped = mmap.mmap(self._file.fileno(), self.size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise InputError(self.source, reason_of(error)) from error
        # Others may cut the file short while it is read.
        self._guard = MappingGuard(self._mapped)
        self.consumed = self.size
        return self._mapped

    def check_unchanged(self) -> None:
        """Raises `InputError` if the file is not what it was when it was opened."""
        before = self._status
        if before is None or not stat.S_ISREG(before.st_mode) or not before.st_size:
            return
        now = os.fstat(self._file.fileno())
        if now.st_size != before.st_size:
            change = f"from {before.st_size:,} to {now.st_size:,} bytes"
        elif now.st_mtime_ns != before.st_mtime_ns:
            change = "in place"
        else:
            return
        raise InputError(
            self.source,
            f"it changed while it was read ({change}): read it again when it is no longer "
            "written to",
        )

    def close(self) -> None:
        """Closes the file, and the mapping unless parts of it are still referred to."""
        if self._mapped is not None:
            if self._guard is not None:
                self._guard.release()
            # Base64 text in place keeps the mapping until it goes.
            with contextlib.suppress(BufferError):
                self._mapped.close()
        if self.source != "-":
            self._file.close()


class MemoryInput(Input):
    """A log that is in memory already."""

    def __init__(self, content: InMemory) -> None:
        # A `memoryview` cannot be searched.
        self._content: InPlace = bytes(content) if isinstance(content, memoryview) else content
        self.source = "<memory>"
        self.remote = False
        self.size = len(self._content)
        self.consumed = 0

    def peek(self, size: int) -> bytes:
        """The first bytes that were not read yet."""
        return bytes(self._content[self.consumed : self.consumed + size])

    def _read(self) -> bytes:
        return self.peek(CHUNK)

    def read(self) -> bytes:
        """The next bytes."""
        chunk = self._read()
        self.consumed += len(chunk)
        return chunk

    def map(self) -> InPlace | None:
        """All of it."""
        self.consumed = len(self._content)
        return self._content

    def check_unchanged(self) -> None:
        """Nobody else writes there."""

    def close(self) -> None:
        """Its owner closes it."""


def reason_of(error: Exception) -> str:
    """The bare cause of an error of the operating system or of a file system."""
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or str(error) or type(error).__name__
