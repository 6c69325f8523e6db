"""Streams of OpenAI's APIs, and what is read of them in each way."""

from __future__ import annotations

from typing import Any

import pytest

from rapidsse import Decoder
from rapidsse import openai as ours
from samples import png, sse, text
from sdk_clients import (
    CHAT,
    IMAGES,
    RESPONSES,
    Call,
    How,
    Kind,
    Outcome,
)

DONE = b"data: [DONE]\n\n"


HOWS: list[How] = ["sdk", "accelerated", "events"]


def chunk(text: str, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "choices": [choice], **fields}


def delta(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text, **fields}


def image(type: str, content: bytes, **fields: Any) -> dict[str, Any]:
    shape = {"background": "opaque", "output_format": "png", "quality": "low", "size": "3x2"}
    return {"type": f"image_generation.{type}", "b64_json": text(content), **shape, **fields}


CHUNKS = sse(chunk("é"), chunk("€", usage=None), chunk("𝄞")) + DONE


DELTAS = sse(delta("é"), delta("€"), delta("𝄞"))


PICTURES = [png(grey=1), png(grey=2) * 20_000, png(grey=3) * 30_000]


TOKENS = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


GENERATED = sse(
    image("partial_image", PICTURES[0], partial_image_index=0, created_at=1),
    image("partial_image", PICTURES[1], partial_image_index=1, created_at=2),
    image("completed", PICTURES[2], usage=TOKENS, created_at=3),
)


def call_for(body: bytes) -> Call:
    return CHAT if b'"object":"chat.completion.chunk"' in body else RESPONSES


def decoded(call: Call, body: bytes) -> list[Any]:
    union: Any = {
        RESPONSES: ours.ResponseStreamEvent,
        IMAGES: ours.ImageGenStreamEvent,
        CHAT: ours.ChatCompletionChunk,
    }[call]
    decoder: Decoder[Any] = Decoder(union)
    return list(decoder.iter(body))


async def outcomes(kind: Kind, url: str, *calls: Call) -> list[Outcome]:
    """A stream in each of `HOWS`."""
    return [outcome for how in HOWS for outcome in await kind.outcomes(url, how, *calls)]


def typed(events: list[Any]) -> list[tuple[type, Any]]:
    return [(type(event), event) for event in events]


either_way = pytest.mark.parametrize("through", ["create", "with_streaming_response"])
