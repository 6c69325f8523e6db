"""The real clients of libraries that `install` replaces, on a local server: with and without
rapidsse they deliver equal objects and the same errors, however the stream is cut, as soon as they
arrive, and leave nothing open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, closing
from typing import Any, NamedTuple

import httpx
import pytest

from live_server import LiveServer, Scenario
from swap_reading import installed, is_there

WORDS = ["Zwölf ", "€ ", "\U0001f980 ", "jagen"]


def body(payloads: list[Any], end: bytes = b"", name: str = "") -> bytes:
    """The payloads as events, with CRLF and letters of several bytes to be cut inside of."""
    head = f"event: {name}\r\n".encode() if name else b""
    lines = [json.dumps(payload, ensure_ascii=False).encode() for payload in payloads]
    return b": hello\r\n\r\n" + b"".join(
        head + b"data: " + line + b"\r\n\r\n" for line in [*lines, *([end] if end else [])]
    )


def chunks() -> list[dict[str, Any]]:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return [
        head | {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
        for word in WORDS
    ]


def deltas() -> list[dict[str, Any]]:
    return [
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": word}}}}
        for word in WORDS
    ]


def candidates() -> list[dict[str, Any]]:
    return [
        {"candidates": [{"content": {"parts": [{"text": word}], "role": "model"}, "index": 0}]}
        for word in WORDS
    ]


def steps() -> list[dict[str, Any]]:
    return [
        {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": word}}
        for word in WORDS
    ]


# Each makes a client, and yields the events of a request of a client.


def mistral(url: str) -> Any:
    from mistralai.client import Mistral

    return Mistral(api_key="none", server_url=url)


MESSAGES: Any = [{"role": "user", "content": "none"}]


def mistral_events(client: Any) -> Iterator[Any]:
    with client.chat.stream(model="m", messages=MESSAGES) as stream:
        yield from stream
    assert stream.response.is_closed


async def mistral_aevents(client: Any) -> AsyncIterator[Any]:
    async with await client.chat.stream_async(model="m", messages=MESSAGES) as stream:
        async for event in stream:
            yield event
    assert stream.response.is_closed


class Owner:
    """A client, and the HTTP client that is to be closed with it."""

    def __init__(self, client: Any, http: Any) -> None:
        self.client = client
        self.http = http

    def __enter__(self) -> Any:
        return self.client

    def __exit__(self, *_: object) -> None:
        self.http.close()

    async def __aenter__(self) -> Any:
        return self.client

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()


def cohere(url: str) -> Owner:
    import cohere

    http = httpx.Client()
    return Owner(cohere.ClientV2(api_key="none", base_url=url, httpx_client=http), http)


def acohere(url: str) -> Owner:
    import cohere

    http = httpx.AsyncClient()
    return Owner(cohere.AsyncClientV2(api_key="none", base_url=url, httpx_client=http), http)


def cohere_events(client: Any) -> Any:
    return client.chat_stream(model="m", messages=MESSAGES)


def langgraph(url: str) -> Any:
    from langgraph_sdk import get_sync_client

    return get_sync_client(url=url, api_key=None)


def alanggraph(url: str) -> Any:
    from langgraph_sdk import get_client

    return get_client(url=url, api_key=None)


def langgraph_events(client: Any) -> Any:
    return client.runs.stream(None, "agent", input={})


class A2A:
    """What its transport does, which needs an agent to talk to."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient()
        self._url = url

    async def __aenter__(self) -> Any:
        from a2a.client.transports.http_helpers import send_http_stream_request

        return lambda: send_http_stream_request(self._http, "POST", self._url)

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()


def a2a_events(send: Any) -> Any:
    return send()


class HTTPX2:
    def __init__(self, url: str, name: str) -> None:
        import httpx2

        self._client = getattr(httpx2, name)()
        self._url = url

    def __enter__(self) -> Any:
        self._client.__enter__()
        return lambda: self._client.sse(self._url)

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    async def __aenter__(self) -> Any:
        await self._client.__aenter__()
        return lambda: self._client.sse(self._url)

    async def __aexit__(self, *error: object) -> None:
        await self._client.__aexit__(*error)


def httpx2_events(sse: Any) -> Iterator[Any]:
    with sse() as source:
        yield from source
    assert source.response.is_closed


async def httpx2_aevents(sse: Any) -> AsyncIterator[Any]:
    async with sse() as source:
        async for event in source:
            yield event
    assert source.response.is_closed


def google(url: str, is_async: bool = False) -> Owner:
    from google import genai

    # Certificates take long to load. The SDK does not close what it is given.
    sync, aio = httpx.Client(verify=False), httpx.AsyncClient(verify=False)
    options: Any = {"base_url": url, "httpx_client": sync, "httpx_async_client": aio}
    client = genai.Client(api_key="none", http_options=options)
    return Owner(client, aio if is_async else sync)


def agoogle(url: str) -> Owner:
    return google(url, is_async=True)


def undated(chunk: Any) -> Any:
    """Without what differs from response to response."""
    chunk.sdk_http_response.headers.pop("date")
    return chunk


def gemini_events(client: Any) -> Iterator[Any]:
    with closing(client.models.generate_content_stream(model="m", contents="hi")) as stream:
        yield from map(undated, stream)


async def gemini_aevents(client: Any) -> AsyncIterator[Any]:
    stream = await client.aio.models.generate_content_stream(model="m", contents="hi")
    async with aclosing(stream):
        async for chunk in stream:
            yield undated(chunk)


def interactions_events(client: Any) -> Iterator[Any]:
    with client.interactions.create(model="m", input="hi", stream=True) as stream:
        yield from stream


async def interactions_aevents(client: Any) -> AsyncIterator[Any]:
    create = client.aio.interactions.create
    async with await create(model="m", input="hi", stream=True) as stream:
        async for event in stream:
            yield event


MISTRAL = body(chunks(), b"[DONE]")
COHERE = body(deltas(), b"[DONE]")
LANGGRAPH = body([{"text": word} for word in WORDS], name="values")
A2A_BODY = body([{"text": word} for word in [*WORDS, "\u2028"]]).replace("\u2028".encode(), b"")
# The SDK fails on a comment.
GEMINI = body(candidates()).partition(b"\r\n\r\n")[2]
INTERACTIONS = body(steps(), b"[DONE]")


class Swap(NamedTuple):
    library: str
    package: str
    client: Callable[[str], Any]
    events: Callable[[Any], Any]
    body: bytes
    is_async: bool = False

    def read(self, client: Any, count: int | None = None) -> list[Any]:
        """The events of a request, or the first ones, after which the stream is closed."""
        found: list[Any] = []
        with closing(self.events(client)) as events:
            for event in events:
                found.append(event)
                if len(found) == count:
                    break
        return found

    async def aread(self, client: Any, count: int | None = None) -> list[Any]:
        found: list[Any] = []
        async with aclosing(self.events(client)) as events:
            async for event in events:
                found.append(event)
                if len(found) == count:
                    break
        return found

    def reads(self, url: str, counts: tuple[int | None, ...] = (None,)) -> list[list[Any]]:
        """What several requests of one client yield, one after the other."""
        if not self.is_async:
            with self.client(url) as client:
                return [self.read(client, count) for count in counts]

        async def all_reads() -> list[list[Any]]:
            async with self.client(url) as client:
                return [await self.aread(client, count) for count in counts]

        return asyncio.run(all_reads())


def httpx2(url: str) -> HTTPX2:
    return HTTPX2(url, "Client")


def ahttpx2(url: str) -> HTTPX2:
    return HTTPX2(url, "AsyncClient")


SWAPS = {
    "mistralai, sync": Swap("mistralai", "mistralai.client", mistral, mistral_events, MISTRAL),
    "mistralai, async": Swap(
        "mistralai", "mistralai.client", mistral, mistral_aevents, MISTRAL, True
    ),
    "cohere, sync": Swap("cohere", "cohere", cohere, cohere_events, COHERE),
    "cohere, async": Swap("cohere", "cohere", acohere, cohere_events, COHERE, True),
    "langgraph, sync": Swap("langgraph", "langgraph_sdk", langgraph, langgraph_events, LANGGRAPH),
    "langgraph, async": Swap(
        "langgraph", "langgraph_sdk", alanggraph, langgraph_events, LANGGRAPH, True
    ),
    "a2a": Swap("a2a", "a2a", A2A, a2a_events, A2A_BODY, True),
    "httpx2, sync": Swap("httpx2", "httpx2", httpx2, httpx2_events, A2A_BODY),
    "httpx2, async": Swap("httpx2", "httpx2", ahttpx2, httpx2_aevents, A2A_BODY, True),
    "google, sync": Swap("google", "google.genai", google, gemini_events, GEMINI),
    "google, async": Swap("google", "google.genai", agoogle, gemini_aevents, GEMINI, True),
    "google, Interactions, sync": Swap(
        "google", "google.genai", google, interactions_events, INTERACTIONS
    ),
    "google, Interactions, async": Swap(
        "google", "google.genai", agoogle, interactions_aevents, INTERACTIONS, True
    ),
}

# The SDKs' own: cohere warns at its import, and the models of google-genai have deprecated fields.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]


@pytest.fixture(params=SWAPS.values(), ids=SWAPS)
def swap(request: pytest.FixtureRequest) -> Swap:
    swap: Swap = request.param
    if not is_there(swap.package):
        pytest.skip(f"{swap.package} is not installed")
    return swap


def first_event(stream: bytes) -> int:
    """Where the first event ends."""
    return stream.index(b"\r\n\r\n", stream.index(b"data:")) + 4


def test_streams_cut_anywhere(swap: Swap, live_server: LiveServer) -> None:
    stream = swap.body
    (theirs,) = swap.reads(live_server.add(Scenario(stream)))
    assert len(theirs) >= len(WORDS)
    assert any("Zwölf" in str(event) for event in theirs)
    inside_crlf = [place + 1 for place in range(200) if stream[place : place + 1] == b"\r"]
    with installed(swap.library):
        for cut in (65536, 1, 7, inside_crlf):
            (ours,) = swap.reads(live_server.add(Scenario(stream, cut=cut)))
            assert ours == theirs
            assert [event.__class__ for event in ours] == [event.__class__ for event in theirs]


def test_an_event_arrives_while_the_server_stalls(swap: Swap, live_server: LiveServer) -> None:
    (theirs,) = swap.reads(live_server.add(Scenario(swap.body)))
    scenario = Scenario(swap.body, stall={first_event(swap.body): 60})
    with installed(swap.library):
        # The server goes on when the test has ended.
        (ours,) = swap.reads(live_server.add(scenario), (1,))
    assert ours == theirs[:1]
    assert scenario.sent == first_event(swap.body)
    scenario.resume()


def test_a_connection_that_breaks(swap: Swap, live_server: LiveServer) -> None:
    """The same error, with and without rapidsse."""
    scenario = Scenario(swap.body, drop=len(swap.body) - 40)
    errors = []
    # The first is without effect: these clients do not use it.
    for replaced in ("sseclient", swap.library):
        with installed(replaced), pytest.raises(Exception) as caught:
            swap.reads(live_server.add(scenario))
        errors.append((caught.type, str(caught.value)))
    assert errors[0] == errors[1]


def test_connections_are_used_again(swap: Swap, live_server: LiveServer) -> None:
    scenario = Scenario(swap.body)
    with installed(swap.library):
        first, second, third = swap.reads(live_server.add(scenario), (None, None, None))
    assert len(first) == len(second) == len(third) >= len(WORDS)
    # Cohere's client leaves a stream at the mark that ends it, which is above what is replaced.
    assert scenario.connections == (3 if swap.library == "cohere" else 1)


def test_a_client_goes_on_after_a_stream_that_is_left_early(
    swap: Swap, live_server: LiveServer
) -> None:
    scenario = Scenario(swap.body)
    with installed(swap.library):
        first, second = swap.reads(live_server.add(scenario), (1, None))
    assert first == second[:1]
    assert len(second) >= len(WORDS)
