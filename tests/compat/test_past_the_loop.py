"""Streams of accelerated clients, past the SDK's loop where events are like one before them."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
from collections.abc import Iterator
from importlib import import_module
from types import AsyncGeneratorType, GeneratorType
from typing import Any

import pytest

from samples import sse
from sdk_clients import in_loop
from sdk_streams import ANTHROPIC, CHAT, RESPONSES, Api, needs_one_pass

pytest.importorskip("httpx2")

apis = pytest.mark.parametrize("api", [RESPONSES, CHAT, ANTHROPIC[0]], ids=str)
COUNT = 40


def delta(api: Api, number: int) -> str:
    if api is CHAT:
        choice = {"index": 0, "delta": {"content": f"word {number}"}, "finish_reason": None}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        return json.dumps({**chunk, "choices": [choice]})
    if api is RESPONSES:
        place = {"item_id": "m", "output_index": 0, "content_index": 0, "logprobs": []}
        event = {"type": "response.output_text.delta", **place, "sequence_number": number}
        return json.dumps({**event, "delta": f"word {number}"})
    text = {"type": "text_delta", "text": f"word {number}"}
    return json.dumps({"type": "content_block_delta", "index": 0, "delta": text})


def body_of(api: Api, *more: str) -> bytes:
    """Some events that are alike, then these, then some again."""
    deltas = [delta(api, number) for number in range(COUNT)]
    texts = [*deltas, *more, *deltas]
    return sse(*texts).replace(b"data:", b"event: e\ndata:")


class Watched:
    """A stream of an SDK on a body in memory, and the response under it."""

    def __init__(
        self, api: Api, body: Any, *, accelerated: bool = True, kind: Any = None, cut: int = 1 << 20
    ) -> None:
        import httpx2

        self.client = api.opened(accelerated=accelerated)
        self.response: Any = httpx2.Response(
            200,
            content=(body[at : at + cut] for at in range(0, len(body), cut)),
            request=httpx2.Request("POST", "http://127.0.0.1"),
        )
        kind = kind or import_module(f"{api.sdk}._streaming").Stream
        self.stream: Any = kind(
            cast_to=api.annotation(), response=self.response, client=self.client
        )


def outcome(stream: Any) -> tuple[list[Any], Any]:
    events: list[Any] = []
    try:
        events.extend(stream)
    except Exception as error:  # noqa: BLE001
        return events, (type(error), str(error))
    return events, None


ENDS = {
    "whole": (),
    "done": ("[DONE]",),
    "broken": ('{"type":',),
    "ping": ('{"type":"ping"}',),
    "error": ('{"error":{"message":"no"}}',),
    "other": ('{"type":"response.other"}', '{"id":5}'),
}


@apis
@pytest.mark.parametrize("cut", [1 << 20, 700, 60])
@pytest.mark.parametrize("end", ENDS)
def test_the_events_are_the_sdks(api: Api, end: str, cut: int) -> None:
    body = body_of(api, *ENDS[end])
    ours, theirs = (Watched(api, body, accelerated=own, cut=cut) for own in (True, False))
    for _ in range(2):
        # A stream that has ended stays so.
        assert outcome(ours.stream) == outcome(theirs.stream)
    assert ours.response.is_closed is theirs.response.is_closed is True


@apis
def test_few_events_pass_the_loop(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_one_pass()
    import rapidsse
    from rapidsse.compat import _past

    taken = 0
    items = _past._AROUND[GeneratorType]

    def counted(loop: Any, ahead: Any) -> Any:
        def steps() -> Iterator[Any]:
            nonlocal taken
            for item in loop:
                taken += 1
                yield item

        return items(steps(), ahead)

    monkeypatch.setitem(_past._AROUND, GeneratorType, counted)
    assert len(list(Watched(api, body_of(api)).stream)) == 2 * COUNT
    # The compiled engine alone finds events that are alike.
    assert taken == 2 * COUNT if rapidsse.engine == "python" else taken < 12


@apis
def test_next_and_for_share_a_stream(api: Api) -> None:
    ours, theirs = (Watched(api, body_of(api), accelerated=own).stream for own in (True, False))
    for _ in range(20):
        assert next(ours) == next(theirs)
    assert list(ours) == list(theirs)


@apis
def test_a_stream_that_is_left_closes_its_response(api: Api) -> None:
    for accelerated in (True, False):
        watched = Watched(api, body_of(api), accelerated=accelerated)
        for number, _ in enumerate(watched.stream):
            if number == 20:
                break
        assert not watched.response.is_closed
        watched.stream._iterator.close()
        assert watched.response.is_closed
        assert list(watched.stream) == []


def test_a_stream_that_is_dropped_forms_no_cycle() -> None:
    """That of anthropic. openai's own streams form one."""
    api = ANTHROPIC[0]
    for accelerated in (True, False):
        watched = Watched(api, body_of(api), accelerated=accelerated)
        gc.collect()
        gc.disable()
        try:
            for _ in range(20):
                next(watched.stream)
            response = watched.response
            del watched
            assert response.is_closed
        finally:
            gc.enable()


@apis
@pytest.mark.parametrize("started", [False, True])
def test_a_copy_of_a_stream_reads_on(api: Api, started: bool) -> None:
    made: list[Any] = []
    for accelerated in (True, False):
        stream = Watched(api, body_of(api), accelerated=accelerated).stream
        first = [next(stream) for _ in range(20)] if started else []
        other = copy.copy(stream)
        del stream
        made.append([*first, *other])
    assert made[0] == made[1]
    assert len(made[0]) == 2 * COUNT


@apis
def test_a_copy_of_a_stream_that_is_gone(api: Api) -> None:
    """Also if nothing refers to the copy, either."""
    for accelerated in (True, False):
        for keeps in (True, False):
            watched = Watched(api, body_of(api), accelerated=accelerated)
            copied: Any = [copy.copy(watched.stream)]
            watched.stream = None
            gc.collect()
            events = copied[0].__stream__() if keeps else copied.pop().__stream__()
            assert len(list(events)) == 2 * COUNT


@apis
def test_copies_of_a_stream_in_turns(api: Api) -> None:
    """On a response that has been read, each loop has a reader of its own."""
    made: list[Any] = []
    for accelerated in (True, False):
        watched = Watched(api, body_of(api), accelerated=accelerated)
        watched.response.read()
        streams = (watched.stream, copy.copy(watched.stream))
        if api is not ANTHROPIC[0]:
            # These begin their loop at once, which a copy shares.
            streams = tuple(stream.__stream__() for stream in streams)
        turns = [next(stream) for _ in range(20) for stream in streams]
        made.append([turns, *map(list, streams)])
    assert made[0] == made[1]
    assert [*map(len, made[0])] == [40, 2 * COUNT - 20, 2 * COUNT - 20]


@apis
def test_a_stream_that_reads_another_one(api: Api) -> None:
    base = import_module(f"{api.sdk}._streaming").Stream

    class Outer(base):  # type: ignore[misc, valid-type]
        def read(self, inner: Any) -> list[Any]:
            return [*inner.__stream__()]

    for accelerated in (True, False):
        inner = Watched(api, body_of(api), accelerated=accelerated).stream
        outer = Watched(api, b"", accelerated=accelerated, kind=Outer).stream
        assert len(outer.read(inner)) == 2 * COUNT


@apis
def test_the_loop_of_a_subclass_is_used(api: Api) -> None:
    base = import_module(f"{api.sdk}._streaming").Stream

    class Numbered(base):  # type: ignore[misc, valid-type]
        def __stream__(self) -> Any:
            yield from enumerate(super().__stream__())

    ours, theirs = (
        list(Watched(api, body_of(api), accelerated=own, kind=Numbered).stream)
        for own in (True, False)
    )
    assert ours == theirs
    assert [number for number, _ in ours] == [*range(2 * COUNT)]


class Observer:
    """What anthropic's streams tell of themselves."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def begin(self) -> None:
        self.calls.append("begin")

    def item(self, item: Any) -> None:
        self.calls.append(item)

    def end(self, *how: Any) -> None:
        self.calls.append([str(each) for each in how])


def test_the_observer_of_a_stream_sees_all() -> None:
    api = ANTHROPIC[0]
    seen: list[list[Any]] = []
    for accelerated in (True, False):
        watched = Watched(api, body_of(api), accelerated=accelerated)
        observer = watched.response.stream.stream_observer = Observer()
        list(watched.stream)
        seen.append(observer.calls)
    assert seen[0] == seen[1]
    assert seen[0][0] == "begin"
    assert len(seen[0]) == 2 * COUNT + 2


@apis
def test_an_error_may_be_thrown_into_the_loop(api: Api) -> None:
    seen: list[Any] = []
    for accelerated in (True, False):
        watched = Watched(api, body_of(api), accelerated=accelerated)
        observer = watched.response.stream.stream_observer = Observer()
        loop = watched.stream._iterator
        events = [next(loop) for _ in range(20)]
        events += [loop.send(None), loop.send("anything"), next(loop)]
        with pytest.raises(KeyError):
            loop.throw(KeyError("a"))
        assert watched.response.is_closed
        assert list(loop) == []
        with pytest.raises(StopIteration):
            loop.send(None)
        loop.close()
        seen.append((events, observer.calls))
    assert seen[0] == seen[1]


@apis
def test_the_loop_that_is_not_begun_takes_no_value(api: Api) -> None:
    for accelerated in (True, False):
        loop = Watched(api, body_of(api), accelerated=accelerated).stream._iterator
        with pytest.raises(TypeError):
            loop.send("anything")
        assert len(list(loop)) == 2 * COUNT


def opened_async(
    api: Api, body: bytes, *, accelerated: bool, cut: int = 900, waits: bool = False
) -> tuple[Any, Any]:
    """A stream, and its response, whose body may wait for a moment before its end."""
    import httpx2

    async def chunks() -> Any:
        for at in range(0, len(body), cut):
            yield body[at : at + cut]
        if waits:
            await asyncio.sleep(0.01)

    sdk = import_module(api.sdk)
    client = getattr(sdk, f"Async{api.client}")(api_key="key", base_url="http://127.0.0.1")
    if accelerated:
        import_module(f"rapidsse.compat.{api.sdk}").accelerate(client)
    request = httpx2.Request("POST", "http://127.0.0.1")
    response = httpx2.Response(200, content=chunks(), request=request)
    stream = import_module(f"{api.sdk}._streaming").AsyncStream
    return stream(cast_to=api.annotation(), response=response, client=client), response


async def outcome_async(stream: Any) -> tuple[list[Any], Any]:
    events: list[Any] = []
    try:
        async for event in stream:
            events.append(event)
    except Exception as error:  # noqa: BLE001
        return events, (type(error), str(error))
    return events, None


@apis
@pytest.mark.parametrize("end", ENDS)
@in_loop
async def test_the_events_are_the_sdks_in_a_loop(api: Api, end: str) -> None:
    body = body_of(api, *ENDS[end])
    pairs = [opened_async(api, body, accelerated=own) for own in (True, False)]
    for _ in range(2):
        ours, theirs = [await outcome_async(stream) for stream, _ in pairs]
        assert ours == theirs
    assert [response.is_closed for _, response in pairs] == [True, True]


@apis
@in_loop
async def test_a_stream_in_a_loop_is_left(api: Api) -> None:
    for accelerated in (True, False):
        stream, response = opened_async(api, body_of(api), accelerated=accelerated)
        for _ in range(20):
            await anext(stream)
        # What another task has begun to take.
        ahead = iter(stream._iterator._ahead.items) if accelerated else iter(())
        await stream._iterator.aclose()
        assert response.is_closed
        assert list(ahead) == []
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


@apis
@in_loop
async def test_few_events_pass_the_loop_in_a_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_one_pass()
    import rapidsse
    from rapidsse.compat import _past

    taken = 0
    items = _past._AROUND[AsyncGeneratorType]

    def counted(loop: Any, ahead: Any) -> Any:
        async def steps() -> Any:
            nonlocal taken
            async for item in loop:
                taken += 1
                yield item

        return items(steps(), ahead)

    monkeypatch.setitem(_past._AROUND, AsyncGeneratorType, counted)
    stream, _ = opened_async(api, body_of(api), accelerated=True, cut=1 << 20)
    assert len([event async for event in stream]) == 2 * COUNT
    # The compiled engine alone finds events that are alike.
    assert taken == 2 * COUNT if rapidsse.engine == "python" else taken < 12


@apis
@in_loop
async def test_an_error_may_be_thrown_into_the_loop_in_a_loop(api: Api) -> None:
    seen: list[Any] = []
    for accelerated in (True, False):
        stream, response = opened_async(api, body_of(api), accelerated=accelerated)
        observer = response.stream.stream_observer = Observer()
        loop = stream._iterator
        events = [await anext(loop) for _ in range(20)]
        events += [await loop.asend(None), await loop.asend("anything"), await anext(loop)]
        with pytest.raises(KeyError):
            await loop.athrow(KeyError("a"))
        assert response.is_closed
        assert [event async for event in loop] == []
        with pytest.raises(StopAsyncIteration):
            await loop.asend(None)
        await loop.aclose()
        seen.append((events, observer.calls))
    assert seen[0] == seen[1]


@in_loop
async def test_what_follows_the_end_is_not_taken_while_the_loop_drains() -> None:
    """openai reads the body to its end after `[DONE]`. Another task must not get what it finds."""
    for accelerated in (True, False):
        body = body_of(CHAT, "[DONE]")
        stream, response = opened_async(
            CHAT, body, accelerated=accelerated, cut=1 << 20, waits=True
        )
        for _ in range(COUNT):
            await anext(stream._iterator)
        last = asyncio.ensure_future(anext(stream._iterator))
        await asyncio.sleep(0)
        with pytest.raises((RuntimeError, StopAsyncIteration)):
            await anext(stream._iterator)
        with pytest.raises(StopAsyncIteration):
            await last
        assert response.is_closed


def test_a_loop_that_ends_closes_what_is_left() -> None:
    api = ANTHROPIC[0]
    for accelerated in (True, False):
        told: list[Any] = []

        async def run(accelerated: bool = accelerated, told: list[Any] = told) -> Any:
            asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
            stream, response = opened_async(api, body_of(api), accelerated=accelerated)
            for _ in range(20):
                await anext(stream)
            return stream, response

        _, response = asyncio.run(run())
        assert response.is_closed
        assert told == []
