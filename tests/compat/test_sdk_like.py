# ruff: noqa: UP007, UP045, RUF012 - the types of the SDKs are written like this.
"""Accelerated clients against the SDKs: events that differ from the one before in a few members.

The compiled engine makes them of that one's object.
"""

from __future__ import annotations

import copy
import json
import pickle
import random
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import rapidsse
from examples import examples
from sdk_objects import bodies, members, mutated, payload, places, same
from sdk_streams import ANTHROPIC, CHAT, RESPONSES, Api, every_api, needs_one_pass, read

pytest.importorskip("httpx2")

TEXTS = [
    "",
    "a",
    "é€𝄞",
    'a "b"\n',
    "\\",
    "5",
    "null",
    "x" * 3000,
    "\ud83d",
    "\ud83d\ude00",
    "text_delta",
]
NUMBERS: list[Any] = [0, 1, 7, 2**31, 2**63 - 1, 2**63, 10**30, -1]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Counts the events that were not made of another one."""
    from rapidsse.compat import _frames

    needs_one_pass()
    counts: Counter[str] = Counter()
    event = _frames.Body.event

    def counted(self: Any, *arguments: Any) -> Any:
        counts["each"] += 1
        return event(self, *arguments)

    monkeypatch.setattr(_frames.Body, "event", counted)
    yield counts


def varied(value: Any, rng: random.Random) -> Any:
    """A copy with other strings and numbers at up to three places."""
    value = copy.deepcopy(value)
    plain = [(at, key) for at, key in places(value) if type(at[key]) in (str, int)]
    for container, key in rng.sample(plain, min(len(plain), rng.choice((1, 1, 2, 3)))):
        container[key] = rng.choice(TEXTS if type(container[key]) is str else NUMBERS)
    return value


def like_streams(kind: Any, rng: random.Random) -> list[str]:
    """Events that vary at the same places, and a few that are different."""
    value = payload(kind, rng)
    plain = [at for at, (held, key) in enumerate(places(value)) if type(held[key]) in (str, int)]
    chosen = rng.sample(plain, min(len(plain), rng.choice((1, 2, 3))))
    # Mostly, the literals stay.
    chosen = [
        at for at in chosen if places(value)[at][1] not in ("type", "object", "role")
    ] or chosen
    texts: list[str] = []
    for number in range(10):
        event = copy.deepcopy(value)
        for at in chosen:
            held, key = places(event)[at]
            held[key] = (
                rng.choice([*TEXTS[:3], str(number)]) if type(held[key]) is str else number + 1
            )
        texts.append(json.dumps(event, ensure_ascii=False))
    odd = [varied(value, rng), value, mutated(value, rng), varied(value, rng)]
    return texts + [bodies(event, rng) for event in odd] + texts[:4]


@pytest.mark.deep
@every_api
def test_events_that_are_alike(api: Api) -> None:
    rng = random.Random(11)
    ours, theirs = api.opened(accelerated=True), api.opened(accelerated=False)
    annotation = api.annotation()
    kinds = members(annotation)
    for kind in kinds * (examples(1) if len(kinds) > 20 else examples(6)):
        texts = like_streams(kind, rng)
        same(read(ours, annotation, *texts), read(theirs, annotation, *texts), "\n".join(texts))


def content(number: int) -> dict[str, Any]:
    delta = {"content": f"word {number}", "extra": {"list": [number]}}
    choice = {"index": 0, "delta": delta, "finish_reason": None, "logprobs": {"content": []}}
    return {
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [choice], "usage": None, "obfuscation": f"x{number}",
    }  # fmt: skip


def delta(number: int) -> dict[str, Any]:
    return {
        "type": "response.output_text.delta", "sequence_number": number, "item_id": "m",
        "output_index": 0, "content_index": 0, "delta": f"word {number}", "logprobs": [],
        "beside": {"a": [number, {"b": []}]},
    }  # fmt: skip


def block(number: int) -> dict[str, Any]:
    delta = {"type": "text_delta", "text": f"word {number}"}
    return {"type": "content_block_delta", "index": 0, "delta": delta}


every_stream = pytest.mark.parametrize(
    ("api", "event"),
    [(RESPONSES, delta), (CHAT, content), (ANTHROPIC[0], block)],
    ids=["responses", "chat", "messages"],
)


@every_stream
def test_most_deltas_are_made_of_another(made: Counter[str], api: Api, event: Any) -> None:
    texts = [json.dumps(event(number)) for number in range(100)]
    ours = read(api.opened(accelerated=True), api.annotation(), *texts)
    # The first ones say that the loop is the SDK's.
    assert made["each"] == (3 if rapidsse.engine == "rust" else 100)
    same(ours, read(api.opened(accelerated=False), api.annotation(), *texts))


@every_stream
def test_objects_share_nothing_that_changes(api: Api, event: Any) -> None:
    """Neither with others of the stream nor with what others are made of."""
    texts = [json.dumps(event(number)) for number in range(30)]
    theirs = read(api.opened(accelerated=False), api.annotation(), *texts)
    client = api.opened(accelerated=True)
    same(changed_ones(client, api, texts), theirs)


def changed_ones(client: Any, api: Api, texts: list[str]) -> list[Any]:
    """Copies of the events, each taken before everything in the event is changed."""
    import httpx2

    from samples import sse

    response = httpx2.Response(
        200,
        content=sse(*texts).replace(b"data:", b"event: e\ndata:"),
        request=httpx2.Request("POST", "http://127.0.0.1"),
    )
    module = import_module(f"{api.sdk}._streaming")
    copies: list[Any] = []
    for event in module.Stream(cast_to=api.annotation(), response=response, client=client):
        copies.append(copy.deepcopy(event))
        change(event)
    return copies


def change(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            change(item)
        value.append("changed")
    elif isinstance(value, dict):
        for item in value.values():
            change(item)
        value["changed"] = "changed"
    elif hasattr(value, "__pydantic_fields_set__"):
        change(value.__pydantic_extra__)
        value.__pydantic_fields_set__.add("changed")
        change(vars(value))


@every_stream
def test_copies_of_objects_that_were_made_of_another(api: Api, event: Any) -> None:
    texts = [json.dumps(event(number)) for number in range(9)]
    ours = read(api.opened(accelerated=True), api.annotation(), *texts)
    theirs = read(api.opened(accelerated=False), api.annotation(), *texts)
    for our, their in zip(ours, theirs, strict=True):
        assert our == their
        same(pickle.loads(pickle.dumps(our)), their)
        same(copy.deepcopy(our), copy.deepcopy(their))
        same(our.model_copy(), their.model_copy())
        same(our.model_copy(deep=True), their.model_copy(deep=True))
        assert our.model_dump() == their.model_dump()
        assert our.model_dump_json() == their.model_dump_json()
        assert our.to_dict() == their.to_dict()
        assert repr(our) == repr(their)
        assert hash(type(our)) == hash(type(their))


NAMES = ("text", "number", "either", "level", "short", "aliased", "beside")


def test_fields_that_are_not_plain() -> None:
    """Their values say more than what stands in them."""
    from typing import Annotated, Literal, Optional, Union

    from pydantic import AfterValidator, Field

    base: Any = import_module("openai").BaseModel
    chance = random.Random(1)

    class Inner(base):  # type: ignore[misc]
        text: str
        number: float = 0

    class A(base):  # type: ignore[misc]
        kind: Literal["a"]
        text: Annotated[str, AfterValidator(str.upper)] = ""
        number: float = 0
        either: Union[int, str, None] = None
        level: Optional[Literal["low", "high"]] = None
        short: str = Field(default="", max_length=2)
        aliased: Optional[str] = Field(alias="from", default=None)
        inner: Union[Inner, dict[str, str], None] = None

    class B(base):  # type: ignore[misc]
        kind: Literal["b"]
        text: str = ""
        number: Annotated[int, Field(le=5)] = 0
        drawn: float = Field(default_factory=chance.random)

    class C(base):  # type: ignore[misc]
        kind: Literal["c"]
        text: str = ""
        inner: Optional[Inner] = None
        listed: list[Inner] = []

    class D(base):  # type: ignore[misc]
        kind: Literal["d"]
        text: str = ""
        length: int = 0

        def model_post_init(self, context: Any) -> None:
            self.length = len(self.text)

    api, rng = RESPONSES, random.Random(12)
    ours, theirs = api.opened(accelerated=True), api.opened(accelerated=False)
    for union in (Union[A, C], Union[A, D], A, C, D, Union[C, D]):
        for kind in members(union):
            for name in ("text", "number", "either", "level", "short", "from", "inner", "listed"):
                letter = kind.__name__.lower()
                values: list[Any] = [*"ab12", "low", "high", "long", "a", 1, 2, 7, 2**70, "x", "y"]
                if name in ("inner", "listed"):
                    values = [{"text": value, "number": 1} for value in values]
                if name == "listed":
                    values = [[value, {"text": "c"}] for value in values]
                value = {"kind": letter, "text": "a"}
                texts = [json.dumps({**value, name: held}) for held in values]
                texts += [bodies(varied(json.loads(text), rng), rng) for text in texts]
                same(read(ours, union, *texts), read(theirs, union, *texts), f"{union} {name}")

    texts = [json.dumps({"kind": "b", "text": str(number)}) for number in range(20)]
    made = read(ours, Union[A, B], *texts)
    assert len({event.drawn for event in made}) == 20


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"response.output_text.delta","delta":"#","error":"#"}',
        '{"error":"","type":"response.output_text.delta","delta":"#"}',
        '{"error":{"message":""},"type":"response.output_text.delta","delta":"#"}',
        '{"type":"error","sequence_number":#,"code":"a","message":"m","param":null}',
        '{"type":"response.output_text.delta","delta":"a","delta":"#"}',
        '{"type":"response.output_text.delta","x":{"a":1,"a":"#"}}',
        '{"type":"response.output_text.delta","x":{"\\u0061":1,"a":"#"}}',
        '{"type":"response.output_text.delta","d\\u0065lta":"#"}',
        '{"type":"response.output_text.delta","_fields_set":"#"}',
        '{"type":"response.output_text.delta","model_fields":"#"}',
        '{"type":"response.output_text.delta","delta":NaN,"item_id":"#"}',
        '{"type":"response.new","delta":"#"}',
        '{"type":"response.new#"}',
        '{"x":"#"}',
        '["#"]',
        '"#"',
    ],
)
def test_odd_streams(text: str) -> None:
    texts = [text.replace("#", str(number)) for number in range(9)]
    for api in (RESPONSES, CHAT, ANTHROPIC[0]):
        ours = read(api.opened(accelerated=True), api.annotation(), *texts)
        same(ours, read(api.opened(accelerated=False), api.annotation(), *texts))


def test_lines_between_alike_events() -> None:
    import httpx2

    lines = [b"id: 1\n", b"id:\n", b"retry: 5\n", b": x\n", b"event: e\n"]
    rng = random.Random(13)
    body = b"".join(
        rng.choice(lines + [b""] * 20) + b"data: " + json.dumps(delta(n)).encode() + b"\n\n"
        for n in range(300)
    )
    module = import_module("openai._streaming")
    seen: list[list[Any]] = []
    for accelerated in (True, False):
        client = RESPONSES.opened(accelerated=accelerated)
        decoder = client._make_sse_decoder()
        events = [
            (event.event, event.data, event.id, event.retry)
            for event in decoder.iter_bytes(iter([body]))
        ]
        response = httpx2.Response(
            200, content=body, request=httpx2.Request("POST", "http://127.0.0.1")
        )
        kind = RESPONSES.annotation()
        made = list(module.Stream(cast_to=kind, response=response, client=client))
        seen.append([events, made])
    assert seen[0][0] == seen[1][0]
    same(seen[0][1], seen[1][1])
