"""The columns of the events table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ._log_fields import Fields
from ._log_payload import elided
from ._spans import Spans

INT_COLUMNS = (
    "stream",
    "offset",
    "length",
    "index",
    "sequence_number",
    "output_index",
    "content_index",
)
STRING_COLUMNS = ("response_id", "event", "item_id", "delta", "payload")


class Row(NamedTuple):
    """An event of the table; its columns are members of it, or of its fields."""

    stream: int
    offset: int
    length: int
    number: int
    response_id: str | None
    event: str
    fields: Fields
    content: bytes | memoryview
    spans: Spans


_VALUES: dict[str, Any] = {
    "stream": lambda row: row.stream,
    "offset": lambda row: row.offset,
    "length": lambda row: row.length,
    "index": lambda row: row.number,
    "sequence_number": lambda row: row.fields.sequence_number,
    "output_index": lambda row: row.fields.output_index,
    "content_index": lambda row: row.fields.content_index,
    "response_id": lambda row: row.response_id,
    "event": lambda row: row.event,
    "item_id": lambda row: row.fields.item_id,
    "delta": lambda row: row.fields.delta,
    "payload": lambda row: elided(row.content, row.spans),
}


class Columns:
    """The rows of a batch."""

    def __init__(self, names: Sequence[str], batch_rows: int, batch_bytes: int) -> None:
        for name in names:
            if name not in _VALUES:
                known = ", ".join(INT_COLUMNS + STRING_COLUMNS)
                raise ValueError(f"no such column: {name!r}; the columns are {known}")
        for option, size in (("batch_rows", batch_rows), ("batch_bytes", batch_bytes)):
            if size < 1:
                raise ValueError(f"{option} must be at least 1, not {size}")
        self._names = tuple(dict.fromkeys(names))
        self._batch_rows = batch_rows
        self._batch_bytes = batch_bytes
        self._clear()

    def _clear(self) -> None:
        self.rows = 0
        # The bytes of the strings, as UTF-8.
        self._size = 0
        self._columns: dict[str, list[Any]] = {name: [] for name in self._names}

    @property
    def need_spans(self) -> bool:
        return "payload" in self._columns

    @property
    def are_full(self) -> bool:
        return self.rows >= self._batch_rows or self._size >= self._batch_bytes

    def append(self, row: Row) -> None:
        self.rows += 1
        for name, values in self._columns.items():
            value = _VALUES[name](row)
            values.append(value)
            if type(value) is str:
                self._size += len(value) if value.isascii() else len(value.encode())

    def take(self) -> tuple[int, dict[str, Any]]:
        taken = self.rows, self._columns
        self._clear()
        return taken
