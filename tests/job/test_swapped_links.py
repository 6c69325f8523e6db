"""Links that another program puts into the output folder while a run writes there."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import threading
from pathlib import Path

import pytest

from examples import examples
from jobs import stream
from rapidsse.cli import main

pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        os.open not in os.supports_dir_fd, reason="needs folders that are held open"
    ),
]

RUNS = examples(5)
PLACES = [
    "events",
    "images",
    "image-files",
    "failures",
    ".rapidsse",
    ".rapidsse/tmp",
    ".rapidsse/done",
]
FILES = ["part-00000.parquet", "00000.json", "lock", "part-00000/image.png"]


class Swapper(threading.Thread):
    """Replaces a folder of a run by a link to another's folder, and puts it back, again and again."""

    def __init__(self, out: Path, target: Path) -> None:
        super().__init__()
        self._out, self._target = out, target
        self.ends = threading.Event()
        self.swaps = 0

    def run(self) -> None:
        chance = random.Random(1)
        while not self.ends.wait(0.001):
            place = self._out / chance.choice(PLACES)
            kept = place.with_name("kept")
            # The run may be anywhere meanwhile: any of these fails now and then.
            with contextlib.suppress(OSError):
                if place.is_dir() and not place.is_symlink():
                    place.rename(kept)
                place.symlink_to(self._target)
                self.swaps += 1
            with contextlib.suppress(OSError):
                if place.is_symlink():
                    place.unlink()
                if kept.is_dir():
                    kept.rename(place)


def test_nothing_outside_is_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, other, out = tmp_path / "log.sse", tmp_path / "other", tmp_path / "out"
    log.write_bytes(stream(1))
    (other / "part-00000").mkdir(parents=True)
    for name in FILES:
        (other / name).write_text("of another")
    before = sorted(other.rglob("*"))
    swapper = Swapper(out, other)
    swapper.start()
    statuses = set[int]()
    try:
        for _ in range(RUNS):
            statuses.add(main(["decode", str(log), "-o", str(out), "--overwrite"]))
            shutil.rmtree(out, ignore_errors=True)
    finally:
        swapper.ends.set()
        swapper.join()
    capsys.readouterr()
    assert statuses <= {0, 2}
    assert swapper.swaps
    assert sorted(other.rglob("*")) == before
    assert {(other / name).read_text() for name in FILES} == {"of another"}
