"""Errors of what is written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

__all__ = ["OutputError", "reported"]


class OutputError(Exception):
    """A file that could not be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return OutputError, (self.path, self.reason)


@contextlib.contextmanager
def reported(path: Path, name: str = "") -> Generator[None]:
    """Turns an `OSError` of the block into an `OutputError` that names `path`, or `name` in it.

    They are joined only then: that takes longer than many a system call.
    """
    try:
        yield
    except OSError as error:
        # Arrow's message wraps the system's; the number gives the system's alone.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(path / name, reason) from error
