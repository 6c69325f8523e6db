"""The real clients of libraries that `install` replaces, on a local server: with and without
rapidsse they deliver equal objects, however the stream is cut, and leave nothing open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from swap_reading import installed, is_there

WORDS = ["Zwölf ", "€ ", "\U0001f980 ", "jagen"]


def body(payloads: list[Any], end: bytes = b"", name: str = "") -> bytes:
    """The payloads as events, with CRLF and letters of several bytes to be cut inside of."""
    head = f"event: {name}\r\n".encode() if name else b""
    lines = [json.dumps(payload, ensure_ascii=False).encode() for payload in payloads]
    return b": hello\r\n\r\n" + b"".join(
        head + b"data: " + line + b"\r\n\r\n" for line in [*lines, *([end] if end else [])]
    )


def chunks() -> list[dict[str, Any]]:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return [
        head | {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
        for word in WORDS
    ]


def mistral_sync(url: str) -> list[Any]:
    from mistralai.client import Mistral

    with Mistral(api_key="none", server_url=url) as client:
        messages: Any = [{"role": "user", "content": "none"}]
        with client.chat.stream(model="m", messages=messages) as stream:
            events = list(stream)
        assert stream.response.is_closed
    return events


def mistral_async(url: str) -> list[Any]:
    from mistralai.client import Mistral

    async def read() -> list[Any]:
        async with Mistral(api_key="none", server_url=url) as client:
            messages: Any = [{"role": "user", "content": "none"}]
            async with await client.chat.stream_async(model="m", messages=messages) as stream:
                events = [event async for event in stream]
            assert stream.response.is_closed
        return events

    return asyncio.run(read())


def deltas() -> list[dict[str, Any]]:
    return [
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": word}}}}
        for word in WORDS
    ]


def cohere_sync(url: str) -> list[Any]:
    import cohere
    import httpx

    with httpx.Client() as http:
        client = cohere.ClientV2(api_key="none", base_url=url, httpx_client=http)
        messages: Any = [{"role": "user", "content": "none"}]
        return list(client.chat_stream(model="m", messages=messages))


def cohere_async(url: str) -> list[Any]:
    import cohere
    import httpx

    async def read() -> list[Any]:
        async with httpx.AsyncClient() as http:
            client = cohere.AsyncClientV2(api_key="none", base_url=url, httpx_client=http)
            messages: Any = [{"role": "user", "content": "none"}]
            return [event async for event in client.chat_stream(model="m", messages=messages)]

    return asyncio.run(read())


def langgraph_sync(url: str) -> list[Any]:
    from langgraph_sdk import get_sync_client

    with get_sync_client(url=url, api_key=None) as client:
        return list(client.runs.stream(None, "agent", input={}))


def langgraph_async(url: str) -> list[Any]:
    from langgraph_sdk import get_client

    async def read() -> list[Any]:
        async with get_client(url=url, api_key=None) as client:
            return [part async for part in client.runs.stream(None, "agent", input={})]

    return asyncio.run(read())


def a2a_stream(url: str) -> list[Any]:
    import httpx
    from a2a.client.transports.http_helpers import send_http_stream_request

    async def read() -> list[Any]:
        async with httpx.AsyncClient() as http:
            return [data async for data in send_http_stream_request(http, "POST", url)]

    return asyncio.run(read())


def httpx2_sync(url: str) -> list[Any]:
    import httpx2

    with httpx2.Client() as client, client.sse(url) as source:
        return list(source)


def httpx2_async(url: str) -> list[Any]:
    import httpx2

    async def read() -> list[Any]:
        async with httpx2.AsyncClient() as client, client.sse(url) as source:
            return [event async for event in source]

    return asyncio.run(read())


MISTRAL = body(chunks(), b"[DONE]")
COHERE = body(deltas(), b"[DONE]")
LANGGRAPH = body([{"text": word} for word in WORDS], name="values")
A2A = body([{"text": word} for word in [*WORDS, "\u2028"]]).replace("\u2028".encode(), b"")

CLIENTS: dict[str, tuple[str, str, Callable[[str], list[Any]], bytes]] = {
    "mistralai, sync": ("mistralai", "mistralai.client", mistral_sync, MISTRAL),
    "mistralai, async": ("mistralai", "mistralai.client", mistral_async, MISTRAL),
    "cohere, sync": ("cohere", "cohere", cohere_sync, COHERE),
    "cohere, async": ("cohere", "cohere", cohere_async, COHERE),
    "langgraph, sync": ("langgraph", "langgraph_sdk", langgraph_sync, LANGGRAPH),
    "langgraph, async": ("langgraph", "langgraph_sdk", langgraph_async, LANGGRAPH),
    "a2a": ("a2a", "a2a", a2a_stream, A2A),
    "httpx2, sync": ("httpx2", "httpx2", httpx2_sync, A2A),
    "httpx2, async": ("httpx2", "httpx2", httpx2_async, A2A),
}
INSIDE_CRLF = [position + 1 for position in range(200) if A2A[position : position + 1] == b"\r"]


@pytest.mark.parametrize("name", CLIENTS)
# The SDKs' own: cohere warns at its import.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
def test_a_real_client(name: str, live_server: LiveServer) -> None:
    library, package, read, stream = CLIENTS[name]
    if not is_there(package):
        pytest.skip(f"{package} is not installed")
    theirs = read(live_server.add(Scenario(stream)))
    assert len(theirs) >= len(WORDS)
    assert any("Zwölf" in str(event) for event in theirs)
    with installed(library):
        for cut in (65536, 1, 7, INSIDE_CRLF):
            ours = read(live_server.add(Scenario(stream, cut=cut)))
            assert ours == theirs
            assert [event.__class__ for event in ours] == [event.__class__ for event in theirs]


@pytest.mark.parametrize("name", ["mistralai, sync", "cohere, sync", "httpx2, sync", "a2a"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_connection_that_breaks(name: str, live_server: LiveServer) -> None:
    """The same error, with and without rapidsse."""
    library, package, read, stream = CLIENTS[name]
    if not is_there(package):
        pytest.skip(f"{package} is not installed")
    url = live_server.add(Scenario(stream, drop=len(stream) - 40))
    errors = []
    # The first is without effect: these clients do not use it.
    for replaced in ("sseclient", library):
        with installed(replaced), pytest.raises(Exception) as caught:
            read(url)
        errors.append((caught.type, str(caught.value)))
    assert errors[0] == errors[1]
