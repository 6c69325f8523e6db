"""What the stand-ins for the official SDKs share: their frames."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from .._engine import FrameReader, ServerSentEvent
from .._event import short_data
from .._source import owned

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Handover", "SDKDecoder", "SDKEvent"]


class Handover:
    """The JSON object that an event was last asked for, until its client processes it.

    Thereby a client recognizes the events of a stream among all that it processes. Threads may
    take it from each other: what is not recognized is processed by the SDK.
    """

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data: Any = None


class SDKEvent(Struct, frozen=True, eq=False, gc=False):
    """One event, with the attributes of an SDK's: `event` and `id` are `None` if not in the stream."""

    event: str | None
    """The event's name."""
    data: str
    """The data, lines joined by LF, decoded as UTF-8 (U+FFFD for what is invalid)."""
    id: str | None
    """The last event id."""
    _frame: ServerSentEvent
    _handover: Handover | None

    @property
    def retry(self) -> int | None:
        """The reconnection time in milliseconds that the event's own lines set."""
        return self._frame.retry

    def json(self) -> Any:
        """Returns what `json.loads` returns for `data`. Raises `json.JSONDecodeError`."""
        data: Any
        try:
            data = _decode(self.data)
        except (DecodeError, RecursionError):
            # Only `json` accepts NaN, lone surrogates and the like. Otherwise it raises its error.
            data = json.loads(self.data)
        if self._handover is not None:
            self._handover.data = data
        return data

    def __repr__(self) -> str:
        data = short_data(self._frame.data_bytes)
        return f"ServerSentEvent(event={self.event!r}, data={data}, id={self.id!r}, retry={self.retry!r})"


_decode = Decoder().decode


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
        events = self._new_body()
        for chunk in iterator:
            yield from events(chunk)

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        """Like `iter_bytes`, for an asynchronous body."""
        events = self._new_body()
        async for chunk in iterator:
            for event in events(chunk):
                yield event

    def _new_body(self) -> Callable[[Buffer], Iterator[SDKEvent]]:
        """Returns what yields the events that the next chunk of a body completes."""
        new, handover, dataless = self._event_type, self._handover, self._dataless
        reader = FrameReader(dataless=dataless != "none")
        # A missing id is not an empty one.
        has_id = False

        def events(chunk: Buffer) -> Iterator[SDKEvent]:
            nonlocal has_id
            reader.push(owned(chunk))
            for frame in reader:
                data, id = frame.data, frame.id
                has_id = has_id or id != "" or frame._sets_id
                named = frame._is_named
                if data or dataless == "all" or (named and dataless == "named"):
                    name = frame.event if named else None
                    yield new(name, data, id if has_id else None, frame, handover)

        return events
