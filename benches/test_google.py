"""`compat.google` against `google-genai`: from memory, through the SDK's client, on the same chunks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import httpx
import pytest
from google import genai

from conftest import Compare, cut, drain
from rapidsse.compat import google as compat
from rows import Row


class Memory(httpx.BaseTransport):
    """Answers each request with the same chunks."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "text/event-stream"}
        return httpx.Response(200, headers=headers, content=iter(self._chunks))


def client(body: bytes) -> Any:
    transport = Memory(cut(body))
    options: Any = {"httpx_client": httpx.Client(transport=transport)}
    return genai.Client(api_key="none", http_options=options)


def chunk(part: dict[str, Any]) -> bytes:
    """As the API sends it."""
    payload = {
        "candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0}],
        "usageMetadata": {"promptTokenCount": 7, "totalTokenCount": 7},
        "modelVersion": "gemini",
        "responseId": "none",
    }
    return f"data: {json.dumps(payload)}\r\n\r\n".encode()


def image_body() -> bytes:
    data = base64.b64encode(Random(0).randbytes(1_500_000)).decode()
    return chunk({"inlineData": {"mimeType": "image/png", "data": data}})


def text_body() -> bytes:
    return b"".join(chunk({"text": f"piece {number} of the text"}) for number in range(1000))


BODIES = {"an image of 2 MB": image_body, "text": text_body}


def contents(client: Any) -> Iterator[Any]:
    stream: Iterator[Any] = client.models.generate_content_stream(model="m", contents="hi")
    return stream


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("way", ["accelerate", "events"])
def test_google_content(compare: Compare, name: str, way: str) -> None:
    body = BODIES[name]()
    theirs, ours = client(body), compat.accelerate(client(body))

    def subject() -> Iterable[Any]:
        return compat.events(contents(ours)) if way == "events" else contents(ours)

    assert list(contents(ours)) == list(contents(theirs))
    count = sum(1 for _ in subject())
    assert count == body.count(b"data: ")
    targets = {"an image of 2 MB": 5.0, "text": 5.0 if way == "accelerate" else 20.0}
    compare(
        Row(
            f"compat.google.{way}, {name}, in 64 KiB chunks",
            "google-genai SDK, typed",
            "× its speed",
            targets[name],
        ),
        lambda: drain(subject()),
        lambda: drain(contents(theirs)),
        rounds=7,
        bytes=len(body),
        events=count,
    )


def test_google_interactions(compare: Compare) -> None:
    def event(number: int) -> bytes:
        payload = {
            "event_type": "step.delta",
            "index": 0,
            "event_id": str(number),
            "delta": {"type": "text", "text": f"piece {number} of the text"},
        }
        return f"event: step.delta\ndata: {json.dumps(payload)}\n\n".encode()

    body = b"".join(map(event, range(300)))
    theirs, ours = client(body), compat.accelerate(client(body))

    def interaction(client: Any) -> Iterator[Any]:
        stream: Iterator[Any] = client.interactions.create(model="m", input="hi", stream=True)
        return stream

    assert list(interaction(ours)) == list(interaction(theirs))
    compare(
        Row(
            "compat.google.accelerate, Interactions API, text, in 64 KiB chunks",
            "google-genai SDK, typed",
            "× its speed",
            10,
        ),
        lambda: drain(interaction(ours)),
        lambda: drain(interaction(theirs)),
        rounds=5,
        bytes=len(body),
        events=300,
    )
