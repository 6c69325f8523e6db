"""How typed code uses `install`, `accelerate` and the modules of libraries that `install` replaces."""

from __future__ import annotations

from typing import Any, assert_type

import httpx
import httpx2
from google import genai
from google.genai import types as genai_types
from groq import Groq

import rapidsse.compat
from rapidsse import Base64, google
from rapidsse.compat import a2a, cohere, litellm, mistralai
from rapidsse.compat import google as compat_google
from rapidsse.compat import httpx2 as compat_httpx2


def process() -> None:
    rapidsse.compat.install()
    rapidsse.compat.install("httpx2", "google")
    rapidsse.compat.uninstall("google")
    rapidsse.compat.uninstall()


def any_client(client: Groq) -> None:
    assert_type(rapidsse.compat.accelerate(client), Groq)


def gemini(client: genai.Client) -> None:
    assert_type(compat_google.accelerate(client), genai.Client)
    stream = client.models.generate_content_stream(model="m", contents="hi")
    for event in compat_google.events(stream):
        assert_type(event, google.GenerateContentResponse)
        for candidate in event.candidates or ():
            for part in (candidate.content and candidate.content.parts) or ():
                if part.inline_data is not None:
                    assert_type(part.inline_data.data, Base64 | None)
    for chunk in client.models.generate_content_stream(model="m", contents="hi"):
        assert_type(chunk, genai_types.GenerateContentResponse)


async def gemini_as_it_comes(client: genai.Client) -> None:
    stream = await client.aio.models.generate_content_stream(model="m", contents="hi")
    async for event in compat_google.events(stream):
        assert_type(event, google.GenerateContentResponse)


def events(client: httpx2.Client) -> None:
    assert_type(compat_httpx2.accelerate(client), httpx2.Client)
    with client.stream("GET", "http://localhost") as response:
        for event in compat_httpx2.EventSource(response, max_event_size=2**20):
            assert_type(event, httpx2.ServerSentEvent)


async def events_as_they_come(response: httpx2.Response, plain: httpx.Response) -> None:
    async for event in compat_httpx2.EventSource(response):
        assert_type(event.data, str)
    async for name, data in a2a.parse_sse_stream(plain):
        assert_type((name, data), tuple[str, str])


def functions(response: httpx.Response) -> None:
    for value in mistralai.stream_events(response, len, sentinel="[DONE]"):
        assert_type(value, Any)
    for event in cohere.EventSource(response).iter_sse():
        assert_type(event, Any)
    for line in litellm.iter_sse_lines(["data: a\n"]):
        assert_type(line, str)
