"""`Batches`: the rows of the tables as record batches of Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ._arrow import Rows
from ._events import EventBatches
from ._schemas import TABLES, Table, schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Batches"]


class Batches:
    """Makes the batches of the tables in `columns`; see `schema` for what `None` stands for."""

    def __init__(
        self, columns: Mapping[str, Sequence[str] | None], batch_rows: int, *, views: bool
    ) -> None:
        """Raises `ValueError` for an unknown table or column."""
        for table in columns:
            schema(table, columns[table])
        self._batch_rows = batch_rows
        self._schemas: dict[Table, pa.Schema] = {
            table: schema(table, columns[table], views=views)
            for table in TABLES
            if table in columns
        }
        self.columns: Mapping[Table, Sequence[str]] = {
            table: made.names for table, made in self._schemas.items()
        }

    def rows(self, table: Table, *, blob: str = "") -> Rows:
        """Returns what takes the rows of a table; column `blob` holds its binary values."""
        return Rows(self._schemas[table], self._batch_rows, blob=blob)

    def events(self, source: str) -> EventBatches | None:
        """Returns what takes the engine's columns; `None` without the events table."""
        made = self._schemas.get("events")
        return None if made is None else EventBatches(made, source)
