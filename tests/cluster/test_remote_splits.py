"""Splits of logs in an object store, read over the network from a server of S3's interface."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from log_files import WRITERS
from object_store import ObjectStore
from rapidsse.logs import schema
from rapidsse.logs.listing._listing import list_logs, stat_log
from rapidsse.logs.sources._remote_file import RemoteFile
from rapidsse.logs.tables._schemas import TABLES
from rapidsse.splits import Split, plan_splits, read_split
from samples import call, completed, created, delta, done, partial, png, sse, usage

pa = pytest.importorskip("pyarrow")
pytest.importorskip("moto.server")
pytest.importorskip("s3fs")

# s3fs closes its sessions when the interpreter ends, and aiohttp warns of those.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")

MIB = 1 << 20


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with ObjectStore() as started, started.environment():
        yield started


@pytest.fixture
def object_store(server: ObjectStore) -> ObjectStore:
    """An empty bucket, of which nothing was asked yet."""
    server.delete()
    server.asked()
    return server


def stream(number: int) -> bytes:
    """A stream with rows of every table."""
    id = f"resp_{number}"
    picture = png(1 + number, 2)
    return sse(
        created(id),
        partial(f"ig_{number}", png(2, 1 + number)),
        *(delta(f"{number}-{part} ") for part in range(5 + number % 7)),
        '{"type": "broken"' if number % 3 == 0 else delta("\u20ac"),
        done(f"ig_{number}", picture),
        completed(id, usage=usage(3, number), output=[call(f"ig_{number}", picture)]),
        *(["[DONE]"] if number % 2 else []),
    )


STREAMS = [stream(number) for number in range(24)]
# The records' bodies are whole streams; the other formats drop what is broken.
LOGS = {
    "sse": b"".join(STREAMS),
    "jsonl": WRITERS["jsonl"][1]([each.replace(b'{"type": "broken"', b"{}") for each in STREAMS]),
    "jsonl-body": WRITERS["jsonl-body"][1](STREAMS),
    "har": WRITERS["har"][1](STREAMS),
    "gzip": gzip.compress(b"".join(STREAMS), mtime=0),
}
CUT = {"sse", "jsonl", "jsonl-body"}


def rows(batches: Any, table: str) -> Any:
    """All but the log's name, which differs from a copy's."""
    return pa.Table.from_batches(batches, schema(table)).drop_columns("source")


def read(splits: list[Split], table: str, **options: Any) -> list[Any]:
    return [batch for split in splits for batch in read_split(split, table=table, **options)]


# --- The rows ---------------------------------------------------------------------------


@pytest.mark.parametrize("format", LOGS)
def test_the_splits_hold_what_a_scan_of_the_same_bytes_does(
    format: str, object_store: ObjectStore, tmp_path: Path
) -> None:
    content = LOGS[format]
    url = object_store.put(f"logs/{format}", content)
    local = tmp_path / "log"
    local.write_bytes(content)
    expected = {table: rows(rapidsse.scan(local, table=table), table) for table in TABLES}
    assert all(len(expected[name]) for name in ("events", "images", "responses"))
    if format != "jsonl":
        assert len(expected["failures"]) == 8
    for target in (len(content) // 8, len(content) // 3, len(content) + 1):
        splits = list(plan_splits(url, target_bytes=target))
        parts = round(len(content) / target) if len(content) * 2 > target * 3 else 1
        assert len(splits) == (parts if format in CUT else 1)
        assert {split.sources for split in splits} == {(url,)}
        for table in TABLES:
            assert rows(read(splits, table), table).equals(expected[table]), (target, table)


@pytest.mark.once
def test_small_logs_share_a_split(object_store: ObjectStore, tmp_path: Path) -> None:
    for name, content in LOGS.items():
        object_store.put(f"logs/{name}", content)
        (tmp_path / name).write_bytes(content)
    split, *others = plan_splits(object_store.url("logs"), target_bytes=64 * MIB)
    assert (others, split.logs) == ([], len(LOGS))
    assert split.sources == tuple(object_store.url(f"logs/{name}") for name in sorted(LOGS))
    for table in TABLES:
        expected = rows(rapidsse.scan(tmp_path, table=table), table)
        found = pa.Table.from_batches(read([split], table), schema(table))
        assert found.drop_columns("source").equals(expected)
    assert set(found["source"].to_pylist()) < set(split.sources)


# --- What is fetched --------------------------------------------------------------------

FILLING = [delta("x" * 1000) for _ in range(99)]


def long_stream(number: int) -> bytes:
    return sse(created(f"resp_{number}"), *FILLING, completed(f"resp_{number}"))


@pytest.mark.once
@pytest.mark.parametrize("format", ["sse", "jsonl", "jsonl-body"])
def test_only_its_own_range_is_fetched(format: str, object_store: ObjectStore) -> None:
    streams = [long_stream(number) for number in range(200)]
    content = WRITERS[format][1](streams)
    assert len(content) > 20 * MIB
    url = object_store.put("large", content)
    splits = list(plan_splits(url, target_bytes=5 * MIB))
    assert len(splits) == 4
    planning = object_store.asked()
    # A listing's answer, a look at the beginning.
    assert sum(each.sent for each in planning) < MIB
    assert len(planning) <= 4
    longest = len(content) // 200 + 1000
    count = 0
    for split in splits:
        (log_range,) = split.ranges
        assert log_range.stop is not None
        count += sum(batch.num_rows for batch in read_split(split))
        asked = [each for each in object_store.asked() if each.method == "GET"]
        assert all(each.start is not None for each in asked)
        first = min(each.start or 0 for each in asked)
        assert (
            sum(each.sent for each in asked) <= log_range.stop - log_range.start + longest + 3 * MIB
        )
        assert first >= log_range.start - 2 * MIB
        assert len(asked) <= 12
    assert count == 200 * 101


@pytest.mark.once
def test_one_table_of_a_range_in_which_nothing_begins(object_store: ObjectStore) -> None:
    content = sse(created(), *[delta("y" * 10_000)] * 600, completed())
    url = object_store.put("one", content)
    splits = list(plan_splits(url, target_bytes=MIB))
    object_store.asked()
    assert len(splits) > 4
    assert read(splits[3:4], "responses") == []
    # It has to look for a beginning, but no further than its range and an event's reach.
    assert sum(each.sent for each in object_store.asked()) <= 3 * MIB + MIB
    assert pa.Table.from_batches(read(splits, "responses")).num_rows == 1


# --- Listings ---------------------------------------------------------------------------


@pytest.mark.once
def test_a_listing_takes_one_request_per_page(object_store: ObjectStore) -> None:
    for number in range(1500):
        object_store.put(f"many/{number % 7}/{number:05}.sse", b"data: 1\n\n")
    (split,) = plan_splits(
        object_store.url("many"), target_bytes=1 << 40, format="sse", compression="none"
    )
    assert split.logs == 1500
    assert split.size == 1500 * 9
    asked = object_store.asked()
    # What the name stands for is asked first: is it an object, is it a folder?
    assert [each.method for each in asked] == ["HEAD"] + ["GET"] * 3
    assert list(split.sources) == sorted(split.sources)
    # The folder covers what a pattern finds there, and is not kept for that.
    both = [object_store.url("many"), object_store.url("many/*/*.sse")]
    assert sum(1 for _ in list_logs(both)) == 1500


@pytest.mark.once
def test_a_listing_agrees_with_the_object(object_store: ObjectStore) -> None:
    keys = ["a b/\u00e9+%20.sse", "a b/c/d.sse", "a b/x#1.sse", "top.sse"]
    for key in [*keys, "a b/", "a b/_temporary/p.sse", "a b/.hidden", "a b/c/_done"]:
        object_store.put(key, key.encode())
    object_store.put("a b/", b"")
    found = list(list_logs([object_store.url()]))
    assert [log.source for log in found] == [object_store.url(key) for key in sorted(keys)]
    for log in found:
        content = log.source.removeprefix(object_store.url()).encode()
        assert (log.size, log.tag) == (len(content), hashlib.md5(content).hexdigest())
        assert stat_log(log.source) == log
        assert list(list_logs([log.source])) == [log]


@pytest.mark.once
@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.sse", ["1.sse", "2.sse"]),
        ("**/*.sse", ["1.sse", "2.sse", "a/3.sse", "a/b/4.sse", "c/_5.sse"]),
        ("*/*.sse", ["a/3.sse", "c/_5.sse"]),
        ("[ac]/*", ["a/3.jsonl", "a/3.sse", "c/_5.sse"]),
        ("a/**", ["a/3.jsonl", "a/3.sse", "a/b/4.sse"]),
        ("?.sse", ["1.sse", "2.sse"]),
        ("a/b/*", ["a/b/4.sse"]),
    ],
)
def test_patterns(pattern: str, names: list[str], object_store: ObjectStore) -> None:
    for key in ("1.sse", "2.sse", "a/3.sse", "a/3.jsonl", "a/b/4.sse", "c/_5.sse", "zz/q.har"):
        object_store.put(f"logs/{key}", b"1")
    object_store.put("logs/a/", b"")
    found = rapidsse.logs.expand(object_store.url(f"logs/{pattern}"))
    assert found == [object_store.url(f"logs/{name}") for name in names]
    twice = [object_store.url(f"logs/{pattern}"), object_store.url("logs/1.sse")]
    assert len(rapidsse.logs.expand(twice)) == len({*names, "1.sse"})


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("logs/*.har", "no file matches"),
        ("nothing/**", "no file matches"),
        ("a**/x", "can only be an entire path component"),
    ],
)
def test_a_pattern_without_a_match(name: str, reason: str, object_store: ObjectStore) -> None:
    object_store.put("logs/1.sse", b"1")
    url = object_store.url(name)
    with pytest.raises(rapidsse.InputError, match=reason) as caught:
        list(plan_splits(url))
    assert caught.value.source == url


@pytest.mark.once
def test_a_key_that_looks_like_a_pattern(object_store: ObjectStore) -> None:
    url = object_store.put("log[1]*.sse", b"1")
    object_store.put("log1.sse", b"1")
    assert rapidsse.logs.expand(url) == [url]


@pytest.mark.once
@pytest.mark.parametrize("url", ["s3://*/x", "s3://no-such-bucket/*.sse"])
def test_a_bucket_that_cannot_be_listed(url: str, object_store: ObjectStore) -> None:
    with pytest.raises(rapidsse.InputError) as caught:
        list(plan_splits(url))
    assert caught.value.source == url


# --- What changes meanwhile -------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("target", [4000, 1 << 30])
def test_an_object_that_was_replaced_is_refused(target: int, object_store: ObjectStore) -> None:
    url = object_store.put("log", LOGS["sse"])
    split = list(plan_splits(url, target_bytes=target))[-1]
    object_store.put("log", LOGS["sse"].replace(b"model-1", b"model-7"))
    with pytest.raises(rapidsse.InputError, match="has changed since") as caught:
        read([split], "events")
    assert caught.value.source == url


@pytest.mark.once
def test_an_object_that_is_replaced_while_it_is_read(object_store: ObjectStore) -> None:
    streams = [long_stream(number) for number in range(100)]
    content = b"".join(streams)
    url = object_store.put("log", content)
    split = next(plan_splits(url, target_bytes=6 * MIB))
    batches = read_split(split, batch_rows=10)
    assert next(batches).num_rows == 10
    object_store.put("log", content.replace(b"x", b"z"))
    with pytest.raises(rapidsse.InputError, match="changed while it was read"):
        list(batches)


@pytest.mark.once
@pytest.mark.parametrize("target", [4000, 1 << 30])
def test_an_object_that_was_deleted(target: int, object_store: ObjectStore) -> None:
    urls = [object_store.put(f"logs/{name}", LOGS["sse"]) for name in "abc"]
    splits = list(plan_splits(object_store.url("logs"), target_bytes=target))
    expected = len(pa.table(rapidsse.scan(urls[0])))
    object_store.delete(["logs/b"])
    with pytest.raises(rapidsse.InputError, match="no such file") as caught:
        read(splits, "events")
    assert caught.value.source == urls[1]
    events = pa.Table.from_batches(read(splits, "events", on_input_error="keep"))
    assert events["source"].to_pylist() == [urls[0]] * expected + [urls[2]] * expected
    failures = pa.Table.from_batches(read(splits, "failures", on_input_error="keep"))
    refused = [row for row in failures.to_pylist() if row["kind"] == "input"]
    assert {row["source"] for row in refused} == {urls[1]}
    assert len(refused) == sum(split.sources.count(urls[1]) for split in splits)
    assert all("no such file" in row["message"] for row in refused)
    assert len(failures) == 8 * 2 + len(refused)


@pytest.mark.once
def test_an_object_that_was_not_there_when_it_was_planned(object_store: ObjectStore) -> None:
    url = object_store.url("none")
    (split,) = plan_splits(url)
    with pytest.raises(rapidsse.InputError, match="no such file") as caught:
        read([split], "events")
    assert caught.value.source == url
    (failure,) = pa.Table.from_batches(read([split], "failures", on_input_error="keep")).to_pylist()
    assert (failure["source"], failure["kind"]) == (url, "input")


@pytest.mark.once
def test_a_remote_file_counts_what_it_fetches(object_store: ObjectStore) -> None:
    file = RemoteFile(object_store.put("log", bytes(MIB)))
    object_store.asked()
    assert file.window[300_000:300_010] == bytes(10)
    assert file.window.find(b"\1", 300_000, 310_000) == -1
    (asked,) = object_store.asked()
    assert file.fetched == asked.sent < 1 << 17
