"""Reads a stream with a library as it is, and with rapidsse in its place, for libraries that
`rapidsse.compat.install` replaces. Those that are not installed have no entry in `SWAPS`.

On import, litellm requests prices from a server unless an option prevents it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import httpx
import httpx2

import rapidsse.compat
from peer_streams import Pair, Reader, Reading, aread, arriving, frame, read
from rapidsse.compat import httpx2 as our_httpx2

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

__all__ = ["SWAPS", "installed", "is_there"]


def is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def installed(*libraries: str) -> Iterator[None]:
    """With the libraries' parsers replaced."""
    rapidsse.compat.install(*libraries)
    try:
        yield
    finally:
        rapidsse.compat.uninstall(*libraries)


def _replaced(library: str, reader: Reader) -> Reader:
    def read_installed(*args: Any, **options: Any) -> Reading:
        with installed(library):
            return reader(*args, **options)

    return read_installed


def _swaps(library: str, readers: dict[str, Reader]) -> dict[str, Pair]:
    """Each way to read, without and with rapidsse in place."""
    return {way: Pair(reader, _replaced(library, reader)) for way, reader in readers.items()}


def _response(http: Any, chunks: Any, is_async: bool, charset: str | None = None) -> Any:
    content_type = "text/event-stream" + (f"; charset={charset}" if charset else "")
    return http.Response(
        200,
        headers={"Content-Type": content_type},
        content=arriving(iter(chunks)) if is_async else iter(chunks),
        request=http.Request("GET", "http://localhost"),
    )


# httpx2 -------------------------------------------------------------------------------------------


def _httpx2(module: Any, is_async: bool, chunks: Any, item: Any = frame, **options: Any) -> Reading:
    source = module.EventSource(_response(httpx2, chunks, is_async, **options))
    return aread(lambda: aiter(source), item) if is_async else read(iter(source), item)


def _httpx2_pairs() -> dict[str, Pair]:
    ways = {"sync": False, "async": True}
    explicit = {
        way: Pair(partial(_httpx2, httpx2, is_async), partial(_httpx2, our_httpx2, is_async))
        for way, is_async in ways.items()
    }
    theirs = {f"{way} install": partial(_httpx2, httpx2, ways[way]) for way in ways}
    return explicit | _swaps("httpx2", theirs)


# Fern: Cohere and Langfuse ------------------------------------------------------------------------


def _fern(api: str, is_async: bool, chunks: Any, item: Any = frame, **options: Any) -> Reading:
    source = import_module(api).EventSource(_response(httpx, chunks, is_async, **options))
    return aread(source.aiter_sse, item) if is_async else read(source.iter_sse(), item)


def _fern_pairs(library: str, api: str) -> dict[str, Pair]:
    ways = {"sync": False, "async": True}
    return _swaps(library, {way: partial(_fern, api, ways[way]) for way in ways})


# Speakeasy: Mistral -------------------------------------------------------------------------------


def _members(text: str) -> Any:
    """What a decoder of the SDK is given, with the data as JSON: `NaN` does not equal itself."""
    members = json.loads(text)
    data = json.dumps(members["data"]) if "data" in members else None
    event, id, retry = members.get("event"), members.get("id"), members.get("retry")
    return SimpleNamespace(event=event, data=data, id=id, retry=retry)


def _mistral(
    is_async: bool,
    chunks: Any,
    item: Any = frame,
    sentinel: str | None = None,
    data_required: bool = True,
) -> Reading:
    module = import_module("mistralai.client.utils.eventstreaming")
    cls = module.EventStreamAsync if is_async else module.EventStream
    response = _response(httpx2, chunks, is_async)
    stream = cls(response, _members, sentinel, data_required=data_required)
    reading = aread(lambda: stream, item) if is_async else read(stream, item)
    assert response.is_closed
    return reading


# LangGraph ----------------------------------------------------------------------------------------


def _part(part: Any) -> Any:
    data = None if part.data is None else json.dumps(part.data)
    return SimpleNamespace(event=part.event, data=data, id=part.id, retry=None)


def _langgraph_lines(lines: Iterator[Any], decoder: Any) -> Iterator[Any]:
    """As the SDK's client does it."""
    for line in lines:
        part = decoder.decode(line=line.rstrip(b"\n"))
        if part is not None and (part.event or decoder.has_data):
            yield _part(part)
    part = decoder.decode(b"")
    if part and (part.event or decoder.has_data):
        yield _part(part)


def _langgraph_sync(chunks: Any, item: Any = frame) -> Reading:
    sse = import_module("langgraph_sdk.sse")
    lines = sse.iter_lines_raw(_response(httpx, chunks, is_async=False))
    return read(_langgraph_lines(lines, sse.SSEDecoder()), item)


def _langgraph_async(chunks: Any, item: Any = frame) -> Reading:
    sse = import_module("langgraph_sdk.sse")

    async def events() -> AsyncIterator[Any]:
        decoder = sse.SSEDecoder()
        async for line in sse.aiter_lines_raw(_response(httpx, chunks, is_async=True)):
            part = decoder.decode(line=line.rstrip(b"\n"))
            if part is not None and (part.event or decoder.has_data):
                yield _part(part)
        for part in _langgraph_lines(iter([]), decoder):
            yield part

    return aread(events, item)


def _langgraph_transport(chunks: Any, item: Any = frame) -> Reading:
    """As the SDK's transports do it, which copy each line."""
    sse = import_module("langgraph_sdk.sse")

    def events() -> Iterator[Any]:
        lines, decoder = sse.BytesLineDecoder(), sse.SSEDecoder()
        for chunk in _response(httpx, chunks, is_async=False).iter_bytes():
            for line in lines.decode(chunk):
                if (part := decoder.decode(bytes(line))) is not None:
                    yield _part(part)
        for line in lines.flush():
            if (part := decoder.decode(bytes(line))) is not None:
                yield _part(part)
        if (part := decoder.decode(b"")) is not None:
            yield _part(part)

    return read(events(), item)


# A2A ----------------------------------------------------------------------------------------------


def _a2a(chunks: Any, item: Any = frame, **options: Any) -> Reading:
    helpers = import_module("a2a.client.transports.http_helpers")

    async def events() -> AsyncIterator[Any]:
        response = _response(httpx, chunks, is_async=True, **options)
        async for event, data in helpers.parse_sse_stream(response):
            yield SimpleNamespace(event=event, data=data, id=None, retry=None)

    return aread(events, item)


_ALL: dict[str, tuple[str, Callable[[], dict[str, Pair]]]] = {
    "httpx2": ("httpx2", _httpx2_pairs),
    "cohere": ("cohere", partial(_fern_pairs, "cohere", "cohere.core.http_sse._api")),
    "langfuse": ("langfuse", partial(_fern_pairs, "langfuse", "langfuse.api.core.http_sse._api")),
    "mistralai": (
        "mistralai.client",
        lambda: _swaps(
            "mistralai",
            {
                "sync": partial(_mistral, False),
                "async": partial(_mistral, True),
            },
        ),
    ),
    "langgraph": (
        "langgraph_sdk",
        lambda: _swaps(
            "langgraph",
            {
                "sync": _langgraph_sync,
                "async": _langgraph_async,
                "transport": _langgraph_transport,
            },
        ),
    ),
    "a2a": ("a2a", lambda: _swaps("a2a", {"async": _a2a})),
}

SWAPS: dict[str, dict[str, Pair]] = {
    library: pairs() for library, (package, pairs) in _ALL.items() if is_there(package)
}
