"""Streams of responses that a mark ends, whatever follows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol

from .._source import owned
from ._drain import adrain, drain

if TYPE_CHECKING:
    from .._engine import FrameReader
    from ._bodies import Response

__all__ = ["Marked", "aread", "read"]


class Marked(Protocol):
    """What `reader` has read so far, as the values of a library. `ended`: the mark has come."""

    reader: FrameReader
    ended: bool

    def __iter__(self) -> Iterator[Any]: ...


def read(response: Response, events: Marked) -> Generator[Any]:
    """Yields the values of a response up to the mark, and closes the response.

    Errors of the HTTP library pass through.
    """
    try:
        chunks = response.iter_bytes()
        for chunk in chunks:
            events.reader.push(owned(chunk))
            yield from events
            if events.ended:
                drain(response, chunks)
                return
        events.reader.finish()
        yield from events
    finally:
        response.close()


async def aread(response: Response, events: Marked) -> AsyncGenerator[Any]:
    """Like `read`, for a response of an async client."""
    try:
        # An async generator, which the libraries declare as an iterator.
        chunks: Any = response.aiter_bytes()
        async with aclosing(chunks):
            async for chunk in chunks:
                events.reader.push(owned(chunk))
                for event in events:
                    yield event
                if events.ended:
                    await adrain(response, chunks)
                    return
        events.reader.finish()
        for event in events:
            yield event
    finally:
        await response.aclose()
