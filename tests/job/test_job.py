"""The batch job: the same tables however the work is divided, and errors that say what is wrong."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from child_python import run_code
from jobs import Capture, decode, errors, log, stream, table, tree
from rapidsse.job._split_reader import LogChanged
from rapidsse.logs.tables._schemas import SCHEMA_VERSION, TABLES
from rapidsse.splits import _open
from rapidsse.splits._split import LogRange
from samples import DEMO, chunk, corpus, created, delta, sse
from small_splits import SMALL
from table_reading import rows

pytestmark = pytest.mark.usefixtures("small_splits")


def splits(out: Path) -> list[list[list[Any]]]:
    """The ranges of each split: the number of the log, where it starts, where it stops."""
    manifest = json.loads((out / "rapidsse-run.json").read_bytes())
    return [split["ranges"] for split in manifest["splits"]]


def test_the_parts_together_are_the_tables(tmp_path: Path, logs: Path) -> None:
    out = tmp_path / "out"
    decode(logs, "-o", out, "--payload", "--images", "column")
    found = splits(out)
    assert len(found) > 8
    assert any(len(ranges) > 1 for ranges in found)
    cut = {number for ranges in found for number, start, _ in ranges if start}
    assert cut == {0, 10}, cut
    expected: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for path in sorted(logs.iterdir()):
        for name, more in rows(path).items():
            expected[name] += more
    for name in TABLES:
        assert expected[name]
        assert table(out, name) == expected[name]


def test_the_paths_lead_to_the_pictures(tmp_path: Path, logs: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    decode(logs, "-o", one)
    decode(logs, "-o", two, "--images", "column")
    images = table(one, "images")
    assert len(images) == 116
    for image, other in zip(images, table(two, "images"), strict=True):
        assert (one / image["path"]).read_bytes() == other["bytes"]
    assert len({image["path"] for image in images}) == len(images)


def test_the_recorded_streams_in_one_log(tmp_path: Path) -> None:
    path, out = tmp_path / "all.sse", tmp_path / "out"
    path.write_bytes(b"".join(each.read_bytes() for each in sorted(corpus().rglob("*.sse"))))
    decode(path, "-o", out, "--payload", "--images", "column")
    assert len(splits(out)) > 5
    for name, expected in rows(path).items():
        assert table(out, name) == expected


def test_the_number_of_workers_changes_nothing(tmp_path: Path, logs: Path) -> None:
    trees = []
    for workers in (1, 2, 3, 8):
        decode(logs, "-o", tmp_path / str(workers), "--workers", workers)
        trees.append(tree(tmp_path / str(workers)))
    assert len(trees[0]) > 40
    assert all(each == trees[0] for each in trees)


def test_the_files_say_which_schema_they_have(tmp_path: Path) -> None:
    decode(DEMO, "-o", tmp_path / "out", status=0)
    for name in TABLES:
        parts = list((tmp_path / "out" / name).iterdir())
        assert len(parts) > 0
        for part in parts:
            metadata = pq.read_schema(part).metadata
            assert str(SCHEMA_VERSION).encode() in metadata.values()
            assert pq.ParquetFile(part).metadata.num_columns > 5


@pytest.mark.once
def test_row_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("rapidsse.logs.outputs._parts.ROW_GROUP_ROWS", 10_000)
    path, out = tmp_path / "log.sse", tmp_path / "out"
    path.write_bytes(sse(created(), *[delta("x")] * 60_000))
    decode(path, "-o", out, status=0)
    (part,) = (out / "events").iterdir()
    metadata = pq.ParquetFile(part).metadata
    sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert sum(sizes) == 60_001
    assert len(sizes) > 3
    assert max(sizes) < 10_000 + 16_384
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_json_lines_have_the_same_rows(tmp_path: Path, logs: Path) -> None:
    argv = (logs, "--payload", "--images", "column")
    decode(*argv, "-o", tmp_path / "parquet")
    decode(*argv, "-o", tmp_path / "jsonl", "--format", "jsonl")
    for name in TABLES:
        expected = table(tmp_path / "parquet", name)
        found = table(tmp_path / "jsonl", name)
        for row in expected:
            for column, value in row.items():
                if isinstance(value, bytes):
                    row[column] = base64.b64encode(value).decode()
        if name == "responses":
            for row in expected:
                assert row["created_at"] is None
        assert found == expected
    assert {path.name for path in (tmp_path / "jsonl").iterdir()} == {
        ".rapidsse", "rapidsse-run.json", *TABLES,
    }  # fmt: skip


def test_only_the_tables_asked_for(tmp_path: Path, logs: Path) -> None:
    decode(logs, "-o", tmp_path / "out", "--tables", "responses, events")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {".rapidsse", "rapidsse-run.json", "events", "responses"}
    assert len(table(tmp_path / "out", "responses")) == 58


def test_the_summary_is_that_of_the_whole(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    def totals(*argv: object) -> dict[str, Any]:
        capsys.readouterr()
        decode(logs, "--json", *argv)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)["totals"]
        return found

    found = totals()
    assert found["inputs"] == 11
    assert found["input_bytes"] == sum(path.stat().st_size for path in logs.iterdir())
    assert found["streams"] == 58
    assert found["images"] == 116
    assert found["body_bytes"] == sum(
        found[f"{each}_bytes"] for each in ("event", "failure", "other")
    )
    # Items are counted where their table is made.
    assert found.pop("items") == {}
    written = {**found, "items": {"image": [58, 58], "message": [58, 58]}}
    out = tmp_path / "out"
    assert totals("-o", out) == written
    # From what the first run left.
    assert totals("-o", out) == written


def test_a_corrupt_archive_keeps_the_events_before(
    tmp_path: Path, logs: Path, capsys: Capture
) -> None:
    packed = bytearray(bz2.compress(b"".join(stream(n) for n in range(3000, 3900)), 1))
    packed[len(packed) * 3 // 4] ^= 0x10
    (logs / "b2.sse.bz2").write_bytes(packed)
    out = tmp_path / "out"
    decode(logs, "-o", out, status=2)
    (error,) = errors(capsys)
    assert error.startswith(f"rapidsse: cannot read {logs / 'b2.sse.bz2'}: ")
    broken = [row for row in table(out, "failures") if row["kind"] == "input"]
    assert [row["source"] for row in broken] == [str(logs / "b2.sse.bz2")]
    kept = [row for row in table(out, "responses") if row["source"].endswith(".bz2")]
    assert 100 < len(kept) < 900
    others = [row for row in table(out, "responses") if not row["source"].endswith(".bz2")]
    assert len(others) == 58
    before = tree(out)
    decode(logs, "-o", out, status=2)
    assert len(errors(capsys)) == 1
    assert tree(out) == before


@pytest.mark.parametrize("suffix", ["bz2", "gz", "xz"])
def test_an_archive_that_is_corrupt_from_its_start(
    tmp_path: Path, logs: Path, capsys: Capture, suffix: str
) -> None:
    pack = {"bz2": bz2.compress, "gz": gzip.compress, "xz": lzma.compress}[suffix]
    name = logs / f"broken.{suffix}"
    name.write_bytes(pack(stream(1))[:24] + 40 * b"\xff")
    out = tmp_path / "out"
    decode(logs, "-o", out, status=2)
    (error,) = errors(capsys)
    assert error.startswith(f"rapidsse: cannot read {name}: ")
    (row,) = (row for row in table(out, "failures") if row["kind"] == "input")
    assert (row["source"], row["offset"], row["length"]) == (str(name), 0, 0)
    assert len(table(out, "responses")) == 58


def test_an_input_that_was_not_there_is_tried_again(
    tmp_path: Path, logs: Path, capsys: Capture
) -> None:
    out, late = tmp_path / "out", tmp_path / "late.sse"
    decode(logs, late, "-o", out, status=2)
    assert errors(capsys) == [f"rapidsse: cannot read {late}: No such file or directory"]
    assert len(table(out, "responses")) == 58
    late.write_bytes(stream(1))
    decode(logs, late, "-o", out)
    assert len(table(out, "responses")) == 59
    late.write_bytes(stream(2))
    decode(logs, late, "-o", out, status=2)
    assert "late.sse has changed" in errors(capsys)[0]


def test_standard_input_cannot_be_resumed(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Input:
        def __init__(self, content: bytes) -> None:
            self.buffer = io.BytesIO(content)

    out = tmp_path / "out"
    monkeypatch.setattr(sys, "stdin", Input(stream(1)))
    decode("-", "-o", out, status=0)
    assert {row["source"] for row in table(out, "events")} == {"-"}
    monkeypatch.setattr(sys, "stdin", Input(stream(2) + stream(3)))
    decode("-", "-o", out, status=2)
    assert "- cannot be read a second time" in errors(capsys)[0]
    decode("-", "-o", out, "--overwrite", status=0)
    assert len(table(out, "responses")) == 2


@pytest.mark.parametrize("name", ["a.sse", "c2.sse", "b.sse.gz"])
def test_a_file_that_grows_while_it_is_read(
    tmp_path: Path, logs: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    growing, out = logs / name, tmp_path / "out"

    def grows(open_it: Any) -> Any:
        def opened(log_range: LogRange, *options: Any) -> Any:
            found = open_it(log_range, *options)
            if log_range.source == str(growing):
                with growing.open("ab") as file:
                    file.write(b": more\n\n")
            return found

        return opened

    with monkeypatch.context() as patch:
        patch.setattr(_open, "open_range", grows(_open.open_range))
        decode(logs, "-o", out, status=2)
    said = errors(capsys)
    assert said
    assert all(str(growing) in line and "changed while it was read" in line for line in said)
    marks = {path.name for path in (out / ".rapidsse" / "done").iterdir()}
    number = sorted(path.name for path in logs.iterdir()).index(name)
    for split, ranges in enumerate(splits(out)):
        finished = f"{split:05d}.json" in marks
        assert finished == (number not in [each[0] for each in ranges])
    decode(logs, "-o", out, status=2)
    assert f"{growing} has changed since the run was started" in errors(capsys)[0]
    decode(logs, "-o", out, "--overwrite", status=2 if name.endswith(".gz") else 1)


def test_an_output_that_cannot_be_made(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    below = blocked / "below"
    for out, message in (
        (blocked, f"rapidsse: the output is a folder, and {blocked} is a file: name another"),
        (below, f"rapidsse: cannot write {below}: Not a directory"),
    ):
        decode(logs, "-o", out, status=2)
        (error,) = errors(capsys)
        assert error == message


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 512 KiB; not below pytest's folders, which it keeps and removes later."""
    folder = tempfile.mkdtemp()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]
    try:
        if sys.platform != "linux" or subprocess.call(mount, stderr=subprocess.DEVNULL):
            pytest.skip("no file system can be mounted here: it takes root's rights on Linux")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    finally:
        os.rmdir(folder)


@pytest.mark.once
@pytest.mark.parametrize("options", [[], ["--images", "column"], ["--format", "jsonl"]])
def test_a_full_disk(
    small_disk: Path, tmp_path: Path, logs: Path, capsys: Capture, options: list[str]
) -> None:
    (logs / "large.sse").write_bytes(log(100))
    out = small_disk / "out"
    decode(logs, "-o", out, *options, status=2)
    (error,) = errors(capsys)
    assert error.startswith(f"rapidsse: cannot write {out}")
    assert error.endswith(": No space left on device")
    finished = list((out / ".rapidsse" / "done").iterdir())
    assert finished
    assert not (out / ".rapidsse" / "tmp").exists()
    # With more room it goes on from there.
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    kept = {path: path.stat().st_mtime_ns for path in finished}
    decode(logs, "-o", out, *options)
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    decode(logs, "-o", tmp_path / "through", *options)
    assert tree(out) == tree(tmp_path / "through")


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_file_that_may_not_grow(tmp_path: Path, logs: Path) -> None:
    script = (
        "import resource, sys; from rapidsse.cli import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        f"sys.exit(main(['decode', {str(logs)!r}, '-o', {str(tmp_path / 'out')!r}]))"
    )
    done = run_code(script)
    assert done.returncode == 2
    assert done.stdout == ""
    (error,) = done.stderr.splitlines()
    assert error.startswith("rapidsse: cannot write ")
    assert error.endswith(": File too large")
    assert not (tmp_path / "out" / ".rapidsse" / "tmp").exists()


def test_logs_at_urls(tmp_path: Path, capsys: Capture) -> None:
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    store.pipe("/job/a.sse", log(4))
    store.pipe("/job/b.sse.gz", gzip.compress(log(2, 4)))
    out = tmp_path / "out"
    decode("memory://job/*", "-o", out)
    assert [row["response_id"] for row in table(out, "responses")] == [
        f"resp_{number}" for number in range(6)
    ]
    before = tree(out)
    decode("memory://job/*", "-o", out)
    assert tree(out) == before
    store.pipe("/job/a.sse", log(4, 1))
    capsys.readouterr()
    decode("memory://job/*", "-o", out, status=2)
    assert "a.sse has changed since the run was started" in errors(capsys)[0]


# The plan.


def test_a_log_is_cut_into_an_even_number_of_splits(tmp_path: Path) -> None:
    path, out = tmp_path / "log.sse", tmp_path / "out"
    for streams in range(3, 12):
        path.write_bytes(log(streams))
        decode(path, "-o", out, "--overwrite")
        size = path.stat().st_size
        assert len(splits(out)) == (
            2 * max(1, round(size / SMALL / 2)) if size > SMALL * 1.5 else 1
        )


def test_a_split_in_which_no_stream_begins_has_no_part_files(tmp_path: Path) -> None:
    path, out = tmp_path / "log.sse", tmp_path / "out"
    path.write_bytes(sse(*[chunk("x")] * 2000))
    decode(path, "-o", out, "--payload", status=0)
    assert len(splits(out)) > 4
    for name in TABLES:
        assert [part.name for part in (out / name).iterdir()] == ["part-00000.parquet"]
    assert table(out, "events") == rows(path)["events"]
    (out / ".rapidsse" / "done" / "00001.json").unlink()
    before = tree(out)
    decode(path, "-o", out, "--payload", status=0)
    assert tree(out) == before


@pytest.mark.once
def test_that_a_log_changed_can_be_sent_to_another_process() -> None:
    error = LogChanged("a\nb")
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, LogChanged)
    assert (copy.source, str(copy)) == ("a\nb", str(error))
