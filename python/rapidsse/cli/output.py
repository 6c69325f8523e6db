"""Files that appear whole or not at all: written beside their place, then renamed to it.

The temporary file is opened exclusively, so a link planted under its name is refused
rather than followed, and a rename replaces a link under the final name rather than
writing through it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

__all__ = ["OutputError", "replacing", "write_whole"]


class OutputError(Exception):
    """Something that the command line was asked to write could not be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot write {path}: {error.strerror or error}")


@contextlib.contextmanager
def reported(path: Path) -> Generator[None]:
    """Turns an `OSError` of the block into an `OutputError` that names `path`.

    A `BrokenPipeError` passes: that the reader has gone is not an error to report.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(path, error) from error


@contextlib.contextmanager
def replacing(path: Path) -> Generator[BinaryIO]:
    """A file that takes the place of `path` when the block ends without an exception.

    Raises `OutputError` when it cannot be opened, closed or put in place; exceptions of
    the block pass as they are.
    """
    temporary = path.with_name(f".rapidsse-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with reported(path):
        # 0o666 leaves the permissions to the umask, as open() does.
        file = os.fdopen(os.open(temporary, flags, 0o666), "wb")
    try:
        try:
            yield file
        except BaseException:
            # What is still buffered is not wanted, and a full disk would refuse it.
            with contextlib.suppress(OSError):
                file.close()
            raise
        with reported(path):
            file.close()
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Writes `content` to `path`. Raises `OutputError`."""
    with replacing(path) as file, reported(path):
        file.write(content)
