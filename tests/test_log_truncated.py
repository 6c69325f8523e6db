"""A file that others cut short while it is read in place: an error, not the interpreter's end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import rapidsse

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be cut short there"),
    pytest.mark.skipif(
        rapidsse.engine == "python", reason="Python code cannot handle the signal that ends it"
    ),
]

EVENT = b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta"}\n\n'

READ = """
import os, sys, rapidsse
log = rapidsse.open_log(sys.argv[1], on_error="skip")
events = iter(log)
next(events)
os.truncate(sys.argv[1], int(sys.argv[2]))
count = 1
try:
    for event in events:
        count += 1
except rapidsse.InputError as error:
    print(count, error.reason)
log.close()
"""


@pytest.mark.parametrize("left", [0, 1, 100_000])
def test_what_is_left_is_read_and_the_rest_told(tmp_path: Path, left: int) -> None:
    path = tmp_path / "log.sse"
    events = 100_000
    path.write_bytes(EVENT * events)
    run = subprocess.run(
        [sys.executable, "-c", READ, str(path), str(left)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
    count, reason = run.stdout.split(" ", 1)
    assert left // len(EVENT) <= int(count) < events
    assert (
        f"it changed while it was read (from {len(EVENT) * events:,} to {left:,} bytes)" in reason
    )


def test_signals_about_other_memory_go_where_they_went(tmp_path: Path) -> None:
    """A mapping of the user's own still ends the process as it did."""
    path = tmp_path / "other"
    path.write_bytes(b"x" * 100_000)
    code = f"""
import mmap, os, rapidsse
path = {str(path)!r}
log = rapidsse.open_log(path, format="sse")
with open(path, "r+b") as file:
    own = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
os.truncate(path, 0)
print(own[50_000])
"""
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert -run.returncode == signal.SIGBUS
