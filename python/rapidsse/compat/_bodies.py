"""The body of a response as events, for stand-ins of parsers that are given a response.

The response is one of httpx or httpx2, which differ in nothing that is used here. `encoding` is
that by which the library decodes a body; the specification has UTF-8 only.
"""

from __future__ import annotations

import codecs
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from .. import _engine
from .._source import owned

if TYPE_CHECKING:
    from typing import TypeAlias

    import httpx
    import httpx2

    Response: TypeAlias = httpx.Response | httpx2.Response

__all__ = ["abatches", "achunks", "chunks", "frames", "transcoded"]


def chunks(response: Response, encoding: str | None) -> Iterator[bytes]:
    """The body's chunks, in UTF-8. Raises `LookupError` for an unknown encoding."""
    body = response.iter_bytes()
    return body if _is_utf8(encoding) else transcoded(body, encoding or "")


def achunks(response: Response, encoding: str | None) -> AsyncGenerator[bytes]:
    """Like `chunks`, for a response of an async client."""
    # Both libraries return async generators, which they declare as iterators.
    body: Any = response.aiter_bytes()
    return body if _is_utf8(encoding) else _atranscoded(body, encoding or "")


def frames(response: Response, encoding: str | None, **options: Any) -> Iterator[Any]:
    """Yields the events of a response; `options` are those of `FrameReader`."""
    return _engine.FrameReader(chunks(response, encoding), **options)


async def abatches(
    response: Response, encoding: str | None, **options: Any
) -> AsyncGenerator[Iterator[Any]]:
    """Like `frames`, for a response of an async client: the events that each chunk completes.

    A step of an async generator for each event would take longer than the event.
    """
    reader = _engine.FrameReader(None, **options)
    # Without `aclosing`, a stream that is left early would stay open.
    async with aclosing(achunks(response, encoding)) as body:
        async for chunk in body:
            reader.push(owned(chunk))
            yield reader
    reader.finish()
    yield reader


def _is_utf8(encoding: str | None) -> bool:
    return codecs.lookup(encoding or "utf-8").name == "utf-8"


def transcoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yields the text of the chunks in UTF-8, U+FFFD for what is invalid."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


async def _atranscoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncGenerator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    async for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")
