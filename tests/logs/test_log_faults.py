"""Logs that others write to while they are read, and files that cannot be read to their end."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from child_python import run_code
from rapidsse.logs import LogEvent
from rapidsse.logs._open import Log
from rapidsse.logs.sources._file import FileSource
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import completed, created, delta, sse

STREAM = sse(created(), *[delta("a" * 400)] * 5, completed())
CONTENT = STREAM * 1200
# So that it is read in several steps.
assert len(CONTENT) > 3 << 20


def truncate(path: Path) -> None:
    os.truncate(path, 700_000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(STREAM)


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(CONTENT.replace(b"a" * 400, b"b" * 400))
    # The clock of a file system may be too coarse for two changes in a row.
    os.utime(path, ns=(1, 1))


Change = Callable[[Path], None]


# The source finds that out, and not the engine.
CHANGES = [
    truncate,
    pytest.param(empty, marks=pytest.mark.once),
    pytest.param(append, marks=pytest.mark.once),
    rewrite,
]


@pytest.fixture(params=CHANGES, ids=lambda change: change.__name__)
def changing(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A log that is changed after its first step was read, each time that it is read anew."""
    path, change = tmp_path / "log.sse", request.param
    path.write_bytes(CONTENT)
    read_into = FileSource.read_into

    def changed(self: FileSource, view: memoryview) -> int:
        if self.name == str(path) and self.consumed > 0:
            change(path)
        return read_into(self, view)

    monkeypatch.setattr(FileSource, "read_into", changed)
    return path


def test_events_of_a_file_that_changes(changing: Path) -> None:
    found = list[Any]()
    with (
        rapidsse.open_log(changing, on_error="yield") as log,
        pytest.raises(rapidsse.InputError, match="it changed while it was read"),
    ):
        found += log
    *events, last = found
    assert len(events) > 1000
    assert isinstance(last, LogEvent) or last.kind == "truncated"
    for event in events:
        assert isinstance(event, LogEvent)
        assert b"\0" not in event.data_bytes
        if event.event == "response.output_text.delta":
            # An event at the edge of two steps has some of each.
            assert re.fullmatch("a*b*", event.json()["delta"])
            assert len(event.json()["delta"]) == 400


@pytest.mark.parametrize("table", ["events", "responses", "items", "failures", "images"])
def test_tables_of_a_file_that_changes(changing: Path, table: str) -> None:
    pytest.importorskip("pyarrow")
    columns = ["event", "item_id", "payload"] if table == "events" else None
    rows = 0
    with pytest.raises(rapidsse.InputError, match="it changed while it was read"):
        for batch in rapidsse.scan(changing, table=table, columns=columns):
            batch.validate(full=True)
            rows += batch.num_rows
    assert (
        rows > {"events": 1000, "responses": 100, "items": 100, "failures": 0, "images": -1}[table]
    )


def test_checks_of_a_file_that_changes(changing: Path) -> None:
    problems = list[Problem]()
    with rapidsse.open_log(changing) as log:
        verifier = Verifier(problems.append)
        verifier.verify(log)
    assert problems[-1].kind == "input"
    assert "it changed while it was read" in problems[-1].detail
    assert verifier.events > 1000


def test_decoding_a_file_that_changes(
    changing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    from rapidsse.cli import main

    out = tmp_path / "out"
    assert main(["decode", str(changing), "-o", str(out), "--rows", "0"]) == 2
    assert "changed while it was read" in capsys.readouterr().err
    assert not list((out / ".rapidsse" / "done").iterdir())


class Broken(FileIO):
    """A file of which the disk cannot read what lies behind `good`."""

    good = 2_000_000

    def readinto(self, buffer: Any, /) -> int:
        at = self.tell()
        if at >= self.good:
            raise OSError(5, "Input/output error")
        return super().readinto(memoryview(buffer)[: self.good - at])

    def read(self, size: int | None = -1, /) -> bytes:
        at = self.tell()
        if at >= self.good:
            raise OSError(5, "Input/output error")
        assert size is not None and size >= 0
        return super().read(min(size, self.good - at, 1 << 20))


@pytest.fixture
def broken(tmp_path: Path) -> Callable[..., Log[Any]]:
    path = tmp_path / "log.sse"
    path.write_bytes(CONTENT)

    def opened(on_error: Any = "raise") -> Log[Any]:
        file = Broken(path)
        source = FileSource(str(path), file, os.stat(path))
        return Log(source, on_error=on_error)

    return opened


REASON = "Input/output error, at byte 2,000,000"


def test_a_part_of_a_file_that_breaks(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(CONTENT)
    source = FileSource(str(path), Broken(path), os.stat(path))
    good = Broken.good
    # Of so many bytes each read gives a part only.
    assert source.read_at(7, good + 10) == CONTENT[7:good]
    with pytest.raises(rapidsse.InputError, match=REASON):
        source.read_at(good, good + 10)
    source.close()


def test_what_precedes_a_read_error_is_delivered(broken: Callable[..., Log[Any]]) -> None:
    found = list[Any]()
    with broken("yield") as log, pytest.raises(rapidsse.InputError, match=REASON):
        found += log
    *events, cut = found
    assert len(events) == CONTENT[: Broken.good].count(b"\n\n")
    assert (cut.kind, cut.offset + cut.length) == ("truncated", Broken.good)
    assert events[-1].offset + events[-1].length + 1 == cut.offset


def test_tables_and_checks_say_a_read_error(broken: Callable[..., Log[Any]]) -> None:
    pytest.importorskip("pyarrow")
    from rapidsse.logs.tables._tables import LogTables

    tables, rows = LogTables({"events": ["offset"], "failures": None}), list[Any]()
    with broken() as log, pytest.raises(rapidsse.InputError, match=REASON):
        for table, batch in tables.read(log):
            rows += [(table, row) for row in batch.to_pylist()]
    failures = [row for table, row in rows if table == "failures"]
    assert [row["kind"] for row in failures] == ["truncated", "input"]
    assert REASON in failures[1]["message"]
    assert len(rows) == CONTENT[: Broken.good].count(b"\n\n") + 2
    problems = list[Problem]()
    with broken() as log:
        Verifier(problems.append).verify(log)
    assert REASON in problems[-1].detail
    assert "truncated" in [problem.kind for problem in problems]


@pytest.fixture
def cut_device(tmp_path: Path) -> Iterator[Path]:
    """A log on a loop device that has lost its end."""
    tools = ["mkfs.ext4", "mount", "umount", "losetup"]
    if os.geteuid() or not all(map(shutil.which, tools)):
        pytest.skip("a loop device needs root, mount and mkfs.ext4")
    image, folder = tmp_path / "image", tmp_path / "mounted"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(32 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", image], check=False)
    mount = ["mount", "-o", "loop", image, folder]
    if made.returncode or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no loop device can be mounted here")
    try:
        (folder / "log.sse").write_bytes(CONTENT * 3)
        subprocess.run(["umount", folder], check=True)
        subprocess.run(mount, check=True)
        begin = image.read_bytes().find(CONTENT[:4096])
        os.truncate(image, begin + (2 << 20))
        yield folder / "log.sse"
    finally:
        subprocess.run(["umount", folder], check=False)


def test_a_device_that_lost_its_end(cut_device: Path) -> None:
    found = list[Any]()
    with (
        rapidsse.open_log(cut_device, on_error="yield") as log,
        pytest.raises(rapidsse.InputError, match="Input/output error, at byte"),
    ):
        found += log
    *events, _ = found
    assert len(events) > 1000
    assert all(b"\0" not in event.data_bytes for event in events)


def test_a_file_that_is_rewritten_all_the_time(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "log.sse"
    path.write_bytes(CONTENT)
    stop = threading.Event()

    def write() -> None:
        choose = random.Random(1)
        marks = [b"\\", b'"', b"\n\n", b"}", b"\xff", b"\0", b"\xc3", b"\\u", b"data: ", b"a"]
        with path.open("r+b", buffering=0) as file:
            while not stop.is_set():
                file.seek(choose.randrange(len(CONTENT) - 8))
                file.write(choose.choice(marks))

    writer = threading.Thread(target=write)
    writer.start()
    changed = 0
    try:
        for _ in range(3):
            try:
                with rapidsse.open_log(path, on_error="yield") as log:
                    assert all(str(found.data) is not None for found in log)
                for batch in rapidsse.scan(path, columns=["event", "item_id", "payload"]):
                    batch.validate(full=True)
            except rapidsse.InputError as error:
                assert "it changed while it was read" in error.reason
                changed += 1
    finally:
        stop.set()
        writer.join()
    assert changed


LEFT_EARLY = """
import resource, rapidsse
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
kept = []
for number in range(150):
    {loop}
    kept.append(event)
assert all(event.json() for event in kept)
"""

LOOPS = {
    "closed": "with rapidsse.open_log(path) as log:\n        for event in log: break",
    "dropped": "for event in rapidsse.open_log(path): break",
    "kept": "log = rapidsse.open_log(path)\n    for event in log: break",
}


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_is_left_early_closes_the_file(loop: str, tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(STREAM * 10)
    run = run_code(f"path = {str(path)!r}\n{LEFT_EARLY.format(loop=LOOPS[loop])}")
    assert (run.returncode, run.stderr) == (0, "")


SYSFS = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.mark.skipif(not SYSFS.exists(), reason="needs Linux's sysfs")
def test_a_regular_file_that_cannot_be_mapped() -> None:
    with rapidsse.open_log(SYSFS, format="jsonl", on_error="yield") as log:
        (failure,) = log
    assert failure.data == SYSFS.read_bytes().rstrip()
