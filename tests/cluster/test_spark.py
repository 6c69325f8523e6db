"""The tables on a local Spark: the rows of `scan`, whatever happens."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import rapidsse
from cluster_tables import ENGINES, TABLES, same_rows, streams, write_logs
from local_spark import SPARK_WARNINGS, read, table
from log_files import COMPRESS, WRITERS
from samples import corpus, created, delta, sse

# The workers of one session read with either engine.
pytestmark = [pytest.mark.cluster, pytest.mark.once, *SPARK_WARNINGS]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_logs(tmp_path_factory.mktemp("spark") / "logs")


@pytest.fixture(scope="module")
def with_engine(spark: Any) -> dict[str, str]:
    """For each engine a source whose workers have it."""
    from pyspark.sql.datasource import DataSourceReader, InputPartition

    from rapidsse.spark import SSEDataSource

    class CheckedReader(DataSourceReader):
        def __init__(self, reader: Any, engine: str) -> None:
            self.reader = reader
            self.engine = engine

        def partitions(self) -> Any:
            return self.reader.partitions()

        def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
            assert rapidsse.engine == self.engine
            yield from self.reader.read(partition)

    def register(engine: str) -> str:
        class Checked(SSEDataSource):
            @classmethod
            def name(cls) -> str:
                return f"rapidsse-{engine}"

            def reader(self, schema: Any) -> DataSourceReader:
                return CheckedReader(super().reader(schema), engine)

        # A source has the variables of when it is registered.
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(spark.sparkContext.environment, "RAPIDSSE_ENGINE", engine)
            spark.dataSource.register(Checked)
        return Checked.name()

    return {engine: register(engine) for engine in ENGINES}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("target", [4000, 1 << 30])
@pytest.mark.parametrize("name", TABLES)
def test_each_table(
    spark: Any, logs: Path, name: str, target: int, engine: str, with_engine: dict[str, str]
) -> None:
    frame = read(spark, logs, source=with_engine[engine], table=name, targetBytes=target)
    assert same_rows(table(frame), str(logs), name)


def test_partitions_are_the_splits(spark: Any, logs: Path) -> None:
    for target in (1000, 10_000, 1 << 30):
        frame = read(spark, logs, targetBytes=target)
        splits = list(rapidsse.plan_splits(logs, target_bytes=target))
        assert frame.rdd.getNumPartitions() == len(splits)


def test_the_corpus(spark: Any) -> None:
    folder = str(corpus())
    for name, target in [("events", 50_000), ("images", 1 << 27), ("responses", 300_000)]:
        frame = read(spark, folder, table=name, targetBytes=target)
        assert same_rows(table(frame), folder, name)


def test_ways_to_name_logs(
    spark: Any, logs: Path, cluster_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cluster_folder)
    for name in [logs / "small-*.sse", os.path.relpath(logs), f"file://{logs}"]:
        assert same_rows(table(read(spark, name)), str(name), "events")
    several = [str(logs / "small-1.sse"), str(logs / "packed.sse.gz")]
    assert same_rows(table(read(spark, several)), several, "events")


def test_a_folder_without_logs(spark: Any, tmp_path: Path) -> None:
    assert table(read(spark, tmp_path)).num_rows == 0


def test_formats_and_compressions(spark: Any, tmp_path: Path) -> None:
    for name, compress in COMPRESS.items():
        (tmp_path / f"{name}.log").write_bytes(compress(b"".join(streams(4))))
    for name, (_, write) in WRITERS.items():
        (tmp_path / f"{name}.log2").write_bytes(write(streams(4, json_only=True)))
    assert same_rows(table(read(spark, tmp_path, targetBytes=3000)), str(tmp_path), "events")


def test_the_format_is_detected(spark: Any, tmp_path: Path) -> None:
    lines = [json.dumps({"answer": stream.decode()}) + "\n" for stream in streams(3)]
    (tmp_path / "log").write_bytes(gzip.compress("".join(lines).encode()))
    frame = read(spark, tmp_path, logFormat="jsonl-body", compression="gzip", bodyField="answer")
    expected = rapidsse.scan(tmp_path, format="jsonl-body", compression="gzip", body_field="answer")
    assert frame.count() == pa.table(expected).num_rows > 0


def test_only_the_columns_asked_for_are_read(spark: Any, logs: Path) -> None:
    from rapidsse.spark import SSEDataSource

    columns = ["delta", "event"]
    by_option = read(spark, logs, columns="delta, event")
    by_schema = spark.read.format("rapidsse").schema("delta string, event string").load(str(logs))
    for frame in (by_option, by_schema):
        assert same_rows(table(frame), str(logs), "events", columns)
    source = SSEDataSource({"path": str(logs)})
    reader = source.reader(by_schema.schema)
    batches = [batch for part in reader.partitions() for batch in reader.read(part)]
    assert {tuple(batch.schema.names) for batch in batches} == {("delta", "event")}


def test_columns_on_request(spark: Any, logs: Path) -> None:
    columns = ["source", "offset", "payload"]
    frame = read(spark, logs, columns=",".join(columns))
    assert same_rows(table(frame), str(logs), "events", columns)


def test_large_batches_are_delivered_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="needs PySpark")
    from rapidsse.spark import _types

    sizes = [10, 4000, 0, 30, 900, 9000, 1, 1, 1, 600]
    pictures = pa.array([bytes(size) for size in sizes] + [None], pa.large_binary())
    kinds = pa.array([f"kind {size}" for size in sizes] + ["none"])
    batch = pa.RecordBatch.from_arrays([kinds, pictures], ["kind", "bytes"])
    monkeypatch.setattr(_types, "MAX_BATCH_BYTES", 2000)
    shape = _types.plain_schema("images", ["kind", "bytes"])
    parts = list(_types.plain(batch, shape))
    assert all(part.schema == shape for part in parts)
    assert shape.field("bytes").type == pa.binary()
    assert pa.Table.from_batches(parts).to_pylist() == batch.to_pylist()
    assert all(part.nbytes <= 2000 or part.num_rows == 1 for part in parts)
    assert 3 < len(parts) < batch.num_rows
    monkeypatch.undo()
    assert len(list(_types.plain(batch, shape))) == 1


def test_parquet_is_written(spark: Any, logs: Path, tmp_path: Path) -> None:
    for name in TABLES:
        read(spark, logs, table=name, targetBytes=10_000).write.parquet(str(tmp_path / name))
        assert same_rows(pq.read_table(tmp_path / name), str(logs), name)


def test_sql(spark: Any, logs: Path) -> None:
    spark.sql(
        "CREATE OR REPLACE TEMPORARY VIEW sse_events USING rapidsse "
        f"OPTIONS (path '{logs}', TARGETBYTES '5000')"
    )
    rows = spark.sql(
        "SELECT event, count(*) AS n, sum(length) AS bytes FROM sse_events GROUP BY event"
    ).collect()
    events = pa.table(rapidsse.scan(logs))
    expected = events.group_by("event").aggregate([([], "count_all"), ("length", "sum")])
    assert {(row.event, row.n, row.bytes) for row in rows} == {
        (row["event"], row["count_all"], row["length_sum"]) for row in expected.to_pylist()
    }


def test_tables_are_joined(spark: Any, logs: Path) -> None:
    events = read(spark, logs, columns="source,stream,event", targetBytes=5000)
    responses = read(spark, logs, table="responses", columns="source,stream,n_events")
    counted = events.groupBy("source", "stream").count().join(responses, ["source", "stream"])
    rows = counted.collect()
    assert len(rows) == pa.table(rapidsse.scan(logs, table="responses")).num_rows
    assert all(row["count"] == row.n_events for row in rows)


def test_a_worker_that_is_killed(spark: Any, tmp_path: Path) -> None:
    from pyspark.sql.datasource import DataSourceReader, InputPartition

    from rapidsse.spark import SSEDataSource

    marker = str(tmp_path / "killed")

    def first(marker: str) -> bool:
        # Both workers come here at once.
        try:
            open(marker, "x").close()
        except FileExistsError:
            return False
        return True

    class DyingReader(DataSourceReader):
        """One worker kills itself once, in the middle of a partition."""

        def __init__(self, reader: Any) -> None:
            self.reader = reader

        def partitions(self) -> Any:
            return self.reader.partitions()

        def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
            for number, batch in enumerate(self.reader.read(partition)):
                if number == 20 and first(marker):
                    os.kill(os.getpid(), signal.SIGKILL)
                yield batch

    class Dying(SSEDataSource):
        @classmethod
        def name(cls) -> str:
            return "dying"

        def reader(self, schema: Any) -> DataSourceReader:
            return DyingReader(super().reader(schema))

    folder = tmp_path / "logs"
    folder.mkdir()
    stream = sse(created("a"), *[delta("word")] * 3000)
    (folder / "log.sse").write_bytes(stream * 10)
    spark.dataSource.register(Dying)
    frame = read(
        spark, folder, source="dying", targetBytes=1 << 20, batchRows=100, columns="offset,event"
    )
    got = table(frame)
    assert os.path.exists(marker)
    assert same_rows(got, str(folder), "events", ["offset", "event"])


@pytest.fixture(scope="module")
def vanishing(spark: Any) -> str:
    """A source whose log `small-3.sse` is gone when the splits are planned."""
    from pyspark.sql.datasource import DataSourceReader, InputPartition

    from rapidsse.spark import SSEDataSource

    class VanishingReader(DataSourceReader):
        def __init__(self, reader: Any, folder: str) -> None:
            self.reader = reader
            self.folder = folder

        def partitions(self) -> Any:
            planned = self.reader.partitions()
            os.unlink(os.path.join(self.folder, "small-3.sse"))
            return planned

        def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
            yield from self.reader.read(partition)

    class Vanishing(SSEDataSource):
        @classmethod
        def name(cls) -> str:
            return "vanishing"

        def reader(self, schema: Any) -> DataSourceReader:
            return VanishingReader(super().reader(schema), self.options["path"])

    spark.dataSource.register(Vanishing)
    return "vanishing"


def test_a_log_that_disappears(spark: Any, vanishing: str, tmp_path: Path) -> None:
    folder = write_logs(tmp_path / "logs")

    def gone(**options: Any) -> pa.Table:
        (folder / "small-3.sse").write_bytes(streams(4)[3])
        return table(read(spark, folder, source=vanishing, targetBytes=200_000, **options))

    with pytest.raises(Exception, match=r"InputError: .*small-3\.sse: No such file"):
        gone()
    kept = gone(onInputError="keep")
    assert same_rows(kept, str(folder), "events")
    failures = gone(table="failures", onInputError="keep").to_pylist()
    broken = [row["source"] for row in failures if row["kind"] == "input"]
    assert broken == [str(folder / "small-3.sse")]


def test_a_corrupt_log(spark: Any, tmp_path: Path) -> None:
    folder = write_logs(tmp_path / "logs")
    good = pa.table(rapidsse.scan(folder)).num_rows
    broken = folder / "broken.gz"
    broken.write_bytes(gzip.compress(b"".join(streams(30)))[:-100])
    with pytest.raises(Exception, match=r"broken\.gz: the gzip data end early"):
        table(read(spark, folder))
    sources = table(read(spark, folder, onInputError="keep")).column("source")
    from_broken = pc.sum(pc.equal(sources, str(broken))).as_py()
    assert from_broken > 0
    assert len(sources) - from_broken == good
    failures = table(read(spark, folder, table="failures", onInputError="keep")).to_pylist()
    assert [row["source"] for row in failures if row["kind"] == "input"] == [str(broken)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"table": "event"},
            r"unknown table 'event' \(did you mean events\?\); the tables are events",
        ),
        ({"columns": "event,x"}, "no column 'x'; its columns are source, stream"),
        ({"table": "images", "columns": "path"}, "no `path`: ask for `bytes`"),
        ({"targetBytes": "128m"}, "targetBytes must be a number of at least 1, not '128m'"),
        ({"maxEventSize": 1 << 31}, "maxEventSize must be a number from 1 to 1073741824"),
        ({"batchRows": 0}, "batchRows must be a number of at least 1, not '0'"),
        ({"logFormat": "csv"}, "logFormat must be one of sse, .* not 'csv'"),
        ({"compression": "lz4"}, "compression must be one of none, gzip, .* not 'lz4'"),
        ({"onInputError": "skip"}, "onInputError must be one of raise, keep, not 'skip'"),
        ({"pushFilters": "yes"}, "pushFilters must be one of true, false, not 'yes'"),
        ({"header": True}, "unknown option header; the options are table, columns"),
    ],
)
def test_options_are_checked(spark: Any, logs: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(Exception, match=message):
        read(spark, logs, **options)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("event string, x string", "no column 'x'; its columns are source, stream"),
        ("event string, stream int", "column stream is bigint, not int"),
        ("event string not null", "column event is not declared NOT NULL"),
        ("event string collate UTF8_LCASE", "column event is string, not string collate"),
    ],
)
def test_a_schema_is_checked(spark: Any, logs: Path, schema: str, message: str) -> None:
    with pytest.raises(Exception, match=message):
        spark.read.format("rapidsse").schema(schema).load(str(logs)).count()


def test_no_log_is_named(spark: Any, logs: Path) -> None:
    with pytest.raises(Exception, match="no log is named"):
        spark.read.format("rapidsse").load()
    with pytest.raises(Exception, match=r"nothing-\*: no file matches"):
        read(spark, logs / "nothing-*").count()
    with pytest.raises(Exception, match="CREATE TEMPORARY VIEW"):
        spark.sql(f"CREATE TABLE sse_table USING rapidsse OPTIONS (path '{logs}')")
