"""Runs jobs that can be killed at once, in forks of a process that has imported everything.

It reads JSON arrays from standard input, one per line: the seconds to let the job run (`null`:
until it ends), the bytes that a file may have (`null`: any number; more fail as on a full disk),
and the arguments of `rapidsse`. It answers with the seconds that the job ran, its exit status,
which is -9 if it was killed, and how many splits processes were sent. With the argument `processes`
they read them, otherwise threads do.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import resource
import select
import signal
import sys
import threading
import time

import pyarrow.parquet  # noqa: F401

from rapidsse.cli import _run
from rapidsse.job import _folder, _worker_processes, _workers
from rapidsse.job._outcome import Result
from small_splits import make_splits_small

# A number in memory that a job and this process see.
READS = memoryview(mmap.mmap(-1, 8)).cast("q")


def count_reads() -> None:
    """Counts the splits that processes are sent."""
    real, counting = _worker_processes.WorkerProcesses.read, threading.Lock()

    def read(self: _worker_processes.WorkerProcesses, number: int, stop: threading.Event) -> Result:
        with counting:
            READS[0] += 1
        return real(self, number, stop)

    _worker_processes.WorkerProcesses.read = read


def run(argv: list[str], most: int | None, *, forks: bool) -> None:
    status = 99
    try:
        os.setpgid(0, 0)
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        with (
            open(os.devnull, "w") as nothing,
            contextlib.redirect_stdout(nothing),
            contextlib.redirect_stderr(nothing),
        ):
            status = _run(argv, owns_process=forks)
    finally:
        os._exit(status)


def main_loop() -> None:
    make_splits_small()
    forks = sys.argv[1:] == ["processes"]
    _workers._LARGE = 0
    count_reads()
    # However slow the machine is, a job that fails waits for its workers, and tidies away; and
    # the next one waits for the processes of one that was killed.
    _workers._PATIENCE = _folder._LOCK_TIMEOUT = 60
    # Else most of those to be killed would only have waited for them.
    _worker_processes.TICK = _folder.TICK = 0.005
    for line in sys.stdin:
        seconds, most, argv = json.loads(line)
        began, READS[0] = time.monotonic(), 0
        child = os.fork()
        if child == 0:
            run(argv, most, forks=forks)
        ended = os.pidfd_open(child)
        if not select.select([ended], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(ended)
        answer = [time.monotonic() - began, os.waitstatus_to_exitcode(status), READS[0]]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main_loop()
