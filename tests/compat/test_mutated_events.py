"""Streams of which an event is broken, by the accelerated SDKs of Google and Mistral and without
rapidsse: the same objects, and the same error.

`test_sdk_types.py` has the SDKs that openai's is one of.
"""

from __future__ import annotations

import base64
import random
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

import pytest

from examples import examples
from sdk_objects import bodies, mutated, same
from swap_reading import installed

Read = Callable[[list[str]], Iterator[Any]]

STREAMS = examples(150, deep=3000)


def outcome(read: Read, texts: list[str]) -> tuple[list[Any], str]:
    """The objects up to an error, and that error."""
    objects: list[Any] = []
    with warnings.catch_warnings():
        # The SDKs' own, of values that they do not know.
        warnings.simplefilter("ignore")
        try:
            objects.extend(read(texts))
        except Exception as error:  # noqa: BLE001
            return objects, f"{type(error).__name__}: {error}"
    return objects, ""


def compare(ours: Read, theirs: Read, texts: list[str]) -> None:
    (our, our_error), (their, their_error) = outcome(ours, texts), outcome(theirs, texts)
    try:
        assert our_error == their_error
        same(our, their)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{texts}\n{our}\n{their}") from error


def streams(values: list[Any], seed: str) -> Iterator[list[str]]:
    """Two events like recorded ones, a broken one, and another one, which may not be reached."""
    rng = random.Random(seed)
    for _ in range(STREAMS):
        value = rng.choice(values)
        changed = bodies(mutated(value, rng), rng)
        yield [bodies(value, random.Random(0)), bodies(rng.choice(values), rng), changed] + [
            bodies(value, rng)
        ] * rng.randrange(2)


def body_of(texts: list[str]) -> bytes:
    return "".join(f"data: {text}\n\n" for text in texts).encode()


# Google -------------------------------------------------------------------------------------------


def google(read: Callable[[Any], Iterator[Any]], *, accelerated: bool) -> Read:
    import httpx
    from google import genai

    from rapidsse.compat.google import accelerate

    body = b""

    def respond(request: httpx.Request) -> httpx.Response:
        chunks = (body[at : at + 700] for at in range(0, len(body), 700))
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunks)

    http = httpx.Client(transport=httpx.MockTransport(respond))
    client = genai.Client(api_key="none", http_options={"httpx_client": http})
    if accelerated:
        accelerate(client)

    def of(texts: list[str]) -> Iterator[Any]:
        nonlocal body
        body = body_of(texts)
        return read(client)

    return of


def chunk(*parts: Any, **more: Any) -> Any:
    content = {"parts": [*parts], "role": "model"}
    usage = {"promptTokenCount": 7, "totalTokenCount": 7}
    candidates = [{"content": content, "index": 0, **more}]
    return {"candidates": candidates, "usageMetadata": usage, "modelVersion": "gemini"}


IMAGE = base64.b64encode(random.Random(0).randbytes(3000)).decode()
CHUNKS = [
    chunk({"text": "a"}),
    chunk({"text": "b", "thought": True}, finishReason="STOP"),
    chunk({"inlineData": {"mimeType": "image/png", "data": IMAGE}}, {"text": "é"}),
    chunk({"functionCall": {"name": "f", "args": {"a": [1, {"b": 0.5}], "data": IMAGE}}}),
    {"promptFeedback": {"blockReason": "SAFETY"}, "responseId": "r"},
]


@pytest.mark.parametrize("seed", ["a", "b"])
def test_google_content(seed: str) -> None:
    pytest.importorskip("google.genai")

    def read(client: Any) -> Iterator[Any]:
        stream: Iterator[Any] = client.models.generate_content_stream(model="m", contents="hi")
        return stream

    ours, theirs = (google(read, accelerated=own) for own in (True, False))
    for texts in streams(CHUNKS, seed):
        compare(ours, theirs, texts)


def step(delta: Any, **more: Any) -> Any:
    return {"event_type": "step.delta", "index": 0, "event_id": "e", "delta": delta, **more}


INTERACTION = {"id": "i", "status": "in_progress", "created": "2026-01-01T00:00:00Z", "model": "m"}
STEPS = [
    step({"type": "text", "text": "a"}),
    step({"type": "thought_signature", "signature": IMAGE}),
    step({"type": "image", "mime_type": "image/png", "data": IMAGE}),
    step({"type": "arguments_delta", "arguments": '{"a": '}, event_id=None),
    {"event_type": "step.start", "index": 0, "step": {"type": "model_output", "content": []}},
    {"event_type": "step.stop", "index": 0, "event_id": "e"},
    {"event_type": "interaction.created", "interaction": INTERACTION},
    {"event_type": "interaction.completed", "interaction": {**INTERACTION, "status": "completed",
     "usage": {"total_tokens": 3}}},
    {"event_type": "error", "error": {"code": "c", "message": "m"}},
]  # fmt: skip


@pytest.mark.parametrize("seed", ["a", "b"])
def test_google_interactions(seed: str) -> None:
    pytest.importorskip("google.genai._gaos.interactions")

    def read(client: Any) -> Iterator[Any]:
        stream: Iterator[Any] = client.interactions.create(model="m", input="hi", stream=True)
        return stream

    ours, theirs = (google(read, accelerated=own) for own in (True, False))
    # The SDK makes two models for each request.
    for texts in islice(streams(STEPS, seed), STREAMS // 3):
        compare(ours, theirs, texts)


# Mistral ------------------------------------------------------------------------------------------


def mistral(texts: list[str]) -> Iterator[Any]:
    import httpx2

    utils = "mistralai.client.utils"
    unmarshal = import_module(f"{utils}.unmarshal_json_response").unmarshal_json_response
    kind = import_module("mistralai.client.models").CompletionEvent
    body = body_of(texts)
    chunks = (body[at : at + 700] for at in range(0, len(body), 700))
    request = httpx2.Request("GET", "http://localhost")
    response = httpx2.Response(200, content=chunks, request=request)
    stream: Iterator[Any] = import_module(f"{utils}.eventstreaming").EventStream(
        response, lambda text: unmarshal(kind, response, text), sentinel="[DONE]"
    )
    return stream


def replaced(texts: list[str]) -> Iterator[Any]:
    with installed("mistralai"):
        yield from mistral(texts)


def completion(delta: Any, **more: Any) -> Any:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "c", "model": "m", "created": 1, "choices": [choice], **more}


TOOL = {"id": "t", "function": {"name": "f", "arguments": '{"a": 1}'}, "index": 0}
COMPLETIONS = [
    completion({"content": "Zwölf"}, object="chat.completion.chunk"),
    completion({"role": "assistant", "content": [{"type": "text", "text": "a"}]}),
    completion({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "b"}]}]}),
    completion({"tool_calls": [TOOL, {"function": {"name": "g", "arguments": {"a": [1]}}}]}),
    completion({"content": None}, usage={"prompt_tokens": 1, "total_tokens": 3}),
]


@pytest.mark.parametrize(("seed", "uses"), [("a", 100), ("b", 1)])
def test_mistral(seed: str, uses: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with the model that is made for a type that is used often."""
    pytest.importorskip("mistralai.client", reason="needs the `mistralai` package")
    monkeypatch.setattr("rapidsse.compat._speakeasy._WORTH_A_CHANGE", uses)
    for texts in streams(COMPLETIONS, seed):
        compare(replaced, mistral, texts)
