"""A Python in a process of its own, which finds the modules that this one does."""

from __future__ import annotations

import os
import subprocess
import sys

__all__ = ["environment", "run_code"]


def environment(**others: str) -> dict[str, str]:
    """This process's environment and module path, and `others`."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **others}


def run_code(code: str) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, and keeps what it says."""
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
