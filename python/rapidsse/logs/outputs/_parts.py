"""One part of a table as a file: Parquet, or a JSON object a line.

What is not yet written is bounded, and the bytes of a part depend on its rows only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from ._output import reported

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Part", "PartFormat", "open_part"]

PartFormat = Literal["parquet", "jsonl"]

ROW_GROUP_ROWS = 1 << 17
ROW_GROUP_BYTES = 8 << 20
"""A row group ends with the batch that reaches either. In memory, before compression."""

MOST_BATCHES = 256
"""So many are put together into one: a small batch takes far more memory than its bytes."""

_GROWING = frozenset({"offset", "length", "index", "sequence_number"})
"""Numbers that are best kept as differences."""
_UNIQUE = frozenset(
    {"bytes", "data", "delta", "message", "output_text", "path", "payload", "sha256"}
)
"""Values that hardly ever come twice: a dictionary would only fill memory, and be given up."""


class Part(Protocol):
    """A file under construction. The methods raise `OutputError`."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""

    def close(self) -> None:
        """Completes the file."""

    def abandon(self) -> None:
        """Lets go of the file, which is not wanted any more. Raises nothing."""


def open_part(path: Path, schema: pa.Schema, format: PartFormat) -> Part:
    """Makes a file, which must not exist. Raises `OutputError`."""
    return ParquetPart(path, schema) if format == "parquet" else JsonLinesPart(path)


class ParquetPart:
    """A Parquet file in row groups."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self._path = path
        self._schema = schema
        self._table = pa.Table
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        with reported(path):
            # Not a file of Python's: Arrow writes to its own without the interpreter's lock.
            self._file = pa.OSFile(str(path), "wb")
            try:
                self._writer = parquet.ParquetWriter(self._file, schema, **_encodings(schema))
            except BaseException:
                self._file.close()
                raise

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if len(self._batches) == MOST_BATCHES:
            table = self._table.from_batches(self._batches, self._schema)
            self._batches = table.combine_chunks().to_batches()
        if self._rows >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Completes the file."""
        self._flush()
        with reported(self._path):
            self._writer.close()
            self._file.close()

    def abandon(self) -> None:
        """Closes the file without its end."""
        self._batches.clear()
        for each in (self._writer, self._file):
            try:
                each.close()
            except OSError:
                # The disk may be full; the file is removed in any case.
                continue

    def _flush(self) -> None:
        if self._rows:
            with reported(self._path):
                table = self._table.from_batches(self._batches, self._schema)
                self._writer.write_table(table, row_group_size=self._rows)
            self._batches.clear()
            self._rows = self._bytes = 0


def _encodings(schema: pa.Schema) -> dict[str, Any]:
    """How the columns are encoded, as `ParquetWriter` is told."""
    from pyarrow import types

    from ..tables._arrow import types as types_of

    names = schema.names
    return {
        # Of texts the least and the greatest would cost a comparison a row. Only of `source`,
        # which rows stand together by, they tell a reader what to pass over.
        "write_statistics": [
            name
            for name, type in types_of(schema).items()
            if name == "source" or types.is_integer(type) or types.is_temporal(type)
        ],
        # A page ends where it is looked at: pictures would otherwise be copied into one page
        # of a thousand.
        "write_batch_size": 1 if "bytes" in names else 1024,
        # Pictures are compressed as they are.
        "compression": {name: "none" if name == "bytes" else "zstd" for name in names},
        "use_dictionary": [name for name in names if name not in _GROWING | _UNIQUE],
        "column_encoding": {name: "DELTA_BINARY_PACKED" for name in names if name in _GROWING},
    }


class JsonLinesPart:
    """Rows as JSON objects: bytes as base64, times as in RFC 3339."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.json.Encoder()
        with reported(path):
            self._file = open(path, "xb")  # noqa: SIM115

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""
        with reported(self._path):
            for start in range(0, batch.num_rows, 1024):
                rows: list[dict[str, Any]] = batch.slice(start, 1024).to_pylist()
                self._file.write(self._encoder.encode_lines(rows))

    def close(self) -> None:
        """Completes the file."""
        with reported(self._path):
            self._file.close()

    def abandon(self) -> None:
        """Closes the file."""
        try:
            self._file.close()
        except OSError:
            # The disk may be full; the file is removed in any case.
            return
