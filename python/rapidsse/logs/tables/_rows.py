"""What the rows of the tables become: record batches, or rows that are kept as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ._schemas import Table

if TYPE_CHECKING:
    import pyarrow as pa
    from typing_extensions import Buffer

    from ._arrow import Blobs
    from ._events import EventBatches

__all__ = ["FirstRows", "Store", "TableRows"]


class TableRows(Protocol):
    """The rows of one table and one log. Those in `ready` are complete batches."""

    ready: list[pa.RecordBatch]
    blobs: Blobs | None
    """The column of binary values, if it is among the columns."""

    def room(self, size: int) -> memoryview:
        """Returns where the next row's blob is to be written, if there are `blobs`."""
        ...

    def blob(self, data: Buffer | None) -> None:
        """Writes the next row's blob, if there are `blobs`."""
        ...

    def add(self, row: Mapping[str, Any]) -> None:
        """Takes of `row` what the columns need."""
        ...

    def flush(self) -> None:
        """Makes a batch of the rows so far."""
        ...

    def take(self) -> list[pa.RecordBatch]:
        """Returns the batches that are ready; then none is."""
        ...


class Store(Protocol):
    """What the rows of several tables, and of one log after another, are put into."""

    @property
    def columns(self) -> Mapping[Table, Sequence[str]]:
        """The tables, and the columns of each."""
        ...

    def rows(self, table: Table, *, blob: str = "") -> TableRows:
        """Returns what takes the rows of a table; column `blob` holds its binary values."""
        ...

    def events(self, source: str) -> EventBatches | None:
        """Returns what takes the engine's columns; `None` without the events table."""
        ...


class FirstRows:
    """Keeps the first rows of tables, in `kept`. Needs no pyarrow: nothing becomes a batch."""

    def __init__(self, columns: Mapping[Table, Sequence[str]], most: int) -> None:
        """`most` bounds the rows of each table."""
        if "events" in columns:
            raise ValueError("the rows of the events table are not kept")
        self.columns = columns
        self.kept: dict[str, list[dict[str, Any]]] = {}
        self._most = most

    def rows(self, table: Table, *, blob: str = "") -> TableRows:
        """Returns what takes the rows of a table."""
        kept = self.kept.setdefault(table, [])
        return _Kept(self.columns[table], kept, self._most)

    def events(self, source: str) -> None:
        """Returns `None`: there is no events table."""


class _Kept:
    def __init__(self, columns: Sequence[str], kept: list[dict[str, Any]], most: int) -> None:
        self.ready: list[pa.RecordBatch] = []
        self.blobs: Blobs | None = None
        self._columns = columns
        self._kept = kept
        self._most = most

    def room(self, size: int) -> memoryview:
        raise NotImplementedError

    def blob(self, data: Buffer | None) -> None: ...

    def add(self, row: Mapping[str, Any]) -> None:
        if len(self._kept) < self._most:
            self._kept.append({name: row[name] for name in self._columns})

    def flush(self) -> None: ...

    def take(self) -> list[pa.RecordBatch]:
        return []
