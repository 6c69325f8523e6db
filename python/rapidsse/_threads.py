"""Threads for what may wait for ever, such as a server that stalls.

They are daemons: unlike the threads of `concurrent.futures`, none is waited for when the
interpreter ends.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import cache, partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar, cast

__all__ = ["TICK", "Pool", "result_of", "shared_pool", "start"]

CallP = ParamSpec("CallP")
ResultT = TypeVar("ResultT")

TICK = 0.1
"""Seconds of each step in which the main thread waits for another."""

_Call = Callable[[], None]


class Pool:
    """Runs calls on up to `size` threads, in the order of `submit`; each is started when needed."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._calls = SimpleQueue[_Call | None]()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0
        self._counting = threading.Lock()

    def submit(
        self,
        call: Callable[CallP, ResultT | Future[ResultT]],
        *args: CallP.args,
        **options: CallP.kwargs,
    ) -> Future[ResultT]:
        """Returns the future result of `call(*args, **options)`.

        If `call` returns a future, its result becomes this one's.
        """
        future = Future[ResultT]()
        with self._counting:
            self._unfinished += 1
            if len(self._threads) < min(self._unfinished, self._size):
                name = f"{self._name}_{len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                try:
                    start(thread)
                except OSError:
                    # Those that there are do it all, later.
                    if not self._threads:
                        self._unfinished -= 1
                        raise
                else:
                    self._threads.append(thread)
        self._calls.put(partial(_perform, future, partial(call, *args, **options)))
        return future

    def close(self, timeout: float | None = None) -> bool:
        """Ends the threads once they have no more to do; returns whether all ended in time.

        `timeout` is in seconds; `None` waits for the calls to end. Nothing may be submitted later.
        """
        for _ in self._threads:
            self._calls.put(None)
        end = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            thread.join(None if end is None else max(end - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            # A result may be large, and the next call far away.
            del call
            with self._counting:
                self._unfinished -= 1


def start(thread: threading.Thread) -> None:
    """Starts a thread. Raises `OSError` if the system has no more of them."""
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, "the system has no more threads") from error


def result_of(future: Future[ResultT]) -> ResultT:
    """Returns the result of a future, or raises its error, when it is there.

    It is waited for in steps. A signal does not end the wait if it comes just before it, or, as
    on some systems, to another thread: Ctrl-C is then noticed at the end of the step.
    """
    while not future.done():
        wait((future,), TICK)
    return future.result()


def _perform(future: Future[ResultT], call: Callable[[], ResultT | Future[ResultT]]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
        if isinstance(result, Future):
            completed = cast("Future[ResultT]", result)
            completed.add_done_callback(partial(_pass_on, future))
        else:
            future.set_result(result)
    except BaseException as error:  # noqa: BLE001
        # Whoever asks for the result gets it.
        future.set_exception(error)
        # Otherwise it would refer to itself by the error's traceback.
        del future


def _pass_on(future: Future[ResultT], completed: Future[ResultT]) -> None:
    try:
        future.set_result(completed.result())
    except BaseException as error:  # noqa: BLE001
        future.set_exception(error)


@cache
def shared_pool(size: int, name: str) -> Pool:
    """Returns the pool of this name, which stays: file systems have a client per thread."""
    return Pool(size, name)


def _forget_pools(*_: Any) -> None:
    shared_pool.cache_clear()


if hasattr(os, "register_at_fork"):
    # A child process has none of its parent's threads.
    os.register_at_fork(after_in_child=_forget_pools)
