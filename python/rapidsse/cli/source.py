"""A log as a source of bytes: a regular file in place (mmap), anything else in chunks."""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
import sys
from collections.abc import Generator, Iterator
from typing import BinaryIO

__all__ = ["InputError", "Source", "open_source", "shown"]

CHUNK = 1 << 20

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}


class InputError(Exception):
    """An input that cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot read {shown(path)}: {reason}")


def shown(path: str) -> str:
    """The name under which an input is reported."""
    return "standard input" if path == "-" else path


class Source:
    """One opened log.

    `mapped` is the whole of it, or `None` where it can only be read on: then `chunks`
    reads it. `size` counts the bytes taken so far.
    """

    def __init__(self, path: str, file: BinaryIO, mapped: mmap.mmap | None) -> None:
        self.path = path
        self.mapped = mapped
        self.size = 0 if mapped is None else len(mapped)
        self._file = file

    def chunks(self) -> Iterator[bytes]:
        """What is read on, as it arrives. Raises `InputError`."""
        if self.mapped is None:
            while chunk := self._read():
                if self.size == 0:
                    _refuse_compressed(self.path, chunk)
                self.size += len(chunk)
                yield chunk

    def _read(self) -> bytes:
        try:
            # One system call: what a pipe holds is decoded before more is waited for.
            read1 = getattr(self._file, "read1", self._file.read)
            return bytes(read1(CHUNK))
        except OSError as error:
            raise InputError(self.path, error.strerror or str(error)) from error


@contextlib.contextmanager
def open_source(path: str) -> Generator[Source]:
    """Opens a log; `-` is standard input. Raises `InputError`."""
    if path == "-":
        yield Source(path, sys.stdin.buffer, None)
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "rb"))
            mapped = _map(file)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            raise InputError(path, reason or str(error)) from error
        if mapped is not None:
            stack.callback(_unmap, mapped)
            _refuse_compressed(path, mapped[:8])
        yield Source(path, file, mapped)


def _map(file: BinaryIO) -> mmap.mmap | None:
    status = os.fstat(file.fileno())
    # An empty file cannot be mapped, and one of size 0 in /proc is not even empty.
    if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
        return None
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _unmap(mapped: mmap.mmap) -> None:
    # A picture that is still referred to keeps the mapping until it goes.
    with contextlib.suppress(BufferError):
        mapped.close()


def _refuse_compressed(path: str, start: bytes) -> None:
    for magic, name in _COMPRESSED.items():
        if start.startswith(magic):
            raise InputError(path, f"it is {name}-compressed; decompress it first")
