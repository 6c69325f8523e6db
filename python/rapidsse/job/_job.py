"""A job: logs in, tables and pictures out, on several threads, and safe to kill.

The plan (`_plan`) divides the inputs into units; each is read on its own (`_unit`) and put into
the output folder whole (`_folder`). Without a folder the units are only read, for a summary.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._engine import engine
from .._errors import InputError
from .._version import __version__
from ..logs._open import open_log
from ..logs.formats._boundaries import CUTS
from ..logs.listing._listing import Listed, look
from ..logs.listing._paths import expand
from ..logs.outputs._output import OutputError
from ..logs.tables._schemas import SCHEMA_VERSION, import_pyarrow
from ..logs.tables._totals import Totals
from ._folder import FolderError, RunFolder
from ._manifest import Manifest
from ._options import JobOptions
from ._plan import Unit, divide, ranges
from ._unit import HEADS, InputChanged, Result, Stopped, UnitReader

__all__ = ["FolderError", "Outcome", "OutputError", "Progress", "run_job", "workers_are_left"]

_TICK = 0.1
_PATIENCE = 2.0
"""Seconds for the workers to put away what is not finished."""

_WORKER = "rapidsse-worker"
"""The names of the workers' threads begin with it."""


@dataclass(slots=True)
class Outcome:
    """What a job found: in all its units, those of earlier runs among them."""

    totals: Totals = field(default_factory=Totals)
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Inputs that could not be read, or not to their end, and why."""
    changed: list[str] = field(default_factory=list[str])
    """Messages about inputs that were changed while they were read."""
    heads: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """The first rows of some tables."""
    before: int = 0
    """Units that had been finished before."""
    units: int = 0


class Progress:
    """How far a job is. Bytes are those of the inputs as they lie there."""

    def __init__(self, size: int | None, position: int) -> None:
        self.size = size
        self._passed = position
        self._events = 0
        self._working: set[UnitReader] = set()
        self._lock = threading.Lock()

    def start(self, reader: UnitReader) -> None:
        with self._lock:
            self._working.add(reader)

    def stop(self, reader: UnitReader) -> None:
        with self._lock:
            self._working.remove(reader)
            self._passed += reader.position
            self._events += reader.events

    @property
    def position(self) -> int:
        """Bytes read so far."""
        with self._lock:
            return self._passed + sum(reader.position for reader in self._working)

    @property
    def events(self) -> int:
        """Events decoded so far in this run."""
        with self._lock:
            return self._events + sum(reader.events for reader in self._working)


def run_job(
    logs: Sequence[str],
    options: JobOptions,
    *,
    out: Path | None = None,
    overwrite: bool = False,
    workers: int | None = None,
    rows: int = 20,
    watch: Callable[[Progress], None] | None = None,
    report: Callable[[str, str], None] | None = None,
) -> Outcome:
    """Decodes logs into the folder `out`, or only reads them.

    `watch` is called on this thread about ten times a second, `report` as soon as an input turns
    out to be unreadable, with its name and the reason. `rows` bounds the rows that the outcome
    keeps of each table. Raises `InputError` for a name that stands for no input, `FolderError`,
    and `OutputError`; what was finished stays.
    """
    job = _Job(options, rows, workers or _cores(), watch, report)
    names = sources = expand(logs)
    if out is not None:
        # What an earlier run wrote below one of the logs' folders is not its input.
        below = os.path.realpath(out) + os.sep
        sources = [name for name in sources if not os.path.realpath(name).startswith(below)]
        if names and not sources:
            raise FolderError(f"the logs lie in the output folder {out}: name another folder")
    if not sources:
        raise InputError(", ".join(logs), "there are no files")
    inputs = tuple(look(source) for source in sources)
    if out is None:
        return job.read(inputs, _units(options, inputs))
    made_by = _made_by(options)
    folder = RunFolder(out)
    try:
        return job.write(folder, _resumed(folder, options, inputs, made_by, overwrite))
    finally:
        folder.close()


def workers_are_left() -> bool:
    """Whether a worker of a job that was broken off goes on: waiting for its input."""
    return any(thread.name.startswith(_WORKER) for thread in threading.enumerate())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _units(options: JobOptions, inputs: tuple[Listed, ...]) -> tuple[Unit, ...]:
    def cut(number: int, target: int) -> Sequence[tuple[int, int]]:
        source = inputs[number].source
        try:
            with open_log(source, format=options.log_format, body_field=options.body_field) as log:
                cuts = CUTS.get(log.format) if log.mapped else None
            return ranges(source, cuts, target, options.max_event_size) if cuts else ()
        except (InputError, OSError, ValueError):
            # Said when it is read.
            return ()

    return tuple(divide([each.size for each in inputs], cut))


def _made_by(options: JobOptions) -> dict[str, str]:
    """What may change the bytes of the output."""
    made_by = {"rapidsse": __version__, "engine": engine, "schema": str(SCHEMA_VERSION)}
    if options.format == "parquet":
        made_by["pyarrow"] = str(import_pyarrow().__version__)
    return made_by


def _resumed(
    folder: RunFolder,
    options: JobOptions,
    inputs: tuple[Listed, ...],
    made_by: dict[str, str],
    overwrite: bool,
) -> Manifest:
    before = None if overwrite else folder.manifest()
    if before is None:
        manifest = Manifest(made_by, options.to_dict(), inputs, _units(options, inputs))
        folder.clear()
    else:
        manifest = Manifest(made_by, options.to_dict(), inputs, before.units)
        if (difference := before.difference(manifest)) is not None:
            raise FolderError(
                f"cannot go on with the run in {folder.path}: {difference}; --overwrite starts anew"
            )
    folder.begin(manifest)
    return manifest


class _Job:
    def __init__(
        self,
        options: JobOptions,
        rows: int,
        workers: int,
        watch: Callable[[Progress], None] | None,
        report: Callable[[str, str], None] | None,
    ) -> None:
        self._options = options
        self._rows = rows
        self._workers = workers
        self._watch = watch
        self._report = report
        self._stop = threading.Event()
        self._outcome = Outcome()

    def read(self, inputs: Sequence[Listed], units: Sequence[Unit]) -> Outcome:
        """Reads all units, for what they hold."""
        columns: dict[str, Sequence[str] | None] = dict(HEADS)

        def work(unit: int, reader: UnitReader) -> Result:
            return reader.read(columns, None, self._stop)

        return self._run(inputs, units, _Finished(), work)

    def write(self, folder: RunFolder, manifest: Manifest) -> Outcome:
        """Reads the units that are not finished, and finishes them."""
        columns = self._options.columns()

        def work(unit: int, reader: UnitReader) -> Result:
            outputs = folder.outputs(unit, columns, self._options.format)
            try:
                result = reader.read(columns, outputs, self._stop)
            except InputChanged:
                folder.discard(outputs)
                raise
            folder.finish(unit, outputs, result.to_json())
            return result

        finished = _Finished(folder, len(manifest.units))
        return self._run(manifest.inputs, manifest.units, finished, work)

    def _run(
        self,
        inputs: Sequence[Listed],
        units: Sequence[Unit],
        finished: _Finished,
        work: Callable[[int, UnitReader], Result],
    ) -> Outcome:
        self._outcome.units, self._outcome.before = len(units), len(finished.units)
        progress = _progress(inputs, units, finished.units)

        def one(unit: int) -> Result | None:
            if self._stop.is_set():
                raise Stopped
            reader = UnitReader(units[unit], inputs, self._options, self._rows)
            progress.start(reader)
            try:
                return work(unit, reader)
            except InputChanged as error:
                self._outcome.changed.append(str(error))
                return None
            finally:
                progress.stop(reader)

        pool = ThreadPoolExecutor(self._workers, thread_name_prefix=_WORKER)
        todo = [unit for unit in range(len(units)) if unit not in finished.units]
        futures = {pool.submit(one, unit): unit for unit in todo}
        early: dict[int, Result | None] = {}
        added = 0
        try:
            for unit, result in self._completed(futures, progress):
                early[unit] = result
                added = self._add_next(added, early, finished)
        except BaseException:
            self._stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            # One that waits for an input's writer cannot be stopped.
            wait(futures, _PATIENCE)
            raise
        pool.shutdown()
        self._add_next(added, early, finished)
        return self._outcome

    def _add_next(self, unit: int, early: dict[int, Result | None], finished: _Finished) -> int:
        """Adds up the results in the units' order as far as they are there."""
        while unit in early or unit in finished.units:
            self._add(early.pop(unit) if unit in early else finished.result(unit))
            unit += 1
        return unit

    def _completed(
        self, futures: dict[Future[Result | None], int], progress: Progress
    ) -> Iterator[tuple[int, Result | None]]:
        pending = set(futures)
        while pending:
            ready, pending = wait(pending, _TICK, FIRST_COMPLETED)
            for future in ready:
                result = future.result()
                if result is not None and self._report is not None:
                    for source, reason in result.errors:
                        self._report(source, reason)
                yield futures.pop(future), result
            if self._watch is not None:
                self._watch(progress)

    def _add(self, result: Result | None) -> None:
        if result is not None:
            outcome = self._outcome
            outcome.totals += result.totals
            outcome.errors += result.errors
            for table, rows in result.heads.items():
                kept = outcome.heads.setdefault(table, [])
                kept += rows[: self._rows - len(kept)]


class _Finished:
    """The units that were finished before; where an input failed it is tried again."""

    def __init__(self, folder: RunFolder | None = None, units: int = 0) -> None:
        self._folder = folder
        results = ((unit, self._read(unit)) for unit in range(units))
        self.units = {unit for unit, result in results if result is not None and not result.errors}

    def result(self, unit: int) -> Result | None:
        """What was found in one of them."""
        return self._read(unit)

    def _read(self, unit: int) -> Result | None:
        content = None if self._folder is None else self._folder.done(unit)
        if content is None:
            return None
        try:
            return Result.from_json(content)
        except ValueError:
            return None  # Not written by us: the unit is made again.


def _progress(
    inputs: Sequence[Listed], units: Sequence[Unit], finished: AbstractSet[int]
) -> Progress:
    def size(unit: Unit) -> int | None:
        total = 0
        for piece in unit:
            whole = inputs[piece.input].size
            part = whole if piece.stop is None else piece.stop - piece.start
            if part is None:
                return None
            total += part
        return total

    sizes = [size(unit) for unit in units]
    known = None if None in sizes else sum(each or 0 for each in sizes)
    return Progress(known, sum(sizes[unit] or 0 for unit in finished))
