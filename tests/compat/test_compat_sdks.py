"""What the stand-ins for the SDKs share, with every kind of client on a live server."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from rapidsse import Decoder
from sdk_clients import (
    ANTHROPIC,
    OPENAI,
    How,
    Kind,
    Outcome,
    Through,
    chosen,
    each,
    in_loop,
    installed,
    own_http,
    response_of,
    settled,
    text_of,
    tidied,
    told,
)

KINDS = [*OPENAI, *ANTHROPIC]
SYNC = [kind for kind in KINDS if not kind.is_async]
ASYNC = [kind for kind in KINDS if kind.is_async]
HOWS: list[How] = ["sdk", "accelerated", "events"]
TEXTS = ["é", "€", "𝄞"]

either_way = pytest.mark.parametrize("through", ["create", "with_streaming_response"])


kind = pytest.fixture(params=chosen(KINDS, own_http), ids=str, name="kind")(installed)
sync_kind = pytest.fixture(params=chosen(SYNC, own_http), ids=str, name="sync_kind")(installed)
async_kind = pytest.fixture(params=chosen(ASYNC, own_http), ids=str, name="async_kind")(installed)
tidied = pytest.fixture(scope="module", autouse=True)(tidied)


def decoded(kind: Kind, body: bytes) -> list[Any]:
    union = "ResponseStreamEvent" if kind.sdk == "openai" else "RawMessageStreamEvent"
    decoder: Decoder[Any] = Decoder(getattr(kind.structs, union))
    return list(decoder.iter(body))


# Reading ------------------------------------------------------------------------------------------


@either_way
@pytest.mark.parametrize("accelerated", [False, True], ids=["", "accelerated"])
@in_loop
async def test_events_are_those_of_a_decoder(
    kind: Kind, live_server: LiveServer, through: Through, accelerated: bool
) -> None:
    body = b"".join(kind.texts(*TEXTS))
    scenario = Scenario(body, cut=7)
    async with kind.opened(live_server.add(scenario)) as client:
        if accelerated:
            kind.compat.accelerate(client)
        events, error, is_closed = await kind.read(client, through=through)
    assert (events, error, is_closed) == (decoded(kind, body), None, True)
    assert [text_of(event) for event in events] == TEXTS


@pytest.mark.parametrize("how", ["accelerated", "events"])
@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@in_loop
async def test_an_event_arrives_while_the_server_stalls(
    kind: Kind, live_server: LiveServer, how: How, gzip: bool
) -> None:
    first, *rest = kind.texts(*TEXTS)
    scenario = Scenario(b"".join((first, *rest)), stall={len(first): 10}, gzip=gzip)
    texts: list[str] = []
    async with kind.opened(live_server.add(scenario)) as client:
        if how == "accelerated":
            kind.compat.accelerate(client)
        stream = await settled(kind.text_call.send(client))
        async for event in each(kind.compat.events(stream) if how == "events" else stream):
            if not texts:
                assert scenario.sent == len(first)
                scenario.resume()
            texts.append(text_of(event))
    assert texts == TEXTS


@in_loop
async def test_an_empty_stream_has_no_events(kind: Kind, live_server: LiveServer) -> None:
    url = live_server.add(Scenario(b""))
    assert await kind.outcomes(url, "events") == [([], None, True)]


@pytest.mark.parametrize(
    "given", [None, b"data: 1\n\n", [b"data: 1\n\n"], SimpleNamespace(close=1)]
)
def test_events_of_anything_else_are_refused(kind: Kind, given: Any) -> None:
    with pytest.raises(TypeError, match=f"expected a stream.*not {type(given).__name__}"):
        kind.compat.events(given)


# Connections --------------------------------------------------------------------------------------


@either_way
@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
@in_loop
async def test_a_stream_read_to_its_end_leaves_its_connection_to_the_next(
    kind: Kind, live_server: LiveServer, through: Through, length: bool
) -> None:
    scenario = Scenario(b"".join(kind.texts(*TEXTS)), cut=50, length=length)
    async with kind.opened(live_server.add(scenario)) as client:
        for _ in range(3):
            assert len((await kind.read(client, through=through)).events) == 3
    assert (scenario.connections, scenario.requests) == (1, 3)


# Closing ------------------------------------------------------------------------------------------


def stalled(kind: Kind) -> Scenario:
    """The first of three events, and nothing more for as long as a test may take."""
    first, *rest = kind.texts(*TEXTS)
    return Scenario(b"".join((first, *rest)), stall={len(first): 10})


async def turns_of_the_loop() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@either_way
@in_loop
async def test_a_sync_stream_left_early_closes_at_once(
    sync_kind: Kind, live_server: LiveServer, through: Through
) -> None:
    scenario = stalled(sync_kind)
    async with (
        sync_kind.opened(live_server.add(scenario)) as client,
        sync_kind.asked(client, through) as stream,
    ):
        for _ in sync_kind.compat.events(stream):
            assert not response_of(stream).is_closed
            break
        assert response_of(stream).is_closed
    # Reading it to its end would have had to wait for the server's stall.
    assert scenario.sent < len(scenario.body)
    scenario.resume()


@either_way
@in_loop
async def test_an_async_stream_left_early_closes_when_the_loop_gets_to_it(
    async_kind: Kind, live_server: LiveServer, through: Through
) -> None:
    scenario = stalled(async_kind)
    async with (
        async_kind.opened(live_server.add(scenario)) as client,
        async_kind.asked(client, through) as stream,
    ):
        async for _ in async_kind.compat.events(stream):
            assert not response_of(stream).is_closed
            break
        await turns_of_the_loop()
        assert response_of(stream).is_closed
    assert scenario.sent < len(scenario.body)
    scenario.resume()


@either_way
@in_loop
async def test_an_async_stream_left_early_closes_at_once_with_aclosing(
    async_kind: Kind, live_server: LiveServer, through: Through
) -> None:
    scenario = stalled(async_kind)
    async with (
        async_kind.opened(live_server.add(scenario)) as client,
        async_kind.asked(client, through) as stream,
    ):
        async with aclosing(async_kind.compat.events(stream)) as events:
            async for _ in events:
                break
        assert response_of(stream).is_closed
    assert scenario.sent < len(scenario.body)
    scenario.resume()


@either_way
@in_loop
async def test_an_error_of_the_caller_closes(
    kind: Kind, live_server: LiveServer, through: Through
) -> None:
    scenario = stalled(kind)
    async with (
        kind.opened(live_server.add(scenario)) as client,
        kind.asked(client, through) as stream,
    ):
        with pytest.raises(ZeroDivisionError):
            if kind.is_async:
                async for _ in kind.compat.events(stream):
                    raise ZeroDivisionError
            else:
                for _ in kind.compat.events(stream):
                    raise ZeroDivisionError
        # The traceback, and with it the generator, are gone by now.
        await turns_of_the_loop()
        assert response_of(stream).is_closed
    assert scenario.sent < len(scenario.body)
    scenario.resume()


@either_way
@in_loop
async def test_a_cancelled_task_closes(
    async_kind: Kind, live_server: LiveServer, through: Through
) -> None:
    scenario = stalled(async_kind)
    got_one = asyncio.Event()

    async def consume(stream: Any) -> None:
        async for _ in async_kind.compat.events(stream):
            got_one.set()

    async with (
        async_kind.opened(live_server.add(scenario)) as client,
        async_kind.asked(client, through) as stream,
    ):
        task = asyncio.create_task(consume(stream))
        await got_one.wait()
        await turns_of_the_loop()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert response_of(stream).is_closed
    assert scenario.sent < len(scenario.body)
    scenario.resume()


@in_loop
async def test_a_stream_can_be_left_before_it_is_read(kind: Kind, live_server: LiveServer) -> None:
    scenario = stalled(kind)
    async with kind.opened(live_server.add(scenario)) as client, kind.asked(client) as stream:
        kind.compat.events(stream)
        await settled(stream.close())
        assert stream.response.is_closed
    scenario.resume()


# Failures of the connection -----------------------------------------------------------------------


def compared(kind: Kind, outcomes: list[Outcome], body: bytes) -> None:
    """Asserts that all of `HOWS` gave what is in `body`, then failed in the same way."""
    sdk, accelerated, events = outcomes
    assert sdk.error is not None
    assert told(accelerated.error) == told(sdk.error)
    assert told(events.error) == told(sdk.error)
    assert accelerated.events == sdk.events
    assert events.events == decoded(kind, body)
    assert [text_of(event) for event in events.events] == [text_of(event) for event in sdk.events]
    assert accelerated.is_closed and events.is_closed


@in_loop
async def test_silence_fails_as_in_the_sdk(kind: Kind, live_server: LiveServer) -> None:
    first, *rest = kind.texts(*TEXTS)
    between, within = len(first), len(first) + 20
    scenarios = [Scenario(b"".join((first, *rest)), stall={at: 10}) for at in (between, within)]
    # All side by side, as each of them waits.
    threads = [
        asyncio.to_thread(asyncio.run, kind.outcomes(url, how, silence=1))
        for url in map(live_server.add, scenarios)
        for how in HOWS
    ]
    outcomes = [outcome for (outcome,) in await asyncio.gather(*threads)]
    for scenario in scenarios:
        scenario.resume()
    for three in (outcomes[:3], outcomes[3:]):
        compared(kind, three, first)
        assert type(three[0].error).__name__ in ("APITimeoutError", "ReadTimeout")


@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
@pytest.mark.parametrize("more", [0, 20], ids=["between", "within"])
@in_loop
async def test_a_dropped_connection_fails_as_in_the_sdk(
    kind: Kind, live_server: LiveServer, length: bool, more: int
) -> None:
    first, second, third = kind.texts(*TEXTS)
    whole = first + second
    scenario = Scenario(whole + third, drop=len(whole) + more, length=length)
    url = live_server.add(scenario)
    outcomes = [outcome for how in HOWS for outcome in await kind.outcomes(url, how)]
    compared(kind, outcomes, whole)
    assert type(outcomes[0].error).__name__ in ("APIConnectionError", "RemoteProtocolError")


@in_loop
async def test_a_connection_dropped_before_the_first_event(
    kind: Kind, live_server: LiveServer
) -> None:
    body = kind.texts("é")[0]
    url = live_server.add(Scenario(body, drop=5))
    outcomes = [outcome for how in HOWS for outcome in await kind.outcomes(url, how)]
    compared(kind, outcomes, b"")


# Accelerated clients ------------------------------------------------------------------------------


@in_loop
async def test_accelerate_returns_the_client_as_it_was(kind: Kind) -> None:
    async with kind.opened("http://127.0.0.1") as client:
        cls = type(client)
        assert kind.compat.accelerate(client) is client
        assert type(client) is cls
        assert kind.compat.accelerate(client) is client


async def is_accelerated(kind: Kind, client: Any) -> bool:
    """Tells by a comment that is no UTF-8, at which the SDK's own decoder fails."""
    outcome = await kind.read(client, "sdk")
    assert len(outcome.events) == 2
    return outcome.error is None


@in_loop
async def test_accelerate_is_for_one_client_and_its_copies(
    kind: Kind, live_server: LiveServer
) -> None:
    broken = live_server.add(Scenario(b"".join(kind.texts("a", "b")) + b": \xff\n\n"))
    async with kind.opened(broken) as client, kind.opened(broken) as other:
        before = client.with_options(timeout=5)
        kind.compat.accelerate(client)
        copies = [client, client.with_options(timeout=5), client.copy(), client.copy().copy()]
        for accelerated in copies:
            assert type(accelerated) is type(client)
            assert await is_accelerated(kind, accelerated)
        assert copies[1].timeout == 5
        assert copies[1].base_url == client.base_url
        for untouched in (before, other):
            assert not await is_accelerated(kind, untouched)
    async with kind.opened(broken) as later:
        assert not await is_accelerated(kind, later)


def refusal(kind: Kind, client: Any) -> Any:
    common = kind.name.removeprefix("Async")
    return pytest.raises(
        TypeError,
        match=f"expected a client .* event streams, as {common} does, not {type(client).__name__}",
    )


def test_only_clients_of_the_sdk_are_accelerated(kind: Kind) -> None:
    for other in (None, object(), import_module(kind.sdk), type(kind)):
        with refusal(kind, other):
            kind.compat.accelerate(other)


@in_loop
async def test_clients_of_another_sdk_are_refused(kind: Kind) -> None:
    other = OPENAI[0] if kind.sdk == "anthropic" else ANTHROPIC[0]
    pytest.importorskip(other.sdk)
    async with other.opened("http://127.0.0.1") as client:
        with refusal(kind, client):
            kind.compat.accelerate(client)
        assert "_make_sse_decoder" not in vars(client)


@in_loop
async def test_a_client_with_a_decoder_of_its_own_keeps_it(kind: Kind) -> None:
    async with kind.opened("http://127.0.0.1") as client:
        cls = type("Own", (type(client),), {"_make_sse_decoder": lambda self: None})
        own = cls(api_key="key", http_client=client._client)
        with refusal(kind, own):
            kind.compat.accelerate(own)
        assert "_make_sse_decoder" not in vars(own)
