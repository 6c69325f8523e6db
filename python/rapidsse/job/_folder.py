"""The output folder of a run: what is finished, and how a split becomes finished.

    OUT/rapidsse-run.json           the manifest
    OUT/events/part-00000.parquet   the events of split 0; likewise for the other tables
    OUT/image-files/part-00000/     the images of split 0
    OUT/.rapidsse/done/00000.json   says that the files of split 0 above are complete
    OUT/.rapidsse/tmp/              files under construction

Files are written in `tmp` and renamed into place, last the one in `done`. So a split is either
finished or read again, whenever the run is killed.
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

__all__ = ["FolderError", "OutputError", "Outputs", "RunFolder"]

_STATE = ".rapidsse"
_IMAGES = "image-files"


class FolderError(Exception):
    """The folder is not for this run."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the files of a split are written.

    `images` is a folder; `shown` is its final path as the images table says it, relative to the
    output folder.
    """

    tables: Mapping[str, Path]
    images: Path
    shown: str


class RunFolder:
    """The folder of one run; this process holds it until it is closed."""

    def __init__(self, path: Path) -> None:
        """Makes the folder and locks it. Raises `FolderError` and `OutputError`."""
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
        """Removes the files under construction and unlocks the folder."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._lock.close()

    def manifest(self) -> Manifest | None:
        """Returns the manifest of the run that used the folder. Raises `FolderError`."""
        path = self.path / _manifest.NAME
        try:
            return Manifest.from_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderError(f"cannot read {path}: {error.strerror or error}") from error
        except ManifestError as error:
            raise FolderError(
                f"cannot resume the run in {self.path}: {error}; --overwrite starts anew"
            ) from error

    def clear(self) -> None:
        """Removes the outputs of a run; its manifest stays until `begin` replaces it."""
        with reported(self.path):
            # `done` first: a split whose files are gone must not look finished.
            for name in (self._done, *(self.path / each for each in (*TABLES, _IMAGES))):
                _remove(name)

    def begin(self, manifest: Manifest) -> None:
        """Writes the manifest and makes the folders for splits. Raises `OutputError`."""
        with reported(self.path):
            _remove(self._scratch)
            for folder in (self._scratch, self._done):
                os.makedirs(folder, exist_ok=True)
        content = manifest.to_json()
        path = self.path / _manifest.NAME
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content, scratch=self._scratch)

    def done(self, split: int) -> bytes | None:
        """Returns the content of a split's file in `done`, if it is finished.

        Raises `OutputError`.
        """
        path = self._done / f"{split:05d}.json"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutputError(path, error.strerror or str(error)) from error

    def outputs(self, split: int, tables: Iterable[str], suffix: str) -> Outputs:
        """Returns where the files of a split are to be written."""
        return Outputs(
            {table: self._scratch / f"{split:05d}-{table}.{suffix}" for table in tables},
            self._scratch / f"{split:05d}-{_IMAGES}",
            f"{_IMAGES}/part-{split:05d}",
        )

    def discard(self, outputs: Outputs) -> None:
        """Removes the files of a split that is not to be finished. Raises `OutputError`."""
        for path in (*outputs.tables.values(), outputs.images):
            with reported(path):
                _remove(path)

    def finish(self, split: int, outputs: Outputs, done: bytes) -> None:
        """Moves the files of a split into place, those that were written.

        Raises `OutputError`.
        """
        mark = self._done / f"{split:05d}.json"
        with reported(self.path):
            # A split that is read again is unfinished until all its files are new.
            mark.unlink(missing_ok=True)
            for table, written in outputs.tables.items():
                part = self.path / table / f"part-{split:05d}{written.suffix}"
                if written.exists():
                    self._make(part.parent)
                    os.replace(written, part)
                else:
                    _remove(part)
            images = self.path / outputs.shown
            _remove(images)
            if outputs.images.exists():
                self._make(images.parent)
                os.rename(outputs.images, images)
        write_whole(mark, done, scratch=self._scratch)

    def _make(self, folder: Path) -> None:
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)
            self._folders.add(folder)


def _remove(path: Path) -> None:
    """Removes a folder with its content, or any other file."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Lock:
    """A lock that the system releases when the process ends, however it ends."""

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
