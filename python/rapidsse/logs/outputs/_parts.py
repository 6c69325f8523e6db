"""Part files of a table: Parquet, or JSON Lines.

Memory is bounded, and the bytes of a part file depend on its rows alone.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from ._directory import Directory
from ._output import reported

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

__all__ = ["Part", "PartFormat", "open_part"]

PartFormat = Literal["parquet", "jsonl"]

ROW_GROUP_ROWS = 1 << 17
ROW_GROUP_BYTES = 4 << 20
"""A row group ends with the batch that reaches either; bytes in memory, not compressed."""

SMALL_BYTES = 64 << 10
"""A table of no more is not compressed: to make a compressor for each column takes longer."""

MOST_BATCHES = 256
"""So many batches are joined into one: a small batch takes far more memory than its bytes."""

_GROWING = frozenset({"offset", "length", "index", "sequence_number"})
"""Numbers that are small as differences."""
_UNIQUE = frozenset(
    {"bytes", "data", "delta", "message", "output_text", "path", "payload", "sha256"}
)
"""Values that hardly ever repeat: Parquet would fill a dictionary, and then drop it."""


class Part(Protocol):
    """A part file under construction. The methods raise `OutputError`."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""

    def close(self) -> None:
        """Completes the file."""

    def abandon(self) -> None:
        """Closes the file without completing it. Raises nothing."""


def open_part(folder: Directory, name: str, schema: pa.Schema, format: PartFormat) -> Part:
    """Makes a part file, which must not exist. Raises `OutputError`."""
    if format == "parquet":
        return ParquetPart(folder, name, schema)
    return JsonLinesPart(folder, name)


class ParquetPart:
    """A Parquet file in row groups."""

    def __init__(self, folder: Directory, name: str, schema: pa.Schema) -> None:
        import pyarrow as pa

        self._path = folder.path / name
        self._schema = schema
        self._table = pa.Table
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        created = folder.create(name)
        with reported(self._path):
            try:
                # A file of Arrow's: it writes without the interpreter's lock. Arrow opens a path;
                # this one is the file that was just made, whatever its folder has become.
                opened = f"/dev/fd/{created}"
                path = opened if os.path.exists(opened) else str(self._path)
                self._file = pa.OSFile(path, "wb")
            finally:
                os.close(created)
        # Made with the first rows, which say how they are compressed.
        self._writer: parquet.ParquetWriter | None = None

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
            self._opened().close()
            self._file.close()

    def abandon(self) -> None:
        """Closes the file without completing it."""
        self._batches.clear()
        for each in (self._writer, self._file):
            # The disk may be full. The caller removes the file.
            with contextlib.suppress(OSError):
                if each is not None:
                    each.close()

    def _flush(self) -> None:
        if self._rows:
            with reported(self._path):
                table = self._table.from_batches(self._batches, self._schema)
                self._opened().write_table(table, row_group_size=self._rows)
            self._batches.clear()
            self._rows = self._bytes = 0

    def _opened(self) -> parquet.ParquetWriter:
        if self._writer is None:
            from pyarrow import parquet

            is_small = self._bytes <= SMALL_BYTES
            encodings = _encodings(self._schema, "none" if is_small else "zstd")
            self._writer = parquet.ParquetWriter(self._file, self._schema, **encodings)
        return self._writer


def _encodings(schema: pa.Schema, compression: str) -> dict[str, Any]:
    """Returns how the columns are encoded and compressed: keywords of `ParquetWriter`."""
    from pyarrow import types

    from ..tables._arrow import types as types_of

    names = schema.names
    return {
        # The least and greatest text would cost a comparison per row. Only those of `source` tell
        # a reader what to skip: rows are in the order of the logs.
        "write_statistics": [
            name
            for name, type in types_of(schema).items()
            if name == "source" or types.is_integer(type) or types.is_temporal(type)
        ],
        # Parquet checks whether a page is full after so many rows: a page of 1024 images would be
        # copied as a whole.
        "write_batch_size": 1 if "bytes" in names else 1024,
        # Images are compressed already.
        "compression": {name: "none" if name == "bytes" else compression for name in names},
        "use_dictionary": [name for name in names if name not in _GROWING | _UNIQUE],
        "column_encoding": {name: "DELTA_BINARY_PACKED" for name in names if name in _GROWING},
    }


class JsonLinesPart:
    """Rows as JSON objects: bytes as base64, times as in RFC 3339."""

    def __init__(self, folder: Directory, name: str) -> None:
        self._path = folder.path / name
        self._encoder = msgspec.json.Encoder()
        self._file = open(folder.create(name), "wb")  # noqa: SIM115

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
            # The disk may be full. The caller removes the file.
            return
