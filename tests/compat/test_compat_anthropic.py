"""`rapidsse.compat.anthropic` against the official SDK, with real clients on a live server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from rapidsse import DecodeError, Decoder, UnknownEvent
from rapidsse import anthropic as ours
from rapidsse.compat import anthropic as compat
from sdk_clients import (
    ANTHROPIC,
    MESSAGES,
    Call,
    How,
    Kind,
    Outcome,
    Through,
    each,
    entered,
    in_loop,
    installed,
    settled,
    text_event,
    text_of,
    tidied,
    told,
)

DECODER: Decoder[Any] = Decoder(ours.RawMessageStreamEvent)
HOWS: list[How] = ["sdk", "accelerated", "events"]
BETA = Call("beta.messages", MESSAGES.arguments)

# One stream after the other; the last of them ends in an error.
STREAMS = (Path(__file__).parents[1] / "support" / "anthropic_messages.sse").read_bytes()
GOOD, _, ERROR = STREAMS.rpartition(b"event: error")
ERROR = b"event: error" + ERROR
FIRST = b"".join(GOOD.partition(b'{"type":"message_stop"}\n\n')[:2])

kind = pytest.fixture(params=ANTHROPIC, ids=str, name="kind")(installed)
tidied = pytest.fixture(scope="module", autouse=True)(tidied)

either_way = pytest.mark.parametrize("through", ["create", "with_streaming_response"])


def texts(*texts: str) -> bytes:
    return b"".join(text_event("anthropic", text) for text in texts)


def named(event: str, data: Any) -> bytes:
    """An event; a `str` is its data as it stands."""
    data = data if isinstance(data, str) else json.dumps(data)
    return f"event: {event}\ndata: {data}\n\n".encode()


def decoded(body: bytes) -> list[Any]:
    """The events of a body, without its pings."""
    return [event for event in DECODER.iter(body) if getattr(event, "type", None) != "ping"]


def typed(events: list[Any]) -> list[tuple[type, Any]]:
    return [(type(event), event) for event in events]


async def outcomes(kind: Kind, url: str, *calls: Call) -> list[Outcome]:
    """A stream in each of `HOWS`."""
    return [outcome for how in HOWS for outcome in await kind.outcomes(url, how, *calls)]


# Whole streams ------------------------------------------------------------------------------------


def bodies() -> dict[str, tuple[bytes, Any]]:
    crlf = GOOD.replace(b"\n", b"\r\n")
    inside = re.finditer(rb"(?<=\r)(?=\n)|(?=[\x80-\xbf])", crlf)
    return {
        "1": (FIRST, 1),
        "1Ki": (GOOD, 1024),
        "64Ki": (GOOD, 65536),
        "inside": (crlf, [match.start() for match in inside]),
    }


@pytest.mark.parametrize(("body", "cut"), bodies().values(), ids=bodies())
@in_loop
async def test_streams_cut_anywhere(
    kind: Kind, live_server: LiveServer, body: bytes, cut: Any
) -> None:
    url = live_server.add(Scenario(body, cut=cut))
    for call in (MESSAGES, BETA):
        sdk, accelerated, events = await outcomes(kind, url, call)
        assert typed(accelerated.events) == typed(sdk.events)
        assert (sdk.error, accelerated.error) == (None, None)
        assert events == Outcome(decoded(body), None, True)
        assert len(events.events) == len(sdk.events) > 5


def test_the_streams_hold_what_is_told_apart() -> None:
    assert b"event: ping" in FIRST
    assert FIRST.endswith(b"\n\n") and GOOD.startswith(FIRST)
    assert re.search(rb"[\x80-\xbf]", FIRST)


@either_way
@in_loop
async def test_events_leave_the_connection_to_the_next(
    kind: Kind, live_server: LiveServer, through: Through
) -> None:
    scenario = Scenario(FIRST, cut=100)
    async with kind.opened(live_server.add(scenario)) as client:
        for _ in range(2):
            read = await kind.read(client, "events", through=through)
            assert read == Outcome(decoded(FIRST), None, True)
    assert scenario.connections == 1


# Pings and new events -----------------------------------------------------------------------------


@in_loop
async def test_pings_are_left_out(kind: Kind, live_server: LiveServer) -> None:
    pings = named("ping", {"type": "ping"}) + named("ping", "") + b"event: ping\n\n"
    body = pings + texts("a") + pings + texts("b") + pings
    sdk, accelerated, events = await outcomes(kind, live_server.add(Scenario(body)))
    assert [text_of(event) for event in events.events] == ["a", "b"]
    assert typed(accelerated.events) == typed(sdk.events)
    assert (sdk.error, accelerated.error, events.error) == (None, None, None)
    assert len(sdk.events) == 2


@in_loop
async def test_events_without_names_are_known_by_their_types(
    kind: Kind, live_server: LiveServer
) -> None:
    """The SDK leaves all of them out."""
    nameless = re.sub(rb"event: .*\r?\n", b"", FIRST)
    ((events, error, _),) = await kind.outcomes(live_server.add(Scenario(nameless)), "events")
    assert (events, error) == (decoded(FIRST), None)
    nameless += re.sub(rb"event: .*\r?\n", b"", ERROR)
    ((events, error, _),) = await kind.outcomes(live_server.add(Scenario(nameless)), "events")
    assert type(error).__name__ == "APIStatusError"
    assert events == decoded(FIRST)


@in_loop
async def test_unknown_events(kind: Kind, live_server: LiveServer) -> None:
    new = {"type": "message_pause", "reason": {"code": 7}}
    body = texts("a") + named("message_pause", new) + texts("b")
    sdk, accelerated, events = await outcomes(kind, live_server.add(Scenario(body)))
    assert events == Outcome(list(DECODER.iter(body)), None, True)
    assert isinstance(events.events[1], UnknownEvent)
    assert events.events[1].type == "message_pause"
    assert json.loads(bytes(events.events[1].raw)) == new
    assert typed(accelerated.events) == typed(sdk.events)


# Errors -------------------------------------------------------------------------------------------

OVERLOADED = {"type": "overloaded_error", "message": "Overloaded €"}


@pytest.mark.parametrize(
    "data",
    [
        {"type": "error", "error": OVERLOADED, "request_id": "req_1"},
        {"type": "error", "error": None},
        {"error": OVERLOADED},
        {},
        [1],
        "null",
        "no JSON",
        '{"type": "error", "error": {"message": "cut short',
    ],
    ids=json.dumps,
)
@in_loop
async def test_an_error_event_raises_what_the_sdk_raises(
    kind: Kind, live_server: LiveServer, data: Any
) -> None:
    body = texts("a") + named("error", data) + texts("b")
    sdk, accelerated, events = await outcomes(kind, live_server.add(Scenario(body)))
    assert type(sdk.error).__name__ == "APIStatusError"
    assert told(accelerated.error) == told(sdk.error)
    assert told(events.error) == told(sdk.error)
    assert events.error is not None
    assert events.error.response.status_code == 200
    assert typed(accelerated.events) == typed(sdk.events)
    assert events.events == decoded(texts("a"))
    assert len(sdk.events) == 1
    assert accelerated.is_closed and events.is_closed


@either_way
@in_loop
async def test_a_stream_that_ends_in_an_error(
    kind: Kind, live_server: LiveServer, through: Through
) -> None:
    import anthropic

    url = live_server.add(Scenario(FIRST + ERROR))
    async with kind.opened(url) as client:
        events, error, is_closed = await kind.read(client, through=through)
    assert events == decoded(FIRST)
    assert isinstance(error, anthropic.APIStatusError)
    assert isinstance(error.body, dict)
    assert error.body["error"]["message"] == "Overloaded"
    assert is_closed


@in_loop
async def test_an_error_without_data_in_accelerated_clients(
    kind: Kind, live_server: LiveServer
) -> None:
    for error in (b"event: error\n\n", b"event: error\ndata:\n\n"):
        sdk, accelerated, _ = await outcomes(kind, live_server.add(Scenario(FIRST + error)))
        assert type(sdk.error).__name__ == "APIStatusError"
        assert told(accelerated.error) == told(sdk.error)
        assert typed(accelerated.events) == typed(sdk.events)


@in_loop
async def test_an_error_event_first_of_all(kind: Kind, live_server: LiveServer) -> None:
    sdk, accelerated, events = await outcomes(kind, live_server.add(Scenario(ERROR)))
    assert told(events.error) == told(accelerated.error) == told(sdk.error) != ()
    assert (events.events, events.is_closed) == ([], True)


@pytest.mark.parametrize(
    ("bad", "kind_of_failure"),
    [
        ('{"type":"content_block_stop","index":', "json"),
        ("not JSON", "json"),
        ('{"type":7}', "schema"),
    ],
)
@either_way
@in_loop
async def test_an_event_that_does_not_decode(
    kind: Kind, live_server: LiveServer, through: Through, bad: str, kind_of_failure: str
) -> None:
    import anthropic

    url = live_server.add(Scenario(texts("a", "b") + named("content_block_stop", bad) + texts("c")))
    async with kind.opened(url) as client:
        events, error, is_closed = await kind.read(client, through=through)
    assert events == decoded(texts("a", "b"))
    assert isinstance(error, anthropic.APIResponseValidationError)
    cause = error.__cause__
    assert isinstance(cause, DecodeError)
    assert (cause.kind, cause.index, cause.event) == (kind_of_failure, 2, "content_block_stop")
    assert error.message == str(cause)
    assert error.body == cause.data == bad.encode()
    assert is_closed


@in_loop
async def test_accelerated_clients_fail_on_bad_json_like_the_sdk(
    kind: Kind, live_server: LiveServer
) -> None:
    for bad in ('{"type":"x', "not JSON", "[1] 2"):
        body = texts("a") + named("content_block_stop", bad)
        sdk, accelerated, _ = await outcomes(kind, live_server.add(Scenario(body)))
        assert isinstance(sdk.error, json.JSONDecodeError)
        assert told(accelerated.error)[:3] == told(sdk.error)[:3]
        assert typed(accelerated.events) == typed(sdk.events)
        assert accelerated.is_closed


# Clients ------------------------------------------------------------------------------------------


@in_loop
async def test_the_helpers_of_accelerated_clients(kind: Kind, live_server: LiveServer) -> None:
    """`client.messages.stream` reads its events through the client's own stream."""
    url = live_server.add(Scenario(FIRST, cut=100))
    read: list[Any] = []
    ways: list[Any] = [lambda client: client, compat.accelerate]
    for accelerate in ways:
        async with kind.opened(url) as client:
            manager = accelerate(client).messages.stream(**MESSAGES.arguments)
            async with entered(manager) as stream:
                events = [(event.type, event) async for event in each(stream)]
                message = await settled(stream.get_final_message())
        read.append((events, message))
    assert read[0] == read[1]
    assert read[1][1].content[0].text.startswith("Guten  Tag: naïve café")


@pytest.mark.parametrize("name", ["AnthropicBedrock", "AsyncAnthropicBedrock"])
def test_clients_of_bedrock_are_refused(name: str) -> None:
    cls = getattr(pytest.importorskip("anthropic"), name)
    client = cls(aws_region="us-east-1")
    with pytest.raises(TypeError, match=f"expected a client .* as Anthropic does, not {name}"):
        compat.accelerate(client)
    assert "_make_sse_decoder" not in vars(client)


@pytest.mark.parametrize("name", ["AnthropicVertex", "AsyncAnthropicVertex"])
def test_clients_of_clouds_that_stream_events_are_accelerated(name: str) -> None:
    cls = getattr(pytest.importorskip("anthropic"), name)
    client = cls(region="r", project_id="p")
    assert compat.accelerate(client) is client
    assert type(client) is cls
