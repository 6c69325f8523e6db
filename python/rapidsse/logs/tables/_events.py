"""The events table: the engine's columns, and the name of the log they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from ._arrow import SourceColumn, batch, from_engine, types

if TYPE_CHECKING:
    from ..._rust import _Column

__all__ = ["EventBatches"]

FLUSH_NAMES = 4 << 20
"""Characters that the log's name may have in a batch: each row has it."""


class EventBatches:
    """Turns what `LogReader.take` gives into batches."""

    def __init__(self, schema: pa.Schema, source: str) -> None:
        self._schema = schema
        self._types = types(schema)
        self.engine_columns = [name for name in self._types if name != "source"]
        """What the engine is to fill."""
        self.most_rows = max(1, FLUSH_NAMES // (len(source) + 1))
        """Rows of a batch, so that the name of the log, which each of them has, is bounded."""
        self._source = SourceColumn(source, self._types.get("source", pa.string()))

    def __call__(self, taken: tuple[int, dict[str, _Column]]) -> pa.RecordBatch:
        rows, columns = taken
        arrays = [
            self._source(rows) if name == "source" else from_engine(columns[name], rows, type)
            for name, type in self._types.items()
        ]
        return batch(arrays, self._schema)
