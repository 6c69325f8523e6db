"""Conditions that the source takes over from Spark: the same rows as Spark finds by itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

import rapidsse
from cluster_tables import write_logs
from local_spark import SPARK_WARNINGS, read, table
from samples import created, sse

pytestmark = [pytest.mark.cluster, pytest.mark.once, *SPARK_WARNINGS]

SWITCH = "spark.sql.python.filterPushdown.enabled"
WORKER = "pyspark.sql.worker.data_source_pushdown_filters"


@pytest.fixture(scope="module")
def spark(spark: Any) -> Any:
    pytest.importorskip(WORKER, reason="needs PySpark 4.1")
    # Only the processes that ask for filters have it loaded.
    del sys.modules[WORKER]
    return spark


@pytest.fixture
def pushing(spark: Any) -> Iterator[Any]:
    """Spark asks the source to take filters over."""
    spark.conf.set(SWITCH, "true")
    yield spark
    spark.conf.unset(SWITCH)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_logs(tmp_path_factory.mktemp("filters") / "logs")
    # Failures without an event, and of one.
    record = json.dumps({"response": {"body": sse(created("a")).decode()}})
    (folder / "records.jsonl").write_text(f'{record}\n{{"response"\n')
    (folder / "broken.sse").write_text("event: a\ndata: {\n\nevent: täg\ndata: [1]\n\ndata: [\n\n")
    return folder


def filters(frame: Any) -> list[str]:
    """The conditions that Spark applies itself."""
    plan = frame._jdf.queryExecution().executedPlan().toString()
    return [line for line in plan.splitlines() if "Filter " in line]


def rows(frame: Any) -> list[str]:
    return sorted(map(repr, table(frame).to_pylist()))


TAKEN = [
    "event = 'a'",
    "event = ''",
    "event != 'a'",
    "event IN ('a', 'message', 'nothing')",
    "event NOT IN ('a', 'b')",
    "event IS NOT NULL",
    "event LIKE 't%'",
    "event LIKE '%ge'",
    "event LIKE '%äg%'",
    "NOT event LIKE '%a%'",
    "event != 'a' AND source LIKE '%.sse'",
    "source NOT LIKE '%.sse' AND kind = 'record'",
]
LEFT = [
    "event IS NULL",
    "event <=> 'a'",
    "NOT (event <=> 'a')",
    "event IN ('a', NULL)",
    "event = 'a' OR event IS NULL",
    "event > 'a'",
    "upper(event) = 'A'",
    "event = message",
]


@pytest.mark.parametrize("condition", TAKEN + LEFT)
def test_the_rows_are_those_that_spark_finds(spark: Any, logs: Path, condition: str) -> None:
    frames = []
    for switch in ("true", "false"):
        spark.conf.set(SWITCH, switch)
        frame = read(spark, logs, table="failures", pushFilters=True).filter(condition)
        frames.append((filters(frame), rows(frame)))
    (pushed, found), (unpushed, expected) = frames
    assert found == expected
    assert unpushed
    if condition in LEFT:
        assert pushed
    else:
        assert not any("event" in each or "source" in each for each in pushed)
        assert bool(pushed) == ("kind" in condition)


def test_conditions_that_find_something(logs: Path) -> None:
    """What the conditions above are tried on."""
    failures = pa.table(rapidsse.scan(logs, table="failures")).to_pylist()
    assert {"a", "täg", "message", None} <= {row["event"] for row in failures}


def test_conditions_on_the_source_leave_logs_unread(pushing: Any, logs: Path) -> None:
    def found(condition: str) -> Any:
        frame = read(pushing, logs, targetBytes=1000, pushFilters="true").filter(condition)
        return frame.rdd.getNumPartitions(), table(frame)

    for name in ("large.sse", "small-3.sse", "packed.sse.gz"):
        partitions, got = found(f"source LIKE '%/{name}'")
        assert partitions == len(list(rapidsse.plan_splits(logs / name, target_bytes=1000)))
        assert got.num_rows == pa.table(rapidsse.scan(logs / name)).num_rows
    _, none = found("source = 'nothing'")
    assert none.num_rows == 0
    (logs / "unreadable.gz").write_bytes(b"\x1f\x8b\x08 no gzip")
    try:
        with pytest.raises(Exception, match=r"unreadable\.gz"):
            found("source LIKE '%.gz'")
        assert found("source LIKE '%.sse'")[1].num_rows > 0
    finally:
        (logs / "unreadable.gz").unlink()


def test_a_source_that_is_no_text(pushing: Any, tmp_path: Path) -> None:
    """The odd bytes of a file name are escaped in the column, and so in conditions on it."""
    log = (write_logs(tmp_path / "logs") / "small-1.sse").read_bytes()
    odd = tmp_path / "odd"
    odd.mkdir()
    try:
        (odd / "a\udcff.sse").write_bytes(log)
    except OSError:
        pytest.skip("file names are text here")
    (odd / "b.sse").write_bytes(log)
    frame = read(pushing, odd, pushFilters="true")
    frame = frame.filter(frame["source"].endswith("a\\xff.sse"))
    assert table(frame).num_rows == pa.table(rapidsse.scan(odd / "b.sse")).num_rows


def test_filters_are_not_taken_over_unasked(pushing: Any, logs: Path) -> None:
    """Spark plans a DataFrame's partitions once, whatever is asked of it afterwards."""
    frame = read(pushing, logs)
    events = pa.table(rapidsse.scan(logs)).column("event").to_pylist()
    first = frame.filter("event = 'response.completed'")
    second = frame.filter("event = 'response.created'")
    numbers = [events.count("response.completed"), events.count("response.created")]
    assert min(numbers) > 0
    assert [first.count(), second.count(), frame.count()] == [*numbers, len(events)]
    assert first.union(second).count() == sum(numbers)
    assert filters(first)


def test_without_the_switch_nothing_is_refused(spark: Any, logs: Path) -> None:
    """Spark refuses a reader that takes filters over while it is off."""
    spark.conf.set(SWITCH, "false")
    frame = read(spark, logs, pushFilters="true").filter("event = 'response.created'")
    assert filters(frame)
    assert frame.count() > 0


@pytest.fixture
def reader(logs: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A reader as the process has it that asks which filters are taken over."""
    pytest.importorskip("pyspark", reason="needs PySpark")
    from rapidsse.spark import SSEDataSource

    monkeypatch.setitem(sys.modules, WORKER, ModuleType(WORKER))
    source = SSEDataSource({"path": str(logs), "table": "failures", "pushFilters": "TRUE"})
    return source.reader(source.schema())


def test_what_is_given_back(reader: Any) -> None:
    from pyspark.sql import datasource as spark

    if not hasattr(spark, "EqualTo"):
        pytest.skip("needs PySpark 4.1")
    event, source, other = ("event",), ("source",), ("kind",)
    taken = [
        spark.EqualTo(event, "a"),
        spark.Not(spark.In(event, ("a", "b"))),
        spark.In(source, ("a",)),
        spark.IsNotNull(event),
        spark.StringStartsWith(event, "a"),
        spark.Not(spark.StringEndsWith(source, "a")),
        spark.StringContains(event, "a"),
    ]
    left = [
        spark.EqualTo(event, None),
        spark.EqualTo(event, 1),
        spark.EqualTo(other, "a"),
        spark.EqualTo(("event", "name"), "a"),
        spark.EqualNullSafe(event, "a"),
        spark.Not(spark.EqualNullSafe(event, "a")),
        spark.IsNull(event),
        spark.Not(spark.IsNull(event)),
        spark.Not(spark.IsNotNull(event)),
        spark.Not(spark.Not(spark.EqualTo(event, "a"))),
        spark.In(event, ("a", None)),
        spark.Not(spark.In(event, ("a", None))),
        spark.GreaterThan(event, "a"),
    ]
    returned = list(reader.pushFilters([*taken, *left]))
    assert [id(each) for each in returned] == [id(each) for each in left]


def test_the_tests_see_each_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="needs PySpark")
    from rapidsse.spark._filters import keep

    seen: list[str] = []

    def is_b(text: str) -> bool:
        seen.append(text)
        return text == "b"

    texts = ["a", "b", None, "b", "a", None, "c"] * 100
    batch = pa.RecordBatch.from_arrays([pa.array(texts), pa.array(range(700))], ["event", "n"])
    kept = keep(batch, "event", [is_b])
    assert kept.column("event").to_pylist() == ["b"] * 200
    assert kept.column("n").to_pylist()[:3] == [1, 3, 8]
    assert sorted(seen) == ["a", "b", "c"]
