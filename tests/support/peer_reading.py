"""Reads a stream with a library and with its stand-in in `rapidsse.compat`, in every possible way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import anthropic
import httpx
import httpx2
import httpx_sse
import openai
import sseclient
from anthropic.types import RawMessageStreamEvent
from openai.types.responses import ResponseStreamEvent

from google_reading import google_pairs
from peer_streams import (
    Chunks,
    Counted,
    Pair,
    Reader,
    Reading,
    aread,
    arriving,
    frame,
    read,
    typed,
)
from rapidsse.compat import anthropic as our_anthropic
from rapidsse.compat import httpx_sse as our_httpx_sse
from rapidsse.compat import openai as our_openai
from rapidsse.compat import sseclient as our_sseclient
from swap_reading import SWAPS

__all__ = ["PAIRS", "Chunks", "Counted", "Pair", "Reader", "Reading", "frame"]

# httpx-sse ----------------------------------------------------------------------------------------


def _source(module: Any, http: Any, content: Any, charset: str | None) -> Any:
    content_type = "text/event-stream" + (f"; charset={charset}" if charset else "")
    return module.EventSource(
        http.Response(200, headers={"Content-Type": content_type}, content=content)
    )


def _httpx_sync(
    module: Any, http: Any, chunks: Any, charset: str | None = None, item: Any = frame
) -> Reading:
    source = _source(module, http, iter(chunks), charset)
    return read(source.iter_sse(), item)


def _httpx_async(
    module: Any, http: Any, chunks: Any, charset: str | None = None, item: Any = frame
) -> Reading:
    source = _source(module, http, arriving(iter(chunks)), charset)
    return aread(source.aiter_sse, item)


def _httpx_pairs() -> dict[str, Pair]:
    readers = {"sync": _httpx_sync, "async": _httpx_async}
    return {
        f"{http.__name__} {way}": Pair(
            partial(reader, httpx_sse, http),
            partial(reader, our_httpx_sse, http),
        )
        for http in (httpx, httpx2)
        for way, reader in readers.items()
    }


# sseclient-py -------------------------------------------------------------------------------------


class _Body:
    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        pass


def _sseclient(module: Any, chunks: Any, char_enc: str = "utf-8", item: Any = frame) -> Reading:
    client = module.SSEClient(_Body(chunks), char_enc)
    return read(client.events(), item)


# The SDKs: their decoders, their streams, and our events of their streams -------------------------


def _decoder_sync(decoder: Any, chunks: Any, item: Any = frame) -> Reading:
    return read(decoder().iter_bytes(iter(chunks)), item)


def _decoder_async(decoder: Any, chunks: Any, item: Any = frame) -> Reading:
    return aread(lambda: decoder().aiter_bytes(arriving(iter(chunks))), item)


class _SDK(NamedTuple):
    sdk: Any
    ours: Any
    clients: tuple[Any, Any]
    type: Any

    def stream(self, chunks: Any, is_async: bool, accelerated: bool) -> Any:
        content = arriving(iter(chunks)) if is_async else iter(chunks)
        request = httpx2.Request("POST", "http://localhost")
        response = httpx2.Response(200, content=content, request=request)
        cls = self.sdk.AsyncStream if is_async else self.sdk.Stream
        client = _client(self, is_async, accelerated)
        return cls(cast_to=self.type, response=response, client=client)

    def read(
        self, chunks: Any, is_async: bool, accelerated: bool = False, events: bool = False
    ) -> Reading:
        stream = self.stream(chunks, is_async, accelerated)
        source = self.ours.events(stream) if events else stream
        return aread(lambda: source, typed) if is_async else read(source, typed)

    def pairs(self) -> dict[str, dict[str, Pair]]:
        theirs, ours = self.sdk._streaming.SSEDecoder, self.ours.SSEDecoder
        ways = {"sync": False, "async": True}
        return {
            "frames": {
                "sync": Pair(partial(_decoder_sync, theirs), partial(_decoder_sync, ours)),
                "async": Pair(partial(_decoder_async, theirs), partial(_decoder_async, ours)),
            },
            "accelerate": {
                way: Pair(
                    partial(self.read, is_async=is_async),
                    partial(self.read, is_async=is_async, accelerated=True),
                )
                for way, is_async in ways.items()
            },
            "events": {
                way: Pair(
                    partial(self.read, is_async=is_async),
                    partial(self.read, is_async=is_async, events=True),
                )
                for way, is_async in ways.items()
            },
        }


@cache
def _client(sdk: _SDK, is_async: bool, accelerated: bool) -> Any:
    client = sdk.clients[is_async](api_key="none")
    return sdk.ours.accelerate(client) if accelerated else client


_OPENAI = _SDK(openai, our_openai, (openai.OpenAI, openai.AsyncOpenAI), ResponseStreamEvent)
_ANTHROPIC = _SDK(
    anthropic,
    our_anthropic,
    (anthropic.Anthropic, anthropic.AsyncAnthropic),
    RawMessageStreamEvent,
)

# By library, level (what is read) and way (how).
PAIRS: dict[str, dict[str, dict[str, Pair]]] = {
    "httpx-sse": {"frames": _httpx_pairs()},
    "sseclient": {
        "frames": {
            "sync": Pair(
                partial(_sseclient, sseclient),
                partial(_sseclient, our_sseclient),
            )
        }
    },
    "openai": _OPENAI.pairs(),
    "anthropic": _ANTHROPIC.pairs(),
    # Used only where the SDK is installed.
    "google": google_pairs(),
    **{library: {"frames": pairs} for library, pairs in SWAPS.items()},
}
