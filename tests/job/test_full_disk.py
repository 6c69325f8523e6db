"""A disk that is full at any moment: a real file system, of every size up to what a run needs."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import examples
from jobs import Jobs, check_what_is_there, log, tree

pytest.importorskip("pyarrow")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mount"),
    reason="only root can mount a small file system",
)

PAGE = 4096
RUNS = examples(10)
SEED = 3 if RUNS == 10 else random.randrange(1 << 32)


class Disk:
    """A file system in memory, of so many bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={PAGE}", "tmpfs")

    def resize(self, size: int) -> None:
        """Makes room for so many bytes, or no more room than there is in use."""
        self._mount("-o", f"remount,size={size}")

    def close(self) -> None:
        subprocess.run(["umount", str(self.path)], check=True, capture_output=True)

    def _mount(self, *options: str) -> None:
        subprocess.run(["mount", *options, str(self.path)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        disk = Disk(tmp_path / "disk")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"cannot mount a file system: {error.stderr!r}")
    yield disk
    disk.close()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.sse").write_bytes(log(20))
    (folder / "b.sse.gz").write_bytes(gzip.compress(log(5, 100), mtime=0))
    return folder


@pytest.mark.once
@pytest.mark.deep
def test_a_disk_that_is_full_at_any_write(
    disk: Disk, jobs: Jobs, logs: Path, tmp_path: Path
) -> None:
    """Each run gets a little more room, and some are killed; the last one has enough."""
    print("seed", SEED)
    through, out = tmp_path / "through", disk.path / "out"
    argv = ["decode", str(logs), "--payload", "--workers", "2", "-o"]
    ran, status = jobs.run([*argv, str(through)])
    assert status == 1
    expected = tree(through)
    needed = sum(PAGE + (through / path).stat().st_size for path in expected) * 2
    chance = random.Random(SEED)
    full = 0
    for run in range(RUNS):
        disk.resize(needed * (run + 1) // RUNS // PAGE * PAGE)
        seconds = chance.uniform(0, ran) if chance.random() < 0.3 else None
        _, status = jobs.run([*argv, str(out)], seconds)
        assert status in (2, 1, -9)
        check_what_is_there(out, expected)
        full += status == 2
        if status == 2:
            assert not (out / ".rapidsse" / "tmp").exists()
    assert full > RUNS // 4
    disk.resize(16 * needed)
    assert jobs.run([*argv, str(out)])[1] == 1
    assert tree(out) == expected
    assert not (out / ".rapidsse" / "tmp").exists()
