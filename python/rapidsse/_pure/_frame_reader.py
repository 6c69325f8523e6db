"""`FrameReader`: the events of a stream as `ServerSentEvent`s."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, final

from ._events import ServerSentEvent, new_event
from ._frame import Frame, Item, TooLarge
from ._in_use import OneAtATime, in_use
from ._stream import Stream

if TYPE_CHECKING:
    from typing_extensions import Buffer

_layout = attrgetter("__basicsize__", "__dictoffset__", "__weakrefoffset__")


@final
class FrameReader(OneAtATime):
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
        if not (
            isinstance(event_type, type)
            and issubclass(event_type, ServerSentEvent)
            and _layout(event_type) == _layout(ServerSentEvent)
        ):
            raise TypeError(
                "event_type must be ServerSentEvent or a subclass with empty __slots__, "
                f"not {event_type!r}"
            )
        self._stream = Stream(source, max_event_size=max_event_size, eof=eof, dataless=dataless)
        self._items = iter(self._stream)

        self._event_type = event_type
        self._index = 0

    def push(self, chunk: Buffer) -> None:
        """Adds a chunk, which is referred to in place: it must not change afterwards."""
        self._check_unused()
        self._stream.chunks.push(chunk)

    def finish(self) -> None:
        """Says that no more chunks come."""
        self._check_unused()
        self._stream.chunks.close()

    def __iter__(self) -> FrameReader:
        return self

    def __next__(self) -> ServerSentEvent:
        if self._is_in_use:
            raise in_use()
        self._is_in_use = True
        try:
            while (item := next(self._items, None) or self._resume()) is not None:
                if type(item) is Frame:
                    self._index += 1
                    return new_event(self._event_type, item, self._stream.parser.last_event_id)
                if type(item) is TooLarge:
                    self._index += 1
                    raise item.error(self._index - 1)
        finally:
            self._is_in_use = False
        raise StopIteration

    def _resume(self) -> Item | None:
        """The next item of a stream whose iterator came to an end, or raised."""
        self._items = iter(self._stream)
        return next(self._items, None)

    @property
    def last_event_id(self) -> str:
        """The last event id as of the last blank line, `""` if none."""
        self._check_unused()
        return self._stream.parser.last_event_id

    @property
    def retry(self) -> int | None:
        """The last valid reconnection time in milliseconds, if any."""
        self._check_unused()
        return self._stream.parser.retry

    @property
    def pending(self) -> int:
        """The bytes held for the unfinished event."""
        self._check_unused()
        return self._stream.parser.pending
