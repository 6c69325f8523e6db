"""`LogReader`: the events of a log, their streams and their columns.

bytes → `_log_frames` or `_log_lines` (events) → `_log_payload` and `_log_fields` (JSON) →
`_log_streams` (streams) → `_log_columns` and the handler.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from operator import index
from typing import TYPE_CHECKING, Any, Literal, cast, final

from ..._apis import FINAL_TEXTS, IMAGE_ITEMS
from ..._options import check_max_event_size
from .._source import check_chunk
from .._spans import SpanFinder, Spans
from .._typed import is_done
from ._columns import Columns, Row
from ._fields import MAX_INT, Fields
from ._frames import EventStreamFrames, Frame, Frames
from ._lines import LineFrames
from ._objects import Event, Failure, Handler, Kind, Place
from ._payload import KEYS, contains, decode
from ._streams import StreamTracker
from ._types import TypeCounts

if TYPE_CHECKING:
    from typing_extensions import Buffer

# The default size of a batch.
BATCH_ROWS = 16_384
BATCH_BYTES = 4 << 20

_DELIVER = ("all", "state", "texts", "images")
# Work is done in steps of about this many bytes, or handler calls, or bytes of their payloads.
_STEP_BYTES = 32 << 20
_STEP_CALLS = 256
_STEP_CALL_BYTES = 16 << 20
_IMAGE_ITEMS = tuple(item.encode() for item in IMAGE_ITEMS)


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
        for name in deliver:
            if name not in _DELIVER:
                raise ValueError(
                    f"deliver takes 'all', 'state', 'texts' and 'images', not {name!r}"
                )
        self._handler = handler
        self._open = EventStreamFrames if framing == "sse" else LineFrames
        self._columns = Columns(columns, batch_rows, batch_bytes)
        self._deliver = frozenset(deliver)
        self._limit = check_max_event_size(max_event_size)
        self._finder = SpanFinder(KEYS)
        # What was delivered since `advance` was called.
        self._calls = self._call_bytes = 0

        # The body being read, and whether all that was pushed is used up.
        self._frames: Frames | None = None
        self._is_used_up = True
        self._frame = Frame()
        keeps_texts = not self._deliver.isdisjoint(("all", "state", "texts"))
        self._streams = StreamTracker(handler, keeps_texts=keeps_texts)
        # The number of the next event in its stream.
        self._begin = self._position = 0

        self._events = self._failures = 0
        self._event_bytes = self._failure_bytes = 0
        # The bytes of the bodies that were read to their ends.
        self._bytes = 0
        self._types = TypeCounts()

    # Bodies.

    def begin(self, offset: int) -> None:
        """A body begins, whose first byte has this offset."""
        offset = index(offset)
        if not 0 <= offset <= MAX_INT:
            raise ValueError(f"offset must be from 0 to 2**63 - 1, not {offset}")
        if self._frames is not None:
            raise ValueError("a body is being read: finish() it and advance() to its end first")
        self._frames = self._open(offset, self._finder, self._limit)
        self._begin = self._position = offset
        self._is_used_up = True

    def push(self, chunk: Buffer) -> None:
        """The next bytes of the body, which must not change until they are used up."""
        check_chunk(chunk)
        frames = self._unfinished()
        if not self._is_used_up:
            raise ValueError("the last chunk is not used up: advance() until it returns False")
        self._is_used_up = False
        frames.push(chunk)

    def finish(self) -> None:
        """The body ends; `advance` delivers what is left."""
        self._unfinished().finish()

    def _unfinished(self) -> Frames:
        if self._frames is None:
            raise ValueError("no body is being read: begin() one first")
        if self._frames.is_finished:
            raise ValueError("the body is finished: advance() to its end and begin() another")
        return self._frames

    def advance(self) -> bool:
        """Goes on until what was pushed is used up (False), or a batch is full, or much was read or
        delivered (True)."""
        frames = self._frames
        self._calls = self._call_bytes = 0
        stop = self._position + _STEP_BYTES
        while not (
            self._columns.are_full
            or self._calls >= _STEP_CALLS
            or self._call_bytes >= _STEP_CALL_BYTES
            or self._position >= stop
        ):
            if frames is None:
                return False
            if not frames.find_next(self._frame):
                self._is_used_up = True
                self._position = frames.position
                if frames.is_finished:
                    self._frames = None
                    self._bytes += self._position - self._begin
                    self._streams.end()
                return False
            self._take_frame(self._frame)
            # A payload in place keeps its chunk from being let go.
            self._frame.payload = None
            self._position = frames.position
        return True

    # Events.

    def _take_frame(self, frame: Frame) -> None:
        payload, spans = frame.payload, frame.spans
        if payload is None:
            self._fail(frame, "", "too_large")
        elif is_done(payload):
            self._streams.done()
        else:
            value = decode(payload, spans)
            if type(value) is dict:
                self._take_event(frame, payload, spans, Fields(value))
            elif frame.complete or value == "schema":
                self._fail(frame, frame.name or "message", cast("Kind", value))
            else:
                self._fail(frame, frame.name or "message", "truncated")

    def _fail(self, frame: Frame, name: str, kind: Kind) -> None:
        length = frame.end - frame.start
        self._failures += 1
        self._failure_bytes += length
        stream = self._streams.failure(frame.start)
        place = Place(stream.offset, frame.start, length, stream.events + stream.failures - 1)
        self._calls += 1
        self._call_bytes += len(frame.payload or b"")
        self._handler.failure(Failure(place, name, kind, frame.payload))

    def _take_event(
        self, frame: Frame, payload: bytes | memoryview, spans: Spans | None, fields: Fields
    ) -> None:
        offset = frame.start
        length = frame.end - offset
        name = frame.name or fields.type or "message"
        self._events += 1
        self._event_bytes += length
        self._types.add(name, length)
        stream, begins = self._streams.event(offset, fields)
        number = stream.events + stream.failures - 1
        is_wanted = self._is_wanted(payload, spans or [], fields, begins)
        if spans is None and (is_wanted or self._columns.need_spans):
            spans = self._finder.of(payload)
        self._columns.append(
            Row(
                stream.offset, offset, length, number, stream.id, name, fields, payload, spans or []
            )
        )
        if is_wanted:
            self._calls += 1
            self._call_bytes += len(payload)
            place = Place(stream.offset, offset, length, number)
            marked = tuple([(start, end, 0) for start, end in spans or ()])
            self._handler.event(Event(place, name, stream.id, payload, marked))

    def _is_wanted(
        self, payload: bytes | memoryview, spans: Spans, fields: Fields, begins: bool
    ) -> bool:
        wanted = self._deliver
        if not wanted:
            return False
        return (
            "all" in wanted
            or ("state" in wanted and fields.holds_state(begins=begins))
            or ("texts" in wanted and fields.type in FINAL_TEXTS)
            or (
                "images" in wanted
                and (
                    fields.holds_image
                    or (
                        fields.may_hold_images
                        and any(contains(payload, spans, item) for item in _IMAGE_ITEMS)
                    )
                )
            )
        )

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

    def totals(self) -> tuple[int, int, int, int, int]:
        """Events, failures, and the bytes of events, of failures and of the rest."""
        read = self._bytes + (0 if self._frames is None else self._position - self._begin)
        rest = read - self._event_bytes - self._failure_bytes
        return self._events, self._failures, self._event_bytes, self._failure_bytes, rest

    def types(self) -> dict[str, tuple[int, int]]:
        """The decoded events and their bytes by the events' names."""
        return self._types.counts()
