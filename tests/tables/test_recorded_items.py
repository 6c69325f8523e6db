"""The responses and items of recordings of each kind are those of their events, read by the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import rapidsse
from item_oracle import comparable
from table_oracle import expected_tables

CASES = Path(__file__).parent.parent / "support" / "cases"
READ = sorted(path.name for path in CASES.iterdir() if ".tar" not in path.name)
# What tells where a stream lies in its log, and its events.
PLACES = ("source", "stream", "n_images")


def bodies(path: Path) -> list[bytes]:
    """The events of each stream, as it would have been sent."""
    streams: dict[int, bytes] = {}
    with rapidsse.open_log(path) as log:
        for event in log:
            name = f"event: {event.event}\n".encode()
            block = name + b"data: %b\n\n" % bytes(event.data_bytes)
            streams[event.stream] = streams.get(event.stream, b"") + block
    return list(streams.values())


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("table", ["responses", "items"])
def test_a_recording(name: str, table: Any) -> None:
    path = CASES / name
    expected = [row for body in bodies(path) for row in expected_tables("", [(0, body)])[table]]
    found = pa.table(rapidsse.scan(path, table=table)).to_pylist()
    for rows in (expected, found):
        for number, row in enumerate(rows):
            rows[number] = comparable(row) if table == "items" else row
            for place in PLACES:
                rows[number].pop(place, None)
    assert found == expected
    assert found or name == "keepalive_data.sse"
