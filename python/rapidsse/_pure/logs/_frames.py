"""Where the events of a log lie: the blocks of an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..._apis import ERROR_FIELD
from ..._limits import LONG_PAYLOAD
from .._frame import Dropped, TooLarge
from .._spans import SpanFinder, Spans
from .._stream import Items, Stream

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Frame:
    """An event as it stands in the log; `find_next` fills it in.

    `payload` is `None` if the event was too large, and `spans` are known of a large payload;
    `name` is that of its `event` line, if any; `start` and `end` are the offsets of its lines.
    It is `complete` unless the body ends in it.
    """

    payload: bytes | memoryview | None = None
    spans: Spans | None = None
    name = ""
    start = 0
    end = 0
    complete = True

    def fill(
        self,
        payload: bytes | memoryview | None,
        name: str,
        start: int,
        end: int,
        *,
        complete: bool,
        spans: Spans | None = None,
    ) -> None:
        self.payload = payload
        self.spans = spans
        self.name = name
        self.start = start
        self.end = end
        self.complete = complete


class Frames(Protocol):
    """The events of one body."""

    @property
    def position(self) -> int:
        """The offset up to which the body was read."""
        ...

    @property
    def unknown_lines(self) -> int:
        """The lines that are no comment and no field."""
        ...

    @property
    def is_finished(self) -> bool:
        """No more chunks come."""
        ...

    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def find_next(self, frame: Frame) -> bool:
        """Goes on to the next event; false when what was pushed holds no other."""
        ...


class EventStreamFrames:
    """The events of a body that is an event stream."""

    def __init__(self, offset: int, finder: SpanFinder, max_event_size: int | None) -> None:
        self._stream = Stream(
            None,
            max_event_size=max_event_size,
            eof="dispatch",
            reports_cut=True,
            # Some servers report errors in a field of their own.
            also_data=ERROR_FIELD.encode(),
            finder=finder,
        )
        self._items = Items(self._stream)
        self._body_offset = offset
        self._finder = finder

    @property
    def position(self) -> int:
        return self._body_offset + self._stream.position

    @property
    def unknown_lines(self) -> int:
        return self._stream.parser.unknown_lines

    @property
    def is_finished(self) -> bool:
        return self._stream.chunks.is_closed

    def push(self, chunk: Buffer) -> None:
        self._stream.chunks.push(chunk)

    def finish(self) -> None:
        self._stream.chunks.close()

    def find_next(self, frame: Frame) -> bool:
        # An event that is too large is reported when its lines end.
        while isinstance(item := self._items.next(), TooLarge):
            pass
        if item is None:
            return False
        if isinstance(item, Dropped):
            start, end = self._body_offset + item.offset, self._body_offset + item.lines_end
            frame.fill(None, "", start, end, complete=item.is_complete)
            return True
        base = self._body_offset + item.base
        payload: bytes | memoryview | None = item.copy
        spans = item.spans
        if payload is None:
            payload = item.data
            if len(payload) < LONG_PAYLOAD:
                payload, spans = bytes(payload), None
            elif spans is None:
                spans = self._finder.of(payload)
        frame.fill(
            payload,
            item.name,
            base + item.begin,
            base + item.lines_end,
            complete=item.is_complete,
            spans=spans,
        )
        return True
