"""The `http_sse` package that Fern's generator puts into SDKs: those of Cohere, Langfuse and others.

All of them have a class `EventSource`. Newer ones resume streams: they ask `_decode_response` for
the events of each response. Older ones read the one response in `iter_sse`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ._bodies import abatches, frames
from ._seams import Seam
from ._twins import nameless, twin

if TYPE_CHECKING:
    from ._bodies import Response

__all__ = ["aread", "encoding_of", "read", "seams_of"]


def encoding_of(response: Response) -> str:
    """Returns the encoding that the generator takes from the header, UTF-8 if it is not known."""
    named = re.search(r"charset=([^;\s]+)", response.headers.get("content-type", ""), re.IGNORECASE)
    encoding = named.group(1).strip("\"'") if named else "utf-8"
    try:
        "test".encode(encoding)
    except (LookupError, UnicodeError):
        return "utf-8"
    return encoding


def _options(event_class: type) -> dict[str, Any]:
    return {"dataless": True, "event_type": twin(event_class, nameless)}


def read(response: Response, event_class: type) -> Iterator[Any]:
    """Yields the events of a response as objects that pass for those of `event_class`."""
    return frames(response, encoding_of(response), **_options(event_class))


def aread(response: Response, event_class: type) -> AsyncGenerator[Iterator[Any]]:
    """Like `read`, for a response of an async client: the events that each chunk completes."""
    return abatches(response, encoding_of(response), **_options(event_class))


def seams_of(api: ModuleType) -> list[Seam]:
    """What `install` replaces in a module `http_sse._api`."""
    source = api.EventSource
    event_class = api.ServerSentEvent
    if not hasattr(source, "_decode_response"):
        return _older(source, event_class)

    def decode(self: Any, response: Response, decoder: Any, text_decoder: Any) -> Iterator[Any]:
        resumed = _Resumed(decoder, event_class)
        for event in read(response, event_class):
            yield resumed.event(event)

    async def adecode(
        self: Any, response: Response, decoder: Any, text_decoder: Any
    ) -> AsyncGenerator[Any]:
        resumed = _Resumed(decoder, event_class)
        async with aclosing(aread(response, event_class)) as batches:
            async for batch in batches:
                for event in batch:
                    yield resumed.event(event)

    parameters = ("self", "response", "decoder", "text_decoder")
    return [
        Seam(source, "_get_charset", None, ("self", "response")),
        Seam(api.SSEDecoder, "__init__", None, ("self",), uses=("_last_event_id",)),
        Seam(event_class, "__init__", None, ("self", "event", "data", "id", "retry")),
        Seam(source, "_decode_response", decode, parameters),
        Seam(source, "_adecode_response", adecode, parameters),
    ]


class _Resumed:
    """The events of a response that may go on with a stream, whose last id holds until the next."""

    def __init__(self, decoder: Any, event_class: type) -> None:
        self._decoder = decoder
        self._event_class = event_class
        self._has_id = False

    def event(self, event: Any) -> Any:
        if self._has_id or event.id or event._sets_id:
            self._has_id = True
            self._decoder._last_event_id = event.id
        elif self._decoder._last_event_id:
            id = self._decoder._last_event_id
            return self._event_class(event.event, event.data, id, event.retry)
        return event


def _older(source: type, event_class: type) -> list[Seam]:
    def iter_sse(self: Any) -> Iterator[Any]:
        self._check_content_type()
        yield from read(self._response, event_class)

    async def aiter_sse(self: Any) -> AsyncGenerator[Any]:
        self._check_content_type()
        async with aclosing(aread(self._response, event_class)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    uses = ("_response", "_check_content_type")
    return [
        Seam(event_class, "__init__", None, ("self", "event", "data", "id", "retry")),
        Seam(source, "iter_sse", iter_sse, ("self",), uses),
        Seam(source, "aiter_sse", aiter_sse, ("self",), uses),
    ]
