"""What the stand-ins for the official SDKs share: their frames."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from weakref import ref

from msgspec import Struct

from .._engine import FrameReader, ServerSentEvent
from .._event import short_data
from .._source import owned
from .._typed._prototype import Prototype
from ._closing import Events
from ._heap import keep_freed
from ._loops import Loop
from ._parse import LONG, parse
from ._past import Past

if TYPE_CHECKING:
    from types import FrameType

    from .._typed._prototype import Members, Part

Skips = Literal["dataless", "unnamed", "none"]
"""Which events a decoder leaves out: those without data, or of these those without a name."""

__all__ = ["Given", "Handover", "SDKDecoder", "SDKEvent"]

# An API has a few dozen. A server that sends other names must not fill the memory.
_MAX_NAMES = 200


class Body:
    """One body of a client: what its frames become, and what makes the SDK's events of them.

    The client adds that when it has processed some events of a name, if the loop that asks the
    events for their JSON does nothing else with it. It is the `FrameHandler` of the body's reader.
    """

    __slots__ = (
        "_counts", "_has_id", "_members", "_new", "_prototype", "_skips",
        "handover", "loop", "makes", "part",
    )  # fmt: skip

    def __init__(
        self, new: type[SDKEvent], skips: Skips, handover: Handover | None, loop: Loop | None
    ) -> None:
        self._new = new
        self._skips = skips
        # What was handed over refers to this body: a circle would keep it, with its image.
        self.handover = None if handover is None else ref(handover)
        self.loop = loop
        # A missing id is not an empty one.
        self._has_id = False
        # What makes events of their text, by their names; `None` where the JSON must be taken.
        self.makes: dict[str | None, Callable[[str], Any] | None] = {}
        self._counts: dict[str | None, int] = {}
        # What describes the objects of events that differ from one in some members alone; `None`
        # where that is not certain.
        self.part: Callable[[Any, Members], Part | None] | None = None
        self._members: Members | None = None
        self._prototype: Prototype | None = None

    def event(self, frame: ServerSentEvent, members: Members | None) -> Any:
        data, id = frame.data, frame.id
        if id != "" or frame._sets_id:
            self._has_id = True
        named = frame._is_named
        if not data and (self._skips == "dataless" or (self._skips == "unnamed" and not named)):
            return NotImplemented
        self._members, self._prototype = members, None
        return self._new(
            frame.event if named else None,
            data,
            id if self._has_id else None,
            frame.retry,
            None if self.handover is None else self,
            members,
        )

    def prototype(self, event: SDKEvent) -> Prototype | None:
        return self._prototype

    def keep(self, event: SDKEvent, made: Any) -> bool:
        """Has events like this one made like its object, where that is certain."""
        members = event._members
        if members is None or members is not self._members or self.part is None:
            return False
        part = self.part(made, members)
        if part is None:
            return False
        values = (event.event, "", event.id, event.retry, None, None, None)
        names = type(event).__struct_fields__
        parts: tuple[tuple[int, Part], ...] = ((_DATA, ("payload",)), (_MADE, part))
        places = (None,) * len(members)
        self._prototype = Prototype(type(event), names, values, places, parts, item=1)
        return True

    def is_due(self, name: str | None) -> bool:
        """Counts the events of a name: one or two, with whole responses, are not worth it."""
        if name in self.makes:
            return False
        count = self._counts.get(name, 0) + 1
        if count > 1 or len(self._counts) < _MAX_NAMES:
            self._counts[name] = count
        return count > 2


class Given(Struct, gc=False):
    """The JSON object that an event was asked for."""

    data: Any
    event: SDKEvent
    body: Body


class Handover:
    """The JSON object that an event was last asked for, until its client processes it.

    By it, a client recognizes the events of a stream among all that it processes. Threads may
    take it from each other: what is not recognized is processed by the SDK.
    """

    __slots__ = ("__weakref__", "given")

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
    """One event, with the attributes of an SDK's: `event` and `id` are `None` if they are not in the
    stream."""

    event: str | None
    """The event's name."""
    data: str
    """The data, lines joined by LF, decoded as UTF-8 (U+FFFD for what is invalid)."""
    id: str | None
    """The last event id."""
    retry: int | None
    """The reconnection time in milliseconds that the event's own lines set."""
    _body: Body | None
    _members: Members | None
    # What its client makes of it.
    _made: Any = None

    def json(self) -> Any:
        """Returns what `json.loads` returns for `data`. Raises `json.JSONDecodeError`.

        The loop of an SDK's stream gets the object that its client would make of that.
        """
        if self._made is not None:
            return self._made
        body = self._body
        if body is not None:
            make = body.makes.get(self.event)
            if make is not None and len(self.data) < LONG:
                try:
                    made = make(self.data)
                    # The one member that the loops look at.
                    if "error" not in (made.__pydantic_extra__ or ()):
                        if self._members is not None:
                            body.keep(self, made)
                        return made
                except Exception:  # noqa: BLE001
                    # This name stands for several types, or is not always valid.
                    body.makes[self.event] = None
        keep_freed(len(self.data))
        data = parse(self.data)
        if body is not None and body.handover is not None and (handover := body.handover()):
            handover.given = Given(data, self, body)
        return data

    def __repr__(self) -> str:
        data = short_data(memoryview(self.data.encode()))
        start = f"ServerSentEvent(event={self.event!r}, data={data}"
        return f"{start}, id={self.id!r}, retry={self.retry!r})"


_DATA, _MADE = map(SDKEvent.__struct_fields__.index, ("data", "_made"))


class SDKDecoder:
    """Splits the body of a response into events, instead of an SDK's decoder.

    One decoder can read any number of bodies; each call has its own state.
    """

    _event_type: ClassVar[type[SDKEvent]] = SDKEvent
    # Which events are not delivered.
    _skips: ClassVar[Skips] = "dataless"

    def __init__(self, handover: Handover | None = None, past: Past | None = None) -> None:
        self._handover = handover
        self._past = past

    def iter_bytes(self, iterator: Iterator[bytes]) -> Iterator[Any]:
        """Yields the events of a body of these chunks. Errors of `iterator` pass through."""
        # The engine asks for the chunks: most of those of a large event need no line of Python.
        return Events(self._reader(iter(iterator), sys._getframe()))

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        """Like `iter_bytes`, for an asynchronous body."""
        reader = self._reader(None, sys._getframe())
        async for chunk in iterator:
            reader.push(owned(chunk))
            for event in reader:
                yield event

    def _reader(self, source: Iterator[bytes] | None, reading: FrameType) -> FrameReader:
        """Returns what splits a body, given the frame that reads it."""
        loop = None if self._handover is None else Loop.around(reading)
        body = Body(self._event_type, self._skips, self._handover, loop)
        reader = FrameReader(source, dataless=self._skips != "dataless", handler=body)
        if self._past is not None:
            self._past.reads(reader, reading)
        return reader
