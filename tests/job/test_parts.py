"""Parts of tables: what waits to be written is bounded, also where it comes in small batches."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rapidsse.logs import schema
from rapidsse.logs.outputs._directory import Directory
from rapidsse.logs.outputs._parts import SMALL_BYTES, open_part


def test_small_batches_take_no_more_memory_than_their_rows(tmp_path: Path) -> None:
    shape = schema("responses")
    row = {name: None for name in shape.names} | {"source": "a", "n_events": 1}
    part = open_part(Directory(tmp_path), "part.parquet", shape, "parquet")
    before = pa.total_allocated_bytes()
    batches = 5000
    for _ in range(batches):
        # A copy, as each comes with memory of its own.
        part.write(pa.RecordBatch.from_pylist([row], shape))
    # 64 bytes at least for each buffer of each column would be some kilobytes a row.
    assert pa.total_allocated_bytes() - before < 1000 * batches
    part.close()
    assert pq.read_table(tmp_path / "part.parquet").num_rows == batches


@pytest.mark.parametrize(
    ("rows", "compression"), [(0, None), (1, "UNCOMPRESSED"), (2, "UNCOMPRESSED"), (3, "ZSTD")]
)
def test_a_small_part_is_not_compressed(tmp_path: Path, rows: int, compression: str | None) -> None:
    """A compressor for each column takes longer than the rows are worth."""
    shape = schema("responses")
    text = "x" * (SMALL_BYTES * 2 // 5)
    row = {name: None for name in shape.names} | {"source": "a", "output_text": text}
    part = open_part(Directory(tmp_path), "part.parquet", shape, "parquet")
    for _ in range(rows):
        part.write(pa.RecordBatch.from_pylist([row], shape))
    part.close()
    file = pq.ParquetFile(tmp_path / "part.parquet")
    assert file.schema_arrow == shape
    assert file.read().to_pylist() == [row] * rows
    found = {
        file.metadata.row_group(0).column(number).compression
        for number in range(len(shape))
        if rows
    }
    assert found == ({compression} if compression else set())
