"""`rapidsse.compat.google` against the official SDK, with real clients on a live server."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from live_server import LiveServer, Scenario
from made_streams import STREAMS, encoded
from rapidsse import Base64, DecodeError, Decoder, UnknownEvent
from rapidsse import google as ours
from rapidsse.compat import google as compat
from sdk_clients import each, entered, in_loop, settled, tidied

genai: Any = pytest.importorskip("google.genai", reason="needs the `google-genai` package")

tidied = pytest.fixture(scope="module", autouse=True)(tidied)
pytestmark = pytest.mark.filterwarnings(
    # The SDK's own: its models have deprecated fields, and its enums warn of what they do not know.
    "ignore:.*DEPRECATED.*:DeprecationWarning",
    "ignore:.*is not a valid.*:UserWarning",
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning",
)


@pytest.fixture(scope="module", autouse=True)
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


DECODERS: dict[str, Decoder[Any]] = {
    "gemini": Decoder(ours.GenerateContentResponse),
    "interactions": Decoder(ours.InteractionSSEEvent),
}


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


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    if kind.way == "aiohttp":
        pytest.importorskip("aiohttp")
    return kind


@pytest.fixture(params=KINDS[:4], ids=str)
def gemini(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=KINDS[4:], ids=str)
def interactions(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


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


# Whole streams ------------------------------------------------------------------------------------


def cuts(body: bytes) -> dict[str, Any]:
    inside = re.finditer(rb"(?<=\r)(?=\n)|(?=[\x80-\xbf])", body)
    return {"64Ki": 65536, "1Ki": 1024, "inside": [match.start() for match in inside]}


@pytest.mark.parametrize("cut", cuts(b""))
@in_loop
async def test_streams_cut_anywhere(kind: Kind, live_server: LiveServer, cut: str) -> None:
    made = STREAMS[kind.api](Random(1))
    body = made.body("\r\n")
    url = live_server.add(Scenario(body, cut=cuts(body)[cut]))
    sdk, accelerated = await both(kind, url)
    assert (sdk.error, accelerated.error) == (None, None)
    assert len(sdk.events) == len(made.payloads) > 20
    assert await outcome(kind, url, "events") == Outcome(list(DECODERS[kind.api].iter(body)), None)


@in_loop
async def test_streams_cut_at_every_byte(kind: Kind, live_server: LiveServer) -> None:
    body = b"".join(events_of(kind, "naïve", "日本語 👋🏽", "c"))
    url = live_server.add(Scenario(body, cut=1))
    sdk, accelerated = await both(kind, url)
    assert (len(sdk.events), accelerated.error) == (3, None)
    assert await outcome(kind, url, "events") == Outcome(list(DECODERS[kind.api].iter(body)), None)


@in_loop
async def test_a_last_event_without_a_blank_line(kind: Kind, live_server: LiveServer) -> None:
    body = b"".join(events_of(kind, "a", "b"))[:-4]
    url = live_server.add(Scenario(body))
    sdk, accelerated = await both(kind, url)
    assert (len(sdk.events), accelerated.error) == (2, None)
    events = await outcome(kind, url, "events")
    assert (len(events.events), events.error) == (2, None)


@in_loop
async def test_images(gemini: Kind, live_server: LiveServer) -> None:
    images = [Random(n).randbytes(n) for n in (1, 382, 383, 384, 385, 100_000)]
    blobs = [{"mimeType": "image/png", "data": encoded(image)} for image in images]
    body = b"".join(frame(part(inlineData=blob)) for blob in blobs)
    body += frame(
        {"candidates": [{"content": {"parts": [{"inlineData": blob} for blob in blobs]}}] * 2}
    )
    url = live_server.add(Scenario(body))
    _, accelerated = await both(gemini, url)
    read = [
        p.inline_data.data
        for event in accelerated.events
        for candidate in event.candidates
        for p in candidate.content.parts
    ]
    assert read == images * 3
    assert {type(data) for data in read} == {bytes}
    (*_, last), error = await outcome(gemini, url, "events")
    assert error is None
    data = [p.inline_data.data for p in last.candidates[0].content.parts]
    assert {type(image) for image in data} == {Base64}
    assert [image.decode() for image in data] == images


LONG = "iVBO" * 500
ODD: dict[str, Any] = {
    "data in arguments": part(functionCall={"name": "f", "args": {"data": LONG, "x": [LONG]}}),
    "data in a list of arguments": part(
        functionCall={"name": "f", "args": {"data": [LONG], "y": {"data": {"data": LONG}}}}
    ),
    "data in metadata": part(text="a", partMetadata={"data": LONG}),
    "data the SDK does not know": part(text="a", novelty={"data": LONG}),
    "data in a function's response": part(
        functionResponse={"name": "f", "parts": [{"inlineData": {"data": LONG}}]}
    ),
    "snake case": part(inline_data={"mime_type": "image/png", "data": LONG}),
    "text that is base64": part(text=LONG),
    "urlsafe base64": part(inlineData={"data": "-_8A" * 500}),
    "base64 without padding": part(inlineData={"data": LONG + "iVA"}),
    "base64 with bits after its end": part(inlineData={"data": LONG + "iVB="}),
    "no base64": part(inlineData={"data": LONG + "!"}),
    "base64 with a line end": part(inlineData={"data": LONG + "\n"}),
    "an escape in base64": json.dumps(part(inlineData={"data": LONG})).replace("iVBO", "\\u0069VBO", 1),
    "data that is a number": part(inlineData={"data": 7}),
    "data that is null": part(inlineData={"data": None}),
    "data twice": '{"candidates":[{"content":{"parts":[{"inlineData":{"data":"LONG","data":"AAAA"}}]}}]}'.replace("LONG", LONG),
    "an image and a wrong type": {**part(inlineData={"data": LONG}), "modelVersion": [1]},
    "an image and no JSON": json.dumps(part(inlineData={"data": LONG})) + "}",
    "wrong type": {"candidates": 7},
    "a number for text": part(text=7),
    "unknown members": {**text("a"), "novelty": {"x": 1}},
    "unknown values": {"candidates": [{"finishReason": "TIRED"}]},
    "empty object": {},
    "not a number": '{"candidates":[{"avgLogprobs":NaN}]}',
    "lone surrogate": '{"candidates":[{"content":{"parts":[{"text":"\\ud800"}]}}]}',
    "the same member twice": '{"responseId":"a","responseId":"b"}',
    "large numbers": '{"usageMetadata":{"totalTokenCount":123456789012345678901234567890}}',
    "text for a number": {"usageMetadata": {"totalTokenCount": "5"}},
    "no JSON": '{"candidates":[',
    "an array": "[1]",
    "a string": '"a"',
}  # fmt: skip


@pytest.mark.parametrize("payload", ODD.values(), ids=ODD)
@in_loop
async def test_odd_events_are_as_the_sdk_makes_them(
    gemini: Kind, live_server: LiveServer, payload: Any
) -> None:
    body = frame(text("before")) + frame(payload) + frame(text("after"))
    sdk, accelerated = await both(gemini, live_server.add(Scenario(body)))
    assert type(accelerated.error) is type(sdk.error)
    shown = [re.sub(r"input_value=.*?, input_type", "", str(e.error)) for e in (sdk, accelerated)]
    assert shown[0] == shown[1]


ODD_INTERACTIONS: dict[str, Any] = {
    "unknown event": {"event_type": "step.pause", "index": 1, "x": {"y": [1]}},
    "unknown delta": {"event_type": "step.delta", "index": 1, "delta": {"type": "song", "note": 1}},
    "unknown members": {**delta("a"), "novelty": {"x": 1}},
    "missing fields": {"event_type": "step.delta"},
    "wrong type": {"event_type": "step.delta", "index": "x", "delta": 7},
    "text for a number": {**delta("a"), "index": "5"},
    "no event type": {"index": 1},
    "error": {"event_type": "error", "error": {"code": "c", "message": "m"}},
    "not a number": '{"event_type":"step.stop","index":1,"x":NaN}',
    "lone surrogate": '{"event_type":"step.stop","index":1,"x":"\\ud800"}',
    "the same member twice": '{"event_type":"step.stop","index":1,"index":2}',
    "large numbers": '{"event_type":"step.stop","index":123456789012345678901234567890}',
    "a fraction": '{"event_type":"step.stop","index":1,"x":0.1000000000000000055511151231257827}',
    "no JSON": '{"event_type":',
    "an array": "[1]",
    "a string": '"a"',
    "a null": "null",
    "an image": {
        "event_type": "step.delta",
        "index": 0,
        "delta": {"type": "image", "mime_type": "image/png", "data": LONG},
    },
}


@pytest.mark.parametrize("payload", ODD_INTERACTIONS.values(), ids=ODD_INTERACTIONS)
@in_loop
async def test_odd_interactions_are_as_the_sdk_makes_them(
    interactions: Kind, live_server: LiveServer, payload: Any
) -> None:
    body = frame(delta("before")) + frame(payload) + frame(delta("after")) + frame("[DONE]")
    sdk, accelerated = await both(interactions, live_server.add(Scenario(body)))
    assert told(accelerated.error) == told(sdk.error)


@in_loop
async def test_what_follows_the_end_mark_is_not_read(
    interactions: Kind, live_server: LiveServer
) -> None:
    body = b"".join(events_of(interactions, "a")) + frame("[DONE]") + frame(delta("b"))
    url = live_server.add(Scenario(body))
    sdk, _ = await both(interactions, url)
    assert len(sdk.events) == 1
    assert len((await outcome(interactions, url, "events")).events) == 1


@in_loop
async def test_unknown_events_of_interactions(interactions: Kind, live_server: LiveServer) -> None:
    body = frame(ODD_INTERACTIONS["unknown event"])
    (event,), error = await outcome(interactions, live_server.add(Scenario(body)), "events")
    assert isinstance(event, UnknownEvent)
    assert (event.type, error) == ("step.pause", None)


# What the SDK fails on ----------------------------------------------------------------------------

LINES = {
    "comment": b": keep-alive\r\n\r\n",
    "comment in an event": b": keep-alive\r\n",
    "name": b"event: message\r\n",
    "id": b"id: 1\r\n",
    "retry": b"retry: 10\r\n",
    "empty data": b"data:\r\n\r\n",
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
@in_loop
async def test_lines_that_the_sdk_fails_on(
    gemini: Kind, live_server: LiveServer, lines: bytes
) -> None:
    first, second = events_of(gemini, "a", "b")
    for body in (lines + first + second, first + lines + second, first + second + lines):
        url = live_server.add(Scenario(body, cut=7))
        sdk = await outcome(gemini, url, "sdk")
        assert type(sdk.error).__name__ == "UnknownApiResponseError"
        for how in ("accelerated", "events"):
            read = await outcome(gemini, url, how)
            assert read.error is None
            parts = [event.candidates[0].content.parts[0] for event in read.events]
            assert [part.text for part in parts] == ["a", "b"]


@in_loop
async def test_data_without_a_space(gemini: Kind, live_server: LiveServer) -> None:
    body = b"".join(events_of(gemini, "a", "b"))
    url = live_server.add(Scenario(body.replace(b"data: ", b"data:")))
    plain = live_server.add(Scenario(body))
    assert (await outcome(gemini, url, "sdk")).error is not None
    assert await outcome(gemini, url, "accelerated") == await outcome(gemini, plain, "sdk")
    assert await outcome(gemini, url, "events") == await outcome(gemini, plain, "events")


# Errors -------------------------------------------------------------------------------------------

ERROR = {"error": {"code": 503, "message": "The model is overloaded é.", "status": "UNAVAILABLE"}}


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize("cut", [1, 65536])
@pytest.mark.parametrize("form", ["event", "pretty", "plain"])
@in_loop
async def test_errors_in_a_stream(
    gemini: Kind, live_server: LiveServer, form: str, cut: int, first: bool
) -> None:
    shown = json.dumps(ERROR, indent=2 if form == "pretty" else None)
    body = b"" if first else b"".join(events_of(gemini, "a", "b"))
    body += frame(ERROR) if form == "event" else shown.encode()
    url = live_server.add(Scenario(body, cut=cut))
    sdk, accelerated = await both(gemini, url)
    assert type(sdk.error).__name__ == "ServerError"
    assert told(accelerated.error) == told(sdk.error)
    events = await outcome(gemini, url, "events")
    assert told(events.error) == told(sdk.error)
    assert len(events.events) == len(sdk.events) == 2 * (not first)


@in_loop
async def test_a_page_that_is_no_stream(gemini: Kind, live_server: LiveServer) -> None:
    for body in (b"<html>\n<p>Bad: gateway</p>\n</html>", b"upstream error: 7", b"x"):
        url = live_server.add(Scenario(body))
        sdk = await outcome(gemini, url, "sdk")
        for how in ("accelerated", "events"):
            read = await outcome(gemini, url, how)
            assert read.events == []
            assert type(read.error) is type(sdk.error), (how, body)
            assert read.error is not None


@in_loop
async def test_an_array_is_read_as_its_items(gemini: Kind, live_server: LiveServer) -> None:
    """What the API answers if it is not asked for events; the SDK fails on it."""
    items = [text("a"), text("b")]
    url = live_server.add(Scenario(json.dumps(items, indent=2).encode(), cut=10))
    assert (await outcome(gemini, url, "sdk")).error is not None
    for how in ("accelerated", "events"):
        read = await outcome(gemini, url, how)
        parts = [event.candidates[0].content.parts[0] for event in read.events]
        assert ([part.text for part in parts], read.error) == (["a", "b"], None)


@in_loop
async def test_an_event_that_does_not_decode(kind: Kind, live_server: LiveServer) -> None:
    body = b"".join(events_of(kind, "a", "b")) + frame('{"candidates":[') + frame(text("c"))
    events, error = await outcome(kind, live_server.add(Scenario(body)), "events")
    assert len(events) == 2
    assert isinstance(error, genai.errors.UnknownApiResponseError)
    assert isinstance(error.__cause__, DecodeError)
    assert (error.__cause__.kind, error.__cause__.index) == ("json", 2)
    assert error.__cause__.data == b'{"candidates":['


@in_loop
async def test_an_error_of_the_request(kind: Kind, live_server: LiveServer) -> None:
    body = json.dumps({"error": {"code": 400, "message": "no", "status": "INVALID"}}).encode()
    url = live_server.add(Scenario(body, status=400, content_type="application/json"))
    sdk, accelerated = await both(kind, url)
    assert sdk.error is not None
    assert told(accelerated.error) == told(sdk.error)
    assert type((await outcome(kind, url, "events")).error) is type(sdk.error)


@in_loop
async def test_a_dropped_connection(kind: Kind, live_server: LiveServer) -> None:
    body = b"".join(events_of(kind, "a", "b", "c"))
    url = live_server.add(Scenario(body, drop=len(body) * 2 // 3 + 5))
    sdk, accelerated = await both(kind, url)
    assert sdk.error is not None
    assert told(accelerated.error)[:2] == told(sdk.error)[:2]
    assert len(sdk.events) == 2
    events = await outcome(kind, url, "events")
    assert type(events.error) is type(sdk.error)
    assert len(events.events) == 2


# Leaving early ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["accelerated", "events"])
@in_loop
async def test_a_stream_that_is_left_early(kind: Kind, live_server: LiveServer, how: str) -> None:
    frames = events_of(kind, "a", "b")
    scenario = Scenario(b"".join(frames), stall={len(frames[0]): 30})
    client = compat.accelerate(kind.client(live_server.add(scenario)))
    stream: Any = await settled(kind.request(client))
    events = compat.events(stream) if how == "events" else stream
    async for _ in each(events):
        break
    await settled(getattr(events, "aclose", getattr(events, "close", None))())
    del events, stream
    gc.collect()
    # Lets the loop close what was left to it.
    await asyncio.sleep(0)
    await closed(client)
    assert scenario.sent == len(frames[0])
    scenario.resume()


@in_loop
async def test_connections_are_reused(kind: Kind, live_server: LiveServer) -> None:
    made = STREAMS[kind.api](Random(2))
    scenario = Scenario(made.body())
    client = compat.accelerate(kind.client(live_server.add(scenario)))
    for how in ("accelerated", "events") * 2:
        stream = await settled(kind.request(client))
        async for _ in each(compat.events(stream) if how == "events" else stream):
            pass
    await closed(client)
    assert scenario.requests == 4
    assert scenario.connections == 1


# Clients ------------------------------------------------------------------------------------------


@in_loop
async def test_chats(gemini: Kind, live_server: LiveServer) -> None:
    blob = {"mimeType": "image/png", "data": LONG}
    body = frame(text("a")) + frame(part(inlineData=blob)) + frame(text("b"))
    url = live_server.add(Scenario(body))
    histories = []
    for accelerate in (lambda client: client, compat.accelerate):
        client = accelerate(gemini.client(url))
        chat = (client.aio if gemini.is_async else client).chats.create(model="m")
        stream = await settled(chat.send_message_stream("hi"))
        assert len([chunk async for chunk in each(stream)]) == 3
        histories.append(chat.get_history())
        await closed(client)
    assert histories[0] == histories[1]
    parts = [part for content in histories[1] for part in content.parts]
    assert [part.inline_data.data for part in parts if part.inline_data] == [base64.b64decode(LONG)]


@in_loop
async def test_functions_are_called(gemini: Kind, live_server: LiveServer) -> None:
    def lookup(data: str) -> str:
        """Looks a picture up."""
        called.append(data)
        return "a cat"

    call = part(functionCall={"name": "lookup", "args": {"data": LONG}})
    for how in ("sdk", "accelerated"):
        called: list[str] = []
        scenario = Scenario(frame(call))
        read = await outcome(
            gemini,
            live_server.add(scenario),
            how,
            config={"tools": [lookup], "automatic_function_calling": {"maximum_remote_calls": 2}},
        )
        assert read.error is None
        assert called == [LONG]
        assert scenario.requests == 2
        assert LONG.encode() in scenario.received[-1].body


@pytest.mark.parametrize("through", ["with_streaming_response", "with_raw_response"])
@in_loop
async def test_responses_of_interactions(
    interactions: Kind, live_server: LiveServer, through: str
) -> None:
    url = live_server.add(Scenario(b"".join(events_of(interactions, "a", "b")), cut=10))
    read = []
    for accelerate in (lambda client: client, compat.accelerate):
        client = accelerate(interactions.client(url))
        resource = (client.aio if interactions.is_async else client).interactions
        response = getattr(resource, through).create(model="m", input="hi", stream=True)
        if through == "with_streaming_response":
            async with entered(response) as response:
                stream = await settled(response.parse())
                read.append([event async for event in each(stream)])
        else:
            stream = await settled((await settled(response)).parse())
            read.append([event async for event in each(stream)])
        await closed(client)
    assert read[0] == read[1]
    assert len(read[1]) == 2


def test_all_keeps_its_class() -> None:
    client = genai.Client(api_key="key")
    assert compat.accelerate(client) is client
    assert compat.accelerate(client) is client
    assert isinstance(client, genai.Client)
    assert type(client).__name__ == "Client"
    assert isinstance(client.interactions, type(genai.Client(api_key="key").interactions))
    assert type(client.models) is type(genai.Client(api_key="key").models)
    client.close()


def test_other_clients_are_left_alone(live_server: LiveServer) -> None:
    kind = Kind("gemini", "sync")
    url = live_server.add(Scenario(b": comment\n\n" + events_of(kind, "a")[0]))
    clients = [kind.client(url) for _ in range(2)]
    compat.accelerate(clients[0])
    assert len(list(kind.request(clients[0]))) == 1
    with pytest.raises(genai.errors.UnknownApiResponseError):
        list(kind.request(clients[1]))
    for client in clients:
        client.close()


@pytest.mark.parametrize("argument", [None, genai.Client, "client"])
def test_what_is_no_client_is_refused(argument: Any) -> None:
    with pytest.raises(TypeError, match=r"expected a google\.genai\.Client, not "):
        compat.accelerate(argument)


def test_an_sdk_that_reads_in_another_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    client = genai.Client(api_key="key")
    api = type(client._api_client)
    monkeypatch.setattr(api, "_request_once", lambda self, request: None)
    with pytest.raises(TypeError, match=r"google-genai .* reads streams in another way"):
        compat.accelerate(client)
    assert "_generate_content_stream" not in vars(client.models)
    client.close()


def test_interactions_of_an_sdk_of_another_kind_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from google.genai._gaos.utils import eventstreaming

    from rapidsse.compat import _google_interactions

    client = compat.accelerate(genai.Client(api_key="key"))
    _google_interactions._subclass.cache_clear()
    monkeypatch.setattr(eventstreaming, "Stream", object)
    with pytest.warns(RuntimeWarning, match=r"google-genai .* they are left as they are"):
        resource = client.interactions
    assert not isinstance(resource, _google_interactions._Accelerated)
    client.close()


# What `events` refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize("argument", [None, [], iter(()), object()])
def test_what_is_no_stream_is_refused(argument: Any) -> None:
    with pytest.raises(TypeError, match=r"expected what client\.models\.generate_content_stream"):
        compat.events(argument)


@in_loop
async def test_streams_of_other_clients_and_streams_that_were_read(
    gemini: Kind, live_server: LiveServer
) -> None:
    url = live_server.add(Scenario(b"".join(events_of(gemini, "a", "b"))))
    for accelerated in (False, True):
        client = gemini.client(url)
        if accelerated:
            compat.accelerate(client)
        stream = await settled(gemini.request(client))
        if accelerated:
            await settled(anext(stream) if gemini.is_async else next(stream))
        with pytest.raises(TypeError, match="not accelerated, or has been read from"):
            async for _ in each(compat.events(stream)):
                pass
        await closed(client)
