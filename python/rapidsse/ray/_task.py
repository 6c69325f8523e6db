"""The function of a read task: reads one split as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from ..logs.tables._schemas import schema
from ..splits import Split, read_split

if TYPE_CHECKING:
    from ..splits import OnInputError

__all__ = ["ReadSplit", "shape_of"]

_NO_COLUMNS = "__bsp_stub"
"""Ray's name for the column of a block that has only a number of rows; it shows it to nobody."""


def shape_of(table: str, columns: Sequence[str]) -> pa.Schema:
    """The schema of the blocks."""
    return schema(table, columns) if columns else pa.schema([(_NO_COLUMNS, pa.null())])


class ReadSplit:
    """Reads one split, each time that it is called."""

    # Ray shows it when it warns of the size of the task.
    __name__ = "read_split"

    def __init__(
        self,
        split: Split,
        table: str,
        columns: Sequence[str],
        batch_rows: int,
        on_input_error: OnInputError,
    ) -> None:
        self._split = split
        self._table = table
        self._columns = columns
        self._batch_rows = batch_rows
        self._on_input_error: OnInputError = on_input_error

    def __call__(self) -> Iterator[pa.Table]:
        # Without columns, rows are counted by one that costs little.
        read = self._columns or ("source",)
        batches = read_split(
            self._split,
            table=self._table,
            columns=read,
            batch_rows=self._batch_rows,
            on_input_error=self._on_input_error,
        )
        # Without rows there is still a block, which has the columns.
        for batch in chain(batches, (_empty(self._table, read),)):
            yield pa.Table.from_batches([batch]) if self._columns else _only_counted(batch)


def _only_counted(batch: pa.RecordBatch) -> pa.Table:
    return pa.table({_NO_COLUMNS: pa.nulls(batch.num_rows)})


def _empty(table: str, columns: Sequence[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema(table, columns))
