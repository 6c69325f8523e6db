"""Where memory runs out, a text that is asked for raises `MemoryError`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import rapidsse

PROGRAM = """
import resource, sys
import rapidsse

character, size = sys.argv[1], int(sys.argv[2])
log = b"data: " + character.encode() * (40 << 20) + b"\\n\\n"
chunks = [log[at : at + size] for at in range(0, len(log), size)]
(event,) = rapidsse.iter_sse(iter(chunks))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20), resource.RLIM_INFINITY))
try:
    event.data
except MemoryError:
    print("MemoryError")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc and its limits")
@pytest.mark.parametrize("character", ["a", "é"])
@pytest.mark.parametrize("size", [1 << 16, 1 << 30])
def test_a_text_that_does_not_fit(character: str, size: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, character, str(size)],
        env={**os.environ, "RAPIDSSE_ENGINE": rapidsse.engine},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("MemoryError\n", 0), done.stderr
