"""Clients of the SDKs in memory, accelerated or not, and what they make of streams."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any, NamedTuple

import pytest

from samples import sse

__all__ = [
    "ANTHROPIC", "CHAT", "OPENAI", "RESPONSES", "Api",
    "every_api", "needs_one_pass", "needs_plans", "read",
]  # fmt: skip


def needs_plans() -> None:
    """Skips a test that counts what plans make, where none are made."""
    if _pydantic() == (2, 11):
        pytest.skip("with this version of pydantic, the SDKs make their objects")


def needs_one_pass() -> None:
    """Skips a test that counts what is made of text alone, where nothing is."""
    if _pydantic() < (2, 12):
        pytest.skip("with this version of pydantic, all events are made of their JSON")


def _pydantic() -> tuple[int, ...]:
    return tuple(map(int, import_module("pydantic").VERSION.split(".")[:2]))


class Api(NamedTuple):
    """The events of a stream: the SDK, its client, and where the SDK has their type."""

    sdk: str
    client: str
    module: str
    type: str

    def __str__(self) -> str:
        return f"{self.sdk}-{self.type}"

    def annotation(self) -> Any:
        return getattr(import_module(f"{self.sdk}.types{self.module}"), self.type)

    def opened(self, *, accelerated: bool, **options: Any) -> Any:
        sdk = pytest.importorskip(self.sdk)
        # Stands in for the network, which nothing here reaches.
        client = getattr(sdk, self.client)(
            api_key="key", base_url="http://127.0.0.1", http_client=_http(), **options
        )
        return (
            import_module(f"rapidsse.compat.{self.sdk}").accelerate(client)
            if accelerated
            else client
        )


def _http() -> Any:
    import httpx2

    return httpx2.Client(transport=httpx2.MockTransport(lambda request: httpx2.Response(404)))


OPENAI = [
    Api("openai", "OpenAI", ".responses", "ResponseStreamEvent"),
    Api("openai", "OpenAI", ".beta", "BetaResponseStreamEvent"),
    Api("openai", "OpenAI", ".beta", "AssistantStreamEvent"),
    Api("openai", "OpenAI", ".chat", "ChatCompletionChunk"),
    Api("openai", "OpenAI", "", "Completion"),
    Api("openai", "OpenAI", "", "ImageGenStreamEvent"),
    Api("openai", "OpenAI", "", "ImageEditStreamEvent"),
    Api("openai", "OpenAI", ".audio", "TranscriptionStreamEvent"),
]
ANTHROPIC = [
    Api("anthropic", "Anthropic", "", "RawMessageStreamEvent"),
    Api("anthropic", "Anthropic", ".beta", "BetaRawMessageStreamEvent"),
    Api("anthropic", "Anthropic", ".beta.sessions", "BetaManagedAgentsStreamSessionEvents"),
]
RESPONSES, CHAT = OPENAI[0], OPENAI[3]

every_api = pytest.mark.parametrize("api", OPENAI + ANTHROPIC, ids=str)


def read(client: Any, annotation: Any, *texts: str) -> list[Any]:
    """The events with these payloads, and the error that ended them, if one did."""
    import httpx2

    body = sse(*texts).replace(b"data:", b"event: e\ndata:")
    response = httpx2.Response(
        200, content=iter([body]), request=httpx2.Request("POST", "http://127.0.0.1")
    )
    module = import_module(f"{type(client).__module__.partition('.')[0]}._streaming")
    read: list[Any] = []
    try:
        with warnings.catch_warnings():
            # Of long numbers, in the SDK's own code.
            warnings.simplefilter("ignore")
            read.extend(module.Stream(cast_to=annotation, response=response, client=client))
    except Exception as error:  # noqa: BLE001
        read.append((type(error), str(error)))
    return read
