"""`rapidsse` with processes that read even small jobs, as a command that tests can disturb."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from child_python import environment

__all__ = ["AT", "LONG", "THREADS", "Command"]

_SCRIPT = Path(__file__).with_name("forked_command.py")
LONG = 60
"""Seconds for what takes a moment."""

THREADS = "_workers._LARGE = 1 << 60\n"
"""Makes all jobs small."""

# `at(number, call)`: `call` is called where split `number` is read, before it is read.
AT = """
from rapidsse.job._splits import JobSplits
import os, signal, time

def at(number, call, real=JobSplits.read):
    def read(self, given, stop, progress):
        if given == number:
            call()
        return real(self, given, stop, progress)
    JobSplits.read = read

def wait():
    open(NOTES + "-waiting", "w").close()
    time.sleep(3600)
"""


class Command:
    """`rapidsse` with processes, in a process of its own, which leads a group."""

    def __init__(self, folder: Path, *argv: object, before: str = "") -> None:
        """`before` is code that it runs first."""
        number = len(list(folder.glob("notes*")))
        self._notes = folder / f"notes{number}"
        self._notes.touch()
        self.program = subprocess.Popen(
            [sys.executable, str(_SCRIPT), str(self._notes), before, *map(str, argv)],
            env=environment(PYTHONFAULTHANDLER="1", PYTHONHASHSEED=str(number)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self) -> tuple[int, str, str]:
        """Waits for the end; the status, and what it wrote to standard output and error."""
        out, errors = self.program.communicate(timeout=2 * LONG)
        return self.program.returncode, out, errors

    def wait(self) -> None:
        """Waits until a process waits."""
        waiting = self._notes.with_name(self._notes.name + "-waiting")
        while not waiting.exists():
            assert self.program.poll() is None, self.program.communicate()
            time.sleep(0.01)

    def _noted(self, word: str) -> list[int]:
        lines = [line.split() for line in self._notes.read_text().splitlines()]
        return [int(line[1]) for line in lines if line[0] == word]

    @property
    def started(self) -> list[int]:
        """The processes that it has started."""
        return self._noted("start")

    @property
    def readers(self) -> set[int]:
        """The processes that were sent a split."""
        return set(self._noted("read"))

    @property
    def left(self) -> list[int]:
        """The processes that have not ended."""
        return [pid for pid in self.started if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Whoever inherits an orphan may not have asked for its status yet.
    return status.rpartition(")")[2].split()[0] not in "ZX"
