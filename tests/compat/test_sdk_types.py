# ruff: noqa: UP007, UP045, RUF012 - the types of the SDKs are written like this.
"""Accelerated clients against the SDKs: the same objects of the same types, at every depth.

In memory: `test_compat_sdks.py` has the clients on a server.
"""

from __future__ import annotations

import asyncio
import json
import random
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from functools import wraps
from importlib import import_module
from typing import Any, NamedTuple

import pytest

import rapidsse.compat
from examples import examples
from samples import corpus, payloads, sse
from sdk_objects import bodies, members, mutated, payload, same

pytest.importorskip("httpx2")


class Api(NamedTuple):
    """The events of a stream: the SDK, its client, and where the SDK has their type."""

    sdk: str
    client: str
    module: str
    type: str

    def __str__(self) -> str:
        return f"{self.sdk}-{self.type}"

    def annotation(self) -> Any:
        return getattr(import_module(f"{self.sdk}.types{self.module}"), self.type)

    def opened(self, *, accelerated: bool, **options: Any) -> Any:
        sdk = pytest.importorskip(self.sdk)
        # Stands in for the network, which nothing here reaches.
        client = getattr(sdk, self.client)(
            api_key="key", base_url="http://127.0.0.1", http_client=_http(), **options
        )
        return (
            import_module(f"rapidsse.compat.{self.sdk}").accelerate(client)
            if accelerated
            else client
        )


def _http() -> Any:
    import httpx2

    return httpx2.Client(transport=httpx2.MockTransport(lambda request: httpx2.Response(404)))


OPENAI = [
    Api("openai", "OpenAI", ".responses", "ResponseStreamEvent"),
    Api("openai", "OpenAI", ".beta", "BetaResponseStreamEvent"),
    Api("openai", "OpenAI", ".beta", "AssistantStreamEvent"),
    Api("openai", "OpenAI", ".chat", "ChatCompletionChunk"),
    Api("openai", "OpenAI", "", "Completion"),
    Api("openai", "OpenAI", "", "ImageGenStreamEvent"),
    Api("openai", "OpenAI", "", "ImageEditStreamEvent"),
    Api("openai", "OpenAI", ".audio", "TranscriptionStreamEvent"),
]
ANTHROPIC = [
    Api("anthropic", "Anthropic", "", "RawMessageStreamEvent"),
    Api("anthropic", "Anthropic", ".beta", "BetaRawMessageStreamEvent"),
    Api("anthropic", "Anthropic", ".beta.sessions", "BetaManagedAgentsStreamSessionEvents"),
]
RESPONSES, CHAT = OPENAI[0], OPENAI[3]
# How often an event is broken.
CHANGES = examples(3)

every_api = pytest.mark.parametrize("api", OPENAI + ANTHROPIC, ids=str)


def read(client: Any, annotation: Any, *texts: str) -> list[Any]:
    """The events with these payloads, and the error that ended them, if one did."""
    import httpx2

    body = sse(*texts).replace(b"data:", b"event: e\ndata:")
    response = httpx2.Response(
        200, content=iter([body]), request=httpx2.Request("POST", "http://127.0.0.1")
    )
    module = import_module(f"{type(client).__module__.partition('.')[0]}._streaming")
    read: list[Any] = []
    try:
        with warnings.catch_warnings():
            # Of long numbers, in the SDK's own code.
            warnings.simplefilter("ignore")
            read.extend(module.Stream(cast_to=annotation, response=response, client=client))
    except Exception as error:  # noqa: BLE001
        read.append((type(error), str(error)))
    return read


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Counts what the SDKs make themselves: events, and parts of events."""
    counts: Counter[str] = Counter()
    for sdk in ("openai", "anthropic"):
        base = pytest.importorskip(f"{sdk}._base_client").BaseClient
        whole = base._process_response_data

        @wraps(whole)
        def process(self: Any, *, whole: Any = whole, **arguments: Any) -> Any:
            counts["events"] += 1
            return whole(self, **arguments)

        monkeypatch.setattr(base, "_process_response_data", process)
    yield counts


def compare(api: Api, texts: list[str], **options: Any) -> None:
    """Reads every payload by itself, as one may end its stream, and all of them together."""
    annotation = api.annotation()
    ours = api.opened(accelerated=True, **options)
    theirs = api.opened(accelerated=False, **options)
    for text in texts:
        our, their = read(ours, annotation, text), read(theirs, annotation, text)
        try:
            same(our, their)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{text}\n{our}\n{their}") from error


# Valid events -------------------------------------------------------------------------------------


def valid(api: Api, rng: random.Random, each: int) -> list[Any]:
    """Payloads of every variant."""
    kinds = members(api.annotation())
    assert kinds
    return [payload(kind, rng) for kind in kinds for _ in range(each)]


@pytest.mark.once
@every_api
def test_events_of_every_type(api: Api) -> None:
    rng = random.Random(1)
    compare(api, [bodies(value, rng) for value in valid(api, rng, 12)])


@pytest.mark.once
@pytest.mark.deep
@every_api
def test_broken_events_of_every_type(api: Api) -> None:
    rng = random.Random(2)
    values = valid(api, rng, 3 if len(members(api.annotation())) > 20 else 40)
    compare(api, [bodies(mutated(value, rng), rng) for value in values for _ in range(CHANGES)])


@pytest.mark.once
@every_api
def test_strict_clients(api: Api) -> None:
    rng = random.Random(3)
    values = valid(api, rng, 2)
    texts = [bodies(mutated(value, rng), rng) for value in values]
    compare(api, texts + [json.dumps(value) for value in values], _strict_response_validation=True)


# Recorded events ----------------------------------------------------------------------------------


def recorded() -> list[tuple[Api, str]]:
    found: list[tuple[Api, str]] = []
    for path in sorted(corpus().rglob("*.sse")):
        body = path.read_bytes()
        api = CHAT if b'"chat.completion.chunk"' in body else RESPONSES
        found += [(api, text) for text in payloads(body)]
    return found


def test_recorded_events(own: Counter[str]) -> None:
    """All with the plans alone, though most files lack fields that are required today."""
    found = recorded()
    for api in (RESPONSES, CHAT):
        texts = [text for of, text in found if of is api]
        assert len(texts) > 20
        ours = read(api.opened(accelerated=True), api.annotation(), *texts)
        assert own["events"] == 0
        same(ours, read(api.opened(accelerated=False), api.annotation(), *texts))
        assert own.pop("events") == len(texts) == len(ours)


def test_recorded_events_broken() -> None:
    rng = random.Random(4)
    found = rng.sample(recorded(), 400)
    for api in (RESPONSES, CHAT):
        texts = [bodies(mutated(json.loads(text), rng), rng) for of, text in found if of is api]
        compare(api, texts)


# What the SDK makes itself ------------------------------------------------------------------------


def deep(depth: int) -> str:
    return f'{{"type":"response.output_text.delta","x":{"[" * depth}1{"]" * depth}}}'


@pytest.mark.parametrize(
    ("text", "count"),
    [
        # Plans make these,
        ('{"type":"response.output_text.delta","delta":"a"}', 0),
        ('{"type":"response.new","delta":"a"}', 0),
        ('{"type":"response.output_text.delta","delta":NaN}', 0),
        ('{"type":"response.output_text.delta","delta":"\\ud83d"}', 0),
        ('{"type":"response.output_text.delta","delta":"a","delta":5}', 0),
        ("{}", 0),
        (deep(400), 0),
        # and the SDK these.
        ('{"type":["response.output_text.delta"]}', 1),
        ('{"type":"response.output_text.delta","_fields_set":["delta"]}', 1),
        ('{"type":"response.failed","response":{"_fields_set":["id"]}}', 1),
        ('["response.output_text.delta"]', 1),
        ("1", 1),
        ("null", 1),
    ],
)
def test_which_events_the_sdk_makes(own: Counter[str], text: str, count: int) -> None:
    ours = read(RESPONSES.opened(accelerated=True), RESPONSES.annotation(), text)
    assert own.pop("events", 0) == count
    same(ours, read(RESPONSES.opened(accelerated=False), RESPONSES.annotation(), text))


def test_named_events_of_threads(own: Counter[str]) -> None:
    """The stream itself puts these together, from the name and the data."""
    import httpx2

    api = OPENAI[2]
    body = b'event: thread.created\ndata: {"id":"t","object":"thread","created_at":1}\n\n'
    both: list[Any] = []
    for accelerated in (True, False):
        response = httpx2.Response(
            200, content=body, request=httpx2.Request("POST", "http://127.0.0.1")
        )
        module = import_module("openai._streaming")
        client = api.opened(accelerated=accelerated)
        both.append(list(module.Stream(cast_to=api.annotation(), response=response, client=client)))
    same(*both)
    assert type(both[0][0]).__name__ == "ThreadCreated"
    assert own["events"] == 2


@pytest.mark.parametrize("api", [RESPONSES, ANTHROPIC[0]], ids=str)
def test_installed(own: Counter[str], api: Api) -> None:
    """`install` does the same for all clients, also for those made before."""
    rng = random.Random(8)
    texts = [bodies(value, rng) for value in valid(api, rng, 1)]
    client = api.opened(accelerated=False)
    theirs = read(client, api.annotation(), *texts)
    assert own.pop("events") == len(texts) == len(theirs)
    rapidsse.compat.install(api.sdk)
    try:
        for ours in (client, api.opened(accelerated=False), api.opened(accelerated=True)):
            same(read(ours, api.annotation(), *texts), theirs)
            assert own["events"] == 0
    finally:
        rapidsse.compat.uninstall(api.sdk)
    same(read(client, api.annotation(), *texts), theirs)
    assert own["events"] == len(texts)


def test_responses_that_are_no_streams_are_the_sdks(own: Counter[str]) -> None:
    import httpx2

    client = RESPONSES.opened(accelerated=True)
    data = {"id": "r", "object": "response"}
    kind = import_module("openai.types.responses").Response
    read(client, RESPONSES.annotation(), '{"type":"response.new"}')
    for value in (data, dict(data), None):
        client._process_response_data(data=value, cast_to=kind, response=httpx2.Response(200))
    assert own["events"] == 3


def test_a_class_of_the_callers_own(own: Counter[str]) -> None:
    """Which constructs itself, so that no plan can know what comes out."""
    base: Any = import_module("openai").BaseModel

    class Own(base):  # type: ignore[misc]
        value: str

        @classmethod
        def construct(cls, _fields_set: Any = None, **values: Any) -> Any:
            return super().construct(_fields_set, value=f"own {values['value']}")

    ours = read(RESPONSES.opened(accelerated=True), Own, '{"value":"a"}')
    assert [event.value for event in ours] == ["own a"]
    assert own["events"] == 0


@pytest.mark.parametrize("extra", [int, float, dict[str, Any]])
def test_types_that_events_may_get(extra: Any) -> None:
    """Shapes of models that today's events do not have."""
    from typing import Annotated, Literal, Optional, Union

    from pydantic import Field

    base: Any = import_module("openai").BaseModel
    info: Any = import_module("openai._utils").PropertyInfo

    class A(base):  # type: ignore[misc]
        kind: Literal["a", "aa"]
        number: int = 5
        aliased: Optional[str] = Field(alias="from", default=None)

    class B(base):  # type: ignore[misc]
        kind: Literal["b"]
        values: dict[str, A]
        extra: Optional[extra] = None  # type: ignore[valid-type]
        listed: list[list[float]] = []

    class C(base):  # type: ignore[misc]
        kind: Literal["b"]
        name: str

    class Both(base):  # type: ignore[misc]
        part: Annotated[Union[A, B], info(discriminator="kind")]
        parts: Optional[list[Union[B, C, str]]] = None
        either: Union[float, bool, str, None] = None
        n: Annotated[Union[int, str], "x"] = 1

    rng = random.Random(5)
    ours = RESPONSES.opened(accelerated=True)
    theirs = RESPONSES.opened(accelerated=False)
    annotations: list[Any] = [
        A, B, Both, Union[A, B], Union[B, C], Annotated[Union[B, A], info(discriminator="kind")],
        Union[A, str], Optional[B], Union[Both, Annotated[Union[A, B], info(discriminator="kind")]],
    ]  # fmt: skip
    for annotation in annotations:
        for _ in range(60):
            value = payload(annotation, rng)
            if not isinstance(value, dict):
                value = {"kind": value}
            for text in (bodies(value, rng), bodies(mutated(value, rng), rng)):
                same(read(ours, annotation, text), read(theirs, annotation, text), text)


# Events made in one pass --------------------------------------------------------------------------


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Counts the events whose JSON was decoded before anything was made of it."""
    import pydantic

    from rapidsse.compat import _frames

    if tuple(map(int, pydantic.VERSION.split(".")[:2])) < (2, 12):
        pytest.skip("this version of pydantic is not used so")
    counts: Counter[str] = Counter()
    decode: Any = _frames._decode

    def counted(data: str) -> Any:
        counts["decoded"] += 1
        return decode(data)

    monkeypatch.setattr(_frames, "_decode", counted)
    yield counts


@every_api
def test_broken_events_after_valid_ones(api: Api) -> None:
    """Their like has been made from the text alone by then, which these may not be."""
    rng = random.Random(6)
    ours, theirs = api.opened(accelerated=True), api.opened(accelerated=False)
    annotation = api.annotation()
    kinds = members(annotation)
    for kind in kinds * (1 if len(kinds) > 20 else 5):
        value = payload(kind, rng)
        good, broken = json.dumps(value), bodies(mutated(value, rng), rng)
        texts = [good, good, good, bodies(value, rng), broken, good]
        same(read(ours, annotation, *texts), read(theirs, annotation, *texts), str(texts))


DELTA: dict[str, Any] = {
    "type": "response.output_text.delta", "sequence_number": 1, "item_id": "m", "output_index": 0,
    "content_index": 0, "delta": "a", "logprobs": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"error": {"message": "m"}},
        {"error": None},
        {"error": "text"},
        {"extra": [1.5, -0.0, 10**30]},
        {"logprobs": [{"token": "a", "logprob": -0.5}]},
        {"logprobs": [{"token": "a", "logprob": 1}]},
        {"logprobs": [{"token": "a", "logprob": 10**400}]},
        {"logprobs": [{"token": "a", "logprob": float("nan")}]},
        {"logprobs": [{"token": "a", "logprob": "inf"}]},
        {"sequence_number": "5"},
        {"sequence_number": 5.0},
        {"sequence_number": 10**30},
        {"sequence_number": True},
        {"delta": "\ud83d"},
        {"delta": None},
        {"type": "response.refusal.delta"},
        {"type": "error"},
        {"type": "response.new"},
        {"_fields_set": ["delta"]},
    ],
    ids=lambda changes: repr(changes)[:50],
)
def test_members_after_deltas(changes: Any) -> None:
    texts = [json.dumps(DELTA)] * 4 + [json.dumps(DELTA | changes)] * 2 + [json.dumps(DELTA)] * 4
    kind = RESPONSES.annotation()
    ours = read(RESPONSES.opened(accelerated=True), kind, *texts)
    same(ours, read(RESPONSES.opened(accelerated=False), kind, *texts))
    assert len(ours) >= 5


def test_deltas_are_made_in_one_pass(passes: Counter[str]) -> None:
    texts = [json.dumps(DELTA | {"delta": str(n)}) for n in range(20)]
    ours = read(RESPONSES.opened(accelerated=True), RESPONSES.annotation(), *texts)
    assert [event.delta for event in ours] == [str(n) for n in range(20)]
    assert passes["decoded"] == 3


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_async_deltas_are_made_in_one_pass(passes: Counter[str], sdk: str) -> None:
    import httpx2

    api = RESPONSES if sdk == "openai" else ANTHROPIC[0]
    block = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ""}}
    text = json.dumps(DELTA if sdk == "openai" else block)
    body = b"".join(b"event: e\n" + sse(text) for _ in range(20))
    client: Any = getattr(pytest.importorskip(sdk), f"Async{api.client}")(
        api_key="key", base_url="http://127.0.0.1"
    )
    rapidsse.compat.accelerate(client)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    async def read_async() -> list[Any]:
        response = httpx2.Response(
            200, content=chunks(), request=httpx2.Request("POST", "http://127.0.0.1")
        )
        kind = import_module(f"{sdk}._streaming").AsyncStream
        stream = kind(cast_to=api.annotation(), response=response, client=client)
        return [event async for event in stream]

    ours = asyncio.run(read_async())
    assert passes["decoded"] == 3
    same(ours, read(api.opened(accelerated=False), api.annotation(), *[text] * 20))


def test_a_decoder_without_a_loop_gives_json(passes: Counter[str]) -> None:
    client = RESPONSES.opened(accelerated=True)
    body = sse(*[json.dumps(DELTA)] * 9)
    assert len(read(client, RESPONSES.annotation(), *[json.dumps(DELTA)] * 9)) == 9
    passes.clear()
    for event in client._make_sse_decoder().iter_bytes(iter([body])):
        data = event.json()
        assert data == DELTA
        # As the loop would have it processed.
        client._process_response_data(data=data, cast_to=RESPONSES.annotation(), response=None)
    assert passes["decoded"] == 9


def test_interleaved_streams_of_other_types(passes: Counter[str]) -> None:
    """Of one client, and with the same names: each has its own classes."""
    import httpx2

    api, beta = ANTHROPIC[0], ANTHROPIC[1]
    delta = {"type": "text_delta", "text": "a"}
    text = json.dumps({"type": "content_block_delta", "index": 0, "delta": delta})
    body = b"".join(b"event: content_block_delta\n" + sse(text) for _ in range(9))
    made: list[list[Any]] = []
    for accelerated in (True, False):
        client = api.opened(accelerated=accelerated)
        streams = [
            import_module("anthropic._streaming").Stream(
                cast_to=of.annotation(),
                response=httpx2.Response(
                    200, content=body, request=httpx2.Request("POST", "http://127.0.0.1")
                ),
                client=client,
            )
            for of in (api, beta)
        ]
        made.append([event for pair in zip(*streams, strict=True) for event in pair])
    same(*made)
    assert passes["decoded"] == 6
    assert len({type(event) for event in made[0]}) == 2


def test_loops_that_are_not_the_sdks_get_json(passes: Counter[str]) -> None:
    """What a subclass does with the JSON is not known, nor what a wrapper of the client's does."""
    import httpx2

    module: Any = import_module("openai._streaming")

    class Loop(module.Stream):  # type: ignore[misc,name-defined]
        def __stream__(self) -> Iterator[Any]:
            for event in self._iter_events():
                data = event.json()
                yield (
                    data["delta"],
                    self._client._process_response_data(
                        data=data, cast_to=self._cast_to, response=self.response
                    ),
                )

    class Events(module.Stream):  # type: ignore[misc,name-defined]
        def _iter_events(self) -> Iterator[Any]:
            for event in super()._iter_events():
                assert event.json()["delta"] == "a"
                yield event

    def response() -> Any:
        request = httpx2.Request("POST", "http://127.0.0.1")
        return httpx2.Response(200, content=sse(*[json.dumps(DELTA)] * 9), request=request)

    client = RESPONSES.opened(accelerated=True)
    for kind, decoded in ((Loop, 9), (Events, 18)):
        stream = kind(cast_to=RESPONSES.annotation(), response=response(), client=client)
        assert len(list(stream)) == 9
        assert passes.pop("decoded") == decoded

    process = client._process_response_data
    client._process_response_data = lambda **arguments: (
        arguments["data"]["delta"],
        process(**arguments),
    )
    stream = module.Stream(cast_to=RESPONSES.annotation(), response=response(), client=client)
    assert [delta for delta, _ in stream] == ["a"] * 9
