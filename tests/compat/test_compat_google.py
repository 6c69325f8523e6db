"""`rapidsse.compat.google` against the official SDK, with real clients on a live server."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest

from google_clients import (
    KINDS,
    LONG,
    WARNINGS_OF_THE_SDK,
    Kind,
    Outcome,
    both,
    delta,
    events_of,
    frame,
    genai,
    installed,
    on_both,
    one_certificate,
    outcome,
    part,
    text,
    told,
)
from live_server import LiveServer, Scenario
from made_streams import STREAMS, encoded
from rapidsse import Base64, DecodeError, Decoder, UnknownEvent
from rapidsse import google as ours
from sdk_clients import (
    chosen,
    in_loop,
    tidied,
)

tidied = pytest.fixture(scope="module", autouse=True)(tidied)
one_certificate = pytest.fixture(scope="module", autouse=True)(one_certificate)
kind = pytest.fixture(params=chosen(KINDS, on_both), ids=str, name="kind")(installed)
gemini = pytest.fixture(params=chosen(KINDS[:4], on_both), ids=str, name="gemini")(installed)
interactions = pytest.fixture(params=chosen(KINDS[4:], on_both), ids=str, name="interactions")(
    installed
)
pytestmark = WARNINGS_OF_THE_SDK


DECODERS: dict[str, Decoder[Any]] = {
    "gemini": Decoder(ours.GenerateContentResponse),
    "interactions": Decoder(ours.InteractionSSEEvent),
}


# Whole streams ------------------------------------------------------------------------------------


def cuts(body: bytes) -> dict[str, Any]:
    inside = re.finditer(rb"(?<=\r)(?=\n)|(?=[\x80-\xbf])", body)
    return {"1Ki": 1024, "inside": [match.start() for match in inside]}


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
