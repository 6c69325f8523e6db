"""What the stand-ins for the official SDKs share: their frames, and accelerated clients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import msgspec

from .._engine import FrameReader, ServerSentEvent
from .._event import short_data
from .._source import owned

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["SDKDecoder", "SDKEvent", "accelerate"]

ClientT = TypeVar("ClientT")

_HOOK = "_make_sse_decoder"


class SDKEvent:
    """One event, with the attributes of an SDK's: `event` and `id` are `None` if not in the stream."""

    __slots__ = ("_frame", "_id")

    def __init__(self, frame: ServerSentEvent, id: str | None) -> None:
        self._frame = frame
        self._id = id

    @property
    def event(self) -> str | None:
        """The event's name."""
        return self._frame.event if self._frame._is_named else None

    @property
    def data(self) -> str:
        """The data, lines joined by LF, decoded as UTF-8 (U+FFFD for what is invalid)."""
        return self._frame.data

    @property
    def id(self) -> str | None:
        """The last event id."""
        return self._id

    @property
    def retry(self) -> int | None:
        """The reconnection time in milliseconds that the event's own lines set."""
        return self._frame.retry

    def json(self) -> Any:
        """Returns what `json.loads` returns for `data`. Raises `json.JSONDecodeError`."""
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return msgspec.json.decode(self._frame.data_bytes)
        # Only `json` accepts NaN, lone surrogates and the like. Otherwise it raises its error.
        return json.loads(self.data)

    def __repr__(self) -> str:
        data = short_data(self._frame.data_bytes)
        return f"ServerSentEvent(event={self.event!r}, data={data}, id={self.id!r}, retry={self.retry!r})"


class SDKDecoder:
    """Splits the body of a response into events, instead of an SDK's decoder.

    One decoder can read any number of bodies; each call has its own state.
    """

    _event_type: ClassVar[type[SDKEvent]] = SDKEvent
    # Whether events without data are delivered.
    _dataless: ClassVar[bool] = False

    def iter_bytes(self, iterator: Iterator[bytes]) -> Iterator[Any]:
        """Yields the events of a body of these chunks. Errors of `iterator` pass through."""
        events = _Events(self._event_type, self._dataless)
        for chunk in iterator:
            yield from events.fed(chunk)

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        """Like `iter_bytes`, for an asynchronous body."""
        events = _Events(self._event_type, self._dataless)
        async for chunk in iterator:
            for event in events.fed(chunk):
                yield event


class _Events:
    """The events of one body."""

    def __init__(self, event_type: type[SDKEvent], dataless: bool) -> None:
        self._event_type = event_type
        self._dataless = dataless
        self._reader = FrameReader(dataless=dataless)
        # A missing id is not an empty one.
        self._has_id = False

    def fed(self, chunk: Buffer) -> Iterator[SDKEvent]:
        """Yields the events that the next chunk completes."""
        self._reader.push(owned(chunk))
        for frame in self._reader:
            self._has_id = self._has_id or frame._sets_id or frame.id != ""
            if self._dataless or frame.data:
                yield self._event_type(frame, frame.id if self._has_id else None)


def accelerate(client: ClientT, common: type, decoder: Callable[[], SDKDecoder]) -> ClientT:
    """Makes a client, and every copy of it, decode with `decoder`.

    Raises `TypeError` for an argument that does not create its decoders like the class `common`:
    the clients of some clouds read streams of another format.
    """
    hook = getattr(type(client), _HOOK, None)
    if hook is None or hook is not getattr(common, _HOOK, None):
        raise TypeError(
            f"expected a client of the SDK that reads event streams, as {common.__name__} does, "
            f"not {type(client).__name__}"
        )

    def copy(self: ClientT, *args: Any, **kwargs: Any) -> ClientT:
        copied: ClientT = cast("Any", type(self)).copy(self, *args, **kwargs)
        return accelerate(copied, common, decoder)

    # Set on the client, not on a subclass: the SDKs check the exact type of a client.
    attributes = vars(client)
    attributes[_HOOK] = decoder
    attributes["copy"] = attributes["with_options"] = MethodType(copy, client)
    return client
