"""`rapidsse.compat.accelerate`: clients of every SDK of the generator."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from functools import wraps
from importlib import import_module
from typing import Any, ForwardRef, NamedTuple

import pytest

import rapidsse.compat
from sdk_objects import bodies, members, mutated, payload, same
from sdk_streams import needs_plans

pytest.importorskip("httpx2")


class SDK(NamedTuple):
    """The package of an SDK, its sync client, and the types that it streams."""

    package: str
    client: str
    types: tuple[str, ...]

    def opened(self, body: bytes = b"", name: str = "") -> Any:
        """A client to which everything is answered by this stream."""
        module = pytest.importorskip(self.package)
        http = self.http()
        name = name or self.client
        kind = http.AsyncClient if name.startswith("Async") else http.Client
        headers = {"content-type": "text/event-stream"}
        transport = http.MockTransport(
            lambda request: http.Response(200, headers=headers, content=body)
        )
        return getattr(module, name)(
            api_key="key",
            base_url="http://127.0.0.1",
            max_retries=0,
            http_client=kind(transport=transport),
        )

    def http(self) -> Any:
        return import_module("httpx2" if self.package in HTTPX2 else "httpx")

    def kinds(self) -> list[tuple[Any, list[Any]]]:
        """The types that are streamed, and the variants of each."""
        return [
            # One SDK has a union of names that cannot be resolved.
            (annotation, [k for k in members(annotation) if not isinstance(k, ForwardRef)])
            for annotation in self.annotations()
        ]

    def annotations(self) -> list[Any]:
        places = (name.rpartition(".") for name in self.types)
        found = (
            getattr(import_module(f"{self.package}.types{place and '.'}{place}"), name, None)
            for place, _, name in places
        )
        # Old versions do not have all of them.
        annotations = [annotation for annotation in found if annotation is not None]
        assert annotations
        return annotations


HTTPX2 = ("openai", "anthropic")
SDKS = [
    SDK("openai", "OpenAI", ("responses.ResponseStreamEvent", "chat.ChatCompletionChunk")),
    SDK("anthropic", "Anthropic", ("RawMessageStreamEvent",)),
    SDK("groq", "Groq", ("chat.ChatCompletionChunk",)),
    SDK("together", "Together", ("chat.ChatCompletionChunk", "CompletionChunk")),
    SDK("cerebras.cloud.sdk", "Cerebras", ("chat.ChatCompletion",)),
    SDK("perplexity", "Perplexity", ("ResponseStreamChunk", "StreamChunk")),
    SDK("fireworks", "Fireworks", ("chat.ChatCompletionChunk",)),
    SDK("writerai", "Writer", ("ChatCompletionChunk", "CompletionChunk")),
]

every_sdk = pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.package)


def read(sdk: SDK, client: Any, annotation: Any, body: bytes) -> list[Any]:
    """The events of a stream, and the error that ended it, if one did."""
    http = sdk.http()
    response = http.Response(
        200, content=iter([body]), request=http.Request("POST", "http://127.0.0.1")
    )
    module = import_module(f"{sdk.package}._streaming")
    events: list[Any] = []
    try:
        events.extend(module.Stream(cast_to=annotation, response=response, client=client))
    except Exception as error:  # noqa: BLE001
        events.append(told(error))
    return events


def told(error: Any) -> Any:
    fields = {name: repr(value) for name, value in vars(error).items() if name == "body"}
    return type(error), str(error), fields


def data(text: str, name: str = "") -> bytes:
    event = f"event: {name}\n" if name else ""
    return f"{event}data: {text}\n\n".encode()


# Events -------------------------------------------------------------------------------------------


@every_sdk
def test_the_same_objects(sdk: SDK) -> None:
    rng = random.Random(6)
    ours, theirs = rapidsse.compat.accelerate(sdk.opened()), sdk.opened()
    name = "e" if sdk.package in HTTPX2 else ""
    for annotation, kinds in sdk.kinds():
        for kind in kinds:
            values = [payload(kind, rng) for _ in range(40 if kind is annotation else 3)]
            values += [mutated(value, rng) for value in values]
            for value in values:
                body = data(bodies(value, rng), name)
                same(*(read(sdk, client, annotation, body) for client in (ours, theirs)))


@every_sdk
def test_the_plans_make_them(sdk: SDK, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_plans()
    pytest.importorskip(sdk.package)
    base = import_module(f"{sdk.package}._base_client")
    whole = base.BaseClient._process_response_data
    processed: list[Any] = []

    @wraps(whole)
    def process(self: Any, **arguments: Any) -> Any:
        processed.append(arguments["data"])
        return whole(self, **arguments)

    monkeypatch.setattr(base.BaseClient, "_process_response_data", process)
    rng = random.Random(7)
    client = rapidsse.compat.accelerate(sdk.opened())
    name = "e" if sdk.package in HTTPX2 else ""
    model = import_module(f"{sdk.package}._models").BaseModel
    without_plan = 0
    for annotation, kinds in sdk.kinds():
        for kind in kinds:
            body = data(json.dumps(payload(kind, rng)), name)
            assert len(read(sdk, client, annotation, body)) == 1
            # The chunks of one SDK are models of another base class.
            without_plan += isinstance(annotation, type) and not issubclass(annotation, model)
    assert len(processed) == without_plan
    assert without_plan <= (1 if sdk.package == "perplexity" else 0)


@every_sdk
def test_the_loops_of_the_streams_are_known(sdk: SDK) -> None:
    """Otherwise nothing is wrong, but slower: the new code is to be read, and what it names added."""
    from rapidsse.compat import _loops

    streaming: Any = pytest.importorskip(f"{sdk.package}._streaming")
    for kind in (streaming.Stream, streaming.AsyncStream):
        loop = _loops.Loop.of(kind)
        assert loop is not None
        assert _loops.does_no_more(loop)


CHUNK = json.dumps(
    {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": "é€𝄞"}, "finish_reason": None}],
    }
)
ERROR = '{"error": {"message": "Boom", "code": 5}}'
STREAMS = {
    "to the end mark": data(CHUNK) * 3 + data("[DONE]") + data(CHUNK),
    "without one": data(CHUNK) * 3,
    "named": data(CHUNK, "chunk") + data(CHUNK, "thread.x"),
    "ping": data(CHUNK) + data("{}", "ping") + data(CHUNK),
    "stop": data(CHUNK) + data("{}", "message_stop") + data(CHUNK),
    "stop without data": data(CHUNK) + b"event: message_stop\n\n" + data(CHUNK),
    "error": data(CHUNK) + data(ERROR) + data(CHUNK),
    "named error": data(CHUNK) + data(ERROR, "error") + data(CHUNK),
    "error without data": data(CHUNK) + b"event: error\n\n",
    "error in the event": data(CHUNK[:-1] + ', "error": {"message": ""}}'),
    "no JSON": data(CHUNK) + data("{"),
    "no object": data("5") + data("null") + data("[1]"),
    "comments": b": a\n\n" + data(CHUNK) + b": b\n\n",
}


@pytest.mark.parametrize("stream", STREAMS)
@every_sdk
def test_the_same_streams(sdk: SDK, stream: str) -> None:
    pytest.importorskip(sdk.package)
    annotation = sdk.annotations()[-1]
    ours, theirs = rapidsse.compat.accelerate(sdk.opened()), sdk.opened()
    ours, theirs = (read(sdk, client, annotation, STREAMS[stream]) for client in (ours, theirs))
    if sdk.package == "openai" and "without data" in stream:
        # docs/compat/openai.md: dropped, where the SDK fails.
        assert theirs.pop()[0].__name__ == "JSONDecodeError"
        ours = ours[: len(theirs)]
    same(ours, theirs)


CALLS: dict[str, tuple[str, str]] = {
    "openai": ("OpenAI", "chat.completions"),
    "groq": ("Groq", "chat.completions"),
    "together": ("Together", "chat.completions"),
    "cerebras.cloud.sdk": ("Cerebras", "chat.completions"),
    "fireworks": ("Fireworks", "chat.completions"),
}


@pytest.mark.parametrize("through", ["create", "with_streaming_response", "async"])
@pytest.mark.parametrize("package", CALLS)
def test_calls(package: str, through: str) -> None:
    (sdk,) = (sdk for sdk in SDKS if sdk.package == package)
    name, resource = CALLS[package]
    body = STREAMS["to the end mark"]
    arguments: Any = {"model": "m", "messages": [{"role": "user", "content": "a"}], "stream": True}

    def completions(client: Any) -> Any:
        for part in resource.split("."):
            client = getattr(client, part)
        return client

    async def read_async(client: Any) -> list[Any]:
        async with client:
            stream = await completions(client).create(**arguments)
            return [event async for event in stream]

    def events(client: Any) -> list[Any]:
        if through == "async":
            return asyncio.run(read_async(client))
        with client:
            if through == "create":
                return list(completions(client).create(**arguments))
            with completions(client).with_streaming_response.create(**arguments) as response:
                return list(response.parse())

    name = f"Async{name}" if through == "async" else name
    client = sdk.opened(body, name)
    accelerated = rapidsse.compat.accelerate(sdk.opened(body, name))
    both = events(accelerated.with_options(timeout=5)), events(client)
    same(*both)
    assert len(both[0]) == 3


# Which clients ------------------------------------------------------------------------------------


@every_sdk
def test_the_client_is_returned(sdk: SDK) -> None:
    client = sdk.opened()
    cls = type(client)
    assert rapidsse.compat.accelerate(client) is client
    assert rapidsse.compat.accelerate(client) is client
    assert type(client) is type(client.copy()) is cls
    for each in (client, client.copy(), client.with_options(timeout=5).copy()):
        assert type(each._make_sse_decoder()).__module__.startswith("rapidsse.")


@every_sdk
def test_a_shallow_copy_is_accelerated_by_itself(sdk: SDK) -> None:
    client = rapidsse.compat.accelerate(sdk.opened())
    copied = copy.copy(client)
    copied.timeout = 7
    assert type(copied) is type(client)
    assert copied._process_response_data.__self__ is copied
    for each in (copied, copied.with_options(max_retries=1), copied.copy(), copy.copy(copied)):
        assert each.timeout == 7
        assert type(each._make_sse_decoder()).__module__.startswith("rapidsse.")
    assert client.with_options(max_retries=1).timeout != 7


@every_sdk
def test_a_shallow_copy_of_a_plain_client_is_plain(sdk: SDK) -> None:
    """Also once another one of its class was accelerated."""
    rapidsse.compat.accelerate(sdk.opened())
    client = sdk.opened()
    copied = copy.copy(client)
    assert vars(copied) == vars(client)
    assert not type(copied._make_sse_decoder()).__module__.startswith("rapidsse.")


class NoDecoder:
    def _process_response_data(self) -> None: ...


class Other(NoDecoder):
    def _make_sse_decoder(self) -> None: ...

    def copy(self) -> None: ...


@pytest.mark.parametrize(
    ("client", "missing"),
    [
        (None, "NoneType has no _process_response_data"),
        (b"", "bytes has no _process_response_data"),
        (NoDecoder(), "NoDecoder has no _make_sse_decoder"),
        (Other(), "Other has a _process_response_data of its own"),
    ],
)
def test_other_objects_are_refused(client: Any, missing: str) -> None:
    expected = (
        "expected a client of an SDK built like openai's, with _make_sse_decoder and "
        "_process_response_data of its _base_client, and with decoders that have iter_bytes and "
        f"aiter_bytes: {missing}"
    )
    with pytest.raises(TypeError) as raised:
        rapidsse.compat.accelerate(client)
    assert str(raised.value) == expected


@every_sdk
def test_clients_with_ways_of_their_own_are_refused(sdk: SDK) -> None:
    client = sdk.opened()
    for name in ("_make_sse_decoder", "_process_response_data"):
        cls = type("Own", (type(client),), {name: lambda self, **_: None})
        own = cls(api_key="key", http_client=client._client)
        with pytest.raises(TypeError, match=f"Own has a {name} of its own"):
            if sdk.package in HTTPX2:
                # These two have an `accelerate` of their own, which keeps what a client overrides.
                rapidsse.compat._family._package_of(own)
            rapidsse.compat.accelerate(own)
        assert "_make_sse_decoder" not in vars(own)


@pytest.mark.parametrize("sdk", SDKS[:2], ids=lambda sdk: sdk.package)
def test_after_install(sdk: SDK) -> None:
    rapidsse.compat.install(sdk.package)
    try:
        assert rapidsse.compat.accelerate(client := sdk.opened()) is client
    finally:
        rapidsse.compat.uninstall(sdk.package)
