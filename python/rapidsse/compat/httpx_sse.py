"""httpx-sse 0.4 on the engine of rapidsse, for clients of httpx and httpx2.

`from rapidsse.compat import httpx_sse` replaces `import httpx_sse`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .. import _engine
from ._bodies import abatches, chunks, frames
from ._closing import Events
from ._seams import Seam
from ._twins import twin

if TYPE_CHECKING:
    from typing import Self, TypeAlias

    import httpx
    import httpx2

    Client: TypeAlias = httpx.Client | httpx2.Client
    AsyncClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    Response: TypeAlias = httpx.Response | httpx2.Response

    class SSEError(httpx.TransportError):
        """The response is not an event stream."""


__all__ = ["EventSource", "SSEError", "ServerSentEvent", "aconnect_sse", "connect_sse"]

# The version of httpx-sse that this module replaces.
__version__ = "0.4.3"


def __getattr__(name: str) -> Any:
    if name == "SSEError":
        return _sse_error()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _sse_error() -> type[Exception]:
    """Returns `SSEError`, created on first use, because its bases are in the HTTP libraries.

    It is a `TransportError` of each installed library: httpx, httpx2, or both.
    """
    bases: list[type[Exception]] = []
    for library in ("httpx", "httpx2"):
        with suppress(ModuleNotFoundError):
            bases.append(import_module(library).TransportError)
    if not bases:
        raise ImportError("rapidsse.compat.httpx_sse needs httpx or httpx2: install one of them")
    doc = "The response is not an event stream."
    return type("SSEError", tuple(bases), {"__module__": __name__, "__doc__": doc})


class ServerSentEvent(_engine.ServerSentEvent):
    """One event: `event` (`"message"` if it has no name), `data`, `id` and `retry`."""

    __slots__ = ()

    def __new__(
        cls,
        event: str | None = None,
        data: str | None = None,
        id: str | None = None,
        retry: int | None = None,
    ) -> Self:
        return super().__new__(cls, event or "message", data or "", id or "", retry)

    def json(self) -> Any:
        """Returns the decoded JSON of `data`. Raises `json.JSONDecodeError`."""
        return json.loads(self.data)

    # Like the class of httpx-sse, which compares by identity and shows all its data.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        pieces = [f"event={self.event!r}"]
        if self.data:
            pieces.append(f"data={self.data!r}")
        if self.id:
            pieces.append(f"id={self.id!r}")
        if self.retry is not None:
            pieces.append(f"retry={self.retry!r}")
        return f"ServerSentEvent({', '.join(pieces)})"


class EventSource:
    """The events of a response, whose body must be unread."""

    def __init__(self, response: Response) -> None:
        self._response = response

    @property
    def response(self) -> Response:
        """The response."""
        return self._response

    def iter_sse(self) -> Iterator[ServerSentEvent]:
        """Yields the events of the response.

        Raises `SSEError` for a content type other than `text/event-stream`. Errors of the HTTP
        library pass through.
        """
        # A generator around the reader would cost a tenth of the time.
        return Events(_engine.FrameReader(self._chunks(), **_OPTIONS))

    async def aiter_sse(self) -> AsyncGenerator[ServerSentEvent]:
        """Like `iter_sse`, for a response of an async client."""
        self._check_content_type()
        batches = abatches(self._response, self._response.encoding, **_OPTIONS)
        async with aclosing(batches):
            async for batch in batches:
                for event in batch:
                    yield event

    def _check_content_type(self) -> None:
        content_type = self._response.headers.get("content-type", "").partition(";")[0]
        if "text/event-stream" not in content_type:
            raise _sse_error()(
                "Expected response header Content-Type to contain 'text/event-stream', "
                f"got {content_type!r}"
            )

    def _chunks(self) -> Generator[bytes]:
        # Here, so that nothing happens before the first event is requested.
        self._check_content_type()
        # The specification has UTF-8 only. httpx-sse decodes a response by the charset of its
        # header, and so does this class.
        yield from chunks(self._response, self._response.encoding)


_OPTIONS: dict[str, Any] = {"dataless": True, "event_type": ServerSentEvent}


@contextmanager
def connect_sse(client: Client, method: str, url: str, **kwargs: Any) -> Generator[EventSource]:
    """Sends a request and yields its `EventSource`; `kwargs` are those of `client.stream`."""
    kwargs["headers"] = _headers(client, kwargs.get("headers"))
    with client.stream(method, url, **kwargs) as response:
        yield EventSource(response)


@asynccontextmanager
async def aconnect_sse(
    client: AsyncClient, method: str, url: str, **kwargs: Any
) -> AsyncGenerator[EventSource]:
    """Like `connect_sse`, for an async client."""
    kwargs["headers"] = _headers(client, kwargs.get("headers"))
    async with client.stream(method, url, **kwargs) as response:
        yield EventSource(response)


def _headers(client: Client | AsyncClient, given: Any) -> Any:
    """Returns the headers of a request for events; the caller's headers are not changed."""
    headers = type(client.headers)(given)
    headers["Accept"] = "text/event-stream"
    headers["Cache-Control"] = "no-store"
    return headers


def seams() -> list[Seam]:
    """What `install` replaces: how an `httpx_sse.EventSource` is read, whoever made it."""
    theirs = import_module("httpx_sse")
    event_type = twin(theirs.ServerSentEvent)

    def iter_sse(self: Any) -> Iterator[Any]:
        self._check_content_type()
        response = self._response
        yield from frames(response, response.encoding, dataless=True, event_type=event_type)

    async def aiter_sse(self: Any) -> AsyncGenerator[Any]:
        self._check_content_type()
        response = self._response
        batches = abatches(response, response.encoding, dataless=True, event_type=event_type)
        async with aclosing(batches):
            async for batch in batches:
                for event in batch:
                    yield event

    uses = ("_check_content_type", "_response")
    return [
        Seam(theirs.ServerSentEvent, "__init__", None, ("self", "event", "data", "id", "retry")),
        Seam(theirs.EventSource, "iter_sse", iter_sse, ("self",), uses),
        Seam(theirs.EventSource, "aiter_sse", aiter_sse, ("self",), uses),
    ]
