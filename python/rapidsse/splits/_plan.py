"""`plan_splits`: divides logs into splits, for clusters and for the job.

The plan needs the names and sizes of a listing only, and is made while the listing goes on. Only
the first bytes of a large log are read, which say whether it can be cut. A cut is a number of
bytes: the readers on both sides of it find the same stream that begins next (`logs._range`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .._threads import result_of, shared_pool
from ..logs._options import MAX_EVENT_SIZE, ReadOptions, at_least_one
from ..logs.listing._listing import LogFile, list_logs
from ..logs.sources._remote import is_url
from ._probe import probe
from ._split import LogRange, Reading, Split, pack

if TYPE_CHECKING:
    from ..logs._bodies import Compression, Format

    Path = str | os.PathLike[str]

__all__ = ["TARGET_BYTES", "divide", "log_files", "plan_splits"]

TARGET_BYTES = 128 << 20
"""The default size of a split, in bytes of the logs as stored."""

OPEN_COST = 128 << 10
"""Bytes that can be read in the time it takes to open a log."""

_PROBES = 16
"""Remote logs that are probed at the same time; as many results may wait for their turn."""


def plan_splits(
    paths: Path | Iterable[Path],
    *,
    target_bytes: int = TARGET_BYTES,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    event_field: str | None = None,
    max_event_size: int | None = MAX_EVENT_SIZE,
) -> Iterator[Split]:
    """Divides logs into splits of about `target_bytes` (as stored), while it lists them.

    `paths` are files, folders (all files in and below them), globs and fsspec URLs, as for
    `scan`; each log is read once. A plain log of event streams or of JSON lines is cut: a stream
    belongs to the split in whose range of bytes it begins. A compressed log, or one of another
    format, belongs to one split. Small logs share a split.
    The other keywords are those of `scan`, and are part of the split. With `format` and
    `compression="none"` no log is opened.

    Iterating raises `InputError` if a folder or a URL cannot be listed, or a glob matches
    nothing. `read_split` raises it for a log that is missing. Raises `ValueError` for a value of
    a keyword that is not allowed.
    """
    target = at_least_one("target_bytes", target_bytes)
    options = ReadOptions(format, compression, body_field, max_event_size, event_field)
    names = [paths] if isinstance(paths, str | os.PathLike) else paths
    if not isinstance(names, Iterable):
        raise TypeError(f"a log is a path or a URL, not {type(names).__name__}")
    return divide(log_files(names), target, Reading(options, os.getcwd()))


def log_files(names: Iterable[Path]) -> Iterator[LogFile]:
    """Yields the logs that these names stand for, as `plan_splits` takes them."""

    def checked() -> Iterator[Path]:
        for name in names:
            if not isinstance(name, str | os.PathLike):
                raise TypeError(f"a log is a path or a URL, not {type(name).__name__}")
            if name == "-":
                raise ValueError("standard input cannot be read by others: name files")
            yield name

    return list_logs(checked())


def divide(
    logs: Iterable[LogFile], target: int, reading: Reading, *, multiple: int = 1
) -> Iterator[Split]:
    """Yields the splits of these logs, of about `target` bytes.

    The number of splits of a log that is cut is a multiple of `multiple`.
    """
    small: list[LogRange] = []
    filled = 0

    def is_large(log: LogFile) -> bool:
        return log.size is not None and log.size * 2 > target * 3

    for log, options in _probed(logs, is_large, reading.options):
        alone = log.size is None or is_large(log)
        weight = OPEN_COST + (log.size or 0)
        if small and (alone or filled + weight > target):
            yield pack(small, reading)
            small, filled = [], 0
        if log.size is not None and options is not None:
            number = _rounded(log.size, target * multiple) * multiple
            yield from _cut(log, log.size, number, replace(reading, options=options))
        elif alone:
            yield pack([LogRange.of(log)], reading)
        else:
            small.append(LogRange.of(log))
            filled += weight
    if small:
        yield pack(small, reading)


def _rounded(size: int, target: int) -> int:
    return max(1, (2 * size + target) // (2 * target))


def _cut(log: LogFile, size: int, number: int, reading: Reading) -> Iterator[Split]:
    for start, stop in pairwise(size * edge // number for edge in range(number + 1)):
        yield pack([LogRange.of(log, start, stop)], reading)


def _probed(
    logs: Iterable[LogFile], is_large: Callable[[LogFile], bool], options: ReadOptions
) -> Iterator[tuple[LogFile, ReadOptions | None]]:
    """Yields each log, in order, with how its ranges are read; `None` if it is not to be cut.

    Only large logs are probed; many remote ones at the same time, because each takes a round
    trip.
    """
    waiting: deque[tuple[LogFile, Future[ReadOptions | None] | None]] = deque()

    def may_wait() -> bool:
        first = waiting[0][1]
        return first is not None and not first.done() and len(waiting) < 2 * _PROBES

    for log in logs:
        future: Future[ReadOptions | None] | None = None
        if is_large(log) and is_url(log.source):
            future = shared_pool(_PROBES, "rapidsse-probe").submit(probe, log.source, options)
        elif is_large(log):
            future = Future()
            future.set_result(probe(log.source, options))
        waiting.append((log, future))
        while waiting and not may_wait():
            first, done = waiting.popleft()
            yield first, None if done is None else result_of(done)
    for first, done in waiting:
        yield first, None if done is None else result_of(done)
