"""Fields of the generated Structs whose value has another type: each reads as None, and is counted."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from rapidsse import Base64, DecodeError, Decoder, UnknownItem, openai
from rapidsse.openai import ChatCompletionChunk, Choice, ChoiceDelta

CHUNKS = Decoder(ChatCompletionChunk)
EVENTS = Decoder(openai.ResponseStreamEvent)


def chunk(delta: Any, **members: Any) -> str:
    return json.dumps({"id": "c", "choices": [{"index": 0, "delta": delta}], **members})


def delta_of(event: ChatCompletionChunk) -> Any:
    assert event.choices is not None
    return event.choices[0].delta


def test_a_delta_keeps_the_fields_beside() -> None:
    decoder = Decoder(ChatCompletionChunk)
    delta = {"role": "assistant", "content": "x", "refusal": 7, "tool_calls": {"index": 0}}
    event = decoder.decode(chunk(delta, created=1.5, model=["m"]))
    expected = ChatCompletionChunk(
        id="c", choices=[Choice(delta=ChoiceDelta(role="assistant", content="x"), index=0)]
    )
    assert event == expected
    assert decoder.stats.dropped_fields == 4
    assert decoder.stats.failures == {}


def test_content_may_be_a_list_of_parts() -> None:
    decoder = Decoder(ChatCompletionChunk)
    parts = [{"type": "text", "text": "hi"}, {"type": "thinking", "thinking": "so"}]
    assert delta_of(decoder.decode(chunk({"content": parts}))).content == parts
    assert delta_of(decoder.decode(chunk({"content": {"text": "hi"}}))).content is None
    assert decoder.stats.dropped_fields == 1


@pytest.mark.parametrize("code", [400, "rate_limit", None])
def test_the_code_of_an_error_may_be_a_number(code: Any) -> None:
    event = EVENTS.decode(json.dumps({"type": "error", "code": code, "message": "m"}))
    assert event == openai.ResponseErrorEvent(code=code, message="m")
    failed = {"type": "response.failed", "response": {"error": {"code": code, "message": "m"}}}
    event = EVENTS.decode(json.dumps(failed))
    assert isinstance(event, openai.ResponseFailedEvent)
    assert event.response is not None
    assert event.response.error == openai.ResponseError(code=code, message="m")


def test_an_item_of_another_type_costs_its_list() -> None:
    """A list without it would give the others wrong places."""
    assert delta_of(CHUNKS.decode(chunk({"tool_calls": [{"index": 0}, 7]}))).tool_calls is None
    event = CHUNKS.decode(chunk({"tool_calls": [{"index": "x", "id": "a"}]}))
    assert delta_of(event).tool_calls == [openai.ChoiceDeltaToolCall(id="a")]


def test_unknown_items_in_what_is_dropped_are_not_counted() -> None:
    decoder = Decoder(openai.ResponseStreamEvent)
    kept = {"type": "song"}
    for output, dropped, items in (([kept, 7], 1, 0), ([kept], 1, 1)):
        event = decoder.decode(
            json.dumps({"type": "response.completed", "response": {"id": "r", "output": output}})
        )
        assert event.response.id == "r"
        assert (decoder.stats.dropped_fields, decoder.stats.unknown_items) == (dropped, items)
    assert isinstance(event.response.output[0], UnknownItem)


@pytest.mark.parametrize("image", ["iVBO" * 5, "iVBO" * 10_000])
def test_images_beside_stay_in_place(image: str) -> None:
    payload = {
        "type": "response.image_generation_call.partial_image",
        "item_id": [7],
        "partial_image_b64": image,
    }
    log = b"data: %b\n\n" % json.dumps(payload).encode()
    for event in (*EVENTS.iter(log), *EVENTS.iter([log[:30], log[30:]])):
        assert (event.item_id, event.partial_image_b64) == (None, Base64(image))


def test_streams_go_on() -> None:
    good, odd = chunk({"content": "a"}), chunk({"content": 7})
    log = "".join(f"data: {data}\n\n" for data in (good, odd, good) * 50).encode()
    for size in (1, 100, len(log)):
        decoder = Decoder(ChatCompletionChunk)
        chunks = [log[at : at + size] for at in range(0, len(log), size)]
        texts = [delta_of(event).content for event in decoder.iter(chunks)]
        assert texts == ["a", None, "a"] * 50
        assert decoder.stats.dropped_fields == 50


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("[1]", "Expected `object`, got `array`"),
        ('"a"', "Expected `object`, got `str`"),
        ('{"id": 7,', "truncated"),
        ('{"id": 7} x', "trailing"),
    ],
)
def test_what_is_no_object_still_fails(payload: str, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        CHUNKS.decode(payload)


def test_a_tag_of_another_type_still_fails_the_event() -> None:
    with pytest.raises(DecodeError, match="Expected `str`"):
        EVENTS.decode('{"type": 7}')
    with pytest.raises(DecodeError, match="missing required field `type`"):
        EVENTS.decode('{"delta": "a"}')


class Own(msgspec.Struct):
    number: int
    choice: Choice | None = None


def test_own_structs_stay_strict_and_generated_ones_in_them_do_not() -> None:
    decoder = Decoder(Own)
    read = decoder.decode('{"number": 1, "choice": {"index": "x", "finish_reason": "stop"}}')
    assert read == Own(1, Choice(finish_reason="stop"))
    for payload in ('{"number": "x"}', '{"number": 1, "choice": 7}', "{}"):
        with pytest.raises(DecodeError) as caught:
            decoder.decode(payload)
        assert caught.value.kind == "schema"
    assert decoder.stats.dropped_fields == 1
