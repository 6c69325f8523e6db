"""Jobs on remote logs: one large log is decoded in several splits, by several workers."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from jobs import Capture, decode, log, stream, tree
from log_files import WRITERS
from object_store import ObjectStore
from rapidsse.job import _split_reader
from rapidsse.logs.sources._remote_file import RemoteFile
from rapidsse.logs.tables._schemas import TABLES

pytest.importorskip("moto.server")
pytest.importorskip("s3fs")

# s3fs closes its sessions when the interpreter ends, and aiohttp warns of those.
pytestmark = [
    pytest.mark.usefixtures("small_splits"),
    pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning"),
]

LOGS = {
    "sse": log(30),
    "jsonl": WRITERS["jsonl"][1]([stream(number) for number in range(30)]),
    "jsonl-body": WRITERS["jsonl-body"][1]([stream(number) for number in range(30)]),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with ObjectStore() as started, started.environment():
        yield started


@pytest.fixture
def store(server: ObjectStore) -> ObjectStore:
    server.delete()
    server.asked()
    return server


def splits(out: Path) -> int:
    return len(json.loads((out / "rapidsse-run.json").read_bytes())["splits"])


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    """All columns but the log's name and what depends on it, the images' paths."""
    parts = sorted(str(part) for part in (out / table).iterdir())
    read = ds.dataset(parts).to_table().drop_columns("source").to_pylist()
    for row in read:
        if (path := row.pop("path", None)) is not None:
            assert hashlib.sha256((out / path).read_bytes()).hexdigest() == row["sha256"]
    return read


@pytest.mark.parametrize("format", LOGS)
def test_a_large_remote_log_is_decoded_like_a_local_one(
    format: str, store: ObjectStore, tmp_path: Path
) -> None:
    status = int(format == "sse")
    url = store.put("log", LOGS[format])
    local = tmp_path / "log"
    local.write_bytes(LOGS[format])
    decode(local, "-o", tmp_path / "local", "--payload", status=status)
    store.asked()
    decode(url, "-o", tmp_path / "two", "--payload", "--workers", 2, status=status)
    asked = [each for each in store.asked() if each.method == "GET"]
    assert splits(tmp_path / "two") == splits(tmp_path / "local") >= 4
    assert all(each.start is not None for each in asked)
    for table in TABLES:
        assert rows(tmp_path / "two", table) == rows(tmp_path / "local", table)
    assert sum("image-files" in path for path in tree(tmp_path / "two")) == 60
    decode(url, "-o", tmp_path / "one", "--payload", "--workers", 1, status=status)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_workers_read_one_remote_log_at_the_same_time(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=60)
    reading = _split_reader.SplitReader._read_log
    seen = set[str]()

    def meeting(self: Any, *args: Any) -> None:
        if threading.current_thread().name not in seen:
            seen.add(threading.current_thread().name)
            # Each of the two workers waits here for the other, its log open.
            both.wait()
        reading(self, *args)

    monkeypatch.setattr(_split_reader.SplitReader, "_read_log", meeting)
    decode(store.put("log", LOGS["sse"]), "-o", tmp_path / "out", "--workers", 2, status=1)
    assert len(seen) == 2


def test_the_summary_counts_a_log_once(store: ObjectStore, capsys: Capture) -> None:
    url = store.put("log", LOGS["sse"])
    decode(url, "--json", status=1)
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert (totals["inputs"], totals["streams"]) == (1, 30)
    assert totals["input_bytes"] == totals["body_bytes"] == len(LOGS["sse"])


def test_a_remote_log_that_is_replaced_while_it_is_read(
    store: ObjectStore, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, out = store.put("log", LOGS["sse"]), tmp_path / "out"
    reading = _split_reader.SplitReader._read_log
    number = 0

    def replaces(self: Any, *args: Any) -> None:
        nonlocal number
        number += 1
        if number == 3:
            store.put("log", LOGS["sse"].replace(b"word", b"lord"))
        reading(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(_split_reader.SplitReader, "_read_log", replaces)
        decode(url, "-o", out, "--workers", 1, status=2)
    said = capsys.readouterr().err.splitlines()
    assert said
    assert all(f"{url} changed while it was read" in line for line in said)
    assert len(list((out / ".rapidsse" / "done").iterdir())) == 2
    decode(url, "-o", out, status=2)
    assert f"{url} has changed since the run was started" in capsys.readouterr().err
    decode(url, "-o", out, "--overwrite", status=1)
    assert {row["delta"][:4] for row in rows(out, "events") if row["delta"]} == {"lord"}


def test_an_interrupted_job_on_a_remote_log_resumes(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, out = store.put("log", LOGS["sse"]), tmp_path / "out"
    fetch = RemoteFile._ask
    left = 5

    def breaks(self: RemoteFile, *args: Any) -> bytes:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return fetch(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(RemoteFile, "_ask", breaks)
        decode(url, "-o", out, "--workers", 1, status=130)
    finished = {path: path.stat().st_mtime_ns for path in (out / ".rapidsse" / "done").iterdir()}
    assert 0 < len(finished) < splits(out)
    decode(url, "-o", out, status=1)
    assert all(path.stat().st_mtime_ns == time for path, time in finished.items())
    decode(url, "-o", tmp_path / "through", status=1)
    assert tree(out) == tree(tmp_path / "through")
