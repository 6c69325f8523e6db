"""Errors of the `openai` SDK: events that are errors, or do not decode."""

from __future__ import annotations

import json
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from openai_streams import (
    DELTAS,
    DONE,
    GENERATED,
    chunk,
    decoded,
    delta,
    either_way,
    image,
    outcomes,
    typed,
)
from rapidsse import DecodeError
from rapidsse import openai as ours
from samples import sse
from sdk_clients import (
    CHAT,
    IMAGES,
    OPENAI,
    RESPONSES,
    Call,
    Kind,
    Outcome,
    Through,
    chosen,
    in_loop,
    installed,
    own_http,
    tidied,
    told,
)

kind = pytest.fixture(params=chosen(OPENAI, own_http), ids=str, name="kind")(installed)
tidied = pytest.fixture(scope="module", autouse=True)(tidied)


ERRORS: list[Any] = [
    {"message": "Boom", "type": "server_error", "code": "overloaded", "param": "input"},
    {"message": "Boom €", "code": 502, "metadata": {"provider": "x"}},
    {"message": "", "code": "c"},
    {"message": 5},
    {"code": None},
    "text",
    ["list"],
    1,
    True,
    # Only the standard library's `json` takes these.
    {"message": "Boom", "retry_after": float("inf")},
    {"message": "Boom \ud83d"},
]


NO_ERRORS: list[Any] = [None, {}, "", [], 0, False]


FIRST_IMAGE = GENERATED[: GENERATED.index(b"\n\n") + 2]
LARGE = bytes(20_000)


def error_bodies(error: Any) -> dict[str, tuple[Call, bytes]]:
    """The ways that servers send an error along, each behind one good event."""
    typed_error = {"type": "error", "sequence_number": 1, "error": error}
    beside = chunk("", provider="x", error=error)
    alone = {"error": error}
    return {
        "Responses": (RESPONSES, sse(delta("é"), typed_error, delta("€"))),
        "Responses, alone": (RESPONSES, sse(delta("é"), alone)),
        "Responses, in an event": (RESPONSES, sse(delta("é"), delta("€", error=error))),
        "Images": (IMAGES, FIRST_IMAGE + sse(typed_error)),
        # The engine decodes image events by itself; not these.
        "Images, in an event": (IMAGES, FIRST_IMAGE + sse(image("completed", LARGE, error=error))),
        "Chat, beside choices": (CHAT, sse(chunk("é"), beside) + DONE),
        "Chat, alone": (CHAT, sse(chunk("é"), alone) + DONE),
    }


WAYS = list(error_bodies(None))


@pytest.mark.parametrize("way", WAYS)
@in_loop
async def test_an_error_event_raises_what_the_sdk_raises(
    kind: Kind, live_server: LiveServer, way: str
) -> None:
    for error in ERRORS if way == WAYS[0] else ERRORS[:2]:
        call, body = error_bodies(error)[way]
        sdk, accelerated, events = await outcomes(kind, live_server.add(Scenario(body)), call)
        assert type(sdk.error).__name__ == "APIError"
        assert told(accelerated.error) == told(sdk.error)
        assert told(events.error) == told(sdk.error)
        assert events.error is not None
        assert events.error.request.url == sdk.error.request.url
        assert typed(accelerated.events) == typed(sdk.events)
        assert events.events == decoded(call, body[: body.index(b"\n\n") + 2])
        assert len(sdk.events) == 1
        assert accelerated.is_closed and events.is_closed


@pytest.mark.parametrize("call", [RESPONSES, CHAT], ids=["responses", "chat"])
@in_loop
async def test_an_error_event_first_of_all(kind: Kind, live_server: LiveServer, call: Call) -> None:
    url = live_server.add(Scenario(sse({"error": ERRORS[0]})))
    sdk, accelerated, events = await outcomes(kind, url, call)
    assert type(sdk.error).__name__ == "APIError"
    assert told(events.error) == told(accelerated.error) == told(sdk.error)
    assert events.is_closed


@in_loop
async def test_an_empty_error_is_none(kind: Kind, live_server: LiveServer) -> None:
    for call, make in ((RESPONSES, delta), (CHAT, chunk)):
        body = sse(*(make("é", error=error) for error in NO_ERRORS))
        sdk, accelerated, events = await outcomes(kind, live_server.add(Scenario(body)), call)
        assert len(sdk.events) == len(NO_ERRORS)
        assert sdk.error is None
        assert typed(accelerated.events) == typed(sdk.events)
        assert events == Outcome(decoded(call, body), None, True)


@in_loop
async def test_an_error_deeper_inside_is_none(kind: Kind, live_server: LiveServer) -> None:
    error = {"code": "server_error", "message": "Boom"}
    body = sse(
        {"type": "response.failed", "response": {"id": "r", "error": error}},
        delta('an "error": {"message"}'),
    )
    url = live_server.add(Scenario(body))
    sdk, _, events = await outcomes(kind, url, RESPONSES)
    assert sdk.error is None
    assert events == Outcome(decoded(RESPONSES, body), None, True)
    assert events.events[0].response.error.message == "Boom"


@in_loop
async def test_an_error_event_without_an_error_member_is_an_event(
    kind: Kind, live_server: LiveServer
) -> None:
    error = {"type": "error", "code": "c", "message": "Boom", "param": None, "sequence_number": 1}
    url = live_server.add(Scenario(sse(delta("é"), error)))
    sdk, accelerated, events = await outcomes(kind, url, RESPONSES)
    for outcome in (sdk, accelerated, events):
        assert outcome.error is None
        event = outcome.events[1]
        assert type(event).__name__ == "ResponseErrorEvent"
        assert (event.type, event.code, event.message) == ("error", "c", "Boom")
    assert isinstance(events.events[1], ours.ResponseErrorEvent)
    assert typed(accelerated.events) == typed(sdk.events)


@pytest.mark.parametrize(
    ("bad", "kind_of_failure"),
    [
        ('{"type":"response.output_text.delta","delta":"x', "json"),
        ("not JSON", "json"),
        ('{"type":5}', "schema"),
        ('{"type":"error","error":"x" ', "json"),
    ],
)
@either_way
@in_loop
async def test_an_event_that_does_not_decode(
    kind: Kind, live_server: LiveServer, through: Through, bad: str, kind_of_failure: str
) -> None:
    import openai

    good = sse(delta("é"), delta("€"))
    scenario = Scenario(good + sse(bad, delta("𝄞")))
    async with kind.opened(live_server.add(scenario)) as client:
        events, error, is_closed = await kind.read(client, "events", RESPONSES, through)
    assert events == decoded(RESPONSES, good)
    assert isinstance(error, openai.APIResponseValidationError)
    cause = error.__cause__
    assert isinstance(cause, DecodeError)
    assert (cause.kind, cause.index, cause.data) == (kind_of_failure, 2, bad.encode())
    assert error.message == str(cause)
    assert error.body == bad.encode()
    assert error.response.status_code == 200
    assert is_closed


@in_loop
async def test_accelerated_clients_fail_on_bad_json_like_the_sdk(
    kind: Kind, live_server: LiveServer
) -> None:
    for bad in ('{"delta":"x', "not JSON", "[1] 2", "{'a': 1}"):
        url = live_server.add(Scenario(sse(delta("é"), bad)))
        sdk, accelerated, _ = await outcomes(kind, url, RESPONSES)
        assert isinstance(sdk.error, json.JSONDecodeError)
        assert told(accelerated.error)[:3] == told(sdk.error)[:3]
        assert typed(accelerated.events) == typed(sdk.events)
        assert accelerated.is_closed


@in_loop
async def test_a_last_event_cut_short(kind: Kind, live_server: LiveServer) -> None:
    import openai

    body = DELTAS[:-20]
    url = live_server.add(Scenario(body))
    sdk, accelerated, events = await outcomes(kind, url, RESPONSES)
    assert sdk.error is None
    assert (typed(accelerated.events), accelerated.error) == (typed(sdk.events), None)
    assert [event.delta for event in events.events] == ["é", "€"]
    assert isinstance(events.error, openai.APIResponseValidationError)
    assert isinstance(events.error.__cause__, DecodeError)
    assert events.error.__cause__.kind == "truncated"
    assert events.is_closed
