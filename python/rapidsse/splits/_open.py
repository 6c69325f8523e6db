"""The logs of a split, opened: one after another, or some ahead where that takes round trips."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial

from .._errors import InputError
from ..logs._open import Log
from ..logs._range import open_streams
from ..logs.listing._listing import look
from ..logs.sources._input import Input
from ..logs.sources._remote import is_url
from ..logs.sources._remote_file import RemoteFile
from ..logs.sources._remote_input import open_whole
from ._split import Piece, Reading, Split

__all__ = ["open_piece", "opened"]

_AHEAD = 8
"""Remote logs that are opened before they are read. With each comes its beginning: all of it,
where it is small."""


def opened(split: Split) -> Iterator[tuple[Piece, Callable[[], Log | None]]]:
    """The pieces of a split, in order, and what gives the log of each as `open_piece` does."""
    waiting: deque[tuple[Piece, Callable[[], Log | None]]] = deque()
    futures: deque[Future[Log | None]] = deque(maxlen=_AHEAD + 1)
    try:
        for piece in split.pieces:
            if split.logs == 1 or not is_url(piece.source):
                waiting.append((piece, partial(open_piece, piece, split.reading)))
            else:
                future = _pool().submit(open_piece, piece, split.reading)
                futures.append(future)
                waiting.append((piece, future.result))
            if len(waiting) > _AHEAD:
                yield waiting.popleft()
        yield from waiting
    finally:
        # Whoever stops early needs no more of them.
        for future in futures:
            future.cancel()


@cache
def _pool() -> ThreadPoolExecutor:
    # Kept: file systems have a client for each thread, which takes long to make.
    return ThreadPoolExecutor(_AHEAD, thread_name_prefix="rapidsse-open")


def open_piece(piece: Piece, reading: Reading) -> Log | None:
    """The log, with what the piece has of it; `None` if no stream begins there."""
    if is_url(piece.source):
        log = _open_remote(piece, reading)
    else:
        log = _open_local(os.path.join(reading.folder, piece.source), piece, reading)
    if log is not None:
        log.source = piece.source
    return log


def _open_local(path: str, piece: Piece, reading: Reading) -> Log | None:
    now = look(path)
    _check(piece, now.size, now.mtime_ns, None)
    if piece.stop is None:
        return _open_log(path, reading)
    return _open_part(path, piece, piece.stop, reading)


def _open_remote(piece: Piece, reading: Reading) -> Log | None:
    if piece.size is None:
        return _open_log(piece.source, reading)
    file = RemoteFile(piece.source)
    size, tag = file.state
    _check(piece, size, None, tag)
    if piece.stop is not None:
        return _open_part(file, piece, piece.stop, reading)
    log = open_whole(file)
    # Whoever opens it ahead does so in order not to wait for this.
    log.peek(1)
    return _open_log(log, reading)


def _check(piece: Piece, size: int | None, mtime_ns: int | None, tag: str | None) -> None:
    # What is not there at all is said when it is opened, and some stores tell less in listings.
    pairs = (piece.size, size), (piece.mtime_ns, mtime_ns), (piece.tag, tag)
    if any(before != now for before, now in pairs if None not in (before, now)):
        raise InputError(
            piece.source,
            "it has changed since the splits were planned: plan them again when it is no longer "
            "written to",
        )


def _open_log(log: str | Input, reading: Reading) -> Log:
    return Log(log, reading.options)


def _open_part(log: str | RemoteFile, piece: Piece, stop: int, reading: Reading) -> Log | None:
    return open_streams(log, piece.start, stop, reading.options)
