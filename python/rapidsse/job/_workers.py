"""Runs the splits of a job on several threads, and adds up their results in the plan's order.

Each thread reads its splits itself, or, if the job is large, has a process read them.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import TYPE_CHECKING

from .._engine import engine
from .._threads import TICK, Pool
from ._finishers import Finishers
from ._outcome import Outcome, Result
from ._progress import Progress
from ._split_reader import LogChanged, Stopped
from ._splits import JobSplits

if TYPE_CHECKING:
    from ._worker_processes import WorkerProcesses

__all__ = ["Workers", "workers_are_left"]

_LARGE = 256 << 20 if engine == "rust" else 0
"""Bytes of a job whose workers are processes: a small one is read before they have started. The pure
engine takes seconds for a split."""
_AHEAD = 4
"""Splits for each worker: one is read, one put in place, one waits for that, and one to be read."""
_PATIENCE = 0.5
"""Seconds for the workers of a job that is broken off to notice it."""
_WORKER = "rapidsse-worker"
"""The names of all threads of a job begin with it."""


def workers_are_left() -> bool:
    """Returns whether a thread of a job that was broken off still runs: it waits for its log, or for
    the disk."""
    return any(thread.name.startswith(_WORKER) for thread in threading.enumerate())


class Workers:
    """Runs splits.

    `may_fork` says whether forks of this process may read the splits of a large job. `watch` is
    called about ten times a second, `report` with each log that cannot be read and the reason; both
    on the calling thread.
    """

    def __init__(
        self,
        *,
        threads: int,
        may_fork: bool,
        rows: int,
        watch: Callable[[Progress], None] | None,
        report: Callable[[str, str], None] | None,
    ) -> None:
        self._threads = threads
        self._rows = rows
        self._watch = watch
        self._report = report
        self._may_fork = may_fork
        self._processes: WorkerProcesses | None = None
        self._stop = threading.Event()
        self._finishers = Finishers(threads, f"{_WORKER}-finishing", self._stop)
        self._left: tuple[Future[Result | None], ...] = ()
        self._outcome = Outcome()

    def run(self, splits: JobSplits, size: int | None) -> Outcome:
        """Reads the splits; those that their folder has finished are not read again.

        `size` is the bytes of all logs as stored, where it is known. Raises `OutputError`, and
        `ChildProcessError` if a worker process is killed; the splits that were finished stay so.
        """
        finished = _finished(splits)
        self._outcome.splits, self._outcome.before = len(splits), len(finished)
        progress = Progress(size, sum(map(splits.size, finished)))

        def work(number: int) -> Result | Future[Result | None] | None:
            return self._read(number, splits, progress)

        todo = [number for number in range(len(splits)) if number not in finished]
        pool = Pool(self._threads, _WORKER)
        futures: dict[Future[Result | None], int] = {}
        early: dict[int, Result | None] = {}
        added = 0
        try:
            # First of all: a process with threads is not forked.
            self._start_processes(splits, todo, progress)
            # All at once would take memory for each, and time to look which of them is done.
            waiting = iter(todo)
            for number in islice(waiting, _AHEAD * self._threads):
                futures[self._submit(pool, work, number)] = number
            for number, result in self._completed(futures, progress):
                for following in islice(waiting, 1):
                    futures[self._submit(pool, work, following)] = following
                early[number] = result
                added = self._add_next(added, early, splits, finished)
        except BaseException:
            self._finishers.stop()
            self._left = tuple(futures)
            for future in futures:
                future.cancel()
            if self._processes is not None:
                self._processes.kill(_PATIENCE)
            # A worker that waits for the writer of a pipe, or for a server, cannot be stopped.
            pool.close(_PATIENCE)
            self._finishers.close(_PATIENCE)
            raise
        pool.close()
        if self._processes is not None:
            self._processes.close()
        self._finishers.close()
        self._add_next(added, early, splits, finished)
        return self._outcome

    def _start_processes(self, splits: JobSplits, todo: Sequence[int], progress: Progress) -> None:
        """Starts the processes of a large job, if it may fork."""
        count = min(self._threads, len(todo))
        if not self._may_fork or count < 2 or sum(map(splits.size, todo)) < _LARGE:
            return
        # It takes a while to import `multiprocessing`.
        from ._worker_processes import WorkerProcesses, can_fork

        if can_fork():
            # Where the system has no room for processes, the threads read.
            with contextlib.suppress(OSError):
                self._processes = WorkerProcesses(splits, count, progress, _WORKER)

    def _submit(
        self,
        pool: Pool,
        work: Callable[[int], Result | Future[Result | None] | None],
        number: int,
    ) -> Future[Result | None]:
        """Lets a thread do this work. Raises `OSError` if the system has no thread at all."""
        try:
            return pool.submit(work, number)
        except OSError:
            if self._processes is None:
                raise
        # The processes took the room of the first thread, so they have nothing to do yet.
        self._processes.kill()
        self._processes = None
        return pool.submit(work, number)

    def when_ended(self, call: Callable[[], object]) -> None:
        """Calls `call` when no thread is at work: now, or later on the thread that ends the last
        split."""
        left = len(self._left) + 1
        counting = threading.Lock()

        def one_less(_: object = None) -> None:
            nonlocal left
            with counting:
                left -= 1
                is_last = left == 0
            if is_last:
                call()

        for future in self._left:
            future.add_done_callback(one_less)
        one_less()

    def _read(
        self, number: int, splits: JobSplits, progress: Progress
    ) -> Result | Future[Result | None] | None:
        """Reads one split on a worker's thread; returns its result, or the future one if another
        thread puts its files in place, or `None` if a log of it changed."""
        if self._stop.is_set():
            raise Stopped
        folder, outputs = splits.folder, splits.outputs(number)
        try:
            if self._processes is None:
                result = splits.read(number, self._stop, progress)
            else:
                result = self._processes.read(number, self._stop)
        except LogChanged as error:
            self._outcome.changed.append(str(error))
            if folder is not None and outputs is not None:
                folder.discard(outputs)
            return None
        if folder is not None and outputs is not None:
            return self._finishers.finish(folder, number, outputs, result)
        return result

    def _completed(
        self, futures: dict[Future[Result | None], int], progress: Progress
    ) -> Iterator[tuple[int, Result | None]]:
        """Yields the results as they come, also of futures that are added meanwhile."""
        watched = 0.0
        while futures:
            for future in wait(futures, TICK, FIRST_COMPLETED).done:
                result = future.result()
                if result is not None and self._report is not None:
                    for source, reason in result.errors:
                        self._report(source, reason)
                yield futures.pop(future), result
            # Small splits end far more often.
            if self._watch is not None and time.monotonic() - watched >= TICK:
                self._watch(progress)
                watched = time.monotonic()
        if self._watch is not None:
            self._watch(progress)

    def _add_next(
        self,
        number: int,
        early: dict[int, Result | None],
        splits: JobSplits,
        finished: Collection[int],
    ) -> int:
        """Adds the results from split `number` on, as far as all are there; returns the next."""
        while number in early or number in finished:
            result = early.pop(number) if number in early else splits.result(number)
            if result is not None:
                self._outcome.add(result, self._rows)
            number += 1
        return number


def _finished(splits: JobSplits) -> set[int]:
    """Returns the splits that earlier runs finished. One with a log that failed is read again."""
    # Their results are not kept: there may be many.
    results = ((number, splits.result(number)) for number in range(len(splits)))
    return {number for number, result in results if result is not None and not result.errors}
