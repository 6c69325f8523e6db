"""`open_source`: what the name of a log means, opened."""

from __future__ import annotations

import os
import stat
import sys
from typing import BinaryIO, cast

from ..._errors import InputError
from . import _remote
from ._file import FileSource
from ._memory import MemorySource
from ._pipe import pipe_source
from ._remote_file import RemoteFile, is_concurrent
from ._source import InMemory, Source, reason_of

__all__ = ["open_remote", "open_source"]


def open_source(path: str | InMemory) -> Source:
    """Opens a file, an fsspec URL, standard input (`"-"`), or what is in memory.

    Raises `InputError`.
    """
    if not isinstance(path, str):
        return MemorySource(path)
    if path == "-":
        if sys.stdin is None:
            raise InputError(path, "it is closed")
        return pipe_source(path, sys.stdin.buffer)
    if _remote.is_url(path):
        return open_remote(RemoteFile(path)) if is_concurrent(path) else _open_url(path)
    if not path:
        raise InputError(path, "its name is empty: name a file")
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115 (the source closes it)
    except IsADirectoryError as error:
        raise InputError(path, "it is a directory: name the files in it") from error
    except (OSError, ValueError) as error:
        raise InputError(path, reason_of(error)) from error
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode):
        return FileSource(path, file, status)
    return pipe_source(path, cast(BinaryIO, file))


def open_remote(file: RemoteFile) -> Source:
    """All of a remote file, in parts if the server gives parts. Raises `InputError`."""
    if file.has_ranges:
        return file.source(file.read(0, file.size))
    return _open_url(file.url)


def _open_url(url: str) -> Source:
    system, path = _remote.file_system(url)
    try:
        file = system.open(path, "rb")
    except Exception as error:
        # Each file system has the errors of its own client library.
        raise InputError(url, _remote.reason_of(error)) from error
    size = getattr(file, "size", None)
    return pipe_source(url, file, size if isinstance(size, int) else None, is_remote=True)
