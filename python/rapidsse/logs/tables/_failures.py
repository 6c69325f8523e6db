"""The failures table: everything that did not decode, and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._reasons import reason_of
from ._interleaved import INTERLEAVED
from ._rows import TableRows
from ._schemas import MAX_EVENT

if TYPE_CHECKING:
    from ..._engine import Failure, Place
    from .._bodies import Damage

__all__ = ["Failures"]

MAX_MESSAGE = 1000
"""Characters of a message: it may quote the log."""


class Failures:
    """Collects the rows of one log."""

    def __init__(
        self, rows: TableRows, columns: Collection[str], source: str, max_event_size: int | None
    ) -> None:
        self._rows = rows
        self._source = source
        self._explains = "message" in columns
        self._limit = max_event_size

    def event(self, failure: Failure) -> None:
        """An event that did not decode."""
        kind, payload, message = failure.kind, failure.payload, ""
        if self._explains and kind == "too_large" and self._limit == MAX_EVENT:
            message = f"larger than {MAX_EVENT:,} bytes, the most that a table holds of an event"
        elif self._explains:
            message = reason_of(kind, payload, self._limit)
        self._add_event(failure.place, failure.name, kind, message, payload)

    def broken_image(self, place: Place, name: str, message: str, encoded: memoryview) -> None:
        """An image of the event there is not valid base64."""
        self._add_event(place, name, "base64", message, encoded)

    def interleaved(self, stream: int) -> None:
        """The stream there has the rest of a response before it."""
        self._add(Row(stream, 0, "interleaved", INTERLEAVED, stream=stream))

    def _add_event(
        self, place: Place, name: str, kind: str, message: str, data: bytes | memoryview | None
    ) -> None:
        self._add(
            Row(place.offset, place.length, kind, message, data, place.stream, place.index, name)
        )

    def damage(self, damage: Damage) -> None:
        """A part of the log in which no event could be looked for."""
        self._add(Row(damage.offset, damage.length, damage.kind, damage.message, damage.data))

    def broken_input(self, offset: int, message: str) -> None:
        """The log itself broke, after so many bytes of its content."""
        self._add(Row(offset, 0, "input", message))

    def _add(self, row: Row) -> None:
        # A view of binary holds no more.
        data = row.data
        self._rows.blob(None if data is None or len(data) > MAX_EVENT else data)
        self._rows.add(
            {
                "source": self._source,
                "stream": row.stream,
                "offset": row.offset,
                "length": row.length,
                "index": row.index,
                "event": row.event,
                "kind": row.kind,
                "message": row.message[:MAX_MESSAGE],
            }
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row. Where no event is to blame, `stream`, `index` and `event` are `None`."""

    offset: int
    length: int
    kind: str
    message: str
    data: bytes | memoryview | None = None
    stream: int | None = None
    index: int | None = None
    event: str | None = None
