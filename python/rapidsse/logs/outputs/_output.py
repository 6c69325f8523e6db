"""Files that appear whole or not at all: written beside their place, then renamed to it."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path

__all__ = ["OutputError", "reported", "write_whole"]


class OutputError(Exception):
    """A file that could not be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}")
        self.path = path


@contextlib.contextmanager
def reported(path: Path) -> Generator[None]:
    """Turns an `OSError` of the block into an `OutputError` that names `path`."""
    try:
        yield
    except OSError as error:
        # Arrow's message wraps the system's; the number gives the system's alone.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(path, reason) from error


def write_whole(path: Path, content: bytes, *, scratch: Path) -> None:
    """Writes a file to `path`, replacing any file there. Raises `OutputError`.

    `scratch` is a folder of the same file system, for the file under construction.
    """
    temporary = scratch / f"{secrets.token_hex(8)}.tmp"
    with reported(path):
        try:
            # Exclusively: a link that was planted under the name is not followed.
            with open(temporary, "xb") as file:
                file.write(content)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
