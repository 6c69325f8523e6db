"""The events of a log, one after another, each with its place."""

from __future__ import annotations

import contextlib
import functools
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from .._engine import Event, Failure, LogReader, StreamEnd
from .._errors import DecodeError, EventTooLarge, FailureKind
from .._json import decode_json
from .._typed._decoder import Decoder
from ._bodies import Damage
from ._drive import drive
from ._reasons import reason_of
from .sources._source import closed

if TYPE_CHECKING:
    from ._records import Records

__all__ = ["LogEvent", "LogEvents", "LogFailure"]

EventT = TypeVar("EventT")

# Events are few at a time, so that only a few are held.
_BATCH_ROWS = 256


@dataclass(frozen=True, slots=True, repr=False)
class LogEvent:
    """An event of a log.

    `stream` is the offset at which its stream begins, `offset` and `length` its own place,
    in bytes of the log's decompressed content, and `index` its number in its stream, from 0.
    `event` is its name: that of its `event` line, else its payload's `type`, else `"message"`.
    """

    source: str
    stream: int
    offset: int
    length: int
    index: int
    event: str
    response_id: str | None
    """The id of the response, or of the chat completion, that it belongs to, if it is known."""
    data_bytes: memoryview
    """The payload, read-only, in place where it is in one piece. As long as it is kept, so is the
    buffer of the log in which it lies, of 4 MiB or more: keep `bytes(event.data_bytes)` of a few
    events, or what they decode to."""

    @property
    def data(self) -> str:
        """The payload as text."""
        return str(self.data_bytes, "utf-8")

    def json(self) -> Any:
        """The payload's JSON as Python objects, read as the SDKs read it: with `NaN` and
        `Infinity`, and with surrogates that are not paired."""
        return decode_json(self.data_bytes)[0]

    def decode(self, type: type[EventT]) -> EventT:
        """The payload decoded to `type`, as `Decoder(type)` does. Raises `DecodeError`."""
        decoded: EventT = _decoder(cast("Any", type)).decode(self.data_bytes)
        return decoded

    def __repr__(self) -> str:
        return (
            f"LogEvent(source={self.source!r}, stream={self.stream}, offset={self.offset}, "
            f"length={self.length}, index={self.index}, event={self.event[:200]!r}, "
            f"response_id={self.response_id!r}, data_bytes=<{len(self.data_bytes)} bytes>)"
        )


@dataclass(frozen=True, slots=True, repr=False)
class LogFailure:
    """What did not decode, in its place; the attributes are those of `LogEvent`.

    `kind` is that of `DecodeError`, `reason` the bare cause, `data` the payload, or the
    record's bytes, or `None` where they were not kept.
    """

    source: str
    stream: int
    offset: int
    length: int
    index: int
    event: str
    kind: FailureKind
    reason: str
    data: bytes | None

    def __repr__(self) -> str:
        size = "not kept" if self.data is None else f"{len(self.data)} bytes"
        return (
            f"LogFailure(kind={self.kind!r}, reason={self.reason[:200]!r}, source={self.source!r}, "
            f"stream={self.stream}, offset={self.offset}, length={self.length}, "
            f"index={self.index}, event={self.event[:200]!r}, data=<{size}>)"
        )


_END = object()


@functools.lru_cache(maxsize=32)
def _decoder(type: Any) -> Decoder[Any]:
    return Decoder(type)


def _taking(reader: LogReader, steps: Generator[bool]) -> Generator[None]:
    # In here, where one thread at a time can be, for another may have the reader advance.
    with contextlib.closing(steps):
        for is_full in steps:
            if is_full:
                reader.take()
            yield


class LogEvents:
    """An iterator over a log's events, which goes on after an error that it raises.

    A class and not a generator, which would end at its first error.
    """

    def __init__(
        self, records: Records, source: str, on_error: Literal["raise", "yield", "skip"]
    ) -> None:
        self._source = source
        self._on_error = on_error
        self._max_event_size = records.options.max_event_size
        self._found: deque[LogEvent | LogFailure] = deque()
        self._closed = self._ended = False
        handler = _Handler(source, self._found)
        reader = LogReader(
            handler,
            framing=records.framing,
            deliver={"all"},
            max_event_size=self._max_event_size,
            batch_rows=_BATCH_ROWS,
        )
        self._steps = _taking(reader, drive(reader, records.bodies(), handler.damage))

    def __iter__(self) -> LogEvents:
        return self

    def __next__(self) -> LogEvent | LogFailure:
        while True:
            try:
                found = self._found.popleft()
            except IndexError:
                self._advance()
                continue
            if isinstance(found, LogEvent) or self._on_error == "yield":
                return found
            if self._on_error == "raise":
                raise self._error(found)

    def close(self) -> None:
        """Ends the iteration. Continuing it before its end raises `ValueError`."""
        self._closed = not self._ended
        self._end()

    def _advance(self) -> None:
        """Takes a step. Raises `StopIteration` after the last."""
        is_ended = not self._closed and next(self._steps, _END) is _END
        if self._closed:
            self._end()
            raise closed(self._source)
        if is_ended:
            self._ended = True
            raise StopIteration

    def _end(self) -> None:
        self._found.clear()
        # Refused while another thread is in them, which ends them when it comes back.
        with contextlib.suppress(ValueError):
            self._steps.close()

    def _error(self, failure: LogFailure) -> DecodeError | EventTooLarge:
        limit = self._max_event_size
        error: DecodeError | EventTooLarge
        if failure.kind == "too_large" and limit is not None and failure.length > limit:
            error = EventTooLarge(limit=limit, offset=failure.offset, index=failure.index)
        else:
            error = DecodeError(
                failure.reason,
                kind=failure.kind,
                offset=failure.offset,
                index=failure.index,
                event=failure.event,
                data=failure.data or b"",
            )
        error.add_note(f"in {self._source}")
        return error


class _Handler:
    """The `LogHandler` of `LogEvents`, to which it does not refer: no cycle keeps a log open."""

    def __init__(self, source: str, found: deque[LogEvent | LogFailure]) -> None:
        self._source = source
        self._found = found

    def damage(self, damage: Damage) -> None:
        """A record without a readable body."""
        place = (self._source, damage.offset, damage.offset, damage.length, 0)
        self._found.append(LogFailure(*place, "", damage.kind, damage.message, damage.data))

    def event(self, event: Event) -> None:
        at, payload = event.place, event.payload
        if type(payload) is not memoryview or not payload.readonly:
            payload = memoryview(payload).toreadonly()
        self._found.append(
            LogEvent(
                self._source,
                at.stream,
                at.offset,
                at.length,
                at.index,
                event.name,
                event.response_id,
                payload,
            )
        )

    def failure(self, failure: Failure) -> None:
        at, kind = failure.place, failure.kind
        place = self._source, at.stream, at.offset, at.length, at.index
        data = None if failure.payload is None else bytes(failure.payload)
        self._found.append(LogFailure(*place, failure.name, kind, reason_of(kind, data), data))

    def stream(self, end: StreamEnd) -> None:
        """Nothing: each event says which stream is its own."""
