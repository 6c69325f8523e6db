"""`LogTables`: the tables of a log, as record batches, in one pass over it.

The engine fills the columns of the events table and delivers the few events that the
other tables are made of; nothing is read, decoded or kept that no column asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..._engine import LogReader
from ..._errors import InputError
from ..._limits import BATCH_ROWS
from ..._names import spelled
from .._drive import drive
from .._options import at_least_one
from ._collector import Collector
from ._rows import FirstRows, Store
from ._schemas import MAX_EVENT, Table, import_pyarrow
from ._totals import EventTotals, LogTotals, Totals

if TYPE_CHECKING:
    import pyarrow as pa

    from .._open import Log
    from ._images import ImageSink

__all__ = ["LogTables"]


class LogTables:
    """Reads logs one after another.

    `columns` names the tables, and of each the columns wanted (`None`: see `schema`); or it is
    what keeps the first rows, and then there are no batches, and pyarrow is not needed. With a
    `sink` each row of the images table has its picture written. `max_event_size` (bytes): a
    larger event is a failure, and so is one larger than `MAX_EVENT`. `count_all=False` leaves
    out of the totals what the tables do not need: models, and pictures.

    `totals` adds up over the logs that were read to their end. `position` is how much of the
    log that is being read has been, in the terms of its `size`, and `events` how many decoded
    so far, in all logs: both go on while batches are taken.
    """

    def __init__(
        self,
        columns: Mapping[str, Sequence[str] | None] | FirstRows,
        *,
        sink: ImageSink | None = None,
        max_event_size: int | None = None,
        batch_rows: int = BATCH_ROWS,
        views: bool = False,
        count_all: bool = True,
    ) -> None:
        """Raises `ValueError` for an unknown table or column, `ImportError` without pyarrow."""
        self.batch_rows = at_least_one("batch_rows", batch_rows)
        self.store: Store = (
            columns if isinstance(columns, FirstRows) else _batches(columns, self.batch_rows, views)
        )
        self.totals = Totals()
        self.position = 0
        self.events = 0
        self.sink = sink
        self.max_event_size = (
            MAX_EVENT if max_event_size is None else min(max_event_size, MAX_EVENT)
        )
        self.count_all = count_all

    def unreadable(self, error: InputError) -> Iterator[tuple[Table, pa.RecordBatch]]:
        """The failure, of kind `input`, that stands for a log that could not be opened."""
        collector = Collector(
            self.store,
            spelled(error.source),
            sink=None,
            max_event_size=self.max_event_size,
            in_memory=False,
            count_all=self.count_all,
        )
        collector.broken_input(0, str(error))
        collector.flush()
        yield from collector.ready()
        self.totals += collector.totals

    def read(self, log: Log) -> Iterator[tuple[Table, pa.RecordBatch]]:
        """The batches of a log, each with its table's name, in the log's order.

        Where the log breaks, what came before is delivered first, with a failure of kind
        `input`; then `InputError` is raised.
        """
        return _Pass(self, log).batches()


def _batches(columns: Mapping[str, Sequence[str] | None], batch_rows: int, views: bool) -> Store:
    import_pyarrow()
    from ._batches import Batches

    return Batches(columns, batch_rows, views=views)


class _Pass:
    """One pass over one log."""

    def __init__(self, tables: LogTables, log: Log) -> None:
        self._tables = tables
        self._log = log
        source = spelled(log.source)
        self._events = tables.store.events(source)
        batch_rows = tables.batch_rows
        if self._events is not None:
            batch_rows = min(batch_rows, self._events.most_rows)
        self._collector = Collector(
            tables.store,
            source,
            sink=tables.sink,
            max_event_size=tables.max_event_size,
            in_memory=log.in_memory,
            count_all=tables.count_all,
        )
        self._reader = LogReader(
            self._collector,
            framing=log.framing,
            columns=[] if self._events is None else self._events.engine_columns,
            deliver=self._collector.deliver,
            max_event_size=tables.max_event_size,
            batch_rows=batch_rows,
        )

    def batches(self) -> Iterator[tuple[Table, pa.RecordBatch]]:
        log, reader, collector, tables = self._log, self._reader, self._collector, self._tables
        tables.position = 0
        broken: InputError | None = None
        try:
            for is_full in drive(reader, log.bodies(), collector.damage, collector.began):
                tables.position = reader.position if log.is_plain else log.consumed
                tables.events = tables.totals.of_events.events + reader.totals().events
                yield from self._take() if is_full else collector.ready()
        except InputError as error:
            broken = error
            collector.broken_input(log.content, str(broken))
        collector.flush()
        yield from self._take()
        self._count()
        if broken is not None:
            raise broken

    def _take(self) -> Iterator[tuple[Table, pa.RecordBatch]]:
        taken = self._reader.take()
        if self._events is not None and taken[0]:
            yield "events", self._events(taken)
        yield from self._collector.ready()

    def _count(self) -> None:
        log, totals, counts = self._log, self._collector.totals, self._reader.totals()
        totals.of_logs = LogTotals(
            inputs=1,
            input_bytes=log.consumed if log.size is None else log.size,
            content_bytes=log.content,
            skipped=log.skipped,
            passed_over=log.passed_over,
            unknown_lines=counts.unknown_lines,
        )
        totals.of_events = EventTotals(
            events=counts.events,
            nonstandard=counts.nonstandard,
            # The collector counts those that the engine does not know of.
            failures=totals.of_events.failures + counts.failures,
            body_bytes=counts.event_bytes + counts.failure_bytes + counts.other_bytes,
            event_bytes=counts.event_bytes,
            failure_bytes=counts.failure_bytes,
            other_bytes=counts.other_bytes,
        )
        for name, events in self._reader.types().items():
            totals.add_type(name, events)
        knows_any = totals.of_streams.responses or totals.error_events
        if log.needs_known_api and not knows_any:
            totals.of_streams.unrecognized = totals.found
        self._tables.totals += totals
