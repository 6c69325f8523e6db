"""Puts the files of splits in place on threads of their own: while the disk writes, the workers
read the next splits."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from .._threads import Pool
from ._folder import Outputs, RunFolder
from ._outcome import Result
from ._split_reader import Stopped

__all__ = ["Finishers"]


class Finishers:
    """Finishes splits, until `stop` says that the job is being stopped."""

    def __init__(self, threads: int, name: str, stop: threading.Event) -> None:
        """`name` is what the threads' names begin with. As many splits as there are `threads` may
        wait for a disk that is slower than the workers."""
        self._pool = Pool(threads, name)
        self._stop = stop
        self._room = threading.Semaphore(threads)
        self._submitting = threading.Lock()

    def finish(
        self, folder: RunFolder, split: int, outputs: Outputs, result: Result
    ) -> Result | Future[Result | None]:
        """Puts the files of a split in place on another thread; returns the future `result`.

        Waits while as many splits as there are threads are being put in place. Where the system has no
        more threads, this one does it, and `result` itself is returned. Raises `Stopped`, and then
        `OutputError`.
        """
        self._room.acquire()
        # Nothing is submitted once the pool is closed.
        with self._submitting:
            try:
                if self._stop.is_set():
                    raise Stopped
                return self._pool.submit(self._finish, folder, split, outputs, result)
            except BaseException as error:
                self._room.release()
                if not isinstance(error, OSError):
                    raise
        # The system has no more threads: this one does it.
        folder.finish(split, outputs, result)
        return result

    def stop(self) -> None:
        """Nothing more is published, whatever a worker has read meanwhile."""
        with self._submitting:
            self._stop.set()

    def close(self, timeout: float | None = None) -> None:
        """Ends the threads, when they have done what they have to; `timeout` is in seconds."""
        self._pool.close(timeout)

    def _finish(self, folder: RunFolder, split: int, outputs: Outputs, result: Result) -> Result:
        try:
            if self._stop.is_set():
                raise Stopped
            folder.finish(split, outputs, result)
        finally:
            self._room.release()
        return result
