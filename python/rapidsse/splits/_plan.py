"""`plan_splits`: which logs, and which parts of large ones, make a split.

The plan is made of names and sizes as a listing gives them, while the listing goes on: no log
is opened but those that are to be cut, whose beginning tells whether they can be. Where the
edges of a cut one lie is found by those who read beside them (`_edges`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING

from ..logs._options import MAX_EVENT_SIZE, ReadOptions
from ..logs.listing._listing import Listed, list_logs
from ..logs.sources._remote import is_url
from ._probe import Look, look_into
from ._split import Piece, Reading, Split, pack

if TYPE_CHECKING:
    from ..logs._bodies import Compression, Format

    Path = str | os.PathLike[str]

__all__ = ["TARGET_BYTES", "divide", "listed", "plan_splits"]

TARGET_BYTES = 128 << 20

OPEN_COST = 128 << 10
"""Bytes that could be read in the time that it takes to open another log."""

_LOOKS = 16
"""Remote logs that are looked into at the same time, and as many again that are waited for."""


def plan_splits(
    paths: Path | Iterable[Path],
    *,
    target_bytes: int = TARGET_BYTES,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    max_event_size: int | None = MAX_EVENT_SIZE,
) -> Iterator[Split]:
    """Divides logs into splits of about `target_bytes` (as they lie there), while it lists them.

    `paths` are files, folders (with all that is in them), globs and fsspec URLs, as for `scan`,
    each log once. A plain log of event streams or of JSON lines is cut: every stream belongs to
    the split in whose range of bytes it begins. Compressed logs, cassettes and HARs are read by
    one split as a whole. Small logs share a split.
    The other keywords are those of `scan`, for the readers: they travel with the split. With
    `format` and `compression="none"` no log is opened at all.

    Iterating raises `InputError` if a folder or a URL cannot be listed, or a glob matches
    nothing. A log that is not there is left for `read_split` to complain of. Raises
    `ValueError` for a keyword's value.
    """
    if target_bytes < 1:
        raise ValueError(f"target_bytes is at least 1, not {target_bytes}")
    options = ReadOptions(format, compression, body_field, max_event_size)
    names = [paths] if isinstance(paths, str | os.PathLike) else paths
    return divide(listed(names), target_bytes, Reading(options, os.getcwd()))


def listed(names: Iterable[Path]) -> Iterator[Listed]:
    """The logs that are meant, as `plan_splits` has them."""

    def checked() -> Iterator[Path]:
        for name in names:
            if not isinstance(name, str | os.PathLike):
                raise TypeError(f"a log is a path or a URL, not {type(name).__name__}")
            if name == "-":
                raise ValueError("standard input cannot be read by others: name files")
            yield name

    return list_logs(checked())


def divide(logs: Iterable[Listed], target: int, reading: Reading) -> Iterator[Split]:
    """The splits of these logs, of about `target` bytes."""
    together: list[Piece] = []
    filled = 0

    def look(source: str) -> Look:
        return look_into(source, reading)

    def large(log: Listed) -> bool:
        return log.size is not None and log.size * 2 > target * 3

    for log, found in _looked_into(logs, large, look):
        size = log.size
        weight = OPEN_COST + (size or 0)
        if together and (size is None or found is not None or filled + weight > target):
            yield pack(together, reading)
            together, filled = [], 0
        piece = Piece(log.source, size, log.mtime_ns, log.tag)
        if size is not None and found is not None and found.cut:
            yield from _cut(piece, size, target, found.reading)
        elif size is None or found is not None:
            yield pack([piece], reading)
        else:
            together.append(piece)
            filled += weight
    if together:
        yield pack(together, reading)


def _cut(piece: Piece, size: int, target: int, reading: Reading) -> Iterator[Split]:
    number = (2 * size + target) // (2 * target)  # rounded
    for start, stop in pairwise(size * part // number for part in range(number + 1)):
        part = Piece(piece.source, size, piece.mtime_ns, piece.tag, start, stop)
        yield pack([part], reading)


def _looked_into(
    logs: Iterable[Listed], large: Callable[[Listed], bool], look: Callable[[str], Look]
) -> Iterator[tuple[Listed, Look | None]]:
    """Each log, in order; with what was found in it if it is `large`.

    Looking into a remote one takes a round trip, so many are on the way at a time.
    """
    waiting: deque[tuple[Listed, Future[Look] | None]] = deque()
    with ExitStack() as stack:
        pool: ThreadPoolExecutor | None = None

        def ahead() -> bool:
            first = waiting[0][1]
            return first is not None and not first.done() and len(waiting) < 2 * _LOOKS

        for log in logs:
            future: Future[Look] | None = None
            if large(log) and is_url(log.source):
                pool = pool or stack.enter_context(ThreadPoolExecutor(_LOOKS))
                future = pool.submit(look, log.source)
            elif large(log):
                future = Future()
                future.set_result(look(log.source))
            waiting.append((log, future))
            while waiting and not ahead():
                first, done = waiting.popleft()
                yield first, None if done is None else done.result()
        for first, done in waiting:
            yield first, None if done is None else done.result()
