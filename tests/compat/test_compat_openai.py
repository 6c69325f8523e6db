"""`rapidsse.compat.openai` against the official SDK, with real clients on a live server."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from openai_streams import (
    CHUNKS,
    DELTAS,
    DONE,
    GENERATED,
    PICTURES,
    call_for,
    chunk,
    decoded,
    delta,
    either_way,
    outcomes,
    typed,
)
from rapidsse import UnknownEvent
from rapidsse.compat import openai as compat
from samples import DEMO, corpus, sse
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
    each,
    entered,
    in_loop,
    installed,
    own_http,
    settled,
    tidied,
)

kind = pytest.fixture(params=chosen(OPENAI, own_http), ids=str, name="kind")(installed)
tidied = pytest.fixture(scope="module", autouse=True)(tidied)


def with_crlf(body: bytes) -> bytes:
    return body.replace(b"\n", b"\r\n")


def inside(body: bytes) -> list[int]:
    """Every position inside a CRLF or inside a character."""
    return [match.start() for match in re.finditer(rb"(?<=\r)(?=\n)|(?=[\x80-\xbf])", body)]


# Recorded streams ---------------------------------------------------------------------------------


def recorded() -> list[Path]:
    return [*sorted(corpus().glob("**/*.sse")), DEMO]


def small(paths: list[Path]) -> list[Path]:
    """One that has characters to cut, one of Chat Completions, one with a new kind of event."""
    names = {
        "test_agent_loop_streaming.1.sse",
        "test_streaming_tool_call_v1_v2_parity.0.sse",
        "test_apply_patch.1.sse",
    }
    return [path for path in paths if path.name in names]


class TheirEvents:
    """What the SDK gives for recorded streams, read once each."""

    def __init__(self, server: LiveServer) -> None:
        self._server = server
        self._known: dict[bytes, list[Any]] = {}

    async def of(self, body: bytes) -> list[Any]:
        if body not in self._known:
            url = self._server.add(Scenario(body))
            ((events, error, _),) = await OPENAI[0].outcomes(url, "sdk", call_for(body))
            assert error is None
            self._known[body] = events
        return self._known[body]


@pytest.fixture(scope="module")
def theirs(live_server: LiveServer) -> TheirEvents:
    return TheirEvents(live_server)


async def accelerated_reads(
    kind: Kind, client: Any, path: Path, url: str, theirs: TheirEvents
) -> None:
    """Asserts that what is made of the file at `url` reads like the file itself in the SDK."""
    body = path.read_bytes()
    read = await kind.read(client.with_options(base_url=url), "sdk", call_for(body))
    assert (path.name, read.error, read.is_closed) == (path.name, None, True)
    assert typed(read.events) == typed(await theirs.of(body)), path.name


@in_loop
async def test_an_accelerated_client_reads_what_the_sdk_reads(
    kind: Kind, live_server: LiveServer, theirs: TheirEvents
) -> None:
    async with kind.opened("http://127.0.0.1") as client:
        kind.compat.accelerate(client)
        for path in recorded():
            url = live_server.add(Scenario(path.read_bytes()))
            await accelerated_reads(kind, client, path, url, theirs)


@pytest.mark.parametrize("kind", OPENAI[:2], ids=str, indirect=True)
@pytest.mark.parametrize(
    ("cut", "chosen", "transformed"),
    [(1, small, bytes), (1024, list, bytes), (inside, list, with_crlf)],
    ids=["1", "1Ki", "inside"],
)
@in_loop
async def test_an_accelerated_client_reads_streams_cut_anywhere(
    kind: Kind,
    live_server: LiveServer,
    theirs: TheirEvents,
    cut: int | Callable[[bytes], list[int]],
    chosen: Callable[[list[Path]], list[Path]],
    transformed: Callable[[bytes], bytes],
) -> None:
    async with kind.opened("http://127.0.0.1") as client:
        kind.compat.accelerate(client)
        for path in chosen(recorded()):
            body = transformed(path.read_bytes())
            cuts = cut if isinstance(cut, int) else cut(body)
            url = live_server.add(Scenario(body, cut=cuts))
            await accelerated_reads(kind, client, path, url, theirs)


@pytest.mark.parametrize("cut", [1024, 65536])
@in_loop
async def test_events_are_those_of_the_file(kind: Kind, live_server: LiveServer, cut: int) -> None:
    async with kind.opened("http://127.0.0.1") as client:
        for path in recorded():
            body = path.read_bytes()
            copy = client.with_options(base_url=live_server.add(Scenario(body, cut=cut)))
            read = await kind.read(copy, "events", call_for(body))
            assert read == Outcome(decoded(call_for(body), body), None, True), path.name


# The three APIs -----------------------------------------------------------------------------------

BODIES = {RESPONSES: DELTAS, IMAGES: GENERATED, CHAT: CHUNKS}

every_api = pytest.mark.parametrize("call", BODIES, ids=lambda call: call.resource)


@every_api
@either_way
@in_loop
async def test_events_of_every_api(
    kind: Kind, live_server: LiveServer, call: Call, through: Through
) -> None:
    body = BODIES[call]
    scenario = Scenario(body, cut=65536 if call is IMAGES else 5)
    async with kind.opened(live_server.add(scenario)) as client:
        for _ in range(2):
            outcome = await kind.read(client, "events", call, through)
            assert outcome == Outcome(decoded(call, body), None, True)
            assert len(outcome.events) == 3
    # In particular behind [DONE], where the SDK gives the connection up in sync clients.
    assert (scenario.connections, scenario.requests) == (1, 2)


@in_loop
async def test_images_are_whole(kind: Kind, live_server: LiveServer) -> None:
    url = live_server.add(Scenario(GENERATED))
    ((events, _, _),) = await kind.outcomes(url, "events", IMAGES)
    assert [event.b64_json.decode() for event in events] == PICTURES
    assert [event.b64_json.media_type for event in events] == ["image/png"] * 3
    ((events, _, _),) = await kind.outcomes(url, "accelerated", IMAGES)
    assert [base64.b64decode(event.b64_json) for event in events] == PICTURES


@every_api
@in_loop
async def test_accelerated_clients_in_every_api(
    kind: Kind, live_server: LiveServer, call: Call
) -> None:
    url = live_server.add(Scenario(BODIES[call], cut=65536 if call is IMAGES else 5))
    sdk, accelerated, _ = await outcomes(kind, url, call)
    assert typed(accelerated.events) == typed(sdk.events)
    assert accelerated.error is None and accelerated.is_closed
    assert len(sdk.events) == 3


@in_loop
async def test_accelerated_clients_take_all_json_that_the_sdk_takes(
    kind: Kind, live_server: LiveServer
) -> None:
    values = [
        "NaN",
        "-Infinity",
        "1E400",
        "-0",
        "-0.0",
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827",
        r'"\ud83d"',
        r'"\ud83d\ude00\u0000\/"',
        '{"a": 1, "a": 2}',
        "[" * 500 + "]" * 500,
    ]
    body = sse(*(f'{{"type":"response.output_text.delta","delta":{value}}}' for value in values))
    sdk, accelerated, _ = await outcomes(kind, live_server.add(Scenario(body)))
    assert (sdk.error, accelerated.error) == (None, None)
    # The text tells 0 from -0.0, and takes one NaN for the other.
    assert [repr(event) for event in accelerated.events] == [repr(event) for event in sdk.events]
    assert len(sdk.events) == len(values)


THREAD = b"""event: thread.created
data: {"id":"thread_1","object":"thread"}

event: thread.message.delta
data: {"id":"msg_1","object":"thread.message.delta","delta":{"content":[]}}

event: done
data: [DONE]

"""


@in_loop
async def test_accelerated_clients_keep_the_names_of_events(
    kind: Kind, live_server: LiveServer
) -> None:
    """On which the SDK relies for the Assistants API."""
    call = Call("beta.threads", {"assistant_id": "a"}, "create_and_run")
    url = live_server.add(Scenario(THREAD))
    for how in ("sdk", "accelerated"):
        with pytest.warns(DeprecationWarning):
            ((events, error, _),) = await kind.outcomes(url, how, call)
        assert error is None
        assert [event.event for event in events] == ["thread.created", "thread.message.delta"]


PING = {"type": "ping"}


@pytest.mark.parametrize("first", [PING, {"type": "ping", "object": ""}, {"type": "x", "id": 1}])
@every_api
@either_way
@in_loop
async def test_streams_that_begin_with_anything(
    kind: Kind, live_server: LiveServer, call: Call, through: Through, first: Any
) -> None:
    """What the call asked for says what its events are: the first event may be any."""
    opening = sse(first)
    scenario = Scenario(opening + BODIES[call], cut=65536 if call is IMAGES else 5)
    async with kind.opened(live_server.add(scenario)) as client:
        events, error, is_closed = await kind.read(client, "events", call, through)
    assert (error, is_closed) == (None, True)
    assert events[1:] == decoded(call, BODIES[call])
    assert len(events) == 4


@in_loop
async def test_chunks_in_a_stream_of_typed_events(kind: Kind, live_server: LiveServer) -> None:
    body = sse(delta("é"), chunk("€"), PING, delta("𝄞"), chunk("a"))
    url = live_server.add(Scenario(body))
    ((events, error, _),) = await kind.outcomes(url, "events", RESPONSES)
    assert error is None
    kinds = [type(event).__name__ for event in events]
    assert kinds == [
        "ResponseTextDeltaEvent",
        "ChatCompletionChunk",
        "UnknownEvent",
        "ResponseTextDeltaEvent",
        "ChatCompletionChunk",
    ]
    assert events[1].choices[0].delta.content == "€"


# The end mark -------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [RESPONSES, CHAT], ids=["responses", "chat"])
@pytest.mark.parametrize("more", ["", "  trailing", "\ndata: more"], ids=["", "text", "line"])
@in_loop
async def test_what_stands_behind_the_end_mark_is_left_out(
    kind: Kind, live_server: LiveServer, call: Call, more: str
) -> None:
    event = chunk("é") if call is CHAT else delta("é")
    body = sse(event, f"[DONE]{more}", event, "not JSON")
    scenario = Scenario(body, cut=20)
    for sdk, accelerated, events in [await outcomes(kind, live_server.add(scenario), call)]:
        assert typed(accelerated.events) == typed(sdk.events)
        assert events == Outcome(decoded(call, sse(event)), None, True)
        assert len(sdk.events) == 1 and sdk.error is None


@pytest.mark.parametrize("call", [RESPONSES, CHAT], ids=["responses", "chat"])
@in_loop
async def test_the_end_mark_alone(kind: Kind, live_server: LiveServer, call: Call) -> None:
    url = live_server.add(Scenario(DONE))
    assert await outcomes(kind, url, call) == [([], None, True)] * 3


@pytest.mark.parametrize("more", [b"", b": more\n\n" * 1000], ids=["silent", "talking"])
@in_loop
async def test_a_server_that_sends_more_after_the_end_mark_is_not_awaited(
    kind: Kind, live_server: LiveServer, more: bytes
) -> None:
    size = len(CHUNKS)
    # Either a long silence, or half a minute of short ones.
    stall = {size + 8 * n: 0.03 for n in range(1000)} if more else {size: 20.0}
    scenario = Scenario(CHUNKS + more, stall=stall)
    async with kind.opened(live_server.add(scenario)) as client:
        for expected in (1, 2):
            start = time.monotonic()
            assert len((await kind.read(client, "events", CHAT)).events) == 3
            assert time.monotonic() - start < 3
            assert scenario.connections == expected
    scenario.resume()


# The unusual --------------------------------------------------------------------------------------


@in_loop
async def test_unknown_events(kind: Kind, live_server: LiveServer) -> None:
    body = sse(delta("é"), {"type": "response.new", "sequence_number": 7, "x": 1}, delta("€"))
    ((events, error, _),) = await kind.outcomes(live_server.add(Scenario(body)), "events")
    assert error is None
    unknown = events[1]
    assert isinstance(unknown, UnknownEvent)
    assert (unknown.type, unknown.sequence_number) == ("response.new", 7)


@in_loop
async def test_events_without_data(kind: Kind, live_server: LiveServer) -> None:
    """Comments and the like, which intermediaries send; the SDK itself fails on the last two."""
    empty = b": PROCESSING\n\nevent: ping\n\nid: 5\n\n"
    for call, body in ((RESPONSES, DELTAS), (CHAT, CHUNKS)):
        url = live_server.add(Scenario(empty + body.replace(b"\n\n", b"\n\n" + empty), cut=9))
        _, accelerated, events = await outcomes(kind, url, call)
        assert accelerated.error is None
        assert len(accelerated.events) == 3
        assert events == Outcome(decoded(call, body), None, True)


@in_loop
async def test_the_helpers_of_accelerated_clients(kind: Kind, live_server: LiveServer) -> None:
    """`client.chat.completions.stream` reads its events through the client's own stream."""
    url = live_server.add(Scenario(CHUNKS))
    read: list[Any] = []
    ways: list[Any] = [lambda client: client, kind.compat.accelerate]
    for accelerate in ways:
        async with kind.opened(url) as client:
            manager = accelerate(client).chat.completions.stream(**CHAT.arguments)
            async with entered(manager) as stream:
                events = [(event.type, event) async for event in each(stream)]
                completion = await settled(stream.get_final_completion())
        read.append((events, completion))
    assert read[0] == read[1]
    assert read[1][1].choices[0].message.content == "é€𝄞"


@pytest.mark.parametrize("name", ["AzureOpenAI", "AsyncAzureOpenAI"])
def test_clients_of_azure_are_accelerated(name: str) -> None:
    cls = getattr(pytest.importorskip("openai"), name)
    client = cls(api_key="key", api_version="1", azure_endpoint="http://127.0.0.1")
    assert compat.accelerate(client) is client
    assert type(client) is cls
