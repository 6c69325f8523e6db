"""`Source`: the bytes of a log as stored, not decompressed.

There is one class for each kind: a regular file (`_file`), memory (`_memory`), and what gives its
bytes once and in order (`_sequential`): a pipe (`_pipe`), parts of a remote file (`_remote_file`).
"""

from __future__ import annotations

import mmap
from typing import Protocol

from ..._errors import InputError

__all__ = ["CHUNK", "InMemory", "InPlace", "Source", "changed", "closed", "reason_of"]

CHUNK = 1 << 20
"""Bytes that are read at a time where they are handed on as `bytes`."""

InPlace = bytes | bytearray | mmap.mmap
"""What can be read and searched in place."""

InMemory = InPlace | memoryview
"""A log that is given by its content, not by its name."""


class Source(Protocol):
    """An opened log. What reads raises `InputError`."""

    name: str
    """The name of the log, as it was given."""
    size: int | None
    """Bytes, where they are known."""
    consumed: int
    """Bytes read so far; bytes that were only peeked at do not count."""
    is_remote: bool
    """Whether each read may take a round trip."""

    def peek(self, size: int) -> bytes:
        """The next bytes, at least `size` of them unless the source ends before."""
        ...

    def read(self) -> bytes:
        """The next bytes; none at the end."""
        ...

    def check_unchanged(self) -> None:
        """Raises `InputError` if the log is not what it was when it was opened."""
        ...

    def close(self) -> None: ...


def changed(name: str, change: str = "") -> InputError:
    """The error for a log that others wrote to while it was read."""
    how = f" ({change})" if change else ""
    return InputError(
        name,
        f"it changed while it was read{how}: read it again when it is no longer written to",
    )


def closed(name: str) -> ValueError:
    """The error for a log that is read on after it was closed."""
    return ValueError(f"{name}: the log was closed before it was read to its end")


def reason_of(error: Exception) -> str:
    """The bare cause of an error of the operating system or of a file system."""
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or str(error) or type(error).__name__
