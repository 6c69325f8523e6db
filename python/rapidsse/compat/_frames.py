"""What the stand-ins for the official SDKs share: their frames."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec import Struct

from .._engine import FrameReader, ServerSentEvent
from .._event import short_data
from .._source import owned
from ._loops import Loop
from ._parse import parse

if TYPE_CHECKING:
    from types import FrameType

    from typing_extensions import Buffer

__all__ = ["Given", "Handover", "SDKDecoder", "SDKEvent"]


class Body:
    """One body of a client: what makes its events of their text, by the events' names.

    The client adds that when it has processed some events of a name, if the loop that asks the
    events for their JSON does nothing else with it.
    """

    __slots__ = ("_counts", "handover", "loop", "makes")

    def __init__(self, handover: Handover, loop: Loop | None) -> None:
        self.handover = handover
        self.loop = loop
        # `None` where the JSON must be taken.
        self.makes: dict[str | None, Callable[[str], Any] | None] = {}
        self._counts: dict[str | None, int] = {}

    def is_due(self, name: str | None) -> bool:
        """Counts the events of a name: one or two, with whole responses, are not worth it."""
        if name in self.makes:
            return False
        count = self._counts[name] = self._counts.get(name, 0) + 1
        return count > 2


class Given(Struct, gc=False):
    """The JSON object that an event was asked for."""

    data: Any
    name: str | None
    body: Body


class Handover:
    """The JSON object that an event was last asked for, until its client processes it.

    Thereby a client recognizes the events of a stream among all that it processes. Threads may
    take it from each other: what is not recognized is processed by the SDK.
    """

    __slots__ = ("given",)

    def __init__(self) -> None:
        # One object, so that no thread mixes it with another's.
        self.given: Given | None = None

    def take(self, data: Any) -> Given | None:
        """Returns what was handed over if this is its object; once, not to hold on to an image."""
        given = self.given
        if given is None or data is not given.data or type(data) is not dict:
            return None
        self.given = None
        return given


class SDKEvent(Struct, frozen=True, eq=False, gc=False):
    """One event, with the attributes of an SDK's: `event` and `id` are `None` if not in the stream."""

    event: str | None
    """The event's name."""
    data: str
    """The data, lines joined by LF, decoded as UTF-8 (U+FFFD for what is invalid)."""
    id: str | None
    """The last event id."""
    _frame: ServerSentEvent
    _body: Body | None

    @property
    def retry(self) -> int | None:
        """The reconnection time in milliseconds that the event's own lines set."""
        return self._frame.retry

    def json(self) -> Any:
        """Returns what `json.loads` returns for `data`. Raises `json.JSONDecodeError`.

        The loop of an SDK's stream gets the object that its client would make of that.
        """
        body = self._body
        if body is not None:
            make = body.makes.get(self.event)
            if make is not None:
                try:
                    made = make(self.data)
                    # The one member that the loops look at.
                    if "error" not in (made.__pydantic_extra__ or ()):
                        return made
                except Exception:  # noqa: BLE001
                    # This name stands for several types, or is not always valid.
                    body.makes[self.event] = None
        data = parse(self.data)
        if body is not None:
            body.handover.given = Given(data, self.event, body)
        return data

    def __repr__(self) -> str:
        data = short_data(self._frame.data_bytes)
        return f"ServerSentEvent(event={self.event!r}, data={data}, id={self.id!r}, retry={self.retry!r})"


class SDKDecoder:
    """Splits the body of a response into events, instead of an SDK's decoder.

    One decoder can read any number of bodies; each call has its own state.
    """

    _event_type: ClassVar[type[SDKEvent]] = SDKEvent
    # Which events without data are delivered.
    _dataless: ClassVar[Literal["none", "named", "all"]] = "none"

    def __init__(self, handover: Handover | None = None) -> None:
        self._handover = handover

    def iter_bytes(self, iterator: Iterator[bytes]) -> Iterator[Any]:
        """Yields the events of a body of these chunks. Errors of `iterator` pass through."""
        # The engine asks for the chunks: most of those of a large event need no line of Python.
        yield from self._new_body(sys._getframe())(self._reader(iter(iterator)))

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        """Like `iter_bytes`, for an asynchronous body."""
        events = self._new_body(sys._getframe())
        reader = self._reader()
        async for chunk in iterator:
            reader.push(owned(chunk))
            for event in events(reader):
                yield event

    def _reader(self, source: Iterator[Buffer] | None = None) -> FrameReader:
        return FrameReader(source, dataless=self._dataless != "none")

    def _new_body(
        self, reading: FrameType
    ) -> Callable[[Iterable[ServerSentEvent]], Iterator[SDKEvent]]:
        """Returns what yields the events of the next frames of a body."""
        new, handover, dataless = self._event_type, self._handover, self._dataless
        body = None if handover is None else Body(handover, Loop.around(reading))
        # A missing id is not an empty one.
        has_id = False

        def events(frames: Iterable[ServerSentEvent]) -> Iterator[SDKEvent]:
            nonlocal has_id
            for frame in frames:
                data, id = frame.data, frame.id
                has_id = has_id or id != "" or frame._sets_id
                named = frame._is_named
                if data or dataless == "all" or (named and dataless == "named"):
                    name = frame.event if named else None
                    yield new(name, data, id if has_id else None, frame, body)

        return events
