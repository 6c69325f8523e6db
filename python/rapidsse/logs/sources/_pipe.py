"""A log in an opened file: standard input, a pipe, a device, a file of fsspec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ..._errors import InputError
from ._sequential import SequentialSource
from ._source import CHUNK, closed, reason_of

__all__ = ["pipe_source"]


def pipe_source(
    name: str, file: BinaryIO, size: int | None = None, *, is_remote: bool = False
) -> SequentialSource:
    """`Source` of an opened file, read from its beginning to its end. It closes the file, unless
    that is standard input.

    A chunk has 1 MiB at most, or what a pipe holds.
    """
    chunks = _remote_chunks(name, file) if is_remote else _chunks(name, file)
    options = {} if name == "-" else {"close": file.close}
    return SequentialSource(name, chunks, size=size, is_remote=is_remote, **options)


def _chunks(name: str, file: BinaryIO) -> Iterator[bytes]:
    # One system call a chunk: what a pipe holds is decoded before more is waited for.
    read1 = getattr(file, "read1", file.read)
    while True:
        try:
            data = bytes(read1(CHUNK))
        except (OSError, ValueError) as error:
            # Another thread may close it at any time.
            if file.closed:
                raise closed(name) from None
            if isinstance(error, ValueError):
                raise
            raise InputError(name, reason_of(error)) from error
        if not data:
            return
        yield data


def _remote_chunks(name: str, file: BinaryIO) -> Iterator[bytes]:
    """A server gives now more, now less at a time; who reads again is to read the same chunks, so
    that the same batches are made of them."""
    read1 = getattr(file, "read1", file.read)
    ended = False
    while not ended:
        chunk = bytearray()
        failed: InputError | None = None
        while len(chunk) < CHUNK and not ended:
            try:
                data = bytes(read1(CHUNK - len(chunk)))
            except Exception as error:  # noqa: BLE001
                if file.closed:
                    raise closed(name) from None
                # A file system of fsspec raises what its client library does.
                failed = InputError(name, reason_of(error))
                failed.__cause__ = error
                break
            chunk += data
            ended = not data
        if chunk:
            # What came before an error is good.
            yield bytes(chunk)
        if failed is not None:
            raise failed
