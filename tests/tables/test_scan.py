"""`scan`: lazy, read anew each time, and taken as it is by the libraries that speak Arrow."""

from __future__ import annotations

import gc
import gzip
import os
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse._errors import InputError
from rapidsse.logs import SCHEMA_VERSION, Scan, scan, schema
from rapidsse.logs.tables._schemas import TABLES
from samples import DEMO, completed, created, delta, done, png, sse
from table_reading import EVERYTHING, rows

pa = pytest.importorskip("pyarrow")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder with two logs, in which every table has rows."""
    one = sse(created(), delta("one"), '{"cut', done("ig_1", png()), completed())
    two = sse(created("resp_2"), delta("two"), done("ig_2", png(9, 8)), completed("resp_2"))
    (tmp_path / "a.sse").write_bytes(one)
    (tmp_path / "b.sse").write_bytes(two + two + b'data: {"type"')
    return tmp_path


def expected(logs: Path, table: str) -> list[dict[str, Any]]:
    names = schema(table).names
    return [
        {name: row[name] for name in names}
        for log in ("a.sse", "b.sse")
        for row in rows(logs / log)[table]
    ]


def plain(table: Any) -> list[dict[str, Any]]:
    assert isinstance(table, pa.Table)
    return table.to_pylist()


@pytest.mark.parametrize("views", [False, True])
@pytest.mark.parametrize("table", TABLES)
class TestReaders:
    """Each library reads each table, of its own accord: through the PyCapsule interface."""

    def test_pyarrow(self, logs: Path, table: str, views: bool) -> None:
        found = pa.table(scan(logs, table=table, views=views))
        assert found.schema.equals(schema(table, views=views), check_metadata=True)
        assert plain(found) == expected(logs, table)

    def test_polars(self, logs: Path, table: str, views: bool) -> None:
        polars = pytest.importorskip("polars")
        found = polars.DataFrame(scan(logs, table=table, views=views))
        assert found.columns == schema(table).names
        assert found.to_dicts() == expected(logs, table)

    def test_duckdb(self, logs: Path, table: str, views: bool) -> None:
        duckdb = pytest.importorskip("duckdb")
        found = scan(logs, table=table, views=views)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("logs", found)
            columns = ", ".join(f'"{name}"' for name in schema(table).names)
            result = connection.sql(f"SELECT {columns} FROM logs").to_arrow_table()
        types = [field.type for field in schema(table)]
        assert len(types) == len(result.schema)
        assert result.to_pylist() == expected(logs, table)

    def test_pandas(self, logs: Path, table: str, views: bool) -> None:
        pandas = pytest.importorskip("pandas")
        if views:
            pytest.skip("pandas makes no columns of view types")
        found = pandas.DataFrame.from_arrow(scan(logs, table=table))
        wanted = expected(logs, table)
        assert list(found.columns) == schema(table).names
        assert len(found) == len(wanted)
        for name in found.columns:
            values = [None if pandas.isna(value) else value for value in found[name]]
            assert values == [row[name] for row in wanted], name

    def test_datafusion(self, logs: Path, table: str, views: bool) -> None:
        datafusion = pytest.importorskip("datafusion")
        context = datafusion.SessionContext()
        found = context.from_arrow(scan(logs, table=table, views=views))
        assert found.to_arrow_table().to_pylist() == expected(logs, table)


def test_it_is_in_the_package() -> None:
    assert rapidsse.scan is scan


def test_the_schema_is_known_before_anything_is_read() -> None:
    found = scan("/nowhere", table="images", columns=["sha256", "stream"])
    assert found.schema.names == ["sha256", "stream"]
    assert found.schema.metadata == {
        b"rapidsse.table": b"images",
        b"rapidsse.schema_version": str(SCHEMA_VERSION).encode(),
    }
    assert pa.schema(found) == found.schema
    with pytest.raises(InputError, match="nowhere"):
        list(found)


def test_it_is_read_again_each_time(logs: Path) -> None:
    found = scan((path for path in [logs / "a.sse"]), columns=["event"])
    assert pa.table(found) == pa.table(found) == pa.Table.from_batches(found)
    assert sum(batch.num_rows for batch in found.to_reader()) == 4
    (logs / "a.sse").write_bytes(sse(created()))
    assert pa.table(found).num_rows == 1


def test_it_is_read_while_it_is_consumed(logs: Path) -> None:
    reading = iter(scan([logs / "a.sse", logs / "missing.sse"], columns=["event"]))
    assert next(reading).num_rows == 4
    with pytest.raises(InputError, match="missing"):
        next(reading)


def opened() -> list[str]:
    """The logs that this process holds open or mapped."""
    files = [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]
    maps = [line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()]
    return [name for name in files + maps if name.endswith((".sse", ".sse.gz"))]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as on Linux")
def test_it_may_be_left(logs: Path) -> None:
    (logs / "c.sse.gz").write_bytes(gzip.compress((logs / "b.sse").read_bytes() * 1000))
    # What engines of earlier tests still hold is not this test's.
    gc.collect()
    for log in ("a.sse", "c.sse.gz"):
        reading = iter(scan(logs / log, batch_rows=2))
        next(reading)
        assert opened()
        del reading
        assert not opened()
        reader = scan(logs / log, batch_rows=2).to_reader()
        reader.read_next_batch()
        assert opened()
        del reader
        assert not opened()
        with pytest.raises(ZeroDivisionError):
            for _ in scan(logs / log, batch_rows=2):
                raise ZeroDivisionError
        gc.collect()
        assert not opened()
    # Others, of engines that earlier tests have started, come and go.
    ahead = [each for each in threading.enumerate() if each.name == "rapidsse read-ahead"]
    for thread in ahead:
        thread.join(10)
    assert not any(thread.is_alive() for thread in ahead)


def test_several_threads_may_read_it(logs: Path) -> None:
    found = scan(logs, columns=["source", "offset"])
    expected = pa.table(found)
    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(lambda _: pa.table(found), range(16)))
    assert all(table.equals(expected) for table in tables)


def test_columns_in_the_order_asked_for(logs: Path) -> None:
    found = pa.table(scan(logs, columns=["payload", "delta", "source"]))
    assert found.column_names == ["payload", "delta", "source"]
    assert found["payload"][1].as_py() == sse(delta("one")).decode()[6:-2]


def test_batches_have_at_most_so_many_rows(logs: Path) -> None:
    sizes = [batch.num_rows for batch in scan(logs / "b.sse", batch_rows=3)]
    assert sizes == [3, 3, 2]


def test_a_limit_to_events(logs: Path) -> None:
    found = pa.table(scan(logs / "a.sse", table="failures", max_event_size=100))
    assert "too_large" in found["kind"].to_pylist()


class Number:
    """A number without being an `int`, as those of numpy are."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __index__(self) -> int:
        return self._value


@pytest.mark.parametrize("limit", [0, 60, 2**70])
def test_numbers_that_are_no_int(logs: Path, limit: int) -> None:
    limits: dict[str, Any] = {"max_event_size": Number(limit), "batch_rows": Number(2)}
    batches = list(scan(logs, table="failures", **limits))
    assert batches == list(scan(logs, table="failures", max_event_size=limit, batch_rows=2))
    log = logs / "a.sse"
    opened = rapidsse.open_log(log, on_error="yield", max_event_size=limits["max_event_size"])
    expected = rapidsse.open_log(log, on_error="yield", max_event_size=limit)
    assert list(map(repr, opened)) == list(map(repr, expected))
    splits = rapidsse.plan_splits(logs, target_bytes=limits["batch_rows"])
    assert list(splits) == list(rapidsse.plan_splits(logs, target_bytes=2))


def test_a_requested_schema(logs: Path) -> None:
    found = scan(logs, columns=["event", "offset"])
    wanted = pa.schema([("event", pa.large_string()), ("offset", pa.int64())])
    reader = pa.RecordBatchReader.from_stream(found, schema=wanted)
    assert reader.schema.types == [pa.large_string(), pa.int64()]
    assert reader.read_all().num_rows == pa.table(found).num_rows


def test_a_log_that_breaks_is_heard_through_arrow(logs: Path) -> None:
    found = scan(logs / "missing.sse")
    with pytest.raises(Exception, match=r"missing\.sse"):
        pa.table(found)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        (
            {"table": "event"},
            r"unknown table 'event' \(did you mean events\?\); the tables are events",
        ),
        (
            {"columns": ["detla"]},
            r"no column 'detla' \(did you mean delta\?\); its columns are source, .*payload",
        ),
        ({"columns": ["delta", "index", "delta"]}, "delta is asked for twice"),
        ({"columns": []}, "no column of the events table"),
        ({"table": "images", "columns": ["path"]}, "ask for `bytes`"),
        ({"batch_rows": 0}, "batch_rows is at least 1, not 0"),
    ],
)
def test_what_cannot_be_asked_for(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scan(DEMO, **keywords)


def test_keywords_are_checked_before_anything_is_read() -> None:
    for keywords in ({"format": "x"}, {"compression": "x"}, {"max_event_size": -1}):
        with pytest.raises(ValueError, match=next(iter(keywords))):
            rapidsse.scan("logs", **keywords)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a log is a path, a URL or a buffer, not int"):
        rapidsse.scan([1])  # type: ignore[list-item]


def test_an_open_file_is_no_list_of_logs() -> None:
    """Iterating over it gives its lines."""
    with (
        open(DEMO, "rb") as file,
        pytest.raises(TypeError, match="a log is a path, a URL or a buffer, not BufferedReader"),
    ):
        rapidsse.scan(file)  # type: ignore[arg-type]


def test_it_pickles(logs: Path) -> None:
    scan = rapidsse.scan(logs, table="responses", columns=["model"])
    assert pa.table(pickle.loads(pickle.dumps(scan))) == pa.table(scan)


def test_columns_are_no_text() -> None:
    with pytest.raises(TypeError, match=r"\['delta'\]"):
        scan(DEMO, columns="delta")


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "rapidsse\[batch\]"'):
        scan(DEMO)


def test_its_repr_is_short() -> None:
    found = scan(DEMO, columns=["delta", "event"])
    assert isinstance(found, Scan)
    assert repr(found) == "<Scan of events: delta, event>"


@pytest.mark.parametrize("table", TABLES)
def test_the_documentation(logs: Path, table: str) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "tables.md").read_text()
    section = documented.split(f"\n## `{table}`\n")[1].split("\n## ")[0].split("\n### ")[0]
    cells = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    whole = schema(table, [*EVERYTHING[table], *(["path"] if table == "images" else [])])
    assert [cell[1].strip(" `") for cell in cells] == whole.names
    types = [str(type).replace("[us, tz=UTC]", "") for type in whole.types]
    assert [cell[2].strip() for cell in cells] == types
    (never,) = [line for line in section.splitlines() if line.startswith("Never null:")]
    found = pa.table(scan(logs, table=table))
    assert found.num_rows
    for name in never.split(".")[0].split("`")[1::2]:
        assert found[name].null_count == 0, name
