"""Where the events of a log lie: the blocks of an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .._span_splitter import SMALL, SpanSplitter
from .._spans import SpanFinder, Spans

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
    def is_finished(self) -> bool:
        """No more chunks come."""
        ...

    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def find_next(self, frame: Frame) -> bool:
        """Goes on to the next event; false when what was pushed holds no other."""
        ...


class EventStreamFrames(SpanSplitter):
    """The events of a body that is an event stream."""

    def __init__(self, offset: int, finder: SpanFinder, max_event_size: int | None) -> None:
        super().__init__(None, finder, max_event_size, "dispatch")
        self._body_offset = offset
        # Where the block begins that was found to be too large; its end is yet to come.
        self._too_large: int | None = None

    @property
    def position(self) -> int:
        return self._body_offset + self._base + self._pos

    @property
    def is_finished(self) -> bool:
        return self._closed

    def find_next(self, frame: Frame) -> bool:
        if self._run or self._find_run():
            data = self._run.pop()
            start = self.position
            lines = self._run_prefix + len(data)
            self._pos += lines + self._run_gap
            # The gap is the end of the data line, and a blank line of the same size.
            end = start + lines + self._run_gap // 2
            frame.fill(data, self._name(), start, end, complete=True)
            return True
        complete = self._advance()
        if not complete and not self._ends_in_event():
            return False
        end = self._body_offset + self._found_lines_end
        if self._too_large is not None:
            start = self._body_offset + self._too_large
            self._too_large = None
            frame.fill(None, "", start, end, complete=complete)
            return True
        payload = self._found_payload()
        spans = self._spans_of(payload) if len(payload) >= SMALL else None
        start = self._body_offset + self._found_offset
        frame.fill(payload, self._name(), start, end, complete=complete, spans=spans)
        return True

    def _name(self) -> str:
        return self._found_event if self._found_name else ""

    def _ends_in_event(self) -> bool:
        if self._at_end(report_empty=True):
            return True
        self._found_lines_end = self._base + self._pos
        return self._ended and self._too_large is not None

    def _check(self, size: int) -> None:
        """An event that is too large is told of when its lines end, not here."""
        if size > self._limit:
            self._too_large = self._block_offset
            self._dropping = True
            self._line.clear()
            self._clear_block()

    def _dispatch(self, offset: int) -> bool:
        was_dropped = self._dropping
        is_event = super()._dispatch(offset)
        self._found_lines_end = offset
        return is_event or was_dropped
