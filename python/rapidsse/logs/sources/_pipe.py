"""A log that gives its bytes once, in order: standard input, a pipe, a device, a file of fsspec."""

from __future__ import annotations

from typing import BinaryIO

from ..._errors import InputError
from ._source import CHUNK, Peekable, reason_of

__all__ = ["PipeSource"]


class PipeSource:
    """`Source` of an opened file that is read from its beginning to its end."""

    def __init__(self, name: str, file: BinaryIO, size: int | None, *, is_remote: bool) -> None:
        self.name = name
        self.size = size
        self.consumed = 0
        self.is_remote = is_remote
        self._file = file
        self._chunks = Peekable(self._read)
        self._ended = False
        self._failed: InputError | None = None

    def peek(self, size: int) -> bytes:
        """`Source.peek`."""
        return self._chunks.peek(size)

    def read(self) -> bytes:
        """`Source.read`: 1 MiB at most, or what a pipe holds."""
        chunk = self._chunks.read()
        self.consumed += len(chunk)
        return chunk

    def _read(self) -> bytes:
        if self._failed is not None:
            raise self._failed
        chunk = bytearray()
        while not (self._ended or self._file.closed) and len(chunk) < CHUNK:
            try:
                # One system call: what a pipe holds is decoded before more is waited for.
                read1 = getattr(self._file, "read1", self._file.read)
                data = bytes(read1(CHUNK - len(chunk)))
            except Exception as error:
                # A file system of fsspec raises what its client library does.
                if not (isinstance(error, OSError) or self.is_remote):
                    raise
                failed = InputError(self.name, reason_of(error))
                if not chunk:
                    raise failed from error
                # What came before is good.
                failed.__cause__ = error
                self._failed = failed
                break
            self._ended = not data
            if not self.is_remote:
                return data
            # A server gives now more, now less at a time; who reads again is to read the same
            # chunks, so that the same batches are made of them.
            chunk += data
        return bytes(chunk)

    def check_unchanged(self) -> None:
        """What was read is all that there was."""

    def close(self) -> None:
        """Closes the file, unless it is standard input."""
        if self.name != "-":
            self._file.close()
