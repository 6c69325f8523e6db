"""A client and a server of the `mcp` package exchange an image above the limit of httpx2's events."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from swap_reading import installed

SERVER = Path(__file__).parents[1] / "support" / "mcp_server.py"
# In base64 and with the JSON around it, 20 MB.
SIZE = 15_000_064
TRANSPORTS = ["streamable-http", "sse"]
each_transport = pytest.mark.parametrize(
    "transport", [TRANSPORTS[0], pytest.param(TRANSPORTS[1], marks=pytest.mark.once)]
)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """The URL of a server of each transport."""
    with ExitStack() as stack:
        started = {
            transport: stack.enter_context(started_server(transport)) for transport in TRANSPORTS
        }
        yield {transport: server.stdout.readline().strip() for transport, server in started.items()}


@contextmanager
def started_server(transport: str) -> Iterator[Any]:
    """A server, which prints its URL once it is there."""
    command = [sys.executable, str(SERVER), transport]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        try:
            yield server
        finally:
            server.stdin.close()


async def picture(transport: str, url: str, size: int) -> Any:
    """What the server's tool returns."""
    connect: Any = sse_client if transport == "sse" else streamable_http_client
    async with connect(url) as streams, ClientSession(*streams[:2]) as session:
        await session.initialize()
        return await session.call_tool("picture", {"size": size})


@each_transport
def test_an_image_of_20_mb(transport: str, servers: dict[str, str]) -> None:
    with installed("httpx2"):
        result = asyncio.run(picture(transport, servers[transport], SIZE))
    (image,) = result.content
    assert image.type == "image"
    assert base64.b64decode(image.data) == bytes(range(256)) * (SIZE // 256)


@each_transport
def test_small_results_are_those_of_httpx2(transport: str, servers: dict[str, str]) -> None:
    theirs = asyncio.run(picture(transport, servers[transport], 1024))
    with installed("httpx2"):
        ours = asyncio.run(picture(transport, servers[transport], 1024))
    assert ours == theirs


@pytest.mark.once
def test_without_rapidsse_the_image_is_refused(servers: dict[str, str]) -> None:
    """As long as this holds, the page has reason to say so."""
    refused = pytest.RaisesExc(Exception, match="byte limit|ended without a response")
    with pytest.RaisesGroup(refused, flatten_subgroups=True, allow_unwrapped=False):
        asyncio.run(picture("streamable-http", servers["streamable-http"], SIZE))
