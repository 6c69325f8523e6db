"""`rapidsse.compat.httpx_sse` against httpx-sse, with clients of httpx and httpx2."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from rapidsse.compat import httpx_sse as ours
from samples import DEMO, corpus
from sdk_clients import each, entered, in_loop, tidied
from stream_reading import fields

tidied = pytest.fixture(scope="module", autouse=True)(tidied)

# With everything that the two agree on; what follows the first id is the harder half.
BODY = (
    ": a comment\n"
    "retry: 250\n"
    "\n"
    "data: é € 𝄞\n"
    "\n"
    "event: named\n"
    "data: two\n"
    "data:\n"
    "data:  lines\n"
    "unknown: field\n"
    "\n"
    "event: without data\n"
    "\n"
    'data: {"json": [1, 2.5, null, "é"]}\n'
    "id: 7\n"
    "\n"
    "data\n"
    "retry: soon\n"
    "\n"
    "event\n"
    "id: null\0\n"
    "data: later\n"
    "\n"
    "id\n"
    "\n"
    "data: last\n"
    "\n"
    "data: unfinished\n"
).encode()
COUNT = 8
JSON_EVENT = 4
FIRST = BODY.index(b"event: named")


@dataclass(frozen=True)
class Client:
    """A class of clients, and a library to connect them with."""

    http: str
    name: str

    def __str__(self) -> str:
        return f"{self.http}-{self.name}"

    @property
    def library(self) -> ModuleType:
        return import_module(self.http)

    def opened(self, silence: float = 10) -> Any:
        timeout = self.library.Timeout(10, read=silence)
        return entered(getattr(self.library, self.name)(timeout=timeout))

    @asynccontextmanager
    async def connected(
        self, client: Any, url: str, module: Any = ours, **kwargs: Any
    ) -> AsyncIterator[Any]:
        connect = module.connect_sse if self.name == "Client" else module.aconnect_sse
        async with entered(connect(client, "POST", url, **kwargs)) as source:
            yield source

    def iterated(self, source: Any) -> Any:
        return source.iter_sse() if self.name == "Client" else source.aiter_sse()

    async def read(self, client: Any, url: str, module: Any = ours) -> list[Any]:
        async with self.connected(client, url, module) as source:
            return [event async for event in each(self.iterated(source))]

    async def failure(
        self, url: str, module: Any = ours, *, silence: float = 10
    ) -> tuple[list[Any], Exception]:
        """What arrives, and the error that ends it."""
        events: list[Any] = []
        with pytest.raises(Exception) as raised:
            async with (
                self.opened(silence) as client,
                self.connected(client, url, module) as source,
            ):
                async for event in each(self.iterated(source)):
                    events.append(fields(event))
        return events, raised.value


CLIENTS = [Client(http, name) for http in ("httpx", "httpx2") for name in ("Client", "AsyncClient")]


@pytest.fixture(params=CLIENTS, ids=str)
def client(request: pytest.FixtureRequest) -> Client:
    pytest.importorskip(request.param.http)
    client: Client = request.param
    return client


@pytest.fixture
def theirs() -> Any:
    """httpx-sse, which knows clients of httpx, and takes those of httpx2 for such."""
    return pytest.importorskip("httpx_sse")


async def both(client: Client, theirs: Any, url: str) -> tuple[list[Any], list[Any]]:
    async with client.opened() as opened:
        expected = await client.read(opened, url, theirs)
        return await client.read(opened, url), expected


# Events -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("cut", [1, 65536, None], ids=["1", "64Ki", "inside"])
@in_loop
async def test_events_are_those_of_httpx_sse(
    client: Client, theirs: Any, live_server: LiveServer, end: str, cut: int | None
) -> None:
    body = BODY.replace(b"\n", end.encode())
    inside = re.finditer(rb"(?<=\r)(?=\n)|(?=[\x80-\xbf])", body)
    cuts = [match.start() for match in inside] if cut is None else cut
    got, expected = await both(client, theirs, live_server.add(Scenario(body, cut=cuts)))
    assert [fields(event) for event in got] == [fields(event) for event in expected]
    assert [repr(event) for event in got] == [repr(event) for event in expected]
    assert len(got) == COUNT


@in_loop
async def test_recorded_streams_read_like_in_httpx_sse(
    client: Client, theirs: Any, live_server: LiveServer
) -> None:
    for path in [*sorted(corpus().glob("**/*.sse")), DEMO]:
        url = live_server.add(Scenario(path.read_bytes(), cut=5000))
        got, expected = await both(client, theirs, url)
        got, expected = [fields(event) for event in got], [fields(event) for event in expected]
        assert got == expected, path.name


@in_loop
async def test_events_are_of_our_class_and_know_json(
    client: Client, live_server: LiveServer
) -> None:
    async with client.opened() as opened:
        events = await client.read(opened, live_server.add(Scenario(BODY)))
    assert {type(event) for event in events} == {ours.ServerSentEvent}
    assert events[JSON_EVENT].json() == {"json": [1, 2.5, None, "é"]}
    with pytest.raises(json.JSONDecodeError):
        events[1].json()


@in_loop
async def test_an_event_arrives_while_the_server_stalls(
    client: Client, live_server: LiveServer
) -> None:
    scenario = Scenario(BODY, stall={FIRST: 10})
    events: list[Any] = []
    async with (
        client.opened() as opened,
        client.connected(opened, live_server.add(scenario)) as source,
    ):
        async for event in each(client.iterated(source)):
            events.append(event)
            if len(events) == 2:
                assert scenario.sent == FIRST
                scenario.resume()
    assert events[1].data == "é € 𝄞"
    assert len(events) == COUNT


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
@pytest.mark.parametrize("charset", ["iso-8859-1", "ISO-8859-15", "utf-16-le", "utf8"])
@in_loop
async def test_the_encoding_of_the_header_is_honoured(
    client: Client, theirs: Any, live_server: LiveServer, charset: str, length: bool, gzip: bool
) -> None:
    body = "data: süß\n\nevent: ü\ndata: é\n\n".encode(charset)
    content_type = f"text/event-stream; charset={charset}"
    url = live_server.add(
        Scenario(body, cut=7, content_type=content_type, length=length, gzip=gzip)
    )
    got, expected = await both(client, theirs, url)
    assert [event.data for event in got] == ["süß", "é"]
    assert [fields(event) for event in got] == [fields(event) for event in expected]


# Requests -----------------------------------------------------------------------------------------


@in_loop
async def test_the_request_asks_for_events(client: Client, live_server: LiveServer) -> None:
    scenario = Scenario(BODY)
    url = live_server.add(scenario)
    headers = {"X-Mine": "1", "Accept": "text/html"}
    given: list[Any] = [headers, list(headers.items()), client.library.Headers(headers), None]
    async with client.opened() as opened:
        for one in given:
            async with client.connected(
                opened, f"{url}/x", headers=one, params={"q": "1"}, json={"stream": True}
            ) as source:
                assert source.response.status_code == 200
    assert headers == {"X-Mine": "1", "Accept": "text/html"}
    assert dict(given[2]) == {"x-mine": "1", "accept": "text/html"}
    for request in scenario.received:
        assert request.method == "POST"
        assert request.path.endswith("/x?q=1")
        assert request.headers["accept"] == "text/event-stream"
        assert request.headers["cache-control"] == "no-store"
        assert json.loads(request.body) == {"stream": True}
    assert [request.headers.get("x-mine") for request in scenario.received] == ["1"] * 3 + [None]


@in_loop
async def test_a_stream_read_to_its_end_leaves_its_connection_to_the_next(
    client: Client, live_server: LiveServer
) -> None:
    scenario = Scenario(BODY, cut=10)
    url = live_server.add(scenario)
    async with client.opened() as opened:
        for _ in range(3):
            assert len(await client.read(opened, url)) == COUNT
    assert (scenario.connections, scenario.requests) == (1, 3)


@in_loop
async def test_a_stream_left_early_is_closed(client: Client, live_server: LiveServer) -> None:
    scenario = Scenario(BODY, stall={FIRST: 10})
    async with client.opened() as opened:
        async with client.connected(opened, live_server.add(scenario)) as source:
            if client.name == "Client":
                for _ in source.iter_sse():
                    break
            else:
                async for _ in source.aiter_sse():
                    break
        assert source.response.is_closed
    # Reading it to its end would have had to wait for the server's stall.
    assert scenario.sent == FIRST
    scenario.resume()


@in_loop
async def test_an_iteration_that_is_closed_closes_what_it_reads(
    theirs: Any, live_server: LiveServer
) -> None:
    """At once, and not when the loop gets to it: httpx2 closes the response along with it."""
    client = Client("httpx2", "AsyncClient")
    for module in (theirs, ours):
        scenario = Scenario(BODY, stall={FIRST: 10})
        url = live_server.add(scenario)
        async with client.opened() as opened, client.connected(opened, url, module) as source:
            async with aclosing(source.aiter_sse()) as events:
                await anext(events)
            is_closed = source.response.is_closed
        assert is_closed or module is theirs
        scenario.resume()


@in_loop
async def test_an_error_of_the_caller_closes(client: Client, live_server: LiveServer) -> None:
    scenario = Scenario(BODY, stall={FIRST: 10})
    async with client.opened() as opened:
        with pytest.raises(ZeroDivisionError):
            async with client.connected(opened, live_server.add(scenario)) as source:
                async for _ in each(client.iterated(source)):
                    raise ZeroDivisionError
        assert source.response.is_closed
    assert scenario.sent == FIRST
    scenario.resume()


@in_loop
async def test_a_cancelled_task_closes(live_server: LiveServer) -> None:
    for client in (Client("httpx", "AsyncClient"), Client("httpx2", "AsyncClient")):
        scenario = Scenario(BODY, stall={FIRST: 10})
        url = live_server.add(scenario)
        sources: list[Any] = []
        async with client.opened() as opened:

            async def consume(client: Client, opened: Any, url: str, sources: list[Any]) -> None:
                async with client.connected(opened, url) as source:
                    async for _ in source.aiter_sse():
                        sources.append(source)

            task = asyncio.create_task(consume(client, opened, url, sources))
            while len(sources) < 2:
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert sources[0].response.is_closed
        assert scenario.sent == FIRST
        scenario.resume()


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["application/json", "text/html; charset=utf-8", ""])
@in_loop
async def test_another_content_type_is_an_error_of_the_library(
    client: Client, theirs: Any, live_server: LiveServer, content_type: str
) -> None:
    scenario = Scenario(b"{}", content_type=content_type)
    url = live_server.add(scenario)
    events, error = await client.failure(url)
    assert events == []
    assert type(error) is ours.SSEError
    assert isinstance(error, client.library.TransportError)
    _, expected = await client.failure(url, theirs)
    assert type(expected).__name__ == type(error).__name__
    assert str(error) == str(expected)


@pytest.mark.parametrize("content_type", ["text/event-stream", "text/event-stream;charset=utf-8"])
@in_loop
async def test_event_streams_are_recognised_by_their_media_type(
    client: Client, live_server: LiveServer, content_type: str
) -> None:
    async with client.opened() as opened:
        url = live_server.add(Scenario(BODY, content_type=content_type))
        assert len(await client.read(opened, url)) == COUNT


def test_sse_error_is_of_both_libraries() -> None:
    for library in ("httpx", "httpx2"):
        assert issubclass(ours.SSEError, pytest.importorskip(library).TransportError)
    with pytest.raises(ours.SSEError, match="gone"):
        raise ours.SSEError("gone")


@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
@in_loop
async def test_a_dropped_connection_fails_as_in_httpx_sse(
    client: Client, theirs: Any, live_server: LiveServer, length: bool
) -> None:
    url = live_server.add(Scenario(BODY, drop=FIRST + 5, length=length))
    events, error = await client.failure(url)
    expected_events, expected = await client.failure(url, theirs)
    assert events == expected_events
    assert len(events) == 2
    assert (type(error), str(error)) == (type(expected), str(expected))
    assert type(error) is client.library.RemoteProtocolError


@in_loop
async def test_silence_fails_as_in_the_library(client: Client, live_server: LiveServer) -> None:
    scenario = Scenario(BODY, stall={FIRST + 5: 10})
    events, error = await client.failure(live_server.add(scenario), silence=1)
    assert len(events) == 2
    assert type(error) is client.library.ReadTimeout
    scenario.resume()


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))]
)
def test_an_event_keeps_its_class_when_it_is_copied(again: Any) -> None:
    event = ours.ServerSentEvent("a", '{"b":1}', "c", 3)
    copied = again(event)
    assert type(copied) is ours.ServerSentEvent
    assert repr(copied) == repr(event)
    assert copied.json() == {"b": 1}


@pytest.mark.parametrize("is_async", [False, True])
def test_a_transport_may_use_its_buffer_again(is_async: bool) -> None:
    """Large events refer to their chunks until somebody asks for the bytes."""
    httpx = import_module("httpx")
    text = "clean 0,1 " * 1000
    data = f"data: {text}\n\ndata: next\n\n".encode()

    def chunks() -> Iterator[bytearray]:
        buffer = bytearray()
        for at in range(0, len(data), 2000):
            buffer[:] = data[at : at + 2000]
            yield buffer
            buffer[:] = b"Z" * len(buffer)

    class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytearray]:
            return chunks()

        async def __aiter__(self) -> AsyncIterator[bytearray]:
            for chunk in chunks():
                yield chunk

    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Stream())
    source = ours.EventSource(response)

    async def read() -> list[Any]:
        return [event async for event in source.aiter_sse()]

    events = asyncio.run(read()) if is_async else list(source.iter_sse())
    assert [event.data for event in events] == [text, "next"]


def test_events_can_be_closed_as_those_of_a_generator() -> None:
    import httpx
    import httpx_sse as theirs

    stages: list[list[Any]] = []
    for module in (theirs, ours):
        body = [b"data: a\n\ndata: b\n\ndata: c\n\ndata: d\n\n", b"data: e\n\n"]
        headers = {"content-type": "text/event-stream"}
        response = httpx.Response(200, headers=headers, content=iter(body))
        events: Any = module.EventSource(response).iter_sse()
        assert isinstance(events, Iterator)
        seen = [next(events).data]
        # A loop that is left goes on in the next one.
        for event in events:
            seen.append(event.data)
            break
        seen += [event.data for event, _ in zip(events, "c", strict=False)]
        events.close()
        events.close()
        assert list(events) == []
        assert next(events, None) is None
        # That is left to the block of `connect_sse`.
        assert not response.is_closed
        stages.append(seen)
    assert stages == [["a", "b", "c"]] * 2


def test_events_that_are_closed_end_a_loop_over_them() -> None:
    import httpx
    import httpx_sse as theirs

    for module in (theirs, ours):
        headers = {"content-type": "text/event-stream"}
        response = httpx.Response(200, headers=headers, content=iter([b"data: a\n\n" * 4]))
        events: Any = module.EventSource(response).iter_sse()
        seen = 0
        for _ in events:
            seen += 1
            if seen == 2:
                events.close()
        assert seen == 2
