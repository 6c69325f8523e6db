"""`LogTables`: the tables of a log, as record batches, in one pass over it.

The engine fills the columns of the events table and hands over the few events that the
other tables are made of; nothing is read, decoded or kept that no column asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .._engine import LogReader
from .._errors import InputError
from ._arrow import Rows, utf8
from ._bodies import Damage
from ._events import EventBatches
from ._failures import Failures
from ._images import Images, ImageSink, Picture
from ._payloads import Payload
from ._responses import FROM_EVENTS, Response
from ._schemas import TABLES, Table, schema
from ._totals import Totals

if TYPE_CHECKING:
    import pyarrow as pa
    from typing_extensions import Buffer

    from .._errors import Base64Error
    from ._log import Log

__all__ = ["LogTables"]

_WINDOW_BYTES = 64 << 20
"""A mapped file is read in steps of this size, between which batches are handed out: memory
depends on it where rows hold pictures, texts or the bytes of failures."""


class LogTables:
    """Reads logs one after another.

    `columns` names the tables, and of each the columns wanted (`None`: see `schema`). With a
    `sink` each row of the images table has its picture written. `max_event_size` (bytes):
    a larger event is a failure. `count_all=False` leaves out of the totals what the tables
    do not need: models, and pictures.

    `totals` adds up over the logs that were read to their end, and `position` is how much of
    the log that is being read has been, in the terms of its `size`.
    """

    def __init__(
        self,
        columns: Mapping[str, Sequence[str] | None],
        *,
        sink: ImageSink | None = None,
        max_event_size: int | None = None,
        batch_rows: int = 16384,
        views: bool = False,
        count_all: bool = True,
    ) -> None:
        """Raises `ValueError` for an unknown table or column, `ImportError` without pyarrow."""
        if batch_rows < 1:
            raise ValueError(f"batch_rows is at least 1, not {batch_rows}")
        for table in columns:
            schema(table, columns[table])
        self.schemas: dict[Table, pa.Schema] = {
            table: schema(table, columns[table], views=views)
            for table in TABLES
            if table in columns
        }
        self.totals = Totals()
        self.position = 0
        self._sink = sink
        self._max_event_size = max_event_size
        self._batch_rows = batch_rows
        self._count_all = count_all

    def read(self, log: Log) -> Iterator[tuple[Table, pa.RecordBatch]]:
        """The batches of a log, each with its table's name, in the log's order.

        Where the log breaks, what came before is delivered first, with a failure of kind
        `input`; then `InputError` is raised.
        """
        pass_ = _Pass(self, log)
        yield from pass_.run()

    def columns(self, table: Table) -> list[str]:
        """The columns asked for of a table."""
        return self.schemas[table].names if table in self.schemas else []


class _Pass:
    """One pass over one log; the engine's `LogHandler`."""

    def __init__(self, tables: LogTables, log: Log) -> None:
        self._tables = tables
        self._log = log
        source = utf8(log.source)
        schemas, batch_rows = tables.schemas, tables._batch_rows
        self._totals = Totals(inputs=1)
        self._batches: EventBatches | None = None
        self._failures: Failures | None = None
        self._images: Images | None = None
        self._responses: Rows | None = None
        self._source = source
        self._hands_over: set[str] = set()
        self._collectors: list[tuple[Table, Rows]] = []

        if "events" in schemas:
            self._batches = EventBatches(schemas["events"], source)
        if "failures" in schemas:
            self._failures = Failures(
                schemas["failures"], source, batch_rows, tables._max_event_size
            )
        responses = tables.columns("responses")
        if responses:
            self._responses = Rows(
                schemas["responses"], batch_rows, texts=["output_text", "error_message"]
            )
        if (
            "images" in schemas
            or self._failures is not None
            or "n_images" in responses
            or tables._count_all
        ):
            self._hands_over.add("images")
            self._images = Images(
                schemas.get("images"),
                source,
                batch_rows,
                mapped=log.mapped,
                decode=self._failures is not None,
                sink=tables._sink,
                broken=self._broken,
            )
        self._understands = tables._count_all or not FROM_EVENTS.isdisjoint(responses)
        if self._understands or "response_id" in tables.columns("images"):
            self._hands_over.add("state")
        if self._images is not None and self._images.rows is not None:
            self._collectors.append(("images", self._images.rows))
        if self._responses is not None:
            self._collectors.append(("responses", self._responses))
        if self._failures is not None:
            self._collectors.append(("failures", self._failures.rows))

        self._retains = (
            self._responses is not None
            or self._failures is not None
            or "bytes" in tables.columns("images")
        )
        self._response = Response()
        # The event at hand: where a broken picture is reported.
        self._at = (0, 0, 0, 0, "")

    def run(self) -> Iterator[tuple[Table, pa.RecordBatch]]:
        tables, log = self._tables, self._log
        engine_columns: list[str] = []
        if self._batches is not None:
            engine_columns = self._batches.engine_columns
        tables.position = 0
        reader = LogReader(
            self,
            framing=log.framing,
            columns=engine_columns,
            hands_over=self._hands_over,
            max_event_size=tables._max_event_size,
            batch_rows=tables._batch_rows,
        )
        broken: InputError | None = None
        try:
            for body in log.bodies():
                if isinstance(body, Damage):
                    self._totals.failures += 1
                    if self._failures is not None:
                        self._failures.damage(body)
                    yield from self._ready()
                    continue
                reader.begin(body.offset)
                try:
                    for chunk in body.chunks:
                        for window in self._windows(chunk):
                            reader.push(window)
                            yield from self._advance(reader)
                except InputError as error:
                    broken = error
                reader.finish()
                yield from self._advance(reader)
                if broken is not None:
                    break
        except InputError as error:
            broken = error
        if broken is not None:
            self._totals.failures += 1
            if self._failures is not None:
                self._failures.add(None, log.content, 0, None, None, "input", str(broken), None)
        if reader.rows:
            yield from self._events(reader)
        for _, rows in self._collectors:
            rows.flush()
        yield from self._ready()
        self._count(reader)
        if broken is not None:
            raise broken

    def _windows(self, chunk: Buffer) -> Iterator[Buffer]:
        view = memoryview(chunk)
        if not self._retains or len(view) <= _WINDOW_BYTES:
            yield chunk
            return
        for at in range(0, len(view), _WINDOW_BYTES):
            yield view[at : at + _WINDOW_BYTES]

    def _advance(self, reader: LogReader) -> Iterator[tuple[Table, pa.RecordBatch]]:
        while reader.advance():
            yield from self._events(reader)
            yield from self._ready()
            self._progress(reader)
        yield from self._ready()
        self._progress(reader)

    def _events(self, reader: LogReader) -> Iterator[tuple[Table, pa.RecordBatch]]:
        taken = reader.take()
        if self._batches is not None and taken[0]:
            yield "events", self._batches(taken)

    def _ready(self) -> Iterator[tuple[Table, pa.RecordBatch]]:
        for table, rows in self._collectors:
            if rows.ready:
                for batch in rows.take():
                    yield table, batch

    def _progress(self, reader: LogReader) -> None:
        log = self._log
        self._tables.position = reader.position if log.mapped else log.consumed

    def _count(self, reader: LogReader) -> None:
        totals, log = self._totals, self._log
        events, failures, event_bytes, failure_bytes, other_bytes = reader.totals()
        totals.input_bytes = log.consumed if log.size is None else log.size
        totals.content_bytes = log.content
        totals.body_bytes = event_bytes + failure_bytes + other_bytes
        totals.event_bytes, totals.failure_bytes = event_bytes, failure_bytes
        totals.other_bytes = other_bytes
        totals.events = events
        totals.skipped = log.skipped
        totals.failures += failures
        if self._images is not None:
            totals.images = self._images.count
            totals.image_bytes = self._images.nbytes
        for name, counts in reader.types().items():
            totals.add_type(name, counts)
        self._tables.totals += totals

    def _broken(self, picture: Picture, error: Base64Error) -> None:
        self._totals.failures += 1
        if self._failures is None:
            return
        stream, offset, length, index, event = self._at
        partial = "" if picture.partial is None else f" {picture.partial}"
        name = "" if picture.item_id is None else f" of item {picture.item_id}"
        message = f"the {picture.kind} image{partial}{name}: {error}"
        self._failures.add(
            stream, offset, length, index, event, "base64", message, picture.data.encoded
        )

    # LogHandler

    def event(
        self,
        payload: bytes | memoryview,
        spans: list[tuple[int, int]],
        stream: int,
        offset: int,
        length: int,
        index: int,
        event: str,
    ) -> None:
        value = Payload(payload, spans)
        if self._understands:
            self._response.add(value.fields)
        else:
            self._response.identify(value.fields)
        if self._images is not None:
            self._at = stream, offset, length, index, event
            self._images.add(value, stream, self._response.id)

    def failure(
        self,
        payload: bytes | memoryview | None,
        stream: int,
        offset: int,
        length: int,
        index: int,
        event: str,
        kind: str,
    ) -> None:
        if self._failures is not None:
            self._failures.event(payload, stream, offset, length, index, event, kind)

    def stream(
        self,
        stream: int,
        api: str,
        response_id: str | None,
        events: int,
        failures: int,
        missing: int,
        duplicates: int,
        complete: bool,
        texts: list[tuple[int, int, str]],
        texts_whole: bool,
    ) -> None:
        totals, response, images = self._totals, self._response, self._images
        totals.streams += 1
        n_images = 0
        if images is not None:
            n_images = images.in_stream
            images.end_stream()
        self._response = Response()
        if not api:
            return
        totals.responses += 1
        totals.complete += complete
        tokens = response.tokens
        if self._tables._count_all:
            totals.add_model(response.model or "-", (1, *(count or 0 for count in tokens)))
        if self._responses is None:
            return
        code, message = response.error
        self._responses.add(
            {
                "source": self._source,
                "stream": stream,
                "response_id": response_id,
                "model": response.model,
                "status": "completed" if api == "images" and complete else response.status,
                "created_at": response.created_at,
                "completed_at": response.completed_at,
                "input_tokens": tokens[0],
                "cached_tokens": tokens[1],
                "output_tokens": tokens[2],
                "reasoning_tokens": tokens[3],
                "total_tokens": tokens[4],
                "output_text": response.output_text or "".join(part[2] for part in texts) or None,
                "n_events": events,
                "n_images": n_images,
                "error_code": code,
                "error_message": message,
                "complete": complete,
                "missing": missing,
                "duplicates": duplicates,
            }
        )
