"""A file that others cut short while it is read: what is lost is said, and nothing crashes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import rapidsse
from child_python import run_code
from cli_support import completed, created, delta, sse

pytestmark = pytest.mark.skipif(
    rapidsse.engine != "rust" or sys.platform == "win32",
    reason="only the compiled engine handles the signal; on Windows mapped files cannot be cut",
)

VERIFY = """
from rapidsse.logs import open_log
from rapidsse.logs._verify import Verifier
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
def test_it_is_told(tmp_path: Path, reading: str) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(sse("{") + sse(created(), *[delta("a" * 100)] * 5, completed(), "{") * 5000)
    script = f"import os\npath = {str(path)!r}\ncontent = open(path, 'rb').read()\n{reading}"
    done = run_code(script)
    assert (done.returncode, done.stderr) == (0, "")
