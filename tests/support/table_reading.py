"""Reads the tables of a log into plain rows, and checks their invariants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from item_oracle import comparable
from rapidsse.logs._open import open_log
from rapidsse.logs.tables._schemas import TABLES, schema
from rapidsse.logs.tables._tables import LogTables
from rapidsse.logs.tables._totals import Totals

Row = dict[str, Any]

# All columns but the path, which only a run that writes files has.
EVERYTHING: dict[str, list[str]] = {
    table: [
        *schema(table).names,
        *(["payload"] if table == "events" else []),
    ]
    for table in TABLES
}


def batches(
    path: Path,
    columns: Mapping[str, Sequence[str] | None] = EVERYTHING,
    *,
    fails: type[Exception] | None = None,
    format: Any = None,
    compression: Any = None,
    **keywords: Any,
) -> tuple[dict[str, list[pa.RecordBatch]], Totals]:
    """The batches of each table, and the totals; `fails` is what reading ends with."""
    tables = LogTables(columns, **keywords)
    found: dict[str, list[pa.RecordBatch]] = {table: [] for table in columns}
    views = keywords.get("views", False)
    with open_log(path, format=format, compression=compression) as log:
        reading = tables.read(log)
        while True:
            try:
                table, batch = next(reading)
            except StopIteration:
                assert fails is None
                break
            except Exception as error:
                if fails is None or not isinstance(error, fails):
                    raise
                break
            batch.validate(full=True)
            assert batch.num_rows > 0
            assert batch.schema.equals(
                schema(table, columns[table], views=views), check_metadata=True
            )
            found[table].append(batch)
        totals = tables.totals
        counts = totals.of_events
        parts = counts.event_bytes, counts.failure_bytes, counts.other_bytes
        assert sum(parts) == counts.body_bytes
        assert totals.of_logs.content_bytes == log.content
    for table, number in (
        ("events", totals.of_events.events),
        ("images", totals.of_streams.images),
        ("responses", totals.of_streams.responses),
        ("failures", totals.of_events.failures),
    ):
        if table in found:
            assert sum(batch.num_rows for batch in found[table]) == number
    return found, totals


def rows(path: Path, *args: Any, **keywords: Any) -> dict[str, list[Row]]:
    """The rows of each table."""
    found, _ = batches(path, *args, **keywords)
    return {
        table: [row for batch in parts for row in batch.to_pylist()]
        for table, parts in found.items()
    }


def table_of(path: Path, table: str, columns: Sequence[str] | None = None) -> list[Row]:
    """The rows of one table, read alone."""
    return rows(path, {table: columns or EVERYTHING[table]})[table]


def assert_same(found: Mapping[str, list[Row]], expected: Mapping[str, list[Row]]) -> None:
    """Asserts that the tables equal those of `expected_tables`, and that failures have a message."""
    for table in found:
        assert len(found[table]) == len(expected[table]), table
        for number, (row, other) in enumerate(zip(found[table], expected[table], strict=True)):
            here = dict(row)
            if table == "items":
                here, other = comparable(here), comparable(other)
            if table == "failures":
                assert here.pop("message")
            if here != other:
                differing = [name for name in other if here.get(name) != other[name]]
                pytest.fail(
                    f"row {number} of {table}: "
                    + "; ".join(
                        f"{name} is {str(here.get(name))[:80]}, not {str(other[name])[:80]}"
                        for name in differing
                    )
                )
