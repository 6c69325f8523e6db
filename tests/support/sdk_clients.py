"""Clients of the official SDKs, sync and async, on both HTTP libraries, behind one interface.

The tests are coroutines that also read sync clients, because the server has its own threads.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from inspect import isawaitable
from operator import attrgetter
from types import ModuleType
from typing import Any, Literal, NamedTuple

import pytest

How = Literal["sdk", "accelerated", "events"]
Through = Literal["create", "with_streaming_response"]


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that is a coroutine, as one that pytest runs by itself."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


# Sync and async alike -----------------------------------------------------------------------------


async def settled(value: Any) -> Any:
    return await value if isawaitable(value) else value


async def each(events: Any) -> AsyncIterator[Any]:
    if hasattr(events, "__aiter__"):
        async for event in events:
            yield event
    else:
        for event in events:
            yield event


@asynccontextmanager
async def entered(manager: Any) -> AsyncIterator[Any]:
    if hasattr(manager, "__aenter__"):
        async with manager as value:
            yield value
    else:
        with manager as value:
            yield value


# What a client is asked and what it answers -------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A method of a client that streams."""

    resource: str
    arguments: dict[str, Any] = field(hash=False)
    method: str = "create"

    def send(self, client: Any, through: Through = "create") -> Any:
        resource = attrgetter(self.resource)(client)
        if through == "with_streaming_response":
            resource = resource.with_streaming_response
        return getattr(resource, self.method)(**self.arguments, stream=True)


RESPONSES = Call("responses", {"model": "m", "input": "hi"})
CHAT = Call("chat.completions", {"model": "m", "messages": [{"role": "user", "content": "hi"}]})
IMAGES = Call("images", {"model": "m", "prompt": "a cat"}, "generate")
MESSAGES = Call("messages", {**CHAT.arguments, "max_tokens": 9})


def text_event(sdk: str, text: str) -> bytes:
    """An event with a piece of text, as `RESPONSES` or `MESSAGES` stream it."""
    payload: dict[str, Any]
    if sdk == "openai":
        payload = {"type": "response.output_text.delta", "delta": text}
    else:
        delta = {"type": "text_delta", "text": text}
        payload = {"type": "content_block_delta", "index": 0, "delta": delta}
    name, data = payload["type"], json.dumps(payload, ensure_ascii=False)
    return f"event: {name}\r\ndata: {data}\r\n\r\n".encode()


def text_of(event: Any) -> str:
    return event.delta if isinstance(event.delta, str) else event.delta.text


class Outcome(NamedTuple):
    """Everything that a stream gave."""

    events: list[Any]
    error: Any
    is_closed: bool


def told(error: Exception | None) -> tuple[Any, ...]:
    """What a caller sees of an error: class, text, fields, and the class of what led to it."""
    if error is None:
        return ()
    objects = ("request", "_request", "response", "http_response")
    fields = {name: value for name, value in vars(error).items() if name not in objects}
    context = None if error.__suppress_context__ else error.__context__
    return type(error), str(error), fields, type(error.__cause__ or context)


def response_of(stream: Any) -> Any:
    """The HTTP response of a stream or of an unread API response."""
    return getattr(stream, "response", None) or stream.http_response


async def outcome(events: Any, response: Any) -> Outcome:
    """Reads to the end or to an error."""
    read: list[Any] = []
    try:
        async for event in each(events):
            read.append(event)
    except Exception as error:  # noqa: BLE001
        return Outcome(read, error, response.is_closed)
    return Outcome(read, None, response.is_closed)


# Clients ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A class of clients, on its own HTTP library or on a given one."""

    sdk: str
    name: str
    http: str | None = None

    def __str__(self) -> str:
        return f"{self.name}-{self.http}" if self.http else self.name

    @property
    def is_async(self) -> bool:
        return self.name.startswith("Async")

    @property
    def compat(self) -> ModuleType:
        return import_module(f"rapidsse.compat.{self.sdk}")

    @property
    def structs(self) -> ModuleType:
        return import_module(f"rapidsse.{self.sdk}")

    @property
    def text_call(self) -> Call:
        return RESPONSES if self.sdk == "openai" else MESSAGES

    def texts(self, *texts: str) -> list[bytes]:
        return [text_event(self.sdk, text) for text in texts]

    def opened(self, url: str, *, silence: float = 10) -> Any:
        """A context with a client, which waits for the next bytes for `silence` seconds."""
        cls = getattr(pytest.importorskip(self.sdk), self.name)
        options: dict[str, Any] = {}
        if self.http is not None:
            library = pytest.importorskip(self.http)
            options["http_client"] = getattr(
                library, "AsyncClient" if self.is_async else "Client"
            )()
        timeout = import_module("httpx2").Timeout(10, read=silence)
        return entered(cls(api_key="key", base_url=url, max_retries=0, timeout=timeout, **options))

    @asynccontextmanager
    async def asked(
        self, client: Any, through: Through = "create", call: Call | None = None
    ) -> AsyncIterator[Any]:
        """A stream or an unread API response; the latter is closed at the end of the context."""
        request = (call or self.text_call).send(client, through)
        if through == "with_streaming_response":
            async with entered(request) as response:
                yield response
        else:
            yield await settled(request)

    async def read(
        self,
        client: Any,
        how: How = "events",
        call: Call | None = None,
        through: Through = "create",
    ) -> Outcome:
        """One stream, with a client that is accelerated already if it is to be."""
        async with self.asked(client, through, call) as stream:
            events = self.compat.events(stream) if how == "events" else stream
            return await outcome(events, response_of(stream))

    async def outcomes(
        self, url: str, how: How, *calls: Call, silence: float = 10
    ) -> list[Outcome]:
        """Streams one after the other, with one client, all to their ends."""
        async with self.opened(url, silence=silence) as client:
            if how == "accelerated":
                self.compat.accelerate(client)
            return [await self.read(client, how, call) for call in calls or (self.text_call,)]


OPENAI = [
    Kind("openai", "OpenAI"),
    Kind("openai", "AsyncOpenAI"),
    Kind("openai", "OpenAI", "httpx"),
    Kind("openai", "AsyncOpenAI", "httpx"),
]
# This SDK refuses clients of httpx.
ANTHROPIC = [Kind("anthropic", "Anthropic"), Kind("anthropic", "AsyncAnthropic")]


def chosen(kinds: Iterable[Any], on_both: Callable[[Any], bool]) -> list[Any]:
    """Parameters of a fixture: all kinds on one engine, and on the other those of `on_both`.

    The engine has no bearing on the HTTP library, which gives the same chunks to either.
    """
    return [kind if on_both(kind) else pytest.param(kind, marks=pytest.mark.once) for kind in kinds]


def own_http(kind: Kind) -> bool:
    """Whether clients of this kind are on the HTTP library of the SDK."""
    return kind.http is None


# Made fixtures of where they are used -------------------------------------------------------------


def installed(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    pytest.importorskip(kind.sdk)
    return kind


def tidied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For a module: clients are made quickly, and what they leave open is an error."""
    with pytest.MonkeyPatch.context() as patch:
        # The certificates that clients load otherwise take longer than most tests.
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        yield
    # What was not closed warns now, and warnings are errors.
    gc.collect()
