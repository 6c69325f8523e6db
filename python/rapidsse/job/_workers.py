"""Runs the splits of a job on several threads, and adds up their results in the plan's order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

from .._threads import Pool
from ..logs._range import Edges
from ..splits._split import Split
from ._finishers import Finishers
from ._folder import Outputs, RunFolder
from ._options import JobOptions
from ._outcome import Outcome, Result
from ._progress import Progress
from ._split_reader import LogChanged, SplitReader, Stopped

__all__ = ["Workers", "workers_are_left"]

_TICK = 0.1
"""Seconds between two calls of `watch`."""
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

    `watch` is called about ten times a second, `report` with each log that cannot be read and
    the reason; both on the calling thread.
    """

    def __init__(
        self,
        options: JobOptions,
        *,
        threads: int,
        rows: int,
        watch: Callable[[Progress], None] | None,
        report: Callable[[str, str], None] | None,
    ) -> None:
        self._options = options
        self._threads = threads
        self._rows = rows
        self._watch = watch
        self._report = report
        self._edges = Edges()
        self._stop = threading.Event()
        self._finishers = Finishers(threads, f"{_WORKER}-finishing", self._stop)
        self._left: tuple[Future[Result | None], ...] = ()
        self._outcome = Outcome()

    def run(self, splits: Sequence[Split], folder: RunFolder | None, size: int | None) -> Outcome:
        """Reads the splits; those that `folder` has finished are not read again.

        `size` is the bytes of all logs as stored, where it is known. Raises `OutputError`; the
        splits that were finished stay so.
        """
        finished = _Finished(self._options, folder, len(splits))
        self._outcome.splits, self._outcome.before = len(splits), len(finished.numbers)
        progress = Progress(size, sum(splits[number].size for number in finished.numbers))

        def work(number: int) -> Result | Future[Result | None] | None:
            return self._read(number, splits[number], folder, progress)

        pool = Pool(self._threads, _WORKER)
        todo = [number for number in range(len(splits)) if number not in finished.numbers]
        futures: dict[Future[Result | None], int] = {}
        early: dict[int, Result | None] = {}
        added = 0
        try:
            for number in todo:
                futures[pool.submit(work, number)] = number
            for number, result in self._completed(futures, progress):
                early[number] = result
                added = self._add_next(added, early, finished)
        except BaseException:
            self._finishers.stop()
            self._left = tuple(futures)
            for future in futures:
                future.cancel()
            # A worker that waits for the writer of a pipe, or for a server, cannot be stopped.
            pool.close(_PATIENCE)
            self._finishers.close(_PATIENCE)
            raise
        pool.close()
        self._finishers.close()
        self._add_next(added, early, finished)
        return self._outcome

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
        self, number: int, split: Split, folder: RunFolder | None, progress: Progress
    ) -> Result | Future[Result | None] | None:
        """Reads one split on a worker's thread; returns its result, or the future one if another
        thread puts its files in place, or `None` if a log of it changed."""
        if self._stop.is_set():
            raise Stopped
        outputs = None if folder is None else _outputs(folder, self._options, number)
        columns = {} if folder is None else self._options.columns()
        reader = SplitReader(split, self._options, columns, outputs, self._rows, self._edges)
        progress.start(reader)
        try:
            result = reader.read(self._stop)
        except LogChanged as error:
            self._outcome.changed.append(str(error))
            if folder is not None and outputs is not None:
                folder.discard(outputs)
            return None
        finally:
            progress.stop(reader)
        if folder is not None and outputs is not None:
            return self._finishers.finish(folder, number, outputs, result)
        return result

    def _completed(
        self, futures: dict[Future[Result | None], int], progress: Progress
    ) -> Iterator[tuple[int, Result | None]]:
        pending: Collection[Future[Result | None]] = set(futures)
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

    def _add_next(self, number: int, early: dict[int, Result | None], finished: _Finished) -> int:
        """Adds the results from split `number` on, as far as all are there; returns the next."""
        while number in early or number in finished.numbers:
            result = early.pop(number) if number in early else finished.result(number)
            if result is not None:
                self._outcome.add(result, self._rows)
            number += 1
        return number


class _Finished:
    """The splits that earlier runs finished. One with a log that failed is read again."""

    def __init__(self, options: JobOptions, folder: RunFolder | None, splits: int) -> None:
        self._options = options
        self._folder = folder
        # Their results are not kept: there may be many.
        results = ((number, self.result(number)) for number in range(splits))
        self.numbers = {
            number for number, result in results if result is not None and not result.errors
        }

    def result(self, number: int) -> Result | None:
        """Returns what was found in a split, if it was finished."""
        if self._folder is None:
            return None
        return self._folder.result(number, _outputs(self._folder, self._options, number))


def _outputs(folder: RunFolder, options: JobOptions, number: int) -> Outputs:
    return folder.outputs(number, options.columns(), options.format)
