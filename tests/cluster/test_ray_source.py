"""The source that Ray reads from, without a cluster: what it plans, and what it reckons."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import rapidsse
from samples import completed, corpus, created, delta, done, png, sse

pytest.importorskip("ray.data", reason="needs Ray")
fsspec: Any = pytest.importorskip("fsspec")

import ray.cloudpickle

from rapidsse.ray import SSEDatasource, _plan
from rapidsse.ray import _read as rapidsse_ray
from rapidsse.splits import Split, plan_splits

pytestmark = pytest.mark.once

MIB = 1 << 20


def stream(number: int, picture: int = 2000, texts: int = 40) -> bytes:
    content = png() + random.Random(number).randbytes(picture)
    name = f"resp_{number}"
    return sse(
        created(name),
        *[delta("some text")] * texts,
        done(f"ig_{number}", content),
        completed(name),
    )


def rows(source: Any, **options: Any) -> int:
    return sum(block.num_rows for task in source.get_read_tasks(1, **options) for block in task())


# --- How many tasks ---------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.sse"
    path.write_bytes(b"".join(map(stream, range(60))))
    return path


def test_a_number_of_splits(log: Path) -> None:
    for count in (1, 2, 7):
        assert len(SSEDatasource(log, splits=count).get_read_tasks(200)) == count
    # Bytes that are given say it.
    assert len(SSEDatasource(log, splits=7, target_bytes=MIB).get_read_tasks(200)) == 1
    with pytest.raises(ValueError, match="at least 1 split, not 0"):
        SSEDatasource(log, splits=0)


def test_every_cpu_has_some(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(SSEDatasource(log).get_read_tasks(200)) == 1
    monkeypatch.setattr(_plan, "_LEAST_BYTES", 1000)
    monkeypatch.setattr(_plan, "cpus", lambda: 3)
    assert len(SSEDatasource(log).get_read_tasks(200)) == 12


def test_the_cluster_is_joined_before_its_cpus_are_counted(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}
    started: list[bool] = []
    monkeypatch.setattr(_plan, "_LEAST_BYTES", 1000)
    monkeypatch.setattr(rapidsse_ray.ray, "is_initialized", lambda: bool(started))
    monkeypatch.setattr(rapidsse_ray.ray, "init", lambda: started.append(True))
    monkeypatch.setattr(rapidsse_ray.ray, "cluster_resources", lambda: {"CPU": 7.0})
    monkeypatch.setattr(
        rapidsse_ray.ray_data, "read_datasource", lambda source, **options: asked.update(options)
    )
    rapidsse_ray.read_sse(log)
    assert asked == {"override_num_blocks": 28}


@pytest.mark.parametrize(
    ("memory", "most"),
    [(None, 1024 * MIB), (4 * 5600 * MIB, 1024 * MIB), (4 * 1400 * MIB, 350 * MIB), (1, 16 * MIB)],
)
def test_no_split_is_larger_than_memory_allows(
    log: Path, monkeypatch: pytest.MonkeyPatch, memory: float | None, most: int
) -> None:
    targets: list[int] = []
    cluster = {"CPU": 4.0} | ({} if memory is None else {"memory": memory})
    monkeypatch.setattr(rapidsse_ray.ray, "is_initialized", lambda: True)
    monkeypatch.setattr(rapidsse_ray.ray, "cluster_resources", lambda: cluster)

    def planned(paths: Any, *, target_bytes: int, **options: Any) -> Iterator[Split]:
        targets.append(target_bytes)
        for split in plan_splits(paths, **options):
            yield Split(1 << 40, split.logs, split.reading, split.packed)

    monkeypatch.setattr(rapidsse_ray, "plan_splits", planned)
    monkeypatch.setattr(_plan, "column_ratios", lambda *args: dict.fromkeys(args[2], 1.0))
    assert len(SSEDatasource(log).get_read_tasks(1)) == 1
    assert set(targets) == {most}


def test_planned_once(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Any] = []

    def planned(*args: Any, **options: Any) -> Iterator[Split]:
        found = plan_splits(*args, **options)
        plans.append(list(found))
        yield from plans[-1]

    monkeypatch.setattr(rapidsse_ray, "plan_splits", planned)
    source = SSEDatasource(log, target_bytes=10_000)
    pruned = source.apply_projection({"event": "event"})
    for each in (source, pruned, pruned.apply_projection({})):
        assert len(each.get_read_tasks(1)) == len(each.get_read_tasks(200)) > 10
        assert each.estimate_inmemory_data_size() is not None
    assert len(plans) == 1


# --- What a task is ---------------------------------------------------------------------


def test_a_task_holds_its_split_alone(tmp_path: Path) -> None:
    def largest(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"{number:04}.sse").write_bytes(b"data: {}\n\n")
        tasks = SSEDatasource(folder, target_bytes=8).get_read_tasks(1)
        assert len(tasks) == count
        return max(len(ray.cloudpickle.dumps(task)) for task in tasks)

    # Sizes may differ by the length of a name.
    assert abs(largest(400) - largest(2)) < 50


def test_inputs_are_named_up_to_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"{number}.sse").write_bytes(b"data: {}\n\n")
    (task,) = SSEDatasource(tmp_path).get_read_tasks(1)
    assert [Path(name).name for name in task.metadata.input_files] == [
        f"{number}.sse" for number in range(5)
    ]
    monkeypatch.setattr(rapidsse_ray, "_MAX_NAMED", 4)
    (task,) = SSEDatasource(tmp_path).get_read_tasks(1)
    assert task.metadata.input_files is None


def test_rows_past_the_limit_are_not_read(log: Path) -> None:
    (task,) = SSEDatasource(log).get_read_tasks(1, per_task_row_limit=5)
    blocks = [block.num_rows for block in task.read_fn()]
    assert max(blocks) == 5
    assert rows(SSEDatasource(log, target_bytes=10_000), per_task_row_limit=1) > 10
    assert rows(SSEDatasource(log), per_task_row_limit=5) == 5


def test_no_columns_but_all_rows(log: Path) -> None:
    for table in ("events", "images", "responses"):
        source = SSEDatasource(log, table=table, target_bytes=10_000)
        counted = source.apply_projection({})
        assert counted.get_projection_map() == {}
        assert rows(counted) == rows(source) == pa.table(rapidsse.scan(log, table=table)).num_rows


# --- The size ---------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["events", "images", "responses"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_size_of_a_log_that_is_too_large(table: str, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "log"
    content = b"".join(stream(number, 60_000, 400) for number in range(60))
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    assert len(content) > 4 * MIB
    for target in (MIB, 64 * MIB):
        source = SSEDatasource(path, table=table, target_bytes=target)
        real = pa.table(rapidsse.scan(path, table=table)).nbytes
        estimate = source.estimate_inmemory_data_size()
        assert estimate is not None
        assert real / 1.5 < estimate < real * 1.5
        sizes = [task.metadata.size_bytes or 0 for task in source.get_read_tasks(1)]
        assert sum(sizes) == pytest.approx(estimate, abs=len(sizes))


@pytest.mark.parametrize("table", ["events", "images", "responses"])
def test_the_size_of_many_logs(table: str) -> None:
    # One in five of these bytes are an only log's, which holds all the pictures.
    folder = str(corpus())
    real = pa.table(rapidsse.scan(folder, table=table)).nbytes
    estimate = SSEDatasource(folder, table=table).estimate_inmemory_data_size()
    assert estimate is not None
    assert real / 2 < estimate < real * 2


def test_the_size_of_events_larger_than_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(stream(0, 5 * MIB, 0) * 2)
    real = pa.table(rapidsse.scan(path, table="images")).nbytes
    estimate = SSEDatasource(path, table="images").estimate_inmemory_data_size()
    assert estimate is not None
    assert real / 2 < estimate < real * 2


def test_the_size_of_logs_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.sse.gz").write_bytes(b"\x1f\x8b\x08 and no more" * 1000)
    source = SSEDatasource(tmp_path, table="images")
    assert source.estimate_inmemory_data_size() == round(0.7 * 15_000)
    assert SSEDatasource(tmp_path / "none.sse").estimate_inmemory_data_size() == 0


@pytest.mark.parametrize("table", ["events", "failures"])
def test_reckoning_reads_the_beginnings(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    system = fsspec.filesystem("memory")
    content = stream(0, 60_000, 400) * 700
    assert len(content) > 60 * MIB
    system.pipe_file("/reckoned/log.sse", content)
    fetched: list[int] = []
    cat_file = type(system).cat_file

    def counted(self: Any, *args: Any, **options: Any) -> bytes:
        data: bytes = cat_file(self, *args, **options)
        fetched.append(len(data))
        return data

    monkeypatch.setattr(type(system), "cat_file", counted)
    try:
        source = SSEDatasource("memory://reckoned", table=table, target_bytes=1 << 30)
        assert source.estimate_inmemory_data_size() is not None
    finally:
        system.rm("/reckoned", recursive=True)
    assert 4 * MIB <= sum(fetched) < 10 * MIB
