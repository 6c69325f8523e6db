# ruff: noqa: UP007, UP045, RUF012 - the types of the SDKs are written like this.
"""Accelerated clients against the SDKs: the same objects of the same types, at every depth.

In memory: `test_compat_sdks.py` has the clients on a server.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from functools import wraps
from importlib import import_module
from typing import Any

import pytest

import rapidsse.compat
from examples import examples
from samples import corpus, payloads
from sdk_objects import bodies, members, mutated, payload, same
from sdk_streams import ANTHROPIC, CHAT, OPENAI, RESPONSES, Api, every_api, needs_plans, read

pytest.importorskip("httpx2")

# How often an event is broken.
CHANGES = examples(3)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Counts what the SDKs make themselves: events, and parts of events."""
    needs_plans()
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
