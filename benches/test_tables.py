"""The tables: against DuckDB on the same logs, against reading and writing the same bytes, and the
batch job with one worker and two. DuckDB runs on one thread, and its Arrow batches of the same
columns are consumed in the same way."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import mmap
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import duckdb
import pybase64
import pytest

import logs
import rapidsse
from command import Command
from conftest import Compare, drain
from rapidsse.cli import main
from rapidsse.logs.outputs._directory import Directory
from rows import Figure, Row

EVENTS = 48 * logs.EVENTS_PER_TEXT_STREAM
WALL = pytest.mark.benchmark(timer=perf_counter)

# The columns that DuckDB can read from a payload, by their names there.
COLUMNS = {
    "type": "VARCHAR",
    "sequence_number": "BIGINT",
    "output_index": "BIGINT",
    "content_index": "BIGINT",
    "item_id": "VARCHAR",
    "delta": "VARCHAR",
}
OURS = ["event", *list(COLUMNS)[1:]]
# Every column of the images table that needs no decoded image.
UNDECODED = [
    *("source", "stream", "response_id", "item_id", "kind", "partial_image_index"),
    *("media_type", "width", "height"),
]


def read(log: Path | mmap.mmap, **options: Any) -> int:
    """Returns the number of rows of a scan, and frees each batch at once."""
    return sum(batch.num_rows for batch in rapidsse.scan(log, **options))


def payloads() -> Path:
    """Returns the payloads of the text log without their framing, one per line."""
    path = logs.FOLDER / "text-48.jsonl"
    if not path.exists():
        events = rapidsse.iter_sse(logs.text_log().read_bytes())
        path.write_bytes(b"".join(bytes(event.data_bytes) + b"\n" for event in events))
    return path


class Duck:
    """DuckDB on one thread."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET threads = 1")

    def rows(self, query: str) -> list[dict[str, Any]]:
        return self._connection.sql(query).to_arrow_table().to_pylist()

    def drain(self, query: str) -> None:
        drain(self._connection.sql(query).to_arrow_reader())


def from_payloads() -> str:
    return (
        f"SELECT * FROM read_json('{payloads()}', format = 'newline_delimited', "
        f"columns = {COLUMNS}, maximum_object_size = 100000000)"
    )


def from_sse() -> str:
    # `json_transform` reads a payload once; one extraction per column takes twice as long.
    wanted = str(COLUMNS).replace("'", '"')
    return (
        f"SELECT unnest(json_transform(substr(line, 7), '{wanted}')) FROM read_csv("
        f"'{logs.text_log()}', columns = {{'line': 'VARCHAR'}}, header = false, quote = '', "
        "escape = '', delim = '\x01', auto_detect = false, max_line_size = 100000000) "
        "WHERE starts_with(line, 'data: ')"
    )


def test_events(record: Callable[[Figure], None], request: pytest.FixtureRequest) -> None:
    path = logs.text_log()
    assert read(path) == EVENTS
    values = []
    for _ in range(2 if request.config.getoption("--quick") else 9):
        start = process_time()
        read(path)
        values.append((process_time() - start) / EVENTS * 1e6)
    row = Row("events table, text log, all columns", None, "µs an event", 0.15)
    record(Figure(row, rapidsse.engine, values))


@pytest.mark.parametrize(
    ("name", "query", "target"),
    [
        ("DuckDB's read_json on the payloads alone", from_payloads, 3),
        ("DuckDB on the SSE text", from_sse, 8),
    ],
    ids=["payloads", "text"],
)
def test_events_duckdb(
    compare: Compare, name: str, query: Callable[[], str], target: float
) -> None:
    path, duck, sql = logs.text_log(), Duck(), query()
    ours = [row for batch in rapidsse.scan(path, columns=OURS) for row in batch.to_pylist()]
    theirs = duck.rows(sql)
    for our, their in zip(ours, theirs, strict=True):
        assert list(our.values()) == list(their.values())
    compare(
        Row("events table, text log, six columns", name, "× its speed", target),
        lambda: read(path, columns=OURS),
        lambda: duck.drain(sql),
        rounds=9 if rapidsse.engine == "rust" else 3,
        bytes=path.stat().st_size,
        events=EVENTS,
    )


def find_in_file(path: Path) -> None:
    """Maps a file and searches it once."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped.find(b"\0") == -1


def test_images(compare: Compare, images: mmap.mmap) -> None:
    assert read(images, table="images", columns=UNDECODED) == 40
    compare(
        Row(
            "images table, image log from an mmap, without decoding",
            "one find of an absent byte",
            "× its speed",
            0.75,
        ),
        lambda: read(images, table="images", columns=UNDECODED),
        lambda: images.find(b"\0"),
        bytes=len(images),
    )


def test_images_file(compare: Compare) -> None:
    path = logs.image_log()
    compare(
        Row(
            "images table, image log by its name, without decoding",
            "mapping the file and one find of an absent byte",
            "× its speed",
        ),
        lambda: read(path, table="images", columns=UNDECODED),
        lambda: find_in_file(path),
        bytes=path.stat().st_size,
    )


Decode = Callable[..., None]


@pytest.fixture
def decode() -> Iterator[Decode]:
    """Runs `rapidsse decode` into a folder, in a process of its own that has started."""
    command = Command()

    def decode(out: Path, *arguments: object) -> None:
        assert not out.exists(), "a run that resumes another has nothing to do"
        command.run("decode", *arguments, "-o", out)

    yield decode
    command.close()


def anew(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@WALL
@pytest.mark.parametrize("workers", [2, 1])
def test_decode_images(compare: Compare, decode: Decode, tmp_path: Path, workers: int) -> None:
    path, out, copy = logs.image_log(), tmp_path / "out", tmp_path / "copy"
    decode(out, path, "--workers", workers)
    files = {file.name: file.read_bytes() for file in out.rglob("*.png")}
    assert len(files) == 40

    def write() -> None:
        # As safe from a power failure as ours, by the same way to flush many files.
        copy.mkdir()
        for name, content in files.items():
            (copy / name).write_bytes(content)
        folder = Directory(copy)
        folder.sync_contents(files)
        folder.sync()
        folder.close()

    def ours() -> None:
        decode(out, path, "--workers", workers)

    compare(
        Row(
            f"decode, image log, to tables and files, {workers} workers, wall time",
            "writing and flushing the files from ready bytes",
            "× its time",
            1.5 if workers == 2 else None,
        ),
        ours,
        write,
        rounds=9,
        bytes=path.stat().st_size,
        before=lambda: (anew(out), anew(copy)),
    )


@WALL
def test_decode_images_pipeline(compare: Compare, decode: Decode, tmp_path: Path) -> None:
    """1 GB. The pipeline need neither find the pictures nor know one again, nor write a table."""
    path, out, copy = big("image"), tmp_path / "out", tmp_path / "copy"
    decode(out, path, "--workers", 2)
    pictures = [file.read_bytes() for file in out.rglob("*.png")]
    assert len(pictures) == 2 * read(path, table="responses", columns=["model"])
    texts = [base64.b64encode(picture) for picture in pictures]

    def save(number: int) -> str:
        content = pybase64.b64decode(texts[number], validate=True)
        name = f"{number}-{hashlib.sha256(content).hexdigest()}.png"
        (copy / name).write_bytes(content)
        return name

    def pipeline() -> None:
        # As safe from a power failure as ours, by the same way to flush many files.
        copy.mkdir()
        with ThreadPoolExecutor(2) as threads:
            names = [*threads.map(save, range(len(texts)))]
        folder = Directory(copy)
        folder.sync_contents(names)
        folder.sync()
        folder.close()

    pipeline()
    assert sorted(file.read_bytes() for file in copy.iterdir()) == sorted(pictures)
    pictures.clear()
    compare(
        Row(
            "decode, 1 GB image log, to tables and files, 2 workers, wall time",
            "base64, sha256 and files of the cut texts, flushed, on two threads",
            "× its time",
            1.1,
        ),
        lambda: decode(out, path, "--workers", 2),
        pipeline,
        rounds=5 if rapidsse.engine == "rust" else 2,
        bytes=path.stat().st_size,
        before=lambda: (anew(out), anew(copy)),
    )


@WALL
@pytest.mark.parametrize("log", ["text", "image"])
def test_flushing(
    compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    """What it costs that a part lies on the disk before it counts as finished."""
    path = logs.text_log() if log == "text" else logs.image_log()
    flushed, left = tmp_path / "flushed", tmp_path / "left"

    def decode_in_threads(out: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            assert main(["decode", str(path), "--workers", "2", "-o", str(out)]) == 0

    def unflushed() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda descriptor: None)
            decode_in_threads(left)

    compare(
        Row(
            f"decode, {log} log, flushed to the disk, 2 threads, wall time",
            "left to the system",
            "× its time",
        ),
        lambda: decode_in_threads(flushed),
        unflushed,
        rounds=9,
        bytes=path.stat().st_size,
        before=lambda: (anew(flushed), anew(left)),
    )


def big(log: str) -> Path:
    """A log that takes a while on the engine: a gigabyte on the compiled one."""
    if rapidsse.engine == "python":
        return logs.text_log(240) if log == "text" else logs.image_log(83)
    return logs.text_log(1920) if log == "text" else logs.image_log(167)


@WALL
@pytest.mark.parametrize("log", ["text", "image"])
def test_decode_workers(compare: Compare, decode: Decode, tmp_path: Path, log: str) -> None:
    path = big(log)
    two, one = tmp_path / "two", tmp_path / "one"
    images = ("--images", "none")
    compare(
        Row(
            f"decode, {log} log, to tables, 2 workers, wall time",
            "1 worker",
            "× its speed",
            1.8,
        ),
        lambda: decode(two, path, "--workers", 2, *images),
        lambda: decode(one, path, "--workers", 1, *images),
        rounds=5 if rapidsse.engine == "rust" else 2,
        bytes=path.stat().st_size,
        before=lambda: (anew(two), anew(one)),
    )


@WALL
@pytest.mark.skipif(shutil.which("zstd") is None, reason="needs the zstd command")
@pytest.mark.parametrize("log", ["text", "image"])
def test_zstd(compare: Compare, log: str) -> None:
    path = big(log)
    packed = path.with_name(f"{path.name}.zst")
    if not packed.exists():
        subprocess.run(["zstd", "-q", "-f", str(path), "-o", str(packed)], check=True)
    table = "events" if log == "text" else "images"
    columns = OURS if log == "text" else UNDECODED
    assert read(packed, table=table, columns=columns) > 0
    compare(
        Row(
            f"{table} table, {log} log, .zst, wall time",
            "zstd -d to nothing",
            "× its time",
            1.2,
        ),
        lambda: read(packed, table=table, columns=columns),
        lambda: subprocess.run(
            ["zstd", "-q", "-d", "-f", str(packed), "-o", "/dev/null"], check=True
        ),
        rounds=5 if rapidsse.engine == "rust" else 2,
        bytes=path.stat().st_size,
    )


def test_base64_is_what_was_written(decode: Decode, tmp_path: Path) -> None:
    """The files that the decode rows write are the images."""
    path = logs.image_log(2)
    decode(tmp_path / "out", path)
    written = {file.read_bytes() for file in (tmp_path / "out").rglob("*.png")}
    assert written == {logs.image(0), logs.image(1)}
    assert base64.b64encode(logs.image(0)) in path.read_bytes()
