"""Typical uses of the adapters, for the type checkers: `make lint` checks this file, nothing runs it."""

from __future__ import annotations

from typing import assert_type

import anthropic as anthropic_sdk
import httpx
import httpx2
import openai as openai_sdk
import requests

from rapidsse import UnknownEvent, anthropic, openai
from rapidsse.compat import anthropic as compat_anthropic
from rapidsse.compat import httpx_sse, sseclient
from rapidsse.compat import openai as compat_openai


def responses(client: openai_sdk.OpenAI) -> None:
    assert_type(compat_openai.accelerate(client), openai_sdk.OpenAI)
    stream = client.responses.create(model="m", input="i", stream=True)
    for event in compat_openai.events(stream):
        assert_type(event, openai.ResponseStreamEvent | UnknownEvent)
        match event:
            case openai.ResponseTextDeltaEvent(delta=text):
                assert_type(text, str | None)
            case _:
                pass


def images(client: openai_sdk.OpenAI) -> None:
    stream = client.images.generate(prompt="p", stream=True)
    for event in compat_openai.events(stream):
        if isinstance(event, openai.ImageGenPartialImageEvent) and event.b64_json is not None:
            event.b64_json.save("partial.png")


def chunks(client: openai_sdk.OpenAI) -> None:
    stream = client.chat.completions.create(model="m", messages=[], stream=True)
    for chunk in compat_openai.events(stream):
        assert_type(chunk, openai.ChatCompletionChunk)


async def responses_as_they_come(client: openai_sdk.AsyncOpenAI) -> None:
    stream = await client.responses.create(model="m", input="i", stream=True)
    async for event in compat_openai.events(stream):
        assert_type(event, openai.ResponseStreamEvent | UnknownEvent)


def messages(client: anthropic_sdk.Anthropic) -> None:
    assert_type(compat_anthropic.accelerate(client), anthropic_sdk.Anthropic)
    stream = client.messages.create(model="m", max_tokens=1, messages=[], stream=True)
    for event in compat_anthropic.events(stream):
        assert_type(event, anthropic.RawMessageStreamEvent | UnknownEvent)


def frames(client: httpx.Client, client2: httpx2.Client) -> None:
    for http in (client, client2):
        with httpx_sse.connect_sse(http, "GET", "http://localhost") as source:
            for event in source.iter_sse():
                assert_type(event, httpx_sse.ServerSentEvent)
                assert_type(event.data, str)


async def frames_as_they_come(client: httpx.AsyncClient) -> None:
    async with httpx_sse.aconnect_sse(client, "GET", "http://localhost") as source:
        async for event in source.aiter_sse():
            assert_type(event, httpx_sse.ServerSentEvent)


def refused() -> None:
    try:
        raise httpx_sse.SSEError("x")
    except httpx.TransportError as error:
        print(error)


def events(response: requests.Response) -> None:
    for event in sseclient.SSEClient(response).events():
        assert_type(event.id, str | None)
        assert_type(event.retry, str | None)
