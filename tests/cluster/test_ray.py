"""The tables on Ray, in a local cluster of two workers: the rows of `scan`, whatever happens."""

from __future__ import annotations

import gzip
import io
import os
import signal
import time
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rapidsse
from cluster_tables import ENGINES, TABLES, same_rows, streams, write_logs
from rapidsse.logs import schema
from samples import corpus, created, delta, done, png, sse

ray: Any = pytest.importorskip("ray", reason="needs Ray")

pytestmark = [
    pytest.mark.cluster,
    # The workers of one cluster read with either engine.
    pytest.mark.once,
    # Ray copies its own settings, those that are deprecated too.
    pytest.mark.filterwarnings(
        r"ignore:`use_\w+` is deprecated:DeprecationWarning:ray\.data\.context"
    ),
]


@pytest.fixture(autouse=True)
def cluster(ray: Any) -> None:
    """Every test reads on it."""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_logs(tmp_path_factory.mktemp("ray") / "logs")


def read(*args: Any, **options: Any) -> Any:
    from rapidsse.ray import read_sse

    return read_sse(*args, **options)


def table(dataset: Any) -> pa.Table:
    return pa.concat_tables(ray.get(dataset.to_arrow_refs()))


def with_engine(engine: str, logs: Path, **options: Any) -> Any:
    """A dataset whose workers have this engine."""
    from ray.data.datasource import ReadTask

    from rapidsse.ray import SSEDatasource

    def on_it(read: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            assert rapidsse.engine == engine
            return read()

        return run

    class Checked(SSEDatasource):
        def get_read_tasks(self, *args: Any, **options: Any) -> list[Any]:
            return [
                ReadTask(on_it(task.read_fn), task.metadata, schema=task.schema)
                for task in super().get_read_tasks(*args, **options)
            ]

    read = ray.data.read_datasource
    workers: dict[str, Any] = {"runtime_env": {"env_vars": {"RAPIDSSE_ENGINE": engine}}}
    # Older versions of Ray take it in `ray_remote_args` only.
    named = "runtime_env" in signature(read).parameters
    return read(Checked(logs, **options), **workers if named else {"ray_remote_args": workers})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("target", [4000, 1 << 30])
@pytest.mark.parametrize("name", TABLES)
def test_each_table(logs: Path, name: str, target: int, engine: str) -> None:
    assert read(logs, table=name, target_bytes=target).schema().base_schema == schema(name)
    dataset = with_engine(engine, logs, table=name, target_bytes=target)
    assert same_rows(table(dataset), logs, name)


def test_workers_have_the_engine_of_this_process(logs: Path) -> None:
    engines = read(logs, columns=["event"]).map_batches(
        lambda batch: {"engine": [__import__("rapidsse").engine] * len(batch["event"])}
    )
    assert {row["engine"] for row in engines.take_all()} == {rapidsse.engine}


def test_only_the_columns_asked_for_are_read(logs: Path) -> None:
    columns = ["delta", "event"]
    assert same_rows(table(read(logs, columns=columns)), logs, "events", columns)
    selected = read(logs).select_columns(columns)
    assert same_rows(table(selected), logs, "events", columns)

    from rapidsse.ray import SSEDatasource

    # What Ray asks of a source when columns are selected.
    source = SSEDatasource(logs)
    assert source.supports_projection_pushdown()
    pruned = source.apply_projection({"event": "event", "delta": "delta"})
    (task,) = pruned.get_read_tasks(1)
    assert all(block.column_names == ["event", "delta"] for block in task())
    (task,) = pruned.apply_projection({"delta": "delta"}).get_read_tasks(1)
    assert all(block.column_names == ["delta"] for block in task())
    nbytes = pa.table(rapidsse.scan(logs, columns=columns)).nbytes
    assert nbytes / 2 < pruned.estimate_inmemory_data_size() < nbytes * 2
    assert pruned.estimate_inmemory_data_size() < source.estimate_inmemory_data_size()


def test_columns_come_in_the_order_in_which_they_are_selected(logs: Path) -> None:
    columns = ["delta", "source", "event"]
    dataset = read(logs, columns=["event", "stream", "delta", "source"], target_bytes=5000)
    assert same_rows(table(dataset.select_columns(columns)), logs, "events", columns)


def test_a_column_that_is_not_there_is_not_made_up(logs: Path) -> None:
    # Ray would give rows of nothing.
    with pytest.raises(ValueError, match="the Dataset has no column 'payload'"):
        read(logs).select_columns(["event", "payload"]).take(1)
    rows = read(logs, columns=["event", "payload"]).select_columns(["payload"]).take(1)
    assert rows[0]["payload"].startswith("{")


def test_no_more_rows_than_asked_for(logs: Path) -> None:
    assert len(read(logs, target_bytes=5000).limit(7).take_all()) == 7


def test_a_number_of_tasks(logs: Path) -> None:
    rows = pa.table(rapidsse.scan(logs / "large.sse")).num_rows
    dataset = read(logs / "large.sse", override_num_blocks=6).materialize()
    assert (dataset.num_blocks(), dataset.count()) == (6, rows)


def test_the_next_step_runs_in_the_task_that_reads(logs: Path) -> None:
    """Else each block would go through the object store first."""
    log = logs / "large.sse"

    def steps(**options: Any) -> str:
        dataset = read(log, **options).map_batches(lambda batch: batch)
        return str(dataset.materialize().stats())

    found = steps(target_bytes=log.stat().st_size // 5)
    assert "ReadSSE->MapBatches" in found and "SplitBlocks" not in found
    # Of few splits Ray makes blocks for every worker.
    found = steps()
    assert "SplitBlocks" in found and "ReadSSE->MapBatches" not in found


def test_the_corpus() -> None:
    folder = str(corpus())
    for name, target in [("events", 20_000), ("images", None), ("responses", 300_000)]:
        assert same_rows(table(read(folder, table=name, target_bytes=target)), folder, name)


def test_logs_with_long_names(tmp_path: Path) -> None:
    """Ray warns of a task of more than 1 MiB, and names what it runs."""
    for number in range(4400):
        (tmp_path / f"{number:04}{os.urandom(122).hex()}.sse").write_bytes(sse(created("a")))
    dataset = read(tmp_path, format="sse", compression="none", target_bytes=1 << 30)
    with pytest.warns(UserWarning, match="your read function named 'read_split'"):
        assert dataset.count() == 4400


def test_rows_are_counted_without_their_columns(logs: Path) -> None:
    assert read(logs, target_bytes=5000).count() == pa.table(rapidsse.scan(logs)).num_rows


def test_a_task_gives_the_same_each_time(logs: Path) -> None:
    from rapidsse.ray import SSEDatasource

    tasks = SSEDatasource(logs, target_bytes=5000).get_read_tasks(1)
    assert len(tasks) > 5
    for task in tasks:
        first, again = pa.concat_tables(task()), pa.concat_tables(task())
        assert first.equals(again)


@pytest.mark.parametrize("name", ["events", "images"])
def test_the_size_is_estimated(tmp_path: Path, name: str) -> None:
    picture = png() + os.urandom(20_000)
    stream = sse(created("a"), *[delta("some text")] * 50, done("ig", picture))
    (tmp_path / "log.sse").write_bytes(stream * 200)
    dataset = read(tmp_path, table=name, target_bytes=1 << 20)
    estimate = dataset._logical_plan.dag.datasource.estimate_inmemory_data_size()
    actual = dataset.materialize().size_bytes()
    assert actual / 2 < estimate < actual * 2


def test_the_inputs_are_named(logs: Path) -> None:
    names = sorted(str(path) for path in logs.iterdir())
    assert sorted(read(logs, target_bytes=1000).input_files()) == names


def test_parquet_is_written(logs: Path, tmp_path: Path) -> None:
    read(logs, target_bytes=10_000).write_parquet(str(tmp_path / "out"))
    assert same_rows(pq.read_table(tmp_path / "out"), logs, "events")


def test_pictures_are_decoded_in_batches(logs: Path) -> None:
    def first_bytes(batch: dict[str, Any]) -> dict[str, Any]:
        return {"head": [None if data is None else data[1:4] for data in batch["bytes"]]}

    heads = read(logs, table="images", columns=["bytes"]).map_batches(first_bytes).take_all()
    expected = pa.table(rapidsse.scan(logs, table="images")).column("bytes").to_pylist()
    assert len(heads) == len(expected)
    assert [row["head"] for row in heads].count(b"PNG") == sum(
        each is not None for each in expected
    )


def test_pictures_are_opened(logs: Path) -> None:
    image: Any = pytest.importorskip("PIL.Image")

    def shades(batch: pa.Table) -> pa.Table:
        pictures = [image.open(io.BytesIO(data)) for data in batch["bytes"].to_pylist() if data]
        return pa.table(
            {
                "size": [list(picture.size) for picture in pictures],
                "shade": [picture.getpixel((0, 0)) for picture in pictures],
            }
        )

    dataset = read(logs / "large.sse", table="images", columns=["bytes"], target_bytes=1000)
    rows = dataset.map_batches(shades, batch_format="pyarrow").take_all()
    assert sorted(row["shade"] for row in rows) == list(range(30))
    assert all(list(row["size"]) == [3, 2] for row in rows)


def dying(logs: Path, marker: Path, blocks: int) -> Any:
    """A dataset of which one worker kills itself once, after so many blocks of its task."""
    from ray.data.datasource import ReadTask

    from rapidsse.ray import SSEDatasource

    def first(marker: Path) -> bool:
        # Several tasks come here at once.
        try:
            open(marker, "x").close()
        except FileExistsError:
            return False
        return True

    def killed(read: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Iterator[Any]:
            for number, block in enumerate(read()):
                if number == blocks and first(marker):
                    time.sleep(1)  # so that the rows before have been taken
                    os.kill(os.getpid(), signal.SIGKILL)
                yield block

        return run

    class Dying(SSEDatasource):
        def get_read_tasks(self, *args: Any, **options: Any) -> list[Any]:
            return [
                ReadTask(killed(task.read_fn), task.metadata, schema=task.schema)
                for task in super().get_read_tasks(*args, **options)
            ]

    return ray.data.read_datasource(Dying(logs, target_bytes=4 << 20))


def test_a_worker_that_is_killed_in_a_read_task(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    # Some batches a task, of which the first are handed over before it dies.
    stream = sse(created("a"), *[delta("word")] * 3000)
    (folder / "log.sse").write_bytes(stream * 50)
    context = ray.data.DataContext.get_current()
    before, context.target_max_block_size = context.target_max_block_size, 1 << 20
    try:
        marker = tmp_path / "killed"
        got = table(dying(folder, marker, 1))
        assert marker.exists()
    finally:
        context.target_max_block_size = before
    assert same_rows(got, folder, "events")


def test_a_log_that_disappears(tmp_path: Path) -> None:
    folder = write_logs(tmp_path / "logs")
    rest = [path for path in folder.iterdir() if path.name != "small-3.sse"]

    def gone(**options: Any) -> Any:
        (folder / "small-3.sse").write_bytes(streams(4)[3])
        dataset = read(folder, target_bytes=1000, **options)
        dataset.schema()  # plans the splits
        dataset.size_bytes()
        (folder / "small-3.sse").unlink()
        return dataset

    with pytest.raises(Exception, match=r"small-3\.sse: No such file"):
        gone().materialize()
    assert same_rows(table(gone(on_input_error="keep")), sorted(rest, key=str), "events")
    failures = table(gone(table="failures", on_input_error="keep")).to_pylist()
    broken = [row["source"] for row in failures if row["kind"] == "input"]
    assert broken == [str(folder / "small-3.sse")]


def test_a_corrupt_log(tmp_path: Path) -> None:
    folder = write_logs(tmp_path / "logs")
    good = pa.table(rapidsse.scan(folder))
    packed = gzip.compress(b"".join(streams(30)))
    (folder / "broken.gz").write_bytes(packed[:-100])
    with pytest.raises(Exception, match=r"broken\.gz: the gzip data end early"):
        read(folder).materialize()
    got = table(read(folder, on_input_error="keep"))
    sources = got.column("source").to_pylist()
    assert len(sources) - sources.count(str(folder / "broken.gz")) == good.num_rows
    assert sources.count(str(folder / "broken.gz")) > 0
    failures = table(read(folder, table="failures", on_input_error="keep")).to_pylist()
    assert [row["source"] for row in failures if row["kind"] == "input"] == [
        str(folder / "broken.gz")
    ]


def test_keywords_are_checked_at_once(logs: Path) -> None:
    with pytest.raises(ValueError, match="unknown table"):
        read(logs, table="event")
    with pytest.raises(ValueError, match="no column 'x'"):
        read(logs, columns=["x"])
    with pytest.raises(ValueError, match="no `path`"):
        read(logs, table="images", columns=["path"])
    message = r"^read_sse has no keyword 'column' \(did you mean columns\?\)$"
    with pytest.raises(TypeError, match=message):
        read(logs, column=["x"])
    with pytest.raises(TypeError, match="has no keyword 'xyz'"):
        read(logs, xyz=1)
    with pytest.raises(ValueError, match="on_input_error"):
        read(logs, on_input_error="skip")
    with pytest.raises(ValueError, match="target_bytes"):
        read(logs, target_bytes=0)
