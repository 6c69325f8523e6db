"""The standard streams of the process, each of which may be closed, full or broken.

A daemon may start a command without them. Its results are in files and in the exit status, so a
stream that was closed takes what is printed and loses it. A standard output that cannot be
written is an error: its reader lacks results.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from typing import IO, NoReturn

from .._text import plain

__all__ = [
    "StandardOutputError",
    "complain",
    "discard",
    "flush_streams",
    "leave",
    "prepare_streams",
    "printing",
]


class StandardOutputError(Exception):
    """Standard output cannot be written. `is_broken`: nobody reads it any more."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"cannot write standard output: {error.strerror or error}")
        self.is_broken = isinstance(error, BrokenPipeError)


@contextlib.contextmanager
def printing() -> Generator[None]:
    """For what prints results: raises `StandardOutputError` in place of `OSError`."""
    try:
        yield
    except OSError as error:
        raise StandardOutputError(error) from error


def prepare_streams() -> None:
    """Opens the null device in place of each standard stream that is closed."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # It takes the lowest number that is free. Otherwise the next file would: a log, or
            # a part file, to which a library may print its warnings.
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            # A console may lack a character of a log: that must not end the run.
            reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """Prints a line on standard error, if it can be written."""
    try:
        print(f"rapidsse: {plain(message, 1000)}", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def flush_streams() -> None:
    """Writes what is in the buffers. Raises `StandardOutputError`."""
    try:
        sys.stderr.flush()
    except OSError:
        discard(sys.stderr)
    with printing():
        sys.stdout.flush()


def discard(stream: IO[str]) -> None:
    """Makes a stream that cannot be written lose what is in its buffer.

    The interpreter flushes it when it ends, which would fail again, with a message and a status
    of its own.
    """
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def leave(status: int) -> NoReturn:
    """Ends the process at once, without waiting for its threads."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
