"""The failures table: everything that did not decode, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ._arrow import Rows

if TYPE_CHECKING:
    import pyarrow as pa

    from ._bodies import Damage

__all__ = ["Failures"]

MAX_MESSAGE = 1000
"""Characters of a message: it may quote the log."""


class _Object(msgspec.Struct):
    """Any JSON object."""


class Failures:
    """Collects the rows of one log."""

    def __init__(
        self, schema: pa.Schema, source: str, batch_rows: int, max_event_size: int | None
    ) -> None:
        self.rows = Rows(schema, batch_rows, blob="data", texts=["message"])
        self._source = source
        self._explains = "message" in schema.names
        self._limit = max_event_size

    def event(
        self,
        payload: bytes | memoryview | None,
        stream: int,
        offset: int,
        length: int,
        index: int,
        event: str,
        kind: str,
    ) -> None:
        """An event that did not decode, as `LogHandler.failure` is told of it."""
        message = self._message(payload, kind) if self._explains else ""
        self.add(stream, offset, length, index, event, kind, message, payload)

    def damage(self, damage: Damage) -> None:
        """A part of the log in which no event could be looked for."""
        self.add(
            None, damage.offset, damage.length, None, None, damage.kind, damage.message, damage.data
        )

    def add(
        self,
        stream: int | None,
        offset: int,
        length: int,
        index: int | None,
        event: str | None,
        kind: str,
        message: str,
        data: bytes | memoryview | None,
    ) -> None:
        """A row. Where no event is to blame, `stream`, `index` and `event` are `None`."""
        self.rows.blob(data)
        self.rows.add(
            {
                "source": self._source,
                "stream": stream,
                "offset": offset,
                "length": length,
                "index": index,
                "event": event,
                "kind": kind,
                "message": message[:MAX_MESSAGE],
            }
        )

    def _message(self, payload: bytes | memoryview | None, kind: str) -> str:
        if payload is None:
            return f"larger than the limit of {self._limit} bytes: raise it to read the event"
        if kind == "depth":
            return "nested more than 128 levels deep"
        if kind == "utf8":
            try:
                str(payload, "utf-8")
            except UnicodeDecodeError as error:
                return f"invalid UTF-8 at byte {error.start} of the payload: {error.reason}"
        # Whichever engine refused it, these are the words. The first try skips the values: what
        # it makes of a large payload's beginning would be large as well.
        for expected in (_Object, dict):
            try:
                msgspec.json.decode(payload, type=expected)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                return str(error)
        return "does not decode"
