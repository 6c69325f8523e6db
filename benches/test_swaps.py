"""The libraries that `rapidsse.compat.install` replaces parsers in, with it and without it, on the
same chunks from memory."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any

import httpx
import httpx2
import pytest

import logs
import rapidsse.compat
from conftest import Compare, cut, drain
from rows import Row

# On import, litellm requests prices from a server unless an option prevents it.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

Use = Callable[[], Any]


def replaced(library: str, use: Use) -> Use:
    """`use`, with the library's parser replaced while it runs."""

    def run() -> Any:
        rapidsse.compat.install(library)
        try:
            return use()
        finally:
            rapidsse.compat.uninstall(library)

    return run


def response(http: Any, chunks: list[bytes], is_async: bool = False) -> Any:
    async def arriving() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return http.Response(
        200,
        headers={"content-type": "text/event-stream"},
        content=arriving() if is_async else iter(chunks),
        request=http.Request("GET", "http://localhost"),
    )


def read(frames: Any) -> int:
    """Takes the data of every event. Returns how many there were."""
    number = 0
    for frame in frames:
        _ = frame.data
        number += 1
    return number


async def aread(frames: Any) -> int:
    number = 0
    async for frame in frames:
        _ = frame.data
        number += 1
    return number


def one_event(size: int) -> bytes:
    return b'data: {"jsonrpc":"2.0","id":1,"result":"%s"}\n\n' % (b"x" * size)


# httpx2, and mcp ----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_httpx2(compare: Compare, text: bytes, is_async: bool) -> None:
    chunks = cut(text)

    def use() -> int:
        source = httpx2.EventSource(response(httpx2, chunks, is_async))
        return asyncio.run(aread(source)) if is_async else read(source)

    events = 48 * logs.EVENTS_PER_TEXT_STREAM
    assert use() == replaced("httpx2", use)() == events
    way = "async" if is_async else "sync"
    compare(
        Row(f"compat.httpx2, text log, events and their data, {way}", "httpx2", "× its speed", 8),
        replaced("httpx2", use),
        use,
        rounds=5,
        bytes=len(text),
        events=events,
    )


def test_httpx2_large(compare: Compare) -> None:
    data = one_event(20_000_000)
    chunks = cut(data)

    def use() -> int:
        return read(httpx2.EventSource(response(httpx2, chunks), max_event_size=None))

    assert use() == replaced("httpx2", use)() == 1
    compare(
        Row("compat.httpx2, one event of 20 MB without a limit", "httpx2", "× its speed"),
        replaced("httpx2", use),
        use,
        rounds=5,
        bytes=len(data),
    )


# mistralai ----------------------------------------------------------------------------------------


def chunk_event(content: str) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps(head | {'choices': [choice]})}\n\n".encode()


@pytest.mark.parametrize(
    ("name", "data", "target"),
    [
        ("small events", chunk_event("hello") * 500, 10),
        ("one event of 1 MB", chunk_event("x" * 2**20), 200),
    ],
    ids=["small", "large"],
)
def test_mistralai(compare: Compare, name: str, data: bytes, target: float) -> None:
    streaming = pytest.importorskip("mistralai.client.utils.eventstreaming")
    unmarshal = import_module("mistralai.client.utils.unmarshal_json_response")
    models = import_module("mistralai.client.models")
    # To install takes as long as to read three events of 1 MB: it is read several times.
    times = 10 if name == "one event of 1 MB" else 1
    chunks = cut(data)

    def events() -> Iterator[Any]:
        for _ in range(times):
            yield from stream()

    def stream() -> Any:
        body = response(httpx2, chunks)

        def decode(raw: str) -> Any:
            return unmarshal.unmarshal_json_response(models.CompletionEvent, body, raw)

        return streaming.EventStream(body, decode, sentinel="[DONE]")

    assert list(events()) == replaced("mistralai", lambda: list(events()))()
    compare(
        Row(f"compat.mistralai, {name}, the SDK's types", "mistralai SDK", "× its speed", target),
        replaced("mistralai", lambda: drain(events())),
        lambda: drain(events()),
        rounds=3,
        bytes=len(data) * times,
    )


# The others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("library", "api"),
    [("cohere", "cohere.core.http_sse._api"), ("langfuse", "langfuse.api.core.http_sse._api")],
    ids=["cohere", "langfuse"],
)
def test_fern(compare: Compare, text: bytes, library: str, api: str) -> None:
    module = pytest.importorskip(api)
    chunks = cut(text)

    def use() -> int:
        return read(module.EventSource(response(httpx, chunks)).iter_sse())

    assert use() == replaced(library, use)()
    compare(
        Row(f"compat.{library}, text log, events and their data", f"{library} SDK", "× its speed"),
        replaced(library, use),
        use,
        rounds=5,
        bytes=len(text),
        events=48 * logs.EVENTS_PER_TEXT_STREAM,
    )


def test_langgraph(compare: Compare, text: bytes) -> None:
    sse = pytest.importorskip("langgraph_sdk.sse")
    chunks = cut(text)

    def parts() -> Iterator[Any]:
        decoder = sse.SSEDecoder()
        for line in sse.iter_lines_raw(response(httpx, chunks)):
            part = decoder.decode(line=line.rstrip(b"\n"))
            if part is not None:
                yield part

    some = list(zip(range(1000), parts(), strict=False))
    assert some == replaced("langgraph", lambda: list(zip(range(1000), parts(), strict=False)))()
    compare(
        Row("compat.langgraph, text log, parts with their JSON", "langgraph-sdk", "× its speed"),
        replaced("langgraph", lambda: drain(parts())),
        lambda: drain(parts()),
        rounds=5,
        bytes=len(text),
        events=48 * logs.EVENTS_PER_TEXT_STREAM,
    )


def test_a2a(compare: Compare, text: bytes) -> None:
    helpers = pytest.importorskip("a2a.client.transports.http_helpers")
    chunks = cut(text)

    async def read_all() -> int:
        number = 0
        async for _ in helpers.parse_sse_stream(response(httpx, chunks, is_async=True)):
            number += 1
        return number

    def use() -> int:
        return asyncio.run(read_all())

    assert use() == replaced("a2a", use)() == 48 * logs.EVENTS_PER_TEXT_STREAM
    compare(
        Row("compat.a2a, text log, names and data", "a2a-sdk", "× its speed"),
        replaced("a2a", use),
        use,
        rounds=5,
        bytes=len(text),
        events=48 * logs.EVENTS_PER_TEXT_STREAM,
    )
