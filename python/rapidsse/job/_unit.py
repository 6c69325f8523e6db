"""One unit of a job: its pieces are read, and its tables written where that is asked for."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from .._errors import InputError
from ..logs._open import Log, open_range
from ..logs.listing._listing import Listed, look
from ..logs.outputs._image_files import ImageFiles
from ..logs.outputs._parts import Part, open_part
from ..logs.tables._schemas import schema
from ..logs.tables._tables import LogTables
from ..logs.tables._totals import Totals
from ._folder import Outputs
from ._options import JobOptions
from ._plan import Piece, Unit

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HEADS", "InputChanged", "Result", "Stopped", "UnitReader"]

HEADS: dict[str, tuple[str, ...]] = {
    "responses": ("source", "response_id", "model", "status", "n_events", "complete"),
    "images": (
        "source", "item_id", "kind", "partial_image_index", "media_type", "width", "height", "size",
    ),
    "failures": ("source", "offset", "index", "kind", "message"),
}  # fmt: skip
"""The columns of the rows that a summary shows."""

_MAX_TEXT = 400


class Stopped(Exception):
    """The job is being stopped: the unit was not finished."""


class InputChanged(Exception):
    """An input is not what it was when the job began."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source} has changed while it was read: its part was left out; "
            "run again with --overwrite when nothing writes to it any more"
        )
        self.source = source


@dataclass(slots=True)
class Result:
    """What was found in a unit. `errors` are inputs and why they could not be read on."""

    totals: Totals = field(default_factory=Totals)
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    heads: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    def to_json(self) -> bytes:
        """The content of a unit's `done` file."""
        values = {"totals": self.totals.to_dict(), "errors": self.errors, "heads": self.heads}
        return json.dumps(values).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Result:
        """Raises `ValueError` for what is no such content."""
        return msgspec.convert(json.loads(content), cls)


class UnitReader:
    """Reads one unit. `position` and `events` may be looked at from other threads meanwhile."""

    def __init__(
        self, unit: Unit, inputs: Sequence[Listed], options: JobOptions, rows: int
    ) -> None:
        self._unit = unit
        self._inputs = inputs
        self._options = options
        self._rows = rows
        self._passed = 0
        self._counted = 0
        self._start = self._size = 0
        self._tables: LogTables | None = None

    @property
    def position(self) -> int:
        """Bytes of the inputs read so far, as they lie there."""
        tables = self._tables
        read = 0 if tables is None else tables.position - self._start
        return self._passed + min(max(read, 0), self._size)

    @property
    def events(self) -> int:
        """Events decoded so far, or nearly so."""
        tables = self._tables
        return max(self._counted, tables.totals.events if tables is not None else 0)

    def read(
        self,
        columns: Mapping[str, Sequence[str] | None],
        outputs: Outputs | None,
        stop: threading.Event,
    ) -> Result:
        """Reads all pieces, and writes the outputs; returns what was found.

        Raises `OutputError`, `InputChanged`, and `Stopped` soon after `stop` is set.
        """
        result = Result()
        sink = None
        if outputs is not None and "path" in (columns.get("images") or ()):
            sink = ImageFiles(outputs.images, outputs.shown)
        self._tables = tables = LogTables(
            columns, sink=sink, max_event_size=self._options.max_event_size
        )
        with self._parts(columns, outputs) as parts:
            for piece in self._unit:
                try:
                    with self._open(piece) as log:
                        for table, batch in tables.read(log):
                            if stop.is_set():
                                raise Stopped
                            self._take(result, parts, table, batch)
                except InputError as error:
                    result.errors.append((error.source, error.reason))
                if outputs is not None:
                    self._check(piece)
                self._passed, self._size = self._passed + self._size, 0
                self._counted = tables.totals.events
        result.totals = tables.totals
        self._count_ranges(result.totals)
        return result

    def _open(self, piece: Piece) -> Log:
        source, options = self._inputs[piece.input], self._options.reading
        if piece.stop is None:
            self._start, self._size = 0, source.size or 0
            return Log(source.source, options)
        self._start, self._size = piece.start, piece.stop - piece.start
        return open_range(source.source, piece.start, piece.stop, options)

    def _count_ranges(self, totals: Totals) -> None:
        # Each range counts as a log. A file is one input, counted with its first range.
        for piece in self._unit:
            if piece.stop is not None and totals.inputs:
                whole = self._inputs[piece.input].size or 0
                totals.input_bytes += piece.stop - piece.start - whole
                totals.inputs -= piece.start > 0

    def _check(self, piece: Piece) -> None:
        before = self._inputs[piece.input]
        if before.known and look(before.source) != before:
            raise InputChanged(before.source)

    def _take(
        self, result: Result, parts: Mapping[str, Part], table: str, batch: pa.RecordBatch
    ) -> None:
        if table == "events":
            self._counted += batch.num_rows
        if table in parts:
            parts[table].write(batch)
        if table in HEADS:
            head = result.heads.setdefault(table, [])
            if (wanted := self._rows - len(head)) > 0:
                columns = [name for name in HEADS[table] if name in batch.schema.names]
                rows = batch.slice(0, wanted).select(columns).to_pylist()
                head += [{name: _short(value) for name, value in row.items()} for row in rows]

    @contextlib.contextmanager
    def _parts(
        self, columns: Mapping[str, Sequence[str] | None], outputs: Outputs | None
    ) -> Generator[dict[str, Part]]:
        parts: dict[str, Part] = {}
        try:
            if outputs is not None:
                for table, path in outputs.tables.items():
                    shape = schema(table, columns[table])
                    parts[table] = open_part(path, shape, self._options.format)
            yield parts
            for part in parts.values():
                part.close()
        except BaseException:
            for part in parts.values():
                part.abandon()
            raise


def _short(value: Any) -> Any:
    return value[:_MAX_TEXT] if isinstance(value, str) else value
