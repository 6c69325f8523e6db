"""A file that others cut short while it is read in place: an error, not the interpreter's end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

import rapidsse
from child_python import run_code
from samples import completed, created, delta, sse

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be cut short there"),
    pytest.mark.skipif(
        rapidsse.engine == "python", reason="Python code cannot handle the signal that ends it"
    ),
]

EVENT = b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta"}\n\n'

READ = """
import rapidsse
log = rapidsse.open_log(path, on_error="skip")
events = iter(log)
next(events)
os.truncate(path, left)
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
    run = run_code(f"import os\npath, left = {str(path)!r}, {left}\n{READ}")
    assert (run.returncode, run.stderr) == (0, "")
    count, reason = run.stdout.split(" ", 1)
    assert left // len(EVENT) <= int(count) < events
    assert (
        f"it changed while it was read (from {len(EVENT) * events:,} to {left:,} bytes)" in reason
    )


VERIFY = """
from rapidsse.logs import open_log
from rapidsse.logs.verify._verify import Verifier
kinds = []
def report(problem):
    if not kinds:
        os.truncate(path, 0)  # the events after it have been found by now
    kinds.append(problem.kind)
with open_log(path) as log:
    Verifier(report).verify(log)
assert kinds[0] == "json", kinds
assert kinds[-1] == "input", kinds
"""

SCAN = """
from rapidsse import InputError, scan
for table in ("events", "images", "responses", "failures"):
    with open(path, "wb") as file:
        file.write(content)
    batches = iter(scan(path, table=table, batch_rows=10))
    try:
        for batch in batches:
            os.truncate(path, 0)
    except InputError as error:
        assert "it changed while it was read" in str(error), error
    else:
        assert table == "images"  # has no rows
"""


@pytest.mark.parametrize("reading", [VERIFY, SCAN])
def test_tables_and_checks_tell_it(tmp_path: Path, reading: str) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(sse("{") + sse(created(), *[delta("a" * 100)] * 5, completed(), "{") * 5000)
    script = f"import os\npath = {str(path)!r}\ncontent = open(path, 'rb').read()\n{reading}"
    run = run_code(script)
    assert (run.returncode, run.stderr) == (0, "")


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
    run = run_code(code)
    assert -run.returncode == signal.SIGBUS
