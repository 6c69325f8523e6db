"""`FrameReader`: the events of a stream as they are."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, final

from ._events import ServerSentEvent
from ._splitter import Splitter

if TYPE_CHECKING:
    from typing_extensions import Buffer

_new_event = ServerSentEvent.__new__
_layout = attrgetter("__basicsize__", "__dictoffset__", "__weakrefoffset__")


@final
class FrameReader(Splitter):
    """Splits pushed chunks, or those of `source`, into events; iterate to take them."""

    def __init__(
        self,
        source: Iterator[Buffer] | None = None,
        *,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "discard",
        dataless: bool = False,
        event_type: type[ServerSentEvent] = ServerSentEvent,
    ) -> None:
        super().__init__(source, max_event_size, eof, dataless)
        if not (
            isinstance(event_type, type)
            and issubclass(event_type, ServerSentEvent)
            and _layout(event_type) == _layout(ServerSentEvent)
        ):
            raise TypeError(
                "event_type must be ServerSentEvent or a subclass with empty __slots__, "
                f"not {event_type!r}"
            )
        self._event_type = event_type

    def __iter__(self) -> FrameReader:
        return self

    def __next__(self) -> ServerSentEvent:
        if self._run or self._find_run():
            self._index += 1
            start = self._pos + self._run_prefix
            end = start + len(self._run.pop())
            self._pos = end + self._run_gap
            event = _new_event(self._event_type)
            event._event = self._found_event
            event._is_named = self._found_name
            event._source = self._view
            event._start = start
            event._end = end
            event._id = self._last_event_id
            event._sets_id = False
            event._retry = None
            event._text = None
            return event
        if not (self._advance() or self._at_end(report_empty=False)):
            raise StopIteration
        self._index += 1
        event = _new_event(self._event_type)
        event._event = self._found_event
        event._is_named = self._found_name
        if self._found_data is None:
            event._source = self._view
            event._start = self._found_start
            event._end = self._found_end
        else:
            event._source = self._found_data
            event._start = 0
            event._end = len(self._found_data)
        event._id = self._last_event_id
        event._sets_id = self._found_id
        event._retry = self._found_retry
        event._text = None
        return event
