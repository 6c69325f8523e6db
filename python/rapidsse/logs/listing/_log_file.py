"""A log as a listing names it, and what tells whether it has changed."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from ..._errors import InputError
from ..sources._remote import is_url
from ..sources._remote_file import RemoteFile

__all__ = ["STREAM", "LogFile", "from_status", "stat_log"]

STREAM = "stream"
"""The tag of standard input and of pipes, which give their bytes once."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log's name and what tells whether it has changed; all `None` where nothing does.

    `size` is in bytes, as stored. `tag` is what a remote store has in place of a time of
    modification.
    """

    source: str
    size: int | None = None
    mtime_ns: int | None = None
    tag: str | None = None

    @property
    def known(self) -> bool:
        """Whether a change would be noticed."""
        return self.size is not None


def stat_log(source: str) -> LogFile:
    """A log's present state; nothing but its name where it has none that could be told."""
    if source == "-":
        return LogFile(source, tag=STREAM)
    if is_url(source):
        try:
            size, tag = RemoteFile(source).state
        except InputError:
            return LogFile(source)  # Reading it says what is wrong.
        return LogFile(source, size, tag=tag)
    try:
        status = os.stat(source)
    except (OSError, ValueError):
        return LogFile(source)
    return from_status(source, status)


def from_status(source: str, status: os.stat_result) -> LogFile:
    """A local log whose status is known."""
    if not stat.S_ISREG(status.st_mode):
        return LogFile(source, tag=STREAM)
    return LogFile(source, status.st_size, status.st_mtime_ns)
