"""Runs jobs that can be killed at once, in forks of a process that has imported everything.

It reads JSON arrays from standard input, one per line: the seconds to let the job run (`null`:
until it ends), the bytes that a file may have (`null`: any number; more fail as on a full disk),
and the arguments of `rapidsse`. It answers with the seconds that the job ran, and its exit status,
which is -9 if it was killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time

import pyarrow.parquet  # noqa: F401

from jobs import make_splits_small
from rapidsse.cli import main
from rapidsse.job import _workers


def run(argv: list[str], most: int | None) -> None:
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
            status = main(argv)
    finally:
        os._exit(status)


def main_loop() -> None:
    make_splits_small()
    # However slow the machine is, a job that fails waits for its workers, and tidies away.
    _workers._PATIENCE = 60
    for line in sys.stdin:
        seconds, most, argv = json.loads(line)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            run(argv, most)
        ended = os.pidfd_open(child)
        if not select.select([ended], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(ended)
        answer = [time.monotonic() - began, os.waitstatus_to_exitcode(status)]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main_loop()
