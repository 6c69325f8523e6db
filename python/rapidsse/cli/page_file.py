"""The file that `rapidsse report` writes: a page, a device or pipe, or standard output."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from ..logs.outputs._directory import Directory
from ..logs.outputs._output import OutputError, reported
from .streams import printing

__all__ = ["PageFile", "replaces"]


class PageFile:
    """Where a page goes. Its folder is opened before the logs are read, which may take hours."""

    def __init__(self, out: str) -> None:
        """Raises `OutputError` if no page can be written there."""
        self._out = out
        self._path = path = Path(out)
        self._folder: Directory | None = None
        if out == "-" or _is_device(path):
            return
        if not path.parent.exists():
            raise OutputError(path, f"the folder {path.parent} does not exist; create it first")
        self._folder = Directory(path.parent)
        if self._folder.is_link(path.name):
            self._refuse("it is a symbolic link")
        if path.is_dir():
            self._refuse("it is a folder; name a file")

    @property
    def is_file(self) -> bool:
        """Whether the page becomes a file, and goes to no pipe, device or standard output."""
        return self._folder is not None

    def close(self) -> None:
        """Closes the folder."""
        if self._folder is not None:
            self._folder.close()

    def write(self, page: bytes) -> None:
        """Writes the page, whole or not at all where it is a file. Raises `OutputError`."""
        path = self._path
        if self._folder is not None:
            # What was put there meanwhile.
            if self._folder.is_link(path.name):
                raise OutputError(path, "it is a symbolic link")
            self._folder.write(path.name, page, scratch=self._folder)
        elif self._out == "-":
            with printing():
                sys.stdout.buffer.write(page)
        else:
            # Without O_TRUNC: what takes its place meanwhile loses nothing.
            with reported(path), open(os.open(path, os.O_WRONLY), "wb") as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise OutputError(path, "another file took its place")
                file.write(page)

    def _refuse(self, reason: str) -> None:
        self.close()
        raise OutputError(self._path, reason)


def replaces(out: str, source: str) -> bool:
    """Returns whether a page at `out` would replace the log `source`."""
    try:
        return "-" not in (source, out) and os.path.samefile(source, out)
    except (OSError, ValueError):
        return False


def _is_device(path: Path) -> bool:
    """Returns whether it is a pipe or a device, or a link to one, which takes the page."""
    return path.exists() and not path.is_file() and not path.is_dir()
