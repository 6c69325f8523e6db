"""How streams are read with `google-genai`, accelerated and as Structs: from memory, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import cache, partial
from typing import Any

import httpx

from peer_streams import Pair, Reading, aread, arriving, read
from rapidsse.compat import google as compat

__all__ = ["google_pairs"]


class _Memory(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers each request with the chunks of the stream under way."""

    chunks: Any = ()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(iter(self.chunks))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(arriving(iter(self.chunks)))

    def _answer(self, content: Any) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=content)


_memory = _Memory()


@cache
def _client(accelerated: bool) -> Any:
    from google import genai

    client = genai.Client(
        api_key="none",
        http_options={
            "base_url": "http://localhost",
            "httpx_client": httpx.Client(transport=_memory),
            "httpx_async_client": httpx.AsyncClient(transport=_memory),
        },
    )
    return compat.accelerate(client) if accelerated else client


def _item(chunk: Any) -> tuple[str, Any]:
    """The class of a chunk and its first text."""
    try:
        return type(chunk).__name__, chunk.candidates[0].content.parts[0].text
    except (AttributeError, TypeError, IndexError):
        return type(chunk).__name__, None


def _content(chunks: Any, is_async: bool, how: str) -> Reading:
    _memory.chunks = chunks
    client = _client(how != "sdk")
    arguments: dict[str, Any] = {"model": "m", "contents": "hi"}
    if not is_async:
        stream: Iterator[Any] = client.models.generate_content_stream(**arguments)
        return read(compat.events(stream) if how == "events" else stream, _item)

    async def events() -> AsyncIterator[Any]:
        stream = await client.aio.models.generate_content_stream(**arguments)
        async for event in compat.events(stream) if how == "events" else stream:
            yield event

    return aread(events, _item)


def google_pairs() -> dict[str, dict[str, Pair]]:
    """The SDK and ours, by level and way."""
    return {
        level: {
            way: Pair(
                partial(_content, is_async=way == "async", how="sdk"),
                partial(_content, is_async=way == "async", how=how),
            )
            for way in ("sync", "async")
        }
        for level, how in (("accelerate", "accelerated"), ("events", "events"))
    }
