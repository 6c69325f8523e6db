"""The columns of the events table. `_VALUES` lists them: for another one add a line there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, index
from typing import Any, NamedTuple

from .._spans import Spans
from ._fields import Fields
from ._objects import Place
from ._payload import elided


class Row(NamedTuple):
    """An event of the table; its columns are members of it, of its place or of its fields."""

    place: Place
    response_id: str | None
    event: str
    fields: Fields
    content: bytes | memoryview
    spans: Spans


def _payload(row: Row) -> str:
    return elided(row.content, row.spans)


_VALUES: dict[str, Callable[[Row], Any]] = {
    "stream": attrgetter("place.stream"),
    "offset": attrgetter("place.offset"),
    "length": attrgetter("place.length"),
    "index": attrgetter("place.index"),
    "sequence_number": attrgetter("fields.sequence_number"),
    "output_index": attrgetter("fields.output_index"),
    "content_index": attrgetter("fields.content_index"),
    "response_id": attrgetter("response_id"),
    "event": attrgetter("event"),
    "item_id": attrgetter("fields.item_id"),
    "delta": attrgetter("fields.delta"),
    "payload": _payload,
}


def _checked(name: str) -> str:
    if name not in tuple(_VALUES):
        raise ValueError(f"no such column: {name!r}; the columns are {', '.join(_VALUES)}")
    return name


def _limit(option: str, limit: int) -> int:
    limit = index(limit)
    if limit < 1:
        raise ValueError(f"{option} must be at least 1, not {limit}")
    return limit


class Columns:
    """The rows of a batch."""

    def __init__(self, names: Sequence[str], batch_rows: int, batch_bytes: int) -> None:
        self._names = tuple(dict.fromkeys(map(_checked, names)))
        self._batch_rows = _limit("batch_rows", batch_rows)
        self._batch_bytes = _limit("batch_bytes", batch_bytes)
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
