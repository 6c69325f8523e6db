"""`open_input`: what is meant by the name of a log, opened."""

from __future__ import annotations

import os
import stat
import sys

from ..._errors import InputError
from ._input import InMemory, Input, MemoryInput, reason_of
from ._remote import is_url
from ._remote_input import open_remote

__all__ = ["open_input"]


def open_input(path: str | InMemory) -> Input:
    """Opens a file, an fsspec URL, standard input (`"-"`), or what is in memory.

    Raises `InputError`.
    """
    if not isinstance(path, str):
        return MemoryInput(path)
    if path == "-":
        return Input(path, sys.stdin.buffer, None, remote=False)
    if is_url(path):
        return open_remote(path)
    try:
        opened = open(path, "rb")  # noqa: SIM115 (`Input` closes it)
    except IsADirectoryError as error:
        raise InputError(path, "it is a directory: name the files in it") from error
    except (OSError, ValueError) as error:
        raise InputError(path, reason_of(error)) from error
    status = os.fstat(opened.fileno())
    return Input(
        path, opened, status.st_size if stat.S_ISREG(status.st_mode) else None, remote=False
    )
