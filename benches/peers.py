"""Reads the same chunks with each peer, through its public interface if it has one.

Each function takes the chunks of one body and returns an iterator of the peer's events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import anthropic
import httpx
import httpx2
import httpx_sse
import openai
import sseclient
from anthropic._streaming import SSEDecoder as AnthropicDecoder
from openai._streaming import SSEDecoder as OpenAIDecoder
from openai.types.responses import ResponseStreamEvent

PACKAGES = (
    "openai",
    "anthropic",
    "groq",
    "httpx-sse",
    "sseclient-py",
    "msgspec",
    "pybase64",
    "duckdb",
)

_CLIENT = openai.OpenAI(api_key="none", base_url="http://localhost")
_REQUEST = httpx2.Request("POST", "http://localhost")


def versions() -> dict[str, str]:
    return {package: version(package) for package in PACKAGES}


def httpx_sse_frames(chunks: Iterable[bytes]) -> Iterator[httpx_sse.ServerSentEvent]:
    headers = {"content-type": "text/event-stream"}
    response = httpx.Response(200, headers=headers, content=iter(chunks))
    return httpx_sse.EventSource(response).iter_sse()


def httpx_sse_json(chunks: Iterable[bytes]) -> Iterator[Any]:
    for event in httpx_sse_frames(chunks):
        yield json.loads(event.data)


def openai_frames(chunks: Iterable[bytes]) -> Iterator[Any]:
    return OpenAIDecoder().iter_bytes(iter(chunks))


def openai_typed(chunks: Iterable[bytes]) -> Iterator[Any]:
    response = httpx2.Response(200, content=iter(chunks), request=_REQUEST)
    return iter(
        openai.Stream[Any](cast_to=ResponseStreamEvent, response=response, client=_CLIENT)  # type: ignore[arg-type]
    )


def anthropic_frames(chunks: Iterable[bytes]) -> Iterator[anthropic._streaming.ServerSentEvent]:
    return AnthropicDecoder().iter_bytes(iter(chunks))


def sseclient_frames(chunks: Iterable[bytes]) -> Iterator[sseclient.Event]:
    return sseclient.SSEClient(iter(chunks)).events()


FRAMES = {
    "httpx-sse": httpx_sse_frames,
    "openai SDK": openai_frames,
    "anthropic SDK": anthropic_frames,
    "sseclient-py": sseclient_frames,
}
