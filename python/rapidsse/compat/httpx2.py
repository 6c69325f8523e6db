"""The event streams of httpx2 2 on the engine of rapidsse.

- `EventSource(response)` instead of `httpx2.EventSource(response)`
- `accelerate(client)`: what `client.sse()` yields is such an `EventSource`

Libraries that make their own `httpx2.EventSource`, such as `mcp`, need
`rapidsse.compat.install("httpx2")`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from importlib import import_module
from inspect import signature
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar

from .._errors import EventTooLarge
from ._bodies import abatches, frames
from ._twins import twin

if TYPE_CHECKING:
    import httpx2
    from httpx2 import ServerSentEvent, SSEError

    from ._seams import Seam

__all__ = ["EventSource", "SSEError", "ServerSentEvent", "accelerate"]

ClientT = TypeVar("ClientT")


def __getattr__(name: str) -> Any:
    if name in ("SSEError", "ServerSentEvent"):
        return getattr(import_module("httpx2"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class EventSource:
    """The events of a response, whose body must be unread.

    An event may be of any size, unless `max_event_size` limits its bytes.
    """

    def __init__(self, response: httpx2.Response, max_event_size: int | None = None) -> None:
        self._response = response
        self._max_event_size = max_event_size

    @property
    def response(self) -> httpx2.Response:
        """The response."""
        return self._response

    def __iter__(self) -> Iterator[ServerSentEvent]:
        """Yields the events.

        Raises `SSEError` for a content type other than `text/event-stream`, and for an event
        above `max_event_size`. Errors of httpx2 pass through.
        """
        return _events(self._response, self._max_event_size)

    def __aiter__(self) -> AsyncIterator[ServerSentEvent]:
        """Like `__iter__`, for a response of an async client."""
        return _aevents(self._response, self._max_event_size)


def accelerate(client: ClientT) -> ClientT:
    """Makes `client.sse()` of an httpx2 client, sync or async, yield an `EventSource` of this module.

    Returns the client. Raises `TypeError` for any other argument.
    """
    import httpx2

    def sse(
        self: httpx2.Client, *args: Any, max_event_size: int | None = None, **kwargs: Any
    ) -> Any:
        return _sse(type(self).sse(self, *args, **kwargs), max_event_size)

    def asse(
        self: httpx2.AsyncClient, *args: Any, max_event_size: int | None = None, **kwargs: Any
    ) -> Any:
        return _asse(type(self).sse(self, *args, **kwargs), max_event_size)

    match client:
        case httpx2.Client():
            vars(client)["sse"] = MethodType(sse, client)
        case httpx2.AsyncClient():
            vars(client)["sse"] = MethodType(asse, client)
        case _:
            raise TypeError(
                "expected an httpx2.Client or an httpx2.AsyncClient, "
                f"not {type(client).__module__}.{type(client).__qualname__}"
            )
    return client


@contextmanager
def _sse(theirs: Any, max_event_size: int | None) -> Generator[EventSource]:
    with theirs as source:
        yield EventSource(source.response, max_event_size)


@asynccontextmanager
async def _asse(theirs: Any, max_event_size: int | None) -> AsyncGenerator[EventSource]:
    async with theirs as source:
        yield EventSource(source.response, max_event_size)


def _events(response: httpx2.Response, limit: int | None) -> Iterator[Any]:
    _check_content_type(response)
    try:
        yield from frames(response, response.encoding, **_options(limit))
    except EventTooLarge as error:
        raise _too_large(response, error) from None


async def _aevents(response: httpx2.Response, limit: int | None) -> AsyncIterator[Any]:
    _check_content_type(response)
    try:
        async with aclosing(abatches(response, response.encoding, **_options(limit))) as batches:
            async for batch in batches:
                for event in batch:
                    yield event
    except EventTooLarge as error:
        raise _too_large(response, error) from None


def _options(limit: int | None) -> dict[str, Any]:
    return {"dataless": True, "event_type": _event_type(), "max_event_size": limit}


@cache
def _event_type() -> type:
    import httpx2

    return twin(httpx2.ServerSentEvent)


def _check_content_type(response: httpx2.Response) -> None:
    import httpx2

    # Taken first: a response without a request is refused whatever it is.
    request = response.request
    content_type = response.headers.get("content-type", "").partition(";")[0].strip()
    if content_type.lower() != "text/event-stream":
        raise httpx2.SSEError(
            f"Expected response with content type 'text/event-stream', got {content_type!r}.",
            request=request,
        )


def _too_large(response: httpx2.Response, error: EventTooLarge) -> SSEError:
    import httpx2

    return httpx2.SSEError(
        f"Server-sent event exceeded the {error.limit} byte limit.", request=response.request
    )


def seams() -> list[Seam]:
    """What `install` replaces: how an `httpx2.EventSource` is read, whoever made it."""
    import httpx2

    from ._seams import Seam, Unknown

    theirs = httpx2.EventSource
    parameter = signature(theirs).parameters.get("max_event_size")
    if parameter is None:
        raise Unknown("httpx2.EventSource takes no max_event_size")
    hidden = parameter.default

    def limit(source: Any) -> int | None:
        # Clients pass on the default, so it does not tell what was asked for.
        size: int | None = source._max_event_size
        return None if size == hidden else size

    def read(self: Any) -> Iterator[Any]:
        return _events(self._response, limit(self))

    def aread(self: Any) -> AsyncIterator[Any]:
        return _aevents(self._response, limit(self))

    return [
        Seam(theirs, "__init__", None, ("self", "response", "max_event_size")),
        Seam(theirs, "__iter__", read, ("self",), uses=("_response", "_max_event_size")),
        Seam(theirs, "__aiter__", aread, ("self",), uses=("_response", "_max_event_size")),
    ]
