"""`FrameReader`: the events of a stream as `ServerSentEvent`s."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, Protocol, final

from ._events import ServerSentEvent, new_event
from ._frame import Frame, TooLarge
from ._reader import Reader, in_use
from ._stream import Items, Stream

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Handler(Protocol):
    """Says what the events become. Of `FrameHandler`, what this engine uses."""

    def event(self, frame: ServerSentEvent, members: None, /) -> Any: ...


_layout = attrgetter("__basicsize__", "__dictoffset__", "__weakrefoffset__")


@final
class FrameReader(Reader):
    """Splits pushed chunks, or those of `source`, into events; iterate to take them."""

    def __init__(
        self,
        source: Iterator[Buffer] | None = None,
        *,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "discard",
        dataless: bool = False,
        event_type: type[ServerSentEvent] = ServerSentEvent,
        handler: Handler | None = None,
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
        super().__init__(Stream(source, max_event_size=max_event_size, eof=eof, dataless=dataless))
        self._event_type = event_type
        self._handler = handler
        self._index = 0

    def __next__(self) -> Any:
        if self._is_in_use:
            raise in_use()
        self._is_in_use = True
        try:
            while (item := self._items.next()) is not None:
                if type(item) is Frame:
                    self._index += 1
                    id = self._stream.parser.last_event_id
                    event = new_event(self._event_type, item, id)
                    if self._handler is None:
                        return event
                    value = self._handler.event(event, None)
                    if value is not NotImplemented:
                        return value
                if type(item) is TooLarge:
                    self._index += 1
                    raise item.error(self._index - 1)
        finally:
            self._is_in_use = False
        raise StopIteration

    def close(self) -> None:
        """Ends the events, and lets go of `source` and of every chunk."""
        self._check_unused()
        self._stream = Stream(None, max_event_size=None, eof="discard")
        self._stream.chunks.close()
        self._items = Items(self._stream)

    def items(self) -> Iterator[Any]:
        """Yields nothing: this engine makes no event of another one."""
        return iter(())

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
