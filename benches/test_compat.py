"""The stand-ins against their libraries: from memory on the same chunks, and through the SDK's client
and a live server, which runs in its own process."""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx
import httpx2
import httpx_sse
import openai
import pytest
import sseclient
from openai.types.responses import ResponseStreamEvent

import logs
import rapidsse.compat.anthropic
import rapidsse.compat.httpx_sse
import rapidsse.compat.openai
import rapidsse.compat.sseclient
from conftest import Compare, cut, drain
from rows import Row

events = rapidsse.compat.openai.events

OPENAI = openai.OpenAI(api_key="none", base_url="http://localhost")
ANTHROPIC = anthropic.Anthropic(api_key="none", base_url="http://localhost")
REQUEST = httpx2.Request("POST", "http://localhost")
SERVER = Path(__file__).parent.parent / "tests" / "support" / "live_server.py"


def openai_stream(body: Any, client: openai.OpenAI = OPENAI) -> openai.Stream[Any]:
    """Returns the SDK's stream of a response whose body is `bytes`, or an iterator of chunks."""
    response = httpx2.Response(200, content=body, request=REQUEST)
    return openai.Stream(
        cast_to=ResponseStreamEvent,  # type: ignore[arg-type]
        response=response,
        client=client,
    )


def check(ours: Iterable[Any], theirs: Iterable[Any]) -> int:
    """Returns the number of events if both sides yield the same ones, by their classes."""
    pairs = list(zip(ours, theirs, strict=True))
    for our, their in pairs:
        assert type(our).__name__ == type(their).__name__
    return len(pairs)


@pytest.mark.parametrize("log", ["text", "image"])
@pytest.mark.parametrize("whole", [False, True], ids=["64 KiB chunks", "whole"])
def test_openai_events(
    compare: Compare, text: bytes, images: mmap.mmap, log: str, whole: bool
) -> None:
    data = text if log == "text" else images[:]
    chunks = cut(data)

    def body() -> Any:
        return data if whole else iter(chunks)

    some = data[: data.index(b"\n\n", len(data) // 10) + 2]
    check(events(openai_stream(some)), openai_stream(some))
    compare(
        Row(
            f"compat.openai.events, {log} log, {'whole' if whole else 'in 64 KiB chunks'}",
            "openai SDK, typed",
            "× its speed",
            100,
        ),
        lambda: drain(events(openai_stream(body()))),
        lambda: drain(openai_stream(body())),
        rounds=3,
        bytes=len(data),
        events=sum(1 for _ in rapidsse.iter_sse(data)),
    )


@pytest.mark.parametrize("log", ["image", "text"])
def test_openai_accelerate(compare: Compare, text: bytes, images: mmap.mmap, log: str) -> None:
    data = text if log == "text" else images[:]
    chunks = cut(data)
    client = openai.OpenAI(api_key="none", base_url="http://localhost")
    rapidsse.compat.openai.accelerate(client)
    some = data[: data.index(b"\n\n", len(data) // 10) + 2]
    assert list(openai_stream(some, client)) == list(openai_stream(some))
    compare(
        Row(
            f"compat.openai.accelerate, {log} log, in 64 KiB chunks",
            "openai SDK, typed",
            "× its speed",
            8 if log == "image" else 25,
        ),
        lambda: drain(openai_stream(iter(chunks), client)),
        lambda: drain(openai_stream(iter(chunks))),
        rounds=3,
        bytes=len(data),
        events=sum(1 for _ in rapidsse.iter_sse(data)),
    )


@contextmanager
def served(path: Path, cut: int) -> Iterator[str]:
    """The base URL of a server of this file."""
    command = [sys.executable, str(SERVER), str(path), "--cut", str(cut)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin and server.stdout
        yield server.stdout.readline().strip()
        server.stdin.close()


@pytest.mark.parametrize(("size", "name"), [(65536, "64 KiB"), (1024, "1 KiB")])
def test_openai_events_live(compare: Compare, size: int, name: str) -> None:
    # Ten streams: the SDK takes seconds for the whole log.
    path = logs.text_log(streams=10)
    with served(path, size) as url, openai.OpenAI(api_key="none", base_url=url) as client:

        def stream() -> openai.Stream[ResponseStreamEvent]:
            return client.responses.create(model="none", input="none", stream=True)

        count = check(events(stream()), stream())
        compare(
            Row(
                f"compat.openai.events, text log, live, sent in {name} chunks, client's CPU",
                "openai SDK, typed",
                "× its speed",
                10 if size == 65536 else None,
            ),
            lambda: drain(events(stream())),
            lambda: drain(stream()),
            rounds=5,
            bytes=path.stat().st_size,
            events=count,
        )


def big_message() -> bytes:
    """A Messages event with 16 MiB of text."""
    delta = {"type": "text_delta", "text": "x" * 2**24}
    payload = json.dumps({"type": "content_block_delta", "index": 0, "delta": delta})
    return f"event: content_block_delta\ndata: {payload}\n\n".encode()


def test_anthropic_accelerate(compare: Compare) -> None:
    data = big_message()
    chunks = cut(data, 1024)
    client = anthropic.Anthropic(api_key="none", base_url="http://localhost")
    rapidsse.compat.anthropic.accelerate(client)

    def stream(client: anthropic.Anthropic) -> anthropic.Stream[Any]:
        response = httpx2.Response(200, content=iter(chunks), request=REQUEST)
        return anthropic.Stream(
            cast_to=anthropic.types.RawMessageStreamEvent,  # type: ignore[arg-type]
            response=response,
            client=client,
        )

    (event,) = stream(client)
    assert len(event.delta.text) == 2**24
    compare(
        Row(
            "compat.anthropic.accelerate, one 16 MiB event, in 1 KiB chunks",
            "anthropic SDK, typed",
            "× its speed",
            100,
        ),
        lambda: drain(stream(client)),
        lambda: drain(stream(ANTHROPIC)),
        rounds=3,
        bytes=len(data),
    )


def read(frames: Iterable[Any]) -> None:
    """Takes the text of every event, which the libraries decode in any case."""
    for frame in frames:
        _ = frame.data


def test_httpx_sse(compare: Compare, text: bytes) -> None:
    chunks = cut(text)

    def frames(library: Any) -> Iterator[Any]:
        headers = {"content-type": "text/event-stream"}
        response = httpx.Response(200, headers=headers, content=iter(chunks))
        frames: Iterator[Any] = library.EventSource(response).iter_sse()
        return frames

    ours = rapidsse.compat.httpx_sse
    for our, their in zip(frames(ours), frames(httpx_sse), strict=True):
        fields = our.event, our.data, our.id, our.retry
        assert fields == (their.event, their.data, their.id, their.retry)
    compare(
        Row(
            "compat.httpx_sse, text log, frames and their text, in 64 KiB chunks",
            "httpx-sse",
            "× its speed",
            8,
        ),
        lambda: read(frames(ours)),
        lambda: read(frames(httpx_sse)),
        rounds=7,
        bytes=len(text),
        events=48 * logs.EVENTS_PER_TEXT_STREAM,
    )


def test_sseclient(compare: Compare, text: bytes) -> None:
    chunks = cut(text)

    class Source(list[bytes]):
        def close(self) -> None: ...

    def frames(library: Any) -> Iterator[Any]:
        frames: Iterator[Any] = library.SSEClient(Source(chunks)).events()
        return frames

    ours = rapidsse.compat.sseclient
    for our, their in zip(frames(ours), frames(sseclient), strict=True):
        assert vars(our) == vars(their)
    compare(
        Row(
            "compat.sseclient, text log, in 64 KiB chunks",
            "sseclient-py",
            "× its speed",
        ),
        lambda: drain(frames(ours)),
        lambda: drain(frames(sseclient)),
        rounds=5,
        bytes=len(text),
        events=48 * logs.EVENTS_PER_TEXT_STREAM,
    )
