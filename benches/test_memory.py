"""The peak anonymous memory of the batch job, of its processes from their start, for 1 GB of logs and
for ten times as much."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import logs
import rapidsse
from memory import memory_of
from rows import Figure, Row

ROUNDS = 3
"""Rounds: the peak of two workers varies by a tenth."""


def folder(path: Path, times: int) -> Path:
    """Returns a folder of this many GB of logs, half images and half text."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    for number in range(times):
        for name, log in (
            ("image", logs.image_log(83)),
            ("text-a", logs.text_log(480)),
            ("text-b", logs.text_log(480)),
        ):
            (path / f"{number}-{name}.sse").hardlink_to(log)
    return path


def family(pid: int) -> list[int]:
    """Returns the process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def share_of_memory(pid: int) -> int:
    """Returns the resident memory that no file backs, in bytes: heap and stacks.

    Of what processes share each has its part, so that their sum is the memory that they take.
    """
    return memory_of(pid, "smaps_rollup", "Pss_Anon")


def peak(source: Path, out: Path, arguments: tuple[str, ...]) -> float:
    """MiB."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "rapidsse", "decode", str(source), "-o", str(out)]
    highest = 0
    with subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL) as child:
        # Watched from outside, to see also short-lived memory.
        while child.poll() is None:
            with contextlib.suppress(OSError, ValueError):  # It has just ended.
                highest = max(highest, sum(map(share_of_memory, family(child.pid))))
            time.sleep(0.002)
    assert child.returncode == 0
    assert highest
    return highest / 2**20


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    "arguments", [(), ("--images", "column"), ("--payload",)], ids=["default", "column", "payload"]
)
def test_decode_memory(
    record: Callable[[Figure], None],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    arguments: tuple[str, ...],
) -> None:
    if request.config.getoption("--quick") or rapidsse.engine == "python":
        pytest.skip("decodes 10 GB")
    # Hard links must be on the file system of the logs.
    sources = [folder(logs.FOLDER / f"memory-{times}", times) for times in (1, 10)]
    try:
        pairs = [
            tuple(peak(source, tmp_path / "out", arguments) for source in sources)
            for _ in range(ROUNDS)
        ]
    finally:
        for source in sources:
            shutil.rmtree(source)
    options = "".join(f" {each}" for each in arguments)
    record(
        Figure(
            Row(f"decode{options} of 10 GB, anonymous memory at its peak", None, "MiB", 192),
            rapidsse.engine,
            [large for _, large in pairs],
        )
    )
    record(
        Figure(
            Row(f"decode{options} of 10 GB, peak memory", "1 GB", "× its memory", 1.1),
            rapidsse.engine,
            [large / small for small, large in pairs],
        )
    )
