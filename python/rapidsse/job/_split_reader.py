"""Reads one split of a job, and writes its part files where the job has an output folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import InputError
from .._names import spelled
from ..logs._open import Log
from ..logs._range import Edges
from ..logs.listing._listing import stat_log
from ..logs.outputs._image_files import ImageFiles
from ..logs.sources._remote import is_url
from ..logs.tables._rows import FirstRows
from ..logs.tables._tables import LogTables
from ..splits._open import open_ahead
from ..splits._split import LogRange, Split
from ._folder import Outputs
from ._options import JobOptions
from ._outcome import HEADS, Result
from ._part_files import PartFiles

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LogChanged", "SplitReader", "Stopped"]

_MAX_TEXT = 400
"""Characters of a cell that a summary keeps."""


class Stopped(Exception):
    """The job is being stopped: the split was not finished."""


class LogChanged(Exception):
    """A log is not what it was when the job was planned."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{spelled(source)} changed while it was read: its part was left out; "
            "run again with --overwrite when nothing writes to it any more"
        )
        self.source = source

    def __reduce__(self) -> tuple[object, ...]:
        return LogChanged, (self.source,)


class SplitReader:
    """Reads one split. Other threads may ask for `position` and `events` meanwhile."""

    def __init__(
        self,
        split: Split,
        options: JobOptions,
        columns: Mapping[str, Sequence[str] | None],
        outputs: Outputs | None,
        rows: int,
        edges: Edges,
    ) -> None:
        """`outputs` is where the tables and images of `columns` are written; `None`: nowhere.

        `rows` bounds the rows that the result keeps of each table in `HEADS`. `edges` are those
        that the readers of this process share.
        """
        self._sink: ImageFiles | None = None
        if outputs is not None and "path" in (columns.get("images") or ()):
            self._sink = ImageFiles(outputs.folder, outputs.images, outputs.shown)
        self._split = split
        self._edges = edges
        self._rows = rows
        self._parts = PartFiles(columns, outputs, options.format)
        # Without an output there are no batches, and pyarrow is not needed.
        self._first = FirstRows(HEADS, rows) if outputs is None else None
        self._tables = LogTables(
            columns if self._first is None else self._first,
            sink=self._sink,
            max_event_size=options.reading.max_event_size,
        )
        self._result = Result()
        # Bytes and events of the ranges that were read.
        self._passed = self._counted = 0
        # Of the range that is being read.
        self._start = self._size = 0

    @property
    def position(self) -> int:
        """Bytes read so far, of the logs as stored."""
        return self._passed + min(max(self._tables.position - self._start, 0), self._size)

    @property
    def events(self) -> int:
        """Events decoded so far, or nearly so."""
        return max(self._counted, self._tables.totals.of_events.events)

    def read(self, stop: threading.Event) -> Result:
        """Reads the split and writes its outputs, once; returns what was found.

        Nothing is written of a range in which no stream begins. Raises `OutputError`,
        `LogChanged`, and `Stopped` soon after `stop` is set.
        """
        try:
            for log_range, opening in open_ahead(self._split, self._edges):
                self._read_range(log_range, opening, stop)
                self._passed, self._size = self._passed + log_range.nbytes, 0
                self._counted = self._tables.totals.of_events.events
            self._parts.close()
        except BaseException:
            self._parts.abandon()
            raise
        finally:
            if self._sink is not None:
                self._sink.close()
        self._result.totals = self._tables.totals
        if self._first is not None:
            for table, rows in self._first.kept.items():
                self._result.heads[table] = [_shortened(row) for row in rows]
        return self._result

    def _read_range(
        self, log_range: LogRange, opening: Callable[[], Log | None], stop: threading.Event
    ) -> None:
        totals = self._tables.totals
        inputs, nbytes = totals.of_logs.inputs, totals.of_logs.input_bytes
        before, error, looks = totals.found_or_failed, None, ""
        source, was_opened = spelled(log_range.source), False
        try:
            if (log := opening()) is not None:
                with log:
                    was_opened = True
                    self._parts.open()
                    self._read_log(log, log_range, stop)
                    is_begin = log_range.start == 0 and totals.found_or_failed == before
                    looks = log.looks_like if is_begin else ""
        except InputError as caught:
            error = caught
            self._parts.open()
            self._result.errors.append((source, error.reason))
            if not was_opened:
                # It names the file that was opened, the row has the name that was given.
                named = InputError(log_range.source, error.reason)
                self._write(self._tables.unreadable(named), stop)
        if stop.is_set():
            raise Stopped
        if self._first is None and self._has_changed(log_range, error):
            raise LogChanged(log_range.source)
        if log_range.stop is not None:
            self._result.range_of = source
        if error is None and totals.found_or_failed == before:
            self._result.empty.append((source, looks[:_MAX_TEXT]))
        if log_range.stop is not None and (error is None or totals.of_logs.inputs > inputs):
            # The tables count each range as a log. A log is one input, counted with its first
            # range.
            totals.of_logs.inputs = inputs + (log_range.start == 0)
            totals.of_logs.input_bytes = nbytes + log_range.nbytes

    def _read_log(self, log: Log, log_range: LogRange, stop: threading.Event) -> None:
        self._start = log_range.start if log.is_plain else 0
        self._size = log_range.nbytes
        self._write(self._tables.read(log), stop)

    def _write(self, batches: Iterable[tuple[str, pa.RecordBatch]], stop: threading.Event) -> None:
        for table, batch in batches:
            if stop.is_set():
                raise Stopped
            if table == "events":
                self._counted += batch.num_rows
            self._parts.write(table, batch)
            self._keep_head(table, batch)

    def _has_changed(self, log_range: LogRange, error: InputError | None) -> bool:
        if log_range.size is None:
            return False
        if is_url(log_range.source) and error is None and self._split.logs > 1:
            # Its state was compared when it was opened, a moment ago: a small log is not worth
            # another round trip.
            return False
        now = stat_log(log_range.source)
        return now.size is None or log_range.differs(now.size, now.mtime_ns, now.tag)

    def _keep_head(self, table: str, batch: pa.RecordBatch) -> None:
        if table not in HEADS:
            return
        head = self._result.heads.setdefault(table, [])
        if (missing := self._rows - len(head)) > 0:
            columns = [name for name in HEADS[table] if name in batch.schema.names]
            rows = batch.slice(0, missing).select(columns).to_pylist()
            head += [_shortened(row) for row in rows]


def _shortened(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_MAX_TEXT] if isinstance(value, str) else value for name, value in row.items()
    }
