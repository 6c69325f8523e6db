"""`LogReader`: the events of a log, their streams and their columns.

bytes → `_frames` or `_lines` (events) → `_payload` and `_fields` (JSON) → `_streams` → `_columns`,
and the handler (`_objects`, `_deliver`).
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from operator import index
from typing import TYPE_CHECKING, Any, Literal, cast, final

from ..._arguments import check_max_event_size
from ..._limits import BATCH_BYTES, BATCH_ROWS, MAX_VALUE
from ..._values import MAX_INT
from .._source import check_chunk
from .._spans import SpanFinder, Spans
from .._typed import is_done
from ._body import Body
from ._columns import Columns, Row
from ._counts import Counts
from ._deliver import Deliver
from ._fields import Fields
from ._frames import EventStreamFrames, Frame
from ._lines import LineFrames, is_blank
from ._objects import Event, Failure, Handler, Kind, LogCounts, Place, Span
from ._payload import KEYS, decode
from ._pictures import pictures
from ._streams import Stream, StreamTracker

if TYPE_CHECKING:
    from typing_extensions import Buffer

# Work is done in steps of about this many bytes, or handler calls, or bytes of their payloads,
# names and ids.
_STEP_BYTES = 32 << 20
_STEP_CALLS = 256
_STEP_CALL_BYTES = 16 << 20

# An event with a name that is longer as UTF-8 is too large: no column of strings holds it.
_MAX_NAME = MAX_VALUE - 1


@final
class LogReader:
    """Reads a log's bodies: their events' JSON, the streams that they belong to, and the columns
    of the events table."""

    def __init__(
        self,
        handler: Handler,
        *,
        framing: Literal["sse", "lines"] = "sse",
        columns: Sequence[str] = (),
        deliver: AbstractSet[str] = frozenset(),
        max_event_size: int | None = None,
        batch_rows: int = BATCH_ROWS,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        if framing not in ("sse", "lines"):
            raise ValueError(f"framing must be 'sse' or 'lines', not {framing!r}")
        self._handler = handler
        self._deliver = Deliver(deliver)
        self._columns = Columns(columns, batch_rows, batch_bytes)
        self._finder = SpanFinder(KEYS)
        frames: type[EventStreamFrames | LineFrames]
        frames = EventStreamFrames if framing == "sse" else LineFrames
        limit = check_max_event_size(max_event_size)
        self._frames_at = partial(frames, finder=self._finder, max_event_size=limit)
        self._streams = StreamTracker(
            handler, keeps_texts=self._deliver.keeps_texts, keeps_items=self._deliver.keeps_items
        )
        self._counts = Counts()
        # The body being read, and its event at hand.
        self._body: Body | None = None
        self._frame = Frame()
        # The offset up to which the log was read.
        self._position = 0
        # The calls of the handler since `advance` was called, and the bytes of their payloads.
        self._calls = self._call_bytes = 0

    # Bodies.

    def begin(self, offset: int, *, one_response: bool = False) -> None:
        """A body begins, whose first byte has this offset, and which is what one request was
        answered with, if known."""
        offset = index(offset)
        if not 0 <= offset <= MAX_INT:
            raise ValueError(f"offset must be from 0 to 2**63 - 1, not {offset}")
        if self._body is not None:
            raise ValueError("a body is being read: finish() it and advance() to its end first")
        self._body = Body(self._frames_at(offset), offset)
        self._streams.is_one_response = one_response
        self._position = offset

    def push(self, chunk: Buffer) -> None:
        """The next bytes of the body, which must not change until they are used up."""
        check_chunk(chunk)
        self._begun().push(chunk)

    def finish(self) -> None:
        """The body ends; `advance` delivers what is left."""
        self._begun().finish()

    def _begun(self) -> Body:
        if self._body is None:
            raise ValueError("no body is being read: begin() one first")
        return self._body

    def advance(self) -> bool:
        """Goes on until what was pushed is used up (False), or a batch is full, or much was read or
        delivered (True)."""
        body, frame = self._body, self._frame
        self._calls = self._call_bytes = 0
        stop = self._position + _STEP_BYTES
        while not (self._is_much() or self._position >= stop):
            if body is None:
                return False
            found = body.find_next(frame)
            if found:
                self._take_frame(frame)
                # A payload in place keeps its chunk from being let go.
                frame.payload = None
            self._position = body.position
            if not found:
                if body.is_finished:
                    self._end(body)
                return False
        return True

    def _is_much(self) -> bool:
        return (
            self._columns.are_full
            or self._calls >= _STEP_CALLS
            or self._call_bytes >= _STEP_CALL_BYTES
        )

    def _end(self, body: Body) -> None:
        self._body = None
        self._counts.body(body.size, body.unknown_lines)
        self._streams.end()

    # Events.

    def _take_frame(self, frame: Frame) -> None:
        if len(frame.name) > _MAX_NAME // 4 and len(frame.name.encode()) > _MAX_NAME:
            frame.payload = None
        payload = frame.payload
        if payload is None:
            self._fail(frame, "", "too_large")
        elif is_done(payload):
            self._streams.end()
        # Some servers keep a connection alive with empty events.
        elif not (frame.complete and is_blank(payload)):
            self._take_payload(frame, payload)

    def _take_payload(self, frame: Frame, payload: bytes | memoryview) -> None:
        value = decode(payload, frame.spans)
        if type(value) is tuple:
            fields, is_standard = value
            self._take_event(frame, payload, Fields(fields, frame.name), is_standard=is_standard)
        elif frame.complete or value == "schema":
            self._fail(frame, frame.name or "message", cast("Kind", value))
        else:
            self._fail(frame, frame.name or "message", "truncated")

    def _fail(self, frame: Frame, name: str, kind: Kind) -> None:
        self._counts.failure(frame.end - frame.start)
        place = _place(frame, self._streams.failure(frame.start))
        self._count_call(len(frame.payload or b"") + len(name))
        self._handler.failure(Failure(place, name, kind, frame.payload))

    def _take_event(
        self, frame: Frame, payload: bytes | memoryview, fields: Fields, *, is_standard: bool
    ) -> None:
        name = frame.name or fields.written_type or "message"
        self._counts.event(name, frame.end - frame.start, is_standard=is_standard)
        stream, is_edge = self._streams.event(frame.start, fields, payload)
        place = _place(frame, stream)
        spans: Spans = frame.spans or []
        delivery = self._deliver.takes(fields, payload, spans, is_edge=is_edge)
        if frame.spans is None and (delivery or self._columns.need_spans):
            spans = self._finder.of(payload)
        self._columns.append(Row(place, stream.id, name, fields, payload, spans))
        if delivery:
            # Whether texts are the same, this engine leaves to its caller.
            found = tuple([Span(start, end, 0) for start, end in spans])
            images = pictures(payload, found) if delivery.may_hold_image else ()
            if images or delivery.is_due:
                self._count_call(len(payload) + len(name) + len(stream.id or ""))
                self._handler.event(Event(place, name, stream.id, payload, found, images))

    def _count_call(self, size: int) -> None:
        self._calls += 1
        self._call_bytes += size

    # Results.

    def take(self) -> tuple[int, dict[str, list[Any]]]:
        """The rows since the last call: their number and their columns."""
        return self._columns.take()

    @property
    def rows(self) -> int:
        return self._columns.rows

    @property
    def position(self) -> int:
        return self._position

    def totals(self) -> LogCounts:
        """The counts of all bodies so far."""
        body = self._body
        if body is None:
            return self._counts.totals(0, 0)
        return self._counts.totals(body.size, body.unknown_lines)

    def types(self) -> dict[str, tuple[int, int]]:
        """The decoded events and their bytes by the events' names."""
        return dict(self._counts.types)


def _place(frame: Frame, stream: Stream) -> Place:
    """The place of the event that was added to its stream last."""
    number = stream.events + stream.failures - 1
    return Place(stream.offset, frame.start, frame.end - frame.start, number)
