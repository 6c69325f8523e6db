"""The recipes in `examples/`, with their libraries, against a live server."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from rapidsse import Decoder, aiter_sse, iter_sse, openai
from samples import DEMO, ROOT, corpus

TYPED: Decoder[Any] = Decoder(openai.ResponseStreamEvent)
CHAT: Decoder[Any] = Decoder(openai.ChatCompletionChunk)
FRAMES = SimpleNamespace(iter=iter_sse, aiter=aiter_sse)

TEXT = [
    f'data: {{"type":"response.output_text.delta","delta":"{text}"}}\r\n\r\n'.encode()
    for text in ("é", "€", "𝄞")
]
BODY = b"".join(TEXT)
FIRST = len(TEXT[0])


class Client:
    """Reads with a recipe, over one client of its library."""

    def __init__(self, library: str, client: str) -> None:
        module = pytest.importorskip(library)
        self.recipe = load(ROOT / "examples" / f"read_with_{library}.py")
        self.client = getattr(module, client)
        self.is_async = hasattr(self.client, "__aenter__")

    def read(self, urls: list[str], decoder: Any, taken: Callable[[Any], object]) -> None:
        """Hands every event to `taken`; a true answer leaves the stream there and then."""
        if self.is_async:
            asyncio.run(self._aread(urls, decoder, taken))
            return
        with self.client() as client:
            for url in urls:
                with self.recipe.opened(client, url, {"stream": True}) as body:
                    for event in decoder.iter(body):
                        if taken(event):
                            break

    async def _aread(self, urls: list[str], decoder: Any, taken: Callable[[Any], object]) -> None:
        async with self.client() as client:
            for url in urls:
                async with self.recipe.aopened(client, url, {"stream": True}) as body:
                    async for event in decoder.aiter(body):
                        if taken(event):
                            break

    def events(self, *urls: str, decoder: Any = TYPED) -> list[Any]:
        events: list[Any] = []
        self.read(list(urls), decoder, events.append)
        return events

    def main(self, url: str) -> None:
        if self.is_async:
            asyncio.run(self.recipe.amain(url))
        else:
            self.recipe.main(url)


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLIENTS = [
    ("requests", "Session"),
    ("urllib3", "PoolManager"),
    ("httpx", "Client"),
    ("httpx", "AsyncClient"),
    ("httpx2", "Client"),
    ("httpx2", "AsyncClient"),
    ("aiohttp", "ClientSession"),
]


# For the module and not for each test, so that a library's tests share one slow collection.
@pytest.fixture(scope="module", params=CLIENTS, ids=".".join)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    yield Client(*request.param)
    # What was not closed warns now, and warnings are errors.
    gc.collect()


def decoder_for(body: bytes) -> Decoder[Any]:
    return CHAT if b'"object":"chat.completion.chunk"' in body else TYPED


@pytest.mark.parametrize("cut", [1024, 65536])
def test_a_stream_reads_like_the_file(client: Client, live_server: LiveServer, cut: int) -> None:
    body = DEMO.read_bytes()
    url = live_server.add(Scenario(body, cut=cut))
    assert client.events(url) == list(TYPED.iter(body))
    assert client.events(url, decoder=FRAMES) == list(iter_sse(body))


def test_recorded_streams_read_like_the_files(client: Client, live_server: LiveServer) -> None:
    for decoder in (TYPED, CHAT):
        bodies = [path.read_bytes() for path in sorted(corpus().glob("**/*.sse"))]
        bodies = [body for body in bodies if decoder_for(body) is decoder]
        scenarios = [Scenario(body, cut=5000) for body in bodies]
        events = client.events(*map(live_server.add, scenarios), decoder=decoder)
        assert events == [event for body in bodies for event in decoder.iter(body)]


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_an_image_is_one_long_line(client: Client, live_server: LiveServer, gzip: bool) -> None:
    image = b'data: {"type":"image_generation.completed","b64_json":"%b"}\n\n' % (b"A" * 3_000_000)
    url = live_server.add(Scenario(image, gzip=gzip))
    decoder: Decoder[Any] = Decoder(openai.ImageGenStreamEvent)
    assert client.events(url, decoder=decoder) == list(decoder.iter(image))


@pytest.mark.parametrize("cut", [1, [BODY.index(b"\xa9"), FIRST - 3, FIRST - 1]])
def test_cuts_inside_line_ends_and_characters(
    client: Client, live_server: LiveServer, cut: int | list[int]
) -> None:
    url = live_server.add(Scenario(BODY, cut=cut))
    assert [event.delta for event in client.events(url)] == ["é", "€", "𝄞"]


@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("decoder", [TYPED, FRAMES], ids=["typed", "frames"])
def test_an_event_arrives_while_the_server_stalls(
    client: Client, live_server: LiveServer, decoder: Any, gzip: bool, length: bool
) -> None:
    scenario = Scenario(BODY, stall={FIRST: 10}, gzip=gzip, length=length)
    events: list[Any] = []

    def taken(event: Any) -> None:
        if not events:
            assert scenario.sent == FIRST
            scenario.resume()
        events.append(event)

    client.read([live_server.add(scenario)], decoder, taken)
    assert events == list(decoder.iter(BODY))


@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
def test_a_stream_read_to_its_end_leaves_its_connection_to_the_next(
    client: Client, live_server: LiveServer, length: bool
) -> None:
    scenario = Scenario(BODY + b"data: [DONE]\n\n", cut=10, length=length)
    assert len(client.events(*[live_server.add(scenario)] * 3)) == 9
    assert (scenario.connections, scenario.requests) == (1, 3)


def test_a_stream_left_early_closes_its_connection(client: Client, live_server: LiveServer) -> None:
    left = Scenario(BODY, stall={FIRST: 10})
    whole = Scenario(BODY)
    deltas: list[str] = []

    def taken(event: Any) -> bool:
        deltas.append(event.delta)
        return len(deltas) < 3

    # Reading it to its end would have had to wait for the server's stall.
    client.read([live_server.add(left), live_server.add(whole)], TYPED, taken)
    assert deltas == ["é", "é"]
    assert left.received[0].connection is not whole.received[0].connection
    assert left.sent == FIRST
    left.resume()


@pytest.mark.parametrize("length", [False, True], ids=["chunked", "length"])
def test_a_dropped_connection_is_an_error(
    client: Client, live_server: LiveServer, length: bool
) -> None:
    scenario = Scenario(BODY, stall={FIRST: 10}, drop=FIRST + 20, length=length)
    events: list[Any] = []

    def taken(event: Any) -> None:
        scenario.resume()
        events.append(event)

    with pytest.raises(Exception) as raised:
        client.read([live_server.add(scenario)], TYPED, taken)
    assert type(raised.value).__name__ in (
        "ProtocolError",
        "RemoteProtocolError",
        "ClientPayloadError",
    )
    assert [event.delta for event in events] == ["é"]


def test_a_refusal_is_an_error_with_its_explanation(
    client: Client, live_server: LiveServer
) -> None:
    explanation = b'{"error":{"message":"no such model"}}'
    url = live_server.add(Scenario(explanation, status=400, content_type="application/json"))
    with pytest.raises(Exception, match=r"400.*no such model"):
        client.events(url)


def test_a_limit_for_silence_applies(
    client: Client, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario(BODY, stall={FIRST: 10})
    url = live_server.add(scenario)
    monkeypatch.setattr(client.recipe, "TIMEOUT", short_timeout(client.recipe.TIMEOUT))
    with pytest.raises(Exception) as raised:
        client.events(url)
    assert "Timeout" in type(raised.value).__name__
    scenario.resume()


def short_timeout(timeout: Any) -> Any:
    """A timeout of the same kind that waits for a tenth of a second."""
    if isinstance(timeout, tuple):
        return (10, 0.1)
    if hasattr(timeout, "sock_read"):
        return type(timeout)(total=None, sock_read=0.1)
    if hasattr(timeout, "as_dict"):
        return type(timeout)(10, read=0.1)
    return type(timeout)(connect=10, read=0.1)


def test_as_a_program(
    client: Client,
    live_server: LiveServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    body = DEMO.read_bytes() + BODY
    scenario = Scenario(body)
    client.main(live_server.add(scenario))
    assert capsys.readouterr().out.endswith("é€𝄞")
    images: list[Any] = [
        event.partial_image_b64
        for event in TYPED.iter(body)
        if isinstance(event, openai.ResponseImageGenCallPartialImageEvent)
    ]
    assert (tmp_path / "partial.png").read_bytes() == images[-1].decode()
    (request,) = scenario.received
    assert request.method == "POST"
    assert b'"stream":true' in request.body.replace(b" ", b"")
    assert request.headers["authorization"].startswith("Bearer ")
