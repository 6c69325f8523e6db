"""Runs Python in another process, which finds the same modules as this one."""

from __future__ import annotations

import os
import subprocess
import sys

__all__ = ["PEAK", "environment", "run_code"]

PEAK = """
def peak():
    with open("/proc/self/status") as file:
        (kib,) = [line.split()[1] for line in file if line.startswith("VmHWM:")]
    return int(kib) << 10
"""
"""Code of a program on Linux: `peak()` is the most memory that it had, in bytes.

`ru_maxrss` is not, as it begins with the memory of the process that started the program.
"""


def environment(**others: str) -> dict[str, str]:
    """Returns the environment and module path of this process, and `others`."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **others}


def run_code(code: str) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, and captures its output."""
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
