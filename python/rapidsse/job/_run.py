"""A job: logs in, tables and images out, with several workers; an interrupted job resumes.

The logs are divided into splits. Each is read on its own (`_split_reader`) by a worker
(`_workers`), and becomes a part file of each table in the output folder, all at once
(`_folder`). The plan depends on the logs alone, not on the number of workers, and a run that
resumes takes it from the `_manifest`: the output is the same, byte for byte. Without an output
folder the splits are only read, for a summary.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from .._engine import engine
from .._errors import InputError
from .._version import __version__
from ..logs.listing._listing import STREAM, LogFile, list_logs, place_of
from ..logs.sources._remote import is_url
from ..logs.tables._schemas import SCHEMA_VERSION, import_pyarrow
from ..splits._plan import divide
from ..splits._split import Reading, Split
from ._folder import FolderError, RunFolder
from ._manifest import Manifest, PlannedSplit
from ._options import JobOptions
from ._outcome import Outcome
from ._progress import Progress
from ._splits import JobSplits
from ._workers import Workers

__all__ = ["run_job"]

SPLIT_BYTES = 64 << 20
"""Bytes of a split. Rows that do not fill a row group wait in memory until their split ends: larger
splits take more memory."""


def run_job(
    logs: Sequence[str],
    options: JobOptions,
    *,
    out: Path | None = None,
    overwrite: bool = False,
    workers: int | None = None,
    owns_process: bool = False,
    rows: int = 20,
    watch: Callable[[Progress], None] | None = None,
    report: Callable[[str, str], None] | None = None,
) -> Outcome:
    """Decodes logs into the folder `out`, or only reads them.

    `workers` is the number of workers (default: one per core). `owns_process` says that this process
    runs nothing else and may be forked, so that the workers of a large job can be processes. `rows`
    bounds the rows that the outcome keeps of each table. `watch` is called on this thread about ten
    times a second, `report` as soon as a log turns out to be unreadable, with its name and the
    reason. Raises `InputError` for a name that stands for no log, `FolderError`, `OutputError`, and
    `ChildProcessError` if a worker process is killed; finished splits stay finished.
    """
    found = _list(logs, out)
    reading = Reading(options.reading, os.getcwd())
    may_fork = owns_process and all(map(_is_local_file, found))
    job = Workers(
        threads=workers or _cores(), may_fork=may_fork, rows=rows, watch=watch, report=report
    )
    size = sum(log.size or 0 for log in found) if all(log.known for log in found) else None
    if out is None:
        return job.run(JobSplits(_plan(found, reading), options, None, rows), size)
    made_by = _made_by(options)
    folder = RunFolder(out)
    try:
        splits = _begin(folder, options, found, reading, made_by, overwrite)
        return job.run(JobSplits(splits, options, folder, rows), size)
    finally:
        # A worker that cannot be stopped still holds the folder, also from the next run.
        job.when_ended(folder.close)


def _list(names: Sequence[str], out: Path | None) -> tuple[LogFile, ...]:
    found = listed = tuple(list_logs(names))
    if out is not None:
        # What an earlier run wrote below a folder of logs is not one of the logs.
        below = os.path.realpath(out) + os.sep
        found = tuple(log for log in listed if not place_of(log.source).startswith(below))
        if listed and not found:
            raise FolderError(f"the logs lie in the output folder {out}: name another folder")
    if not found:
        raise InputError(", ".join(names), "there are no files")
    return found


def _plan(logs: Sequence[LogFile], reading: Reading) -> tuple[Split, ...]:
    # Mostly the number of workers is even, and two that share a log finish together.
    return tuple(divide(logs, SPLIT_BYTES, reading, multiple=2))


def _begin(
    folder: RunFolder,
    options: JobOptions,
    logs: tuple[LogFile, ...],
    reading: Reading,
    made_by: dict[str, str],
    overwrite: bool,
) -> tuple[Split, ...]:
    """Makes the folder ready, for a new run or to resume one; returns the run's splits."""
    before = None if overwrite else folder.manifest()
    if before is None:
        splits = _plan(logs, reading)
        numbers = {log.source: number for number, log in enumerate(logs)}
        planned = tuple(PlannedSplit.of(split, numbers) for split in splits)
        manifest = Manifest(made_by, options.to_dict(), logs, planned)
        folder.clear()
    else:
        manifest = Manifest(made_by, options.to_dict(), logs, before.splits)
        if (difference := before.difference(manifest)) is not None:
            raise FolderError(
                f"cannot resume the run in {folder.path}: {difference}; --overwrite starts anew"
            )
        splits = tuple(split.split(logs, reading) for split in before.splits)
    folder.begin(manifest)
    return splits


def _made_by(options: JobOptions) -> dict[str, str]:
    """Returns the versions that determine the bytes of the output."""
    made_by = {"rapidsse": __version__, "engine": engine, "schema": str(SCHEMA_VERSION)}
    if options.format == "parquet":
        made_by["pyarrow"] = str(import_pyarrow().__version__)
    return made_by


def _is_local_file(log: LogFile) -> bool:
    """Returns whether it is neither a stream, which has one reader, nor a URL."""
    return log.tag != STREAM and not is_url(log.source)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
