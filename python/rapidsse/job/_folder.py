"""The output folder of a run: what is finished, and how a split becomes finished.

    OUT/rapidsse-run.json           the manifest
    OUT/events/part-00000.parquet   the events of split 0; likewise for the other tables
    OUT/image-files/part-00000/     the images of split 0
    OUT/.rapidsse/done/00000.json   the mark of split 0: its files above are complete
    OUT/.rapidsse/tmp/6d1f.../      files under construction, of one run

Files are written in `tmp`, flushed to the disk and renamed into place, last the mark. So a split
is either finished or read again, whenever the run is killed or the power fails. A folder of
these is opened once and never through a link, so that no link leads the run to other files.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .._threads import TICK
from ..logs.outputs._directory import Directory
from ..logs.outputs._output import OutputError, reported
from ..logs.tables._schemas import TABLES
from . import _manifest
from ._manifest import Manifest, ManifestError
from ._mark import Files, Mark
from ._outcome import Result

__all__ = ["FolderError", "OutputError", "Outputs", "RunFolder"]

_STATE = ".rapidsse"
_DONE = "done"
_SCRATCH = "tmp"
_IMAGES = "image-files"
_LOCK_TIMEOUT = 1
"""Seconds. The processes of a killed run end sooner."""


class FolderError(Exception):
    """The folder is not for this run."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the files of a split are written: their names in `folder`, which is this run's own.

    `images` is a folder; `shown` is its final path as the images table says it, relative to the
    output folder.
    """

    folder: Directory
    tables: Mapping[str, str]
    images: str
    shown: str

    def places(self) -> Iterator[tuple[str, str, str]]:
        """Yields the name of each output, the folder it is moved to, and its name there."""
        part = os.path.basename(self.shown)
        for table, name in self.tables.items():
            yield name, table, part + os.path.splitext(name)[1]
        yield self.images, _IMAGES, part


class RunFolder:
    """The folder of one run, which this process and its forks hold until it is closed."""

    def __init__(self, path: Path) -> None:
        """Makes the folder and locks it. Raises `FolderError` and `OutputError`.

        Waits up to a second for a folder that another run holds.
        """
        self.path = path
        self._open = contextlib.ExitStack()
        self._opening = threading.Lock()
        self._folders: dict[str, Directory] = {}
        self._run = ""
        self._own = secrets.token_hex(8)
        with contextlib.ExitStack() as failed:
            failed.callback(self._open.close)
            if path.is_file():
                raise FolderError(f"the output is a folder, and {path} is a file: name another")
            with reported(path):
                os.makedirs(path, exist_ok=True)
            self._top = self._keep(Directory(path))
            others = set(self._top.names()) - {_STATE}
            if others and _manifest.NAME not in others:
                raise FolderError(
                    f"{path} is not empty, and no run of rapidsse made it: choose another folder"
                )
            self._state = self._keep(self._top.enter(_STATE))
            self._lock()
            failed.pop_all()

    def close(self) -> None:
        """Removes this run's files under construction and unlocks the folder.

        Nothing can be finished any more.
        """
        with contextlib.suppress(OutputError):
            scratch = self._folders.get(_SCRATCH)
            if scratch is not None:
                scratch.remove(self._own)
                self._state.remove_if_empty(_SCRATCH)
        self._open.close()

    def manifest(self) -> Manifest | None:
        """Returns the manifest of the run that used the folder. Raises `FolderError`."""
        try:
            content = self._top.read(_manifest.NAME)
            return None if content is None else Manifest.from_json(content)
        except OSError as error:
            path = self.path / _manifest.NAME
            raise FolderError(f"cannot read {path}: {error.strerror or error}") from error
        except ManifestError as error:
            raise FolderError(
                f"cannot resume the run in {self.path}: {error}; --overwrite starts anew"
            ) from error

    def clear(self) -> None:
        """Removes the outputs of a run; its manifest stays until `begin` replaces it."""
        # Marks first: a split whose files are gone must not look finished.
        self._state.remove(_DONE)
        self._state.sync()
        for name in (*TABLES, _IMAGES):
            self._top.remove(name)

    def begin(self, manifest: Manifest) -> None:
        """Writes the manifest and makes the folders for splits. Raises `OutputError`."""
        # What a run left that was killed. No other run is at work here.
        self._state.remove(_SCRATCH)
        scratch = self._folders[_SCRATCH] = self._keep(self._state.enter(_SCRATCH))
        self._folders[_DONE] = self._keep(self._state.enter(_DONE))
        self._scratch = self._keep(scratch.enter(self._own))
        self._run = manifest.identity
        content = manifest.to_json()
        try:
            is_there = self._top.read(_manifest.NAME) == content
        except OSError:
            is_there = False
        if not is_there:
            self._top.write(_manifest.NAME, content, scratch=self._scratch)
        self._state.sync()
        self._top.sync()

    def result(self, split: int, outputs: Outputs) -> Result | None:
        """Returns what an earlier run, or this one, found in a split, if it is finished.

        It is finished if there is a mark of this run's, and the files that the mark lists are
        there and no others. Raises `OutputError`.
        """
        done = self._folders[_DONE]
        name = _mark_name(split)
        try:
            content = done.read(name)
        except OSError as error:
            raise OutputError(done.path / name, error.strerror or str(error)) from error
        if content is None:
            return None
        try:
            mark = Mark.from_json(content)
        except ValueError:
            return None  # Another program wrote it.
        if (mark.run, mark.split) != (self._run, split) or mark.files != self._files(outputs):
            return None
        return mark.result

    def outputs(self, split: int, tables: Iterable[str], suffix: str) -> Outputs:
        """Returns where the files of a split are to be written."""
        return Outputs(
            self._scratch,
            {table: f"{split:05d}-{table}.{suffix}" for table in tables},
            f"{split:05d}-{_IMAGES}",
            f"{_IMAGES}/part-{split:05d}",
        )

    def discard(self, outputs: Outputs) -> None:
        """Removes the files of a split that is not to be finished. Raises `OutputError`."""
        for written, _, _ in outputs.places():
            outputs.folder.remove(written)

    def finish(self, split: int, outputs: Outputs, result: Result) -> None:
        """Moves the written files of a split into place.

        Raises `OutputError`.
        """
        done = self._folders[_DONE]
        mark = _mark_name(split)
        places = list(outputs.places())
        written = {each for each, _, _ in places if outputs.folder.sizes(each) is not None}
        outputs.folder.sync_contents(written)
        # A split that is read again is unfinished until all its files are new.
        if done.sizes(mark) is not None:
            done.remove(mark)
            done.sync()
        changed: set[str] = set()
        for each, folder, name in places:
            there = self._folder(folder, make=each in written)
            if there is None:
                continue
            if each == outputs.images or each not in written:
                there.remove(name)
            if each in written:
                outputs.folder.move(each, there, name)
            changed.add(folder)
        for folder in changed:
            self._folders[folder].sync()
        content = Mark(self._run, split, self._files(outputs), result).to_json()
        done.write(mark, content, scratch=outputs.folder)

    def _files(self, outputs: Outputs) -> Files:
        """Returns how many files there are under the final name of each output, and their bytes."""
        files: Files = {}
        for _, folder, name in outputs.places():
            there = self._folder(folder, make=False)
            sizes = None if there is None else there.sizes(name)
            if sizes is not None:
                files[f"{folder}/{name}"] = len(sizes), sum(sizes)
        return files

    def _folder(self, name: str, *, make: bool) -> Directory | None:
        """Opens a table's folder, or that of the images; `None` if it is missing."""
        with self._opening:
            if name not in self._folders:
                if not self._top.has(name):
                    if not make:
                        return None
                    self._top.make(name)
                    self._top.sync()
                self._folders[name] = self._keep(self._top.enter(name))
            return self._folders[name]

    def _keep(self, folder: Directory) -> Directory:
        self._open.callback(folder.close)
        return folder

    def _lock(self) -> None:
        """Takes a lock, which forks share: the system releases it when this process and all that read
        for it have ended. So no run removes files that a fork of a killed run still writes."""
        lock = self._state.open_lock("lock")
        self._open.callback(os.close, lock)
        try:
            import fcntl
        except ImportError:
            return  # Windows: two runs at a time in one folder are not noticed.
        end = time.monotonic() + _LOCK_TIMEOUT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() < end:
                    time.sleep(TICK)
                    continue
                raise FolderError(f"another run is at work in {self.path}") from error
            except OSError:
                pass  # A file system without locks.
            return


def _mark_name(split: int) -> str:
    return f"{split:05d}.json"
