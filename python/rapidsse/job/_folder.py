"""A run's output folder: what is finished, and how more becomes finished.

    OUT/rapidsse-run.json           the manifest
    OUT/events/part-00000.parquet   a table's part; so for the others
    OUT/image-files/part-00000/     the pictures of that part of the images table
    OUT/.rapidsse/done/00000.json   says that the unit's outputs above are all there
    OUT/.rapidsse/tmp/              what is under construction

A unit is made in `tmp` and renamed into place, last its `done` file. So whatever moment a run is
killed at, a unit is finished or made again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..logs.outputs._output import OutputError, reported, write_whole
from ..logs.tables._schemas import TABLES
from . import _manifest
from ._manifest import Manifest, ManifestError

__all__ = ["FolderError", "Outputs", "RunFolder"]

_STATE = ".rapidsse"
_IMAGES = "image-files"


class FolderError(Exception):
    """A folder that is not for this run."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the tables of a unit are made, and the folder of its pictures.

    `shown` is that folder's path in the images table, where it will be.
    """

    tables: Mapping[str, Path]
    images: Path
    shown: str


class RunFolder:
    """The folder of one run, held by this process until it is closed."""

    def __init__(self, path: Path) -> None:
        """Makes the folder and takes hold of it. Raises `FolderError` and `OutputError`."""
        self.path = path
        self._state = path / _STATE
        self._done = self._state / "done"
        self._scratch = self._state / "tmp"
        self._folders: set[Path] = set()
        with reported(path):
            os.makedirs(path, exist_ok=True)
            others = set(os.listdir(path)) - {_STATE}
            if others and _manifest.NAME not in others:
                raise FolderError(
                    f"{path} is not empty, and no run of rapidsse made it: choose another folder"
                )
            os.makedirs(self._state, exist_ok=True)
        self._lock = _Lock(self._state / "lock")

    def close(self) -> None:
        """Removes what was under construction and lets go of the folder."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._lock.close()

    def manifest(self) -> Manifest | None:
        """The manifest of the run that has been here. Raises `FolderError`."""
        path = self.path / _manifest.NAME
        try:
            return Manifest.from_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderError(f"cannot read {path}: {error.strerror or error}") from error
        except ManifestError as error:
            raise FolderError(f"cannot go on with {path}: {error}") from error

    def clear(self) -> None:
        """Removes what a run made; its manifest stays until there is another."""
        with reported(self.path):
            # First: a unit whose outputs are gone must not be taken for finished.
            for name in (self._done, *(self.path / each for each in (*TABLES, _IMAGES))):
                _remove(name)

    def begin(self, manifest: Manifest) -> None:
        """Makes ready for units to be finished. Raises `OutputError`."""
        with reported(self.path):
            _remove(self._scratch)
            for folder in (self._scratch, self._done):
                os.makedirs(folder, exist_ok=True)
        content = manifest.to_json()
        path = self.path / _manifest.NAME
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content, scratch=self._scratch)

    def done(self, unit: int) -> bytes | None:
        """What was said of a unit when it was finished. Raises `OutputError`."""
        path = self._done / f"{unit:05d}.json"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutputError(path, error.strerror or str(error)) from error

    def outputs(self, unit: int, tables: Iterable[str], suffix: str) -> Outputs:
        """Where a unit is made."""
        return Outputs(
            {table: self._scratch / f"{unit:05d}-{table}.{suffix}" for table in tables},
            self._scratch / f"{unit:05d}-{_IMAGES}",
            f"{_IMAGES}/part-{unit:05d}",
        )

    def discard(self, outputs: Outputs) -> None:
        """Removes what was made of a unit that is not to be finished."""
        for path in (*outputs.tables.values(), outputs.images):
            with reported(path):
                _remove(path)

    def finish(self, unit: int, outputs: Outputs, done: bytes) -> None:
        """Puts a unit's outputs in place. Raises `OutputError`."""
        mark = self._done / f"{unit:05d}.json"
        with reported(self.path):
            # A unit that is made again is unfinished until all of it is new.
            mark.unlink(missing_ok=True)
            for table, part in outputs.tables.items():
                folder = self._made(self.path / table)
                os.replace(part, folder / f"part-{unit:05d}{part.suffix}")
            pictures = self.path / outputs.shown
            _remove(pictures)
            if outputs.images.exists():
                self._made(pictures.parent)
                os.rename(outputs.images, pictures)
        write_whole(mark, done, scratch=self._scratch)

    def _made(self, folder: Path) -> Path:
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)
            self._folders.add(folder)
        return folder


def _remove(path: Path) -> None:
    """Removes a folder with all that is in it, or whatever stands in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Lock:
    """Held as long as the process lives, however it ends."""

    def __init__(self, path: Path) -> None:
        with reported(path):
            self._file = open(path, "ab")  # noqa: SIM115
        try:
            import fcntl
        except ImportError:
            return  # Windows: two runs at a time in one folder are not noticed.
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise FolderError(f"another run is at work in {path.parent.parent}") from error
        except OSError:
            return  # A file system without locks.

    def close(self) -> None:
        self._file.close()
