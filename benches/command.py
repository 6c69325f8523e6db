"""A process that has started, and runs commands of `rapidsse`, one after another.

As for a user, it runs nothing else. Its first command imports what the others use.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import IO

from rapidsse.cli import command

__all__ = ["Command"]


class Command:
    """The other end of the process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: object) -> None:
        """Runs a command to its end, which must be a success."""
        stdin, stdout = self._pipes()
        print(json.dumps([str(argument) for argument in arguments]), file=stdin, flush=True)
        assert stdout.readline() == "0\n"

    def close(self) -> None:
        """Ends the process."""
        for pipe in self._pipes():
            pipe.close()
        assert self._process.wait() == 0

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def main() -> None:
    for line in sys.stdin:
        sys.argv[1:] = json.loads(line)
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
            try:
                command()
            except SystemExit as end:
                status = end.code
        print(status, flush=True)


if __name__ == "__main__":
    main()
