"""`rapidsse.compat.google`: streams that are left early, the kinds of clients, and what `events` refuses."""

from __future__ import annotations

import asyncio
import base64
import gc
from random import Random
from typing import Any

import pytest

from google_clients import (
    KINDS,
    LONG,
    WARNINGS_OF_THE_SDK,
    Kind,
    closed,
    events_of,
    frame,
    genai,
    installed,
    on_both,
    one_certificate,
    outcome,
    part,
    text,
)
from live_server import LiveServer, Scenario
from made_streams import STREAMS
from rapidsse.compat import google as compat
from sdk_clients import (
    chosen,
    each,
    entered,
    in_loop,
    settled,
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
