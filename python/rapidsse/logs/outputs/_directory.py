"""A folder that is held open: what is written goes to this folder, and never through a link.

A path is looked up anew each time it is used, and whoever may write to one of its folders can
put a link there. So a folder is opened once, and names are looked up in the open folder. A name
is one component. A link is refused where its target would be read, written or entered; it is
replaced, or removed, where a file of that name would be.

Windows cannot look up names in an open folder: there, links are only checked for beforehand.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path

from ..._threads import Pool, result_of
from ._output import OutputError, reported

__all__ = ["Directory"]

_HELD = {os.open, os.mkdir, os.rename, os.stat, os.unlink} <= os.supports_dir_fd
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
# A pipe that was put there must not block.
_READ = os.O_RDONLY | _BINARY | _NO_LINK | getattr(os, "O_NONBLOCK", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_LOCK = os.O_RDWR | os.O_CREAT | _BINARY | _NO_LINK
# Windows flushes only what may be written.
_SYNC = (os.O_RDONLY if _HELD else os.O_RDWR) | _BINARY | _NO_LINK
_NEVER_SYNCED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})
"""How file systems say that they cannot flush a folder."""

_SYNCERS = 8

_IS_LINK = "it is a symbolic link"


class Directory:
    """An open folder. Its methods raise `OutputError`, but for `read`."""

    def __init__(self, path: Path, *, parent: Directory | None = None) -> None:
        """Opens the folder at `path`; with `parent`, the one of that name in it."""
        self.path = path
        self._fd: int | None = None
        if parent is not None and parent.is_link(path.name):
            raise OutputError(path, _IS_LINK)
        with reported(path):
            if not _HELD:
                os.listdir(path)  # It may raise what opening would.
            elif parent is None:
                self._fd = os.open(path, _FOLDER)
            else:
                self._fd = os.open(path.name, _FOLDER | _NO_LINK, dir_fd=parent._fd)

    def close(self) -> None:
        """Closes the folder: nothing can be done in it any more."""
        fd, self._fd = self._fd, -1
        if fd is not None and fd >= 0:
            os.close(fd)

    def enter(self, name: str) -> Directory:
        """Opens a folder, which is made if it is missing."""
        self.make(name)
        return Directory(self.path / name, parent=self)

    def make(self, name: str) -> None:
        """Makes a folder, unless there is something of this name."""
        with reported(self.path, name), contextlib.suppress(FileExistsError):
            os.mkdir(self._at(name), dir_fd=self._fd)

    def has(self, name: str) -> bool:
        """Returns whether there is anything of this name."""
        with reported(self.path, name):
            try:
                self._stat(name)
            except FileNotFoundError:
                return False
            return True

    def names(self) -> list[str]:
        """Returns the names of what is in the folder."""
        with reported(self.path):
            return os.listdir(self.path if self._fd is None else self._fd)

    def is_link(self, name: str) -> bool:
        """Returns whether a symbolic link, or a junction of Windows, has this name."""
        try:
            if stat.S_ISLNK(self._stat(name).st_mode):
                return True
        except OSError:
            return False
        is_junction = getattr(os.path, "isjunction", None)
        return self._fd is None and is_junction is not None and is_junction(self.path / name)

    def sizes(self, name: str) -> list[int] | None:
        """Returns the bytes of a file, or of each file of a folder; `None` for anything else."""
        if not self.has(name):
            return None
        with reported(self.path, name):
            status = self._stat(name)
        if stat.S_ISREG(status.st_mode):
            return [status.st_size]
        if not stat.S_ISDIR(status.st_mode):
            return None
        folder = Directory(self.path / name, parent=self)
        with contextlib.closing(folder), reported(folder.path):
            return sorted(folder._stat(each).st_size for each in folder.names())

    def read(self, name: str) -> bytes | None:
        """Returns the content of a file; `None` if it is missing. Raises `OSError`."""
        if self.is_link(name):
            raise OSError(errno.ELOOP, _IS_LINK)
        try:
            fd = os.open(self._at(name), _READ, dir_fd=self._fd)
        except FileNotFoundError:
            return None
        with open(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            return file.read()

    def create(self, name: str) -> int:
        """Makes a file, which must not exist; returns its descriptor, for writing."""
        with reported(self.path, name):
            return os.open(self._at(name), _NEW, 0o666, dir_fd=self._fd)

    def open_lock(self, name: str) -> int:
        """Opens a file that is locked, not written; returns its descriptor."""
        if self.is_link(name):
            raise OutputError(self.path / name, _IS_LINK)
        with reported(self.path, name):
            return os.open(self._at(name), _LOCK, 0o666, dir_fd=self._fd)

    def write(self, name: str, content: bytes, *, scratch: Directory) -> None:
        """Puts a file with this content in place, whole and on the disk, or not at all.

        `scratch` is a folder of the same file system, for the file under construction.
        """
        temporary = f"{secrets.token_hex(8)}.tmp"
        try:
            try:
                fd = scratch.create(temporary)
            except OutputError as error:
                # Nobody knows the file under construction.
                raise OutputError(self.path / name, error.reason) from error
            with reported(self.path, name), open(fd, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(fd)
            scratch.move(temporary, self, name)
        except BaseException:
            with contextlib.suppress(OutputError):
                scratch.remove(temporary)
            raise
        self.sync()

    def move(self, name: str, to: Directory, new: str) -> None:
        """Renames a file or a folder, in place of a file or a link of the new name."""
        with reported(to.path, new):
            os.replace(self._at(name), to._at(new), src_dir_fd=self._fd, dst_dir_fd=to._fd)

    def remove(self, name: str) -> None:
        """Removes a folder with its content, or any other file, if it is there."""
        with reported(self.path, name), contextlib.suppress(FileNotFoundError):
            if stat.S_ISDIR(self._stat(name).st_mode):
                shutil.rmtree(self._at(name), dir_fd=self._fd)
            else:
                os.unlink(self._at(name), dir_fd=self._fd)

    def remove_if_empty(self, name: str) -> None:
        """Removes a folder, if nothing is in it."""
        with contextlib.suppress(OSError):
            os.rmdir(self._at(name), dir_fd=self._fd)

    def sync(self) -> None:
        """Flushes to the disk which names the folder has, not the content of its files."""
        if self._fd is None:
            return
        with reported(self.path):
            try:
                os.fsync(self._fd)
            except OSError as error:
                if error.errno not in _NEVER_SYNCED:
                    raise

    def sync_contents(self, names: Iterable[str]) -> None:
        """Flushes to the disk these files, and the files in these folders with their names."""
        with contextlib.ExitStack() as opened:
            folders: list[Directory] = []
            owners: list[Directory] = []
            files: list[str] = []
            for name in names:
                with reported(self.path, name):
                    is_folder = stat.S_ISDIR(self._stat(name).st_mode)
                if not is_folder:
                    owners.append(self)
                    files.append(name)
                    continue
                folder = Directory(self.path / name, parent=self)
                opened.callback(folder.close)
                folders.append(folder)
                names_there = folder.names()
                owners += [folder] * len(names_there)
                files += names_there
            # A file system writes down at once what many threads wait for: with one after
            # another, a small file takes ten times as long.
            pool = Pool(_SYNCERS, "rapidsse-sync")
            try:
                calls: list[Future[None]] = []
                for owner, name in zip(owners, files, strict=True):
                    try:
                        calls.append(pool.submit(owner._sync_file, name))
                    except OSError:
                        # The system has no more threads.
                        owner._sync_file(name)
                for call in calls:
                    result_of(call)
            finally:
                pool.close()
            for folder in folders:
                folder.sync()

    def _sync_file(self, name: str) -> None:
        with reported(self.path, name):
            fd = os.open(self._at(name), _SYNC, dir_fd=self._fd)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def _at(self, name: str) -> str | Path:
        return self.path / name if self._fd is None else name

    def _stat(self, name: str) -> os.stat_result:
        return os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False)
