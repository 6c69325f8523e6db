"""Opens the logs of a split, in order; small remote ones ahead, because each takes round trips."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial

from .._errors import InputError
from .._threads import result_of, shared_pool
from ..logs._open import Log
from ..logs._range import Edges, open_streams
from ..logs.listing._listing import stat_log
from ..logs.sources._open import open_remote
from ..logs.sources._remote import is_url
from ..logs.sources._remote_file import RemoteFile
from ._split import LogRange, Reading, Split

__all__ = ["open_ahead", "open_range"]

_AHEAD = 8
"""Remote logs that are opened before they are read. The first bytes of each are fetched with it:
all of a small log."""


def open_ahead(
    split: Split, edges: Edges | None = None
) -> Iterator[tuple[LogRange, Callable[[], Log | None]]]:
    """Yields each range of a split, and a function that returns its log as `open_range` does."""
    waiting: deque[tuple[LogRange, Callable[[], Log | None]]] = deque()
    futures: deque[Future[Log | None]] = deque(maxlen=_AHEAD + 1)
    try:
        for log_range in split.ranges:
            if split.logs == 1 or not is_url(log_range.source):
                waiting.append((log_range, partial(open_range, log_range, split.reading, edges)))
            else:
                pool = shared_pool(_AHEAD, "rapidsse-open")
                future = pool.submit(open_range, log_range, split.reading)
                futures.append(future)
                waiting.append((log_range, partial(result_of, future)))
            if len(waiting) > _AHEAD:
                yield waiting.popleft()
        yield from waiting
    finally:
        # A caller that stops early needs no more of them. At the interpreter's end, a thread that
        # no longer runs may hold a future's lock.
        if not sys.is_finalizing():
            for future in futures:
                future.cancel()


def open_range(log_range: LogRange, reading: Reading, edges: Edges | None = None) -> Log | None:
    """Opens the log at its range; returns `None` if no stream begins there.

    `edges` are those that readers of the other ranges in this process share. Raises `InputError`, also if the log has changed since the split was planned.
    """
    if is_url(log_range.source):
        log = _open_remote(log_range, reading)
    elif log_range.source == "-":
        log = Log("-", reading.options)
    else:
        log = _open_local(os.path.join(reading.folder, log_range.source), log_range, reading, edges)
    if log is not None:
        log.source = log_range.source
    return log


def _open_local(
    path: str, log_range: LogRange, reading: Reading, edges: Edges | None
) -> Log | None:
    now = stat_log(path)
    _check(log_range, now.size, now.mtime_ns, None)
    if log_range.stop is None:
        return Log(path, reading.options)
    return open_streams(path, log_range.start, log_range.stop, reading.options, edges)


def _open_remote(log_range: LogRange, reading: Reading) -> Log | None:
    if log_range.size is None:
        return Log(log_range.source, reading.options)
    file = RemoteFile(log_range.source)
    size, tag = file.state
    _check(log_range, size, None, tag)
    if log_range.stop is not None:
        return open_streams(file, log_range.start, log_range.stop, reading.options)
    log = open_remote(file)
    # A log is opened ahead in order not to wait for these.
    log.peek(1)
    return Log(log, reading.options)


def _check(log_range: LogRange, size: int | None, mtime_ns: int | None, tag: str | None) -> None:
    # Opening complains of a log that is gone, and some stores say less in listings.
    if log_range.differs(size, mtime_ns, tag):
        raise InputError(
            log_range.source,
            "it has changed since the splits were planned: plan them again when nothing writes "
            "to it any more",
        )
