"""Splits: read on their own, they hold together what `scan` reads of the whole."""

from __future__ import annotations

import json
import logging
import os
import pickle
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rapidsse
from cluster_tables import TABLES, same_rows, streams
from examples import examples
from log_files import COMPRESS, WRITERS
from rapidsse.logs import schema
from rapidsse.logs.sources import _remote_file
from rapidsse.splits import Split, _plan, plan_splits, read_split, write_split
from samples import chunk, completed, corpus, created, delta, sse

SIZES = [5000, 50_000, 300_000, 1 << 30]


def union(splits: Sequence[Split], table: str, **options: Any) -> pa.Table:
    """The rows of the splits, each sent to another process as it were."""
    sent: list[Split] = pickle.loads(pickle.dumps(splits))
    batches = [batch for split in sent for batch in read_split(split, table=table, **options)]
    return pa.Table.from_batches(batches, schema=schema(table, options.get("columns")))


def check(paths: Any, target: int, **options: Any) -> list[Split]:
    """Whether the splits hold what the whole does, in all tables."""
    splits = list(plan_splits(paths, target_bytes=target, **options))
    for table in TABLES:
        whole = pa.table(rapidsse.scan(paths, table=table, **options))
        assert told(union(splits, table)).equals(told(whole))
    return splits


def told(table: pa.Table) -> pa.Table:
    """Without what a split cannot know: that it has the rest of a response of the split before."""
    if "kind" not in table.column_names:
        return table
    kinds = table["kind"].to_pylist()
    return table.filter(pa.array([kind != "interleaved" for kind in kinds], pa.bool_()))


@pytest.mark.parametrize("target", SIZES)
def test_the_corpus(target: int) -> None:
    splits = check(str(corpus()), target)
    assert (len(splits) == 1) == (target == 1 << 30)


@pytest.mark.parametrize("target", SIZES)
def test_the_corpus_as_one_log(tmp_path: Path, target: int) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(b"\n\n".join(path.read_bytes() for path in sorted(corpus().rglob("*.sse"))))
    splits = check(log, target)
    size = log.stat().st_size
    assert len(splits) == (1 if size * 2 <= target * 3 else round(size / target))
    assert sum(split.size for split in splits) == size


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("writer", WRITERS)
def test_every_format_and_compression(tmp_path: Path, writer: str, compression: str) -> None:
    form, write = WRITERS[writer]
    log = tmp_path / "log"
    log.write_bytes(COMPRESS[compression](write(streams(12, json_only=True))))
    splits = check(log, 1000)
    assert len(union(splits, "failures")) == 3
    cut = compression == "none" and form in ("sse", "jsonl", "jsonl-body")
    assert len(splits) == (round(log.stat().st_size / 1000) if cut else 1)


def pieces() -> st.SearchStrategy[bytes]:
    events = [
        created("a"), created("b"), delta("x" * 50), delta("response.created"), completed("a"),
        {"type": "error"}, chunk("x"), {"type": "ping"},
    ]  # fmt: skip
    payload = st.sampled_from([*(json.dumps(event) for event in events), "[DONE]", "{broken"])
    ends = st.sampled_from(["\n\n", "\n\n", "\r\n\r\n", "\r\r", "\n", ""])
    return st.tuples(payload, ends).map(lambda parts: f"data: {parts[0]}{parts[1]}".encode())


@settings(max_examples=examples(25, deep=1000))
@given(st.lists(pieces(), min_size=1, max_size=15).map(b"".join), st.integers(1, 400))
def test_any_log_and_any_size(content: bytes, target: int) -> None:
    # One file for all examples, whose state must differ for none to be taken for another.
    log = Path(os.environ["PYTEST_SPLITS_FOLDER"]) / "log.sse"
    log.write_bytes(content)
    check(log, target, format="sse")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_SPLITS_FOLDER", str(tmp_path))


def test_small_logs_share_a_split_and_large_ones_have_their_own(tmp_path: Path) -> None:
    for number, stream in enumerate(streams(40)):
        (tmp_path / f"{number:03}.sse").write_bytes(stream)
    large = b"".join(streams(60))
    (tmp_path / "010-large.sse").write_bytes(large)
    target = 5 * _plan.OPEN_COST
    splits = check(tmp_path, target)
    assert [split.logs for split in splits[:3]] == [4, 4, 4]
    assert sum(split.logs for split in splits) == 41
    splits = check(tmp_path, 20_000)
    assert all(split.logs == 1 for split in splits)
    assert sum("large" in split.sources[0] for split in splits) == round(len(large) / 20_000)


def test_a_split_is_small(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"request-{number:06}.sse").write_bytes(b"")
    (split,) = plan_splits(tmp_path)
    assert split.logs == 1000
    assert len(pickle.dumps(split)) < 20_000
    assert repr(split).startswith("<Split of ") and len(repr(split)) < 300
    assert split == pickle.loads(pickle.dumps(split)) and hash(split)


def test_the_planner_opens_no_log_if_format_and_compression_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(b"".join(streams(20)))

    def refuse(*_: Any) -> None:
        raise AssertionError("opened")

    with monkeypatch.context() as patch:
        patch.setattr("rapidsse.logs._open.open_source", refuse)
        splits = list(plan_splits(log, target_bytes=1000, format="sse", compression="none"))
        assert len(splits) > 10
        with pytest.raises(AssertionError):
            list(plan_splits(log, target_bytes=1000))
    assert union(splits, "events").equals(pa.table(rapidsse.scan(log)))


def test_relative_names_are_those_of_the_planner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log.sse").write_bytes(b"".join(streams(9)))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    expected = pa.table(rapidsse.scan("log.sse"))
    splits = list(plan_splits("log.sse", target_bytes=1000))
    monkeypatch.chdir(elsewhere)
    assert union(splits, "events").equals(expected)


def test_only_the_columns_asked_for(tmp_path: Path) -> None:
    (tmp_path / "log.sse").write_bytes(b"".join(streams(9)))
    splits = list(plan_splits(tmp_path, target_bytes=1000))
    columns = ["delta", "response_id"]
    expected = pa.table(rapidsse.scan(tmp_path, columns=columns))
    assert union(splits, "events", columns=columns).equals(expected)


def failures(splits: Sequence[Split]) -> list[dict[str, Any]]:
    return union(splits, "failures", on_input_error="keep").to_pylist()


def test_a_log_that_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(sse(created(name), delta()))
    splits = list(plan_splits(tmp_path, format="sse"))
    (tmp_path / "b").unlink()
    with pytest.raises(rapidsse.InputError, match=rf"{tmp_path}/b: No such file"):
        union(splits, "events")
    with caplog.at_level(logging.WARNING, "rapidsse"):
        rows = union(splits, "events", on_input_error="keep").to_pylist()
    assert [row["response_id"] for row in rows] == ["a", "a", "c", "c"]
    assert f"{tmp_path}/b" in caplog.text
    (row,) = failures(splits)
    assert (row["source"], row["kind"]) == (f"{tmp_path}/b", "input")
    assert "No such file" in row["message"]


def test_a_log_that_has_changed(tmp_path: Path) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(b"".join(streams(20)))
    splits = list(plan_splits(log, target_bytes=2000))
    with log.open("ab") as file:
        file.write(sse(created("new")))
    with pytest.raises(rapidsse.InputError, match=r"changed since the splits were planned"):
        union(splits, "events")
    rows = failures(splits)
    assert len(rows) == len(splits)
    assert {row["kind"] for row in rows} == {"input"}


def test_a_log_that_is_cut_short_between(tmp_path: Path) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(b"".join(streams(20)))
    splits = list(plan_splits(log, target_bytes=2000))
    log.write_bytes(b"")
    with pytest.raises(rapidsse.InputError, match=r"changed since the splits were planned"):
        union(splits, "events")


def test_a_corrupt_log_keeps_the_good_events(tmp_path: Path) -> None:
    good = COMPRESS["gzip"](b"".join(streams(20)))
    (tmp_path / "a.gz").write_bytes(good)
    (tmp_path / "b.gz").write_bytes(good[:-200])
    (tmp_path / "c.gz").write_bytes(good)
    splits = list(plan_splits(tmp_path))
    with pytest.raises(rapidsse.InputError, match=r"b\.gz: the gzip data end early"):
        union(splits, "events")
    rows = union(splits, "events", columns=["source"], on_input_error="keep").to_pydict()["source"]
    whole = pa.table(rapidsse.scan(tmp_path / "a.gz")).num_rows
    assert rows.count(f"{tmp_path}/a.gz") == rows.count(f"{tmp_path}/c.gz") == whole
    broken = failures(splits)
    assert [row["source"] for row in broken if row["kind"] == "input"] == [f"{tmp_path}/b.gz"]


def test_keywords_are_checked_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="target_bytes is at least 1"):
        plan_splits(tmp_path, target_bytes=0)
    with pytest.raises(ValueError, match="format must be one of"):
        plan_splits(tmp_path, format="csv")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_event_size"):
        plan_splits(tmp_path, max_event_size=-1)
    with pytest.raises(ValueError, match="standard input"):
        list(plan_splits(["-"]))
    with pytest.raises(TypeError, match="a path or a URL, not bytes"):
        list(plan_splits([b"data: {}"]))  # type: ignore[list-item]
    with pytest.raises(rapidsse.InputError, match="no file matches"):
        list(plan_splits(str(tmp_path / "*.sse")))
    with pytest.raises(TypeError, match="expected a Split, as plan_splits yields them, not str"):
        read_split("a.sse")  # type: ignore[arg-type]
    (tmp_path / "log").write_bytes(sse(created()))
    (split,) = plan_splits(tmp_path)
    with pytest.raises(ValueError, match="unknown table"):
        read_split(split, table="event")
    with pytest.raises(ValueError, match="no `path`"):
        read_split(split, table="images", columns=["path"])
    with pytest.raises(ValueError, match="on_input_error"):
        read_split(split, on_input_error="skip")  # type: ignore[arg-type]


def test_the_event_limit_travels_with_the_split(tmp_path: Path) -> None:
    big = created("b")
    big["response"]["instructions"] = "x" * 5000
    log = tmp_path / "log.sse"
    log.write_bytes(sse(created("a"), delta()) + sse(big, delta()) + sse(created("c"), delta()))
    check(log, 1000, max_event_size=4096)


@pytest.mark.parametrize("table", TABLES)
def test_splits_are_written_where_they_are_read(tmp_path: Path, table: str) -> None:
    (tmp_path / "log.sse").write_bytes(b"".join(streams(30)))
    out = tmp_path / "made" / "out"
    splits = list(plan_splits(tmp_path / "log.sse", target_bytes=2000))
    rows = [write_split(split, out, table=table) for split in splits]
    files = {path: path.read_bytes() for path in out.iterdir()}
    assert len(files) == sum(count > 0 for count in rows)
    # A task that is repeated replaces what it made.
    for split in splits:
        write_split(split, str(out), table=table)
    assert {path: path.read_bytes() for path in out.iterdir()} == files
    assert same_rows(pq.read_table(out), tmp_path / "log.sse", table)
    assert pq.read_table(out).num_rows == sum(rows)


def test_splits_are_written_to_a_url(tmp_path: Path) -> None:
    (tmp_path / "log.sse").write_bytes(b"".join(streams(30)))
    system = fsspec.filesystem("memory")
    try:
        for split in plan_splits(tmp_path, target_bytes=2000):
            write_split(split, "memory://splits/out", columns=["delta", "index"])
        files = system.find("/splits/out")
        got = pa.concat_tables([pq.read_table(system.open(path)) for path in files])
    finally:
        system.rm("/splits", recursive=True)
    assert same_rows(got, tmp_path, "events", ["delta", "index"])


def test_a_split_that_breaks_leaves_no_file(tmp_path: Path) -> None:
    packed = COMPRESS["gzip"](b"".join(streams(20)))
    (tmp_path / "log.gz").write_bytes(packed[:-100])
    (split,) = plan_splits(tmp_path / "log.gz")
    with pytest.raises(rapidsse.InputError, match="end early"):
        write_split(split, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert write_split(split, tmp_path / "out", on_input_error="keep") > 0
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        write_split(split, tmp_path / "file", on_input_error="keep")


def test_small_remote_logs_are_opened_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    system = fsspec.filesystem("memory")
    working: list[int] = []
    at_once = [0]
    info = _remote_file.RemoteFile._info

    def slow(file: Any) -> Any:
        working.append(1)
        at_once[0] = max(at_once[0], len(working))
        time.sleep(0.005)
        working.pop()
        return info(file)

    try:
        for number, stream in enumerate(streams(30)):
            system.pipe(f"/ahead/{number:02}.sse", stream)
        splits = list(plan_splits("memory://ahead", target_bytes=1 << 30))
        assert [split.logs for split in splits] == [30]
        system.rm("/ahead/07.sse")
        system.pipe("/ahead/21.sse", b"changed")
        monkeypatch.setattr(_remote_file.RemoteFile, "_info", slow)
        rows = union(splits, "events", columns=["source"], on_input_error="keep").to_pydict()
        # Whoever takes only the first rows waits for few of the others.
        next(read_split(splits[0], batch_rows=1))
    finally:
        system.rm("/ahead", recursive=True)
    assert 1 < at_once[0] <= 8
    names = list(dict.fromkeys(rows["source"]))
    assert names == [f"memory:///ahead/{n:02}.sse" for n in range(30) if n not in (7, 21)]
