"""An iterator that runs ahead in a thread of its own, so that decompression and decoding
take two cores."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

from ..._threads import TICK, start
from ._source import closed

__all__ = ["Ahead"]

T = TypeVar("T")

_MOST = 2 << 20
"""Bytes that wait before no more is fetched. With 4 or 8 MiB, twice to hundred times as many fresh
pages were touched."""

_PATIENCE = 0.3
"""Seconds that closing waits for the thread, which may wait for a server that stalls."""


class Ahead(Generic[T]):
    """Gives what `chunks` gives, errors included, which is fetched while the last is in use.

    `size` counts the bytes of a chunk: one more is fetched while less than `_MOST` wait. `close`
    closes what `chunks` reads, a log of this name.
    """

    def __init__(
        self,
        chunks: Generator[T, None, None],
        size: Callable[[T], int],
        close: Callable[[], None],
        name: str,
    ) -> None:
        self._name = name
        self._size = size
        self._waiting = 0
        self._close = close
        self._ready: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = self._ended = False
        self._running = True
        self._error: BaseException | None = None
        # A daemon: the interpreter does not wait for it.
        self._thread = threading.Thread(
            target=self._run, args=(chunks,), name="rapidsse read-ahead", daemon=True
        )
        start(self._thread)

    def _run(self, chunks: Generator[T, None, None]) -> None:
        error: BaseException | None = None
        try:
            while self._has_room():
                try:
                    chunk = next(chunks)
                except StopIteration:
                    break
                with self._changed:
                    if self._ended:
                        break
                    self._ready.append(chunk)
                    self._waiting += self._size(chunk)
                    self._changed.notify()
                # A buffer to which nothing refers is filled again.
                del chunk
        except BaseException as caught:  # noqa: BLE001
            # It is raised where the chunk was to be taken.
            error = caught
        finally:
            # It holds a buffer, which others can use.
            chunks.close()
            with self._changed:
                was_closed = self._closed
                self._error = error
                self._ended = True
                self._running = False
                self._changed.notify_all()
            if was_closed:
                self._close()

    def _has_room(self) -> bool:
        """Waits until there is room; returns whether more is to be fetched."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._waiting < _MOST)
            return not self._ended

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        with self._changed:
            while not (self._ended or self._ready):
                # In steps: see `result_of`.
                self._changed.wait(TICK)
            if self._ready:
                chunk = self._ready.popleft()
                self._waiting -= self._size(chunk)
                self._changed.notify()
                return chunk
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            if self._closed:
                raise closed(self._name)
        raise StopIteration

    def close(self) -> None:
        """Stops reading, and closes what is read: at once, or when the thread no longer waits
        for it."""
        # Daemons no longer run when the interpreter ends, and one of them may hold the lock.
        if sys.is_finalizing():
            return
        with self._changed:
            is_running, was_closed = self._running, self._closed
            self._closed = self._ended = True
            self._ready.clear()
            self._changed.notify_all()
        if not is_running:
            self._close()
        elif not was_closed and threading.current_thread() is not self._thread:
            # Mostly it is closed then.
            self._thread.join(_PATIENCE)
