"""The `cohere` SDK on the engine of rapidsse.

`rapidsse.compat.install("cohere")` accelerates all of its clients. `EventSource` replaces that of
`cohere.core.http_sse` for a single response.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._fern import aread, read, seams_of

if TYPE_CHECKING:
    import httpx

    from ._seams import Seam

__all__ = ["EventSource"]

_API = "cohere.core.http_sse._api"


class EventSource:
    """The events of a response, whose body must be unread. It does not resume a stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @property
    def response(self) -> httpx.Response:
        """The response."""
        return self._response

    def iter_sse(self) -> Iterator[Any]:
        """Yields the events of the response.

        Raises the SDK's `SSEError` for a content type other than `text/event-stream`. Errors of
        httpx pass through.
        """
        api = import_module(_API)
        api.EventSource(self._response)._check_content_type()
        yield from read(self._response, api.ServerSentEvent)

    async def aiter_sse(self) -> AsyncGenerator[Any]:
        """Like `iter_sse`, for a response of an async client."""
        api = import_module(_API)
        api.EventSource(self._response)._check_content_type()
        async with aclosing(aread(self._response, api.ServerSentEvent)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event


def seams() -> list[Seam]:
    """What `install` replaces."""
    return seams_of(import_module(_API))
