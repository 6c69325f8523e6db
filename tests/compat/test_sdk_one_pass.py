"""Accelerated clients against the SDKs: events made from their text in one pass.

That begins with the fourth event of a name, so each stream here has some valid ones first.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

import pytest

import rapidsse.compat
from samples import sse
from sdk_objects import bodies, members, mutated, payload, same
from sdk_streams import ANTHROPIC, RESPONSES, Api, every_api, needs_one_pass, read

pytest.importorskip("httpx2")


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Counts the events whose JSON was decoded before anything was made of it."""
    from rapidsse.compat import _frames

    needs_one_pass()
    counts: Counter[str] = Counter()
    parse = _frames.parse

    def counted(text: str) -> Any:
        counts["decoded"] += 1
        return parse(text)

    monkeypatch.setattr(_frames, "parse", counted)
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


LONG = "façade" * 20_000


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
        # Long events are made of their JSON again.
        {"delta": LONG},
        {"delta": LONG, "sequence_number": "5"},
        {"delta": f"{LONG}\ud83d"},
        {"delta": LONG, "error": {"message": "m"}},
        {"extra": LONG},
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


def test_names_are_not_counted_without_end() -> None:
    from rapidsse.compat._frames import _MAX_NAMES, Body, SDKEvent

    body = Body(SDKEvent, "none", None, None)
    for name in ["first", *map(str, range(2 * _MAX_NAMES)), "first"]:
        assert not body.is_due(name)
    assert body.is_due("first")
    assert len(body._counts) == _MAX_NAMES


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


def answer(count: int) -> list[Any]:
    """The events of a response with a text in so many deltas."""
    at = {"item_id": "m", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    item: dict[str, Any] = {
        "id": "m", "type": "message", "role": "assistant", "status": "in_progress", "content": [],
    }  # fmt: skip
    response: dict[str, Any] = {
        "id": "r", "object": "response", "created_at": 1, "model": "m", "output": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "status": "in_progress",
    }  # fmt: skip
    full = {**part, "text": "a" * count}
    done = {**item, "status": "completed", "content": [full]}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **at, "part": part},
        *[DELTA] * count,
        {"type": "response.output_text.done", **at, "text": full["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": full},
        {"type": "response.output_item.done", "output_index": 0, "item": done},
        {
            "type": "response.completed",
            "response": {**response, "status": "completed", "output": [done]},
        },
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_the_stream_helper_of_responses(passes: Counter[str], is_async: bool) -> None:
    import httpx2

    events = answer(9)
    body = b"".join(
        b"event: " + event["type"].encode() + b"\n" + sse(json.dumps(event)) for event in events
    )
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=body))
    openai: Any = import_module("openai")

    def opened() -> Any:
        name, kind = ("AsyncOpenAI", "AsyncClient") if is_async else ("OpenAI", "Client")
        http = getattr(httpx2, kind)(transport=transport)
        return getattr(openai, name)(api_key="k", base_url="http://127.0.0.1", http_client=http)

    def read(client: Any) -> Any:
        with client, client.responses.stream(model="m", input="a") as stream:
            return [*stream, stream.get_final_response()]

    async def read_async(client: Any) -> Any:
        async with client, client.responses.stream(model="m", input="a") as stream:
            return [*[event async for event in stream], await stream.get_final_response()]

    def all_of(client: Any) -> Any:
        return asyncio.run(read_async(client)) if is_async else read(client)

    ours = all_of(rapidsse.compat.accelerate(opened()))
    # All but the deltas from the fourth on.
    assert passes["decoded"] == len(events) - 6
    same(ours, all_of(opened()))
    assert ours[-1].output_text == "a" * 9


FIELDS = '"sequence_number":1,"item_id":"m","output_index":0,"content_index":0,"delta":"a"'
TYPE = '"type":"response.output_text.delta"'


@pytest.mark.parametrize(
    "text",
    [
        f'{{{TYPE},{FIELDS},"logprobs":[{{"token":"a","logprob":1,"token":"b"}}]}}',
        f'{{{TYPE},{FIELDS},"logprobs":[{{"logprob":1,"logprob":"x","token":"b"}}]}}',
        f'{{{TYPE},{FIELDS},"logprobs":[],"x":{{"y":1,"z":-0,"y":1E400}}}}',
        f'{{{FIELDS},"logprobs":[],"type":"response.refusal.delta",{TYPE}}}',
        f'{{{TYPE},{FIELDS},"logprobs":[],"error":1,"error":null}}',
    ],
)
def test_duplicate_keys_after_deltas(text: str) -> None:
    texts = [*[json.dumps(DELTA)] * 4, text, text, json.dumps(DELTA)]
    kind = RESPONSES.annotation()
    ours = read(RESPONSES.opened(accelerated=True), kind, *texts)
    same(ours, read(RESPONSES.opened(accelerated=False), kind, *texts))
    assert len(ours) == 7


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_a_decoder_can_be_closed(sdk: str) -> None:
    closed: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            yield sse("1", "2")
            yield sse("3")
        finally:
            closed.append("closed")

    decoder = import_module(f"rapidsse.compat.{sdk}").SSEDecoder()
    events = decoder.iter_bytes(chunks())
    assert next(events).data == "1"
    assert [event.data for event in decoder.iter_bytes(chunks())] == ["1", "2", "3"]
    assert closed.pop()
    events.close()
    assert closed.pop()
    assert list(events) == []
