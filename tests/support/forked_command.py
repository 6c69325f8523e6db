"""Runs `rapidsse` as its command does, where processes read even small jobs.

The arguments are the name of a file for notes, code to run before, and those of `rapidsse`. Each line
of the notes is `start PID` for a process that was started, or `read PID SPLIT` for a split that it
was sent. `commands_with_processes.py` is the other end.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from rapidsse import cli
from rapidsse.job import _folder, _worker_processes, _workers
from rapidsse.job._outcome import Result
from small_splits import make_splits_small


def keep_notes(notes: Path) -> None:
    """Notes which processes are started, and what each is sent."""
    kind = _worker_processes._WorkerProcess
    start, read = kind.__init__, kind.read
    writing = threading.Lock()

    def note(*words: object) -> None:
        with writing, notes.open("a") as file:
            print(*words, file=file)

    def started(self: _worker_processes._WorkerProcess, *args: object) -> None:
        start(self, *args)
        note("start", self._process.pid)

    def reads(self: _worker_processes._WorkerProcess, number: int, stop: threading.Event) -> Result:
        note("read", self._process.pid, number)
        return read(self, number, stop)

    kind.__init__, kind.read = started, reads


if __name__ == "__main__":
    _, NOTES, BEFORE, *sys.argv[1:] = sys.argv
    make_splits_small()
    _workers._LARGE = 0
    # However slow the machine is, a job that fails waits for its workers, and the next for its.
    _workers._PATIENCE = _folder._LOCK_TIMEOUT = 60
    keep_notes(Path(NOTES))
    exec(BEFORE)  # noqa: S102
    cli.command()
