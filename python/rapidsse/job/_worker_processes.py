"""Processes that read the splits of a job: threads would wait for the interpreter's lock (GIL).

Each is a fork of this process, so that it begins at once and shares the memory of what was
imported. It reads the splits that it is sent, one at a time, and writes their files; this process
puts them in place. As it finishes nothing itself, it can be killed at any time.

A fork has only the thread that forks, and locks that other threads hold stay locked in it. So
there must be no other thread of Python. Those that libraries have started (Arrow, numpy) are no
hindrance: the C library and they release their own locks in a fork.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import pickle
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Generator
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from .._threads import TICK, start
from ._outcome import Result
from ._progress import Progress
from ._split_reader import Stopped
from ._splits import JobSplits

__all__ = ["WorkerProcesses", "can_fork"]

_POSITION, _EVENTS = 0, 1
_START_TIMEOUT = 10
"""Seconds for a process to be ready, which takes some milliseconds."""


def can_fork() -> bool:
    """Returns whether this process can be forked: on Linux, from its only thread of Python.

    A daemon of `multiprocessing` may have no processes. Without the GIL, threads do as well.
    """
    has_gil: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    is_alone = threading.active_count() == 1 and not current_process().daemon
    return sys.platform == "linux" and is_alone and has_gil()


class WorkerProcesses:
    """Processes that read splits, one at a time each."""

    def __init__(self, splits: JobSplits, count: int, progress: Progress, name: str) -> None:
        """Starts `count` processes, whose names begin with `name`; `progress` counts what they read.

        Raises `OSError` if the system has no room for them.
        """
        self._all: list[_WorkerProcess] = []
        self._idle = SimpleQueue[_WorkerProcess]()
        splits.import_modules()
        try:
            with _without_interrupts(), warnings.catch_warnings():
                # Python warns of any thread that there is: those of libraries are no hindrance.
                warnings.simplefilter("ignore", DeprecationWarning)
                for number in range(count):
                    self._all.append(_WorkerProcess(splits, f"{name}-{number}"))
            for process in self._all:
                process.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        for process in self._all:
            progress.start(process)
            self._idle.put(process)

    def read(self, number: int, stop: threading.Event) -> Result:
        """Has an idle process read a split; returns its result.

        Raises what `JobSplits.read` raises, and `Stopped` if the process was killed after `stop`
        was set; `ChildProcessError` if it has ended otherwise.
        """
        process = self._idle.get()
        try:
            return process.read(number, stop)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """Ends the processes, which are idle."""
        for process in self._all:
            process.end()
        for process in self._all:
            process.join()

    def kill(self, timeout: float | None = None) -> None:
        """Kills the processes, whatever they are doing. Waits `timeout` seconds at most for their end."""
        for process in self._all:
            process.kill()
        end = None if timeout is None else time.monotonic() + timeout
        for process in self._all:
            process.join(None if end is None else max(end - time.monotonic(), 0))


class _WorkerProcess:
    """The parent's side of one worker process."""

    def __init__(self, splits: JobSplits, name: str) -> None:
        """Raises `OSError`."""
        context = get_context("fork")
        # Two numbers in memory that both processes see.
        self._counts = memoryview(mmap.mmap(-1, 16)).cast("q")
        self._connection, other = context.Pipe()
        # Only the child has the other end open from here on: when it ends, reading from it here
        # raises EOFError. The child, and those that are forked later, inherit this end.
        with other:
            self._process = context.Process(
                target=_serve,
                args=(other, splits, self._counts, os.getpid()),
                name=name,
                daemon=True,
            )
            self._process.start()

    @property
    def position(self) -> int:
        """Bytes read so far, of the logs as stored."""
        return self._counts[_POSITION]

    @property
    def events(self) -> int:
        """Events decoded so far, or nearly so."""
        return self._counts[_EVENTS]

    def wait_until_ready(self) -> None:
        """Waits until the process can read splits. Raises `OSError` if it cannot."""
        try:
            if self._connection.poll(_START_TIMEOUT):
                _receive(self._connection)
                return
        except EOFError:
            pass
        raise OSError(errno.EAGAIN, "the system has no room for a process")

    def read(self, number: int, stop: threading.Event) -> Result:
        """As `WorkerProcesses.read`."""
        try:
            _send(self._connection, number)
            answer: Result | BaseException = _receive(self._connection)
        except (EOFError, OSError) as error:
            if stop.is_set():
                raise Stopped from error
            self._process.join()
            raise ChildProcessError(_death(self._process.exitcode)) from error
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def end(self) -> None:
        """Lets the process end, which has nothing to do."""
        # It may have been killed since its last split: nothing of the job is missing.
        with contextlib.suppress(OSError):
            _send(self._connection, None)

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()

    def join(self, timeout: float | None = None) -> None:
        """Waits for the end of the process; `timeout` is in seconds."""
        self._process.join(timeout)


def _death(status: int | None) -> str:
    """Returns the message about a process that has ended with this status."""
    if status is None:
        # There is no status if SIGCHLD was ignored when this process was started.
        cause = "has ended"
    elif status < 0:
        cause = f"was killed by signal {-status} ({signal.strsignal(-status)})"
    else:
        cause = f"ended with status {status}"
    return f"a worker process {cause}; if memory was short, use fewer --workers"


@contextlib.contextmanager
def _without_interrupts() -> Generator[None]:
    """Forks made in this block do not get Ctrl-C: this process kills them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, splits: JobSplits, counts: memoryview[int], parent: int) -> None:
    """Reads splits in the process that was forked, until it is sent `None`.

    First it sends `None` itself: it is ready.
    """
    progress, counting = Progress(None, 0), threading.Lock()
    # Never set: the parent kills this process instead.
    stop = threading.Event()

    def count() -> None:
        # Otherwise one thread might write what it read before the other wrote.
        with counting:
            counts[_POSITION], counts[_EVENTS] = progress.position, progress.events

    def watch() -> None:
        while not stop.wait(TICK):
            count()
            if os.getppid() != parent:
                # The parent is gone, which is not noticed by reading from it: see `_WorkerProcess`.
                os._exit(1)

    try:
        start(threading.Thread(target=watch, daemon=True))
    except OSError:
        # The parent, which waits for the first message, sees that this process has ended.
        return
    _send(connection, None)
    while (number := _receive(connection)) is not None:
        answer: Result | BaseException
        try:
            answer = splits.read(number, stop, progress)
        except BaseException as error:  # noqa: BLE001
            # It is raised where the result is asked for.
            answer = _portable(error)
        count()
        _send(connection, answer)


# Not by `Connection.send`: an error of it refers to a buffer, of which Python 3.14 complains on
# standard error when both are collected.
def _send(connection: Connection, value: object) -> None:
    connection.send_bytes(pickle.dumps(value))


def _receive(connection: Connection) -> Any:
    return pickle.loads(connection.recv_bytes())


def _portable(error: BaseException) -> BaseException:
    """Returns an error that another process can be sent, with the place where it was raised."""
    where = "".join(traceback.format_exception(error))
    error.add_note(f"In the process that read the split:\n{where}")
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001
        return RuntimeError(where)
    return error
