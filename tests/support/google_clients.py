"""Clients of `google-genai`, and what they read, accelerated and not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rapidsse.compat import google as compat
from sdk_clients import each, settled

genai: Any = pytest.importorskip("google.genai", reason="needs the `google-genai` package")

LONG = "iVBO" * 500

WARNINGS_OF_THE_SDK = pytest.mark.filterwarnings(
    # Its models have deprecated fields, and its enums warn of what they do not know.
    "ignore:.*DEPRECATED.*:DeprecationWarning",
    "ignore:.*is not a valid.*:UserWarning",
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning",
)


class Kind(NamedTuple):
    """How a client is made and asked."""

    api: str
    way: str
    vertex: bool = False

    def __str__(self) -> str:
        return f"{self.api}-{self.way}" + "-vertex" * self.vertex

    @property
    def is_async(self) -> bool:
        return self.way != "sync"

    def client(self, url: str) -> Any:
        options: dict[str, Any] = {"base_url": url, "timeout": 10_000}
        if self.way == "httpx":
            import httpx

            options["httpx_async_client"] = httpx.AsyncClient()
        return genai.Client(api_key="key", vertexai=self.vertex, http_options=options)

    def request(self, client: Any, **arguments: Any) -> Any:
        client = client.aio if self.is_async else client
        if self.api == "gemini":
            arguments = {"model": "m", "contents": "hi", **arguments}
            return client.models.generate_content_stream(**arguments)
        return client.interactions.create(**{"model": "m", "input": "hi", **arguments}, stream=True)


KINDS = [
    Kind("gemini", "sync"),
    Kind("gemini", "aiohttp"),
    Kind("gemini", "httpx"),
    Kind("gemini", "sync", vertex=True),
    Kind("interactions", "sync"),
    Kind("interactions", "httpx"),
]


def on_both(kind: Kind) -> bool:
    """Whether clients of this kind are tested on both engines, see `sdk_clients.chosen`."""
    return kind.way in ("sync", "httpx") and not kind.vertex


class Outcome(NamedTuple):
    events: list[Any]
    error: Any


async def closed(client: Any) -> None:
    await client.aio.aclose()
    client.close()
    # The SDK does not close what it was given.
    if given := client._api_client._http_options.httpx_async_client:
        await given.aclose()


async def outcome(kind: Kind, url: str, how: str, **arguments: Any) -> Outcome:
    client = kind.client(url)
    if how != "sdk":
        compat.accelerate(client)
    read: list[Any] = []
    try:
        stream = await settled(kind.request(client, **arguments))
        async for event in each(compat.events(stream) if how == "events" else stream):
            read.append(comparable(event))
    except Exception as error:  # noqa: BLE001
        return Outcome(read, error)
    finally:
        await closed(client)
    return Outcome(read, None)


def comparable(event: Any) -> Any:
    """Without the time at which the server answered."""
    with suppress(AttributeError):
        response = event.sdk_http_response
        response.headers = {k: v for k, v in response.headers.items() if k.lower() != "date"}
    return event


def told(error: Any) -> tuple[Any, ...]:
    """What a caller sees of an error."""
    if error is None:
        return ()
    fields = {name: getattr(error, name, None) for name in ("code", "status", "message", "details")}
    return type(error), str(error), fields


async def both(kind: Kind, url: str, **arguments: Any) -> tuple[Outcome, Outcome]:
    """The SDK's outcome and an accelerated client's, which must be the same to the last type."""
    sdk = await outcome(kind, url, "sdk", **arguments)
    accelerated = await outcome(kind, url, "accelerated", **arguments)
    # What is no number is not equal to itself.
    assert accelerated.events == sdk.events or "nan" in repr(sdk.events)
    assert repr(accelerated.events) == repr(sdk.events)
    assert [fields_set(event) for event in accelerated.events] == [
        fields_set(event) for event in sdk.events
    ]
    return sdk, accelerated


def fields_set(value: Any) -> Any:
    """The types of a value and all in it, and which fields of the models were set."""
    if hasattr(value, "model_fields_set"):
        members = {**vars(value), **(value.model_extra or {})}
        below = {name: fields_set(member) for name, member in members.items()}
        return type(value), value.model_fields_set, below
    if isinstance(value, list):
        return [fields_set(item) for item in value]
    if isinstance(value, dict):
        return {name: fields_set(item) for name, item in value.items()}
    return type(value)


def frame(payload: Any) -> bytes:
    """An event as the API sends it; a `str` is its data as it stands."""
    data = payload if isinstance(payload, str) else json.dumps(payload)
    return f"data: {data}\r\n\r\n".encode()


def part(**part: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [part], "role": "model"}}]}


def text(value: str) -> dict[str, Any]:
    return part(text=value)


def delta(text: str) -> dict[str, Any]:
    return {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": text}}


def events_of(kind: Kind, *texts: str) -> list[bytes]:
    make = text if kind.api == "gemini" else delta
    return [frame(make(value)) for value in texts]


def one_certificate(tidied: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each client loads the certificates several times, which takes longer than the tests."""
    import certifi

    end = "-----END CERTIFICATE-----\n"
    first = Path(certifi.where()).read_text("utf-8").partition(end)[0] + end
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    file.write_text(first, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


def installed(request: pytest.FixtureRequest) -> Kind:
    """A kind of client, if what it needs is installed."""
    kind: Kind = request.param
    if kind.way == "aiohttp":
        pytest.importorskip("aiohttp")
    return kind
