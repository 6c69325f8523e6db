"""`rapidsse.google` against the official SDK's models, which are read here on their own terms.

There are no recordings of this API: the tests make streams from the SDK's models.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from rapidsse import Base64, DecodeError, Decoder, UnknownEvent, UnknownItem
from rapidsse import google as ours
from sdk_payloads import Payloads
from sdk_types import (
    Comparison,
    PackageTests,
    base64_fields,
    differences,
    is_struct,
    sdk_type,
    structs_of,
)

SDK_PACKAGES = ("google.genai.types", "google.genai.interactions")
# What the SDK adds to a response.
ADDED = frozenset(
    f"GenerateContentResponse.{name}"
    for name in ("sdk_http_response", "automatic_function_calling_history", "parsed")
)
DECODERS: dict[str, Decoder[Any]] = {
    "GenerateContentResponse": Decoder(ours.GenerateContentResponse),
    "InteractionSSEEvent": Decoder(ours.InteractionSSEEvent),
}
CHUNKS, EVENTS = DECODERS.values()
roots = pytest.mark.parametrize("root", DECODERS)


@pytest.fixture
def sdk() -> Any:
    reason = "compares with the models of the `google-genai` package, which is not installed"
    return pytest.importorskip("google.genai", reason=reason)


class TestPackage(PackageTests):
    package = ours
    sdk_packages = SDK_PACKAGES
    roots = tuple(DECODERS)
    fewest_pairs = 140
    added = ADDED
    marks_unknown = "is_unknown"
    tag_fields = ("event_type", "type")


def payloads(root: str) -> list[dict[str, Any]]:
    made = Payloads(frozenset({"data"}), ADDED, "is_unknown")
    return list(made.of(sdk_type(SDK_PACKAGES, root)))


def stream(payloads: list[dict[str, Any]]) -> bytes:
    """As the API sends it: Gemini's events have no name, and end with CRLF."""
    return b"".join(b"data: %b\r\n\r\n" % json.dumps(p).encode() for p in payloads)


# Against the installed SDK ------------------------------------------------------------------------


def test_the_walk_notices_what_is_missing(sdk: Any) -> None:
    comparison = Comparison(ADDED, "is_unknown")
    theirs = sdk_type(SDK_PACKAGES, "InteractionSSEEvent")
    comparison.compare(theirs, ours.StepStart | ours.StepStop, "x")
    assert any("step.delta" in line for line in comparison.missing)
    comparison.compare(sdk.types.Blob, ours.FileData, "x")
    assert any("Blob.data" in line for line in comparison.missing)


def of_the_sdk(root: str, payload: dict[str, Any]) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(sdk_type(SDK_PACKAGES, root)).validate_python(payload)


@roots
def test_streams_read_like_the_sdk(sdk: Any, root: str) -> None:
    made = payloads(root)
    events = list(DECODERS[root].iter(stream(made)))
    for index, (payload, event) in enumerate(zip(made, events, strict=True)):
        theirs = of_the_sdk(root, payload)
        assert list(differences(theirs, event, f"event {index}")) == []


def test_streams_hold_every_class_and_every_field(sdk: Any) -> None:
    held = {
        (type(value), name)
        for root, decoder in DECODERS.items()
        for event in decoder.iter(stream(payloads(root)))
        for value in structs_in(event)
        for name in value.__struct_fields__
        if getattr(value, name) is not None
    }
    declared = {(s, name) for s in structs_of(ours) for name in s.__struct_fields__}
    assert declared - held == set()
    assert not any(s is UnknownItem for s, _ in held)


def structs_in(value: Any) -> Iterator[Any]:
    if is_struct(type(value)):
        yield value
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, list):
        for item in value:
            yield from structs_in(item)


@roots
def test_streams_read_the_same_however_they_are_cut(sdk: Any, root: str) -> None:
    log = stream(payloads(root)[:5])
    whole = list(DECODERS[root].iter(log))
    for size in (1, 7, 1000):
        chunks = [log[start : start + size] for start in range(0, len(log), size)]
        assert list(DECODERS[root].iter(chunks)) == whole


# What streams may hold ----------------------------------------------------------------------------


def chunk(*parts: dict[str, Any], **members: Any) -> str:
    return json.dumps({"candidates": [{"content": {"parts": [*parts]}}], **members})


def parts_of(response: ours.GenerateContentResponse) -> list[ours.Part]:
    assert response.candidates is not None
    content = response.candidates[0].content
    assert content is not None and content.parts is not None
    return content.parts


def test_names_are_those_of_the_sdk_and_of_the_api_in_json() -> None:
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 4}
    event = CHUNKS.decode(chunk({"text": "a"}, usageMetadata=usage, responseId="r"))
    assert event.usage_metadata == ours.GenerateContentResponseUsageMetadata(
        prompt_token_count=3, candidates_token_count=4
    )
    assert json.loads(msgspec.json.encode(event)) == json.loads(
        chunk({"text": "a"}, usageMetadata=usage, responseId="r")
    )


def test_events_match_by_class_and_by_event_type() -> None:
    event = EVENTS.decode(
        '{"event_type":"step.delta","index":2,"delta":{"type":"text","text":"hi"}}'
    )
    match event:
        case ours.StepDelta(event_type="step.delta", index=2, delta=ours.TextDelta(text=text)):
            assert text == "hi"
        case _:
            pytest.fail(str(event))


def test_new_values_are_kept() -> None:
    event = CHUNKS.decode('{"candidates":[{"finishReason":"TIRED"}]}')
    assert event.candidates == [ours.Candidate(finish_reason="TIRED")]


def test_a_new_event_a_new_step_and_a_new_delta() -> None:
    new = EVENTS.decode('{"event_type":"step.pause","index":1}')
    assert isinstance(new, UnknownEvent)
    assert new.type == "step.pause"
    for event, field in (("step.delta", "delta"), ("step.start", "step")):
        read = EVENTS.decode(
            json.dumps({"event_type": event, "index": 3, field: {"type": "song", "note": 1}})
        )
        item = getattr(read, field)
        assert isinstance(item, UnknownItem)
        assert (read.index, item.type) == (3, "song")
        assert msgspec.json.decode(item.raw) == {"type": "song", "note": 1}


def test_the_result_of_a_function_is_an_object_contents_or_text() -> None:
    def result(value: Any) -> Any:
        delta = {"type": "function_result", "result": value}
        return EVENTS.decode(json.dumps({"event_type": "step.delta", "delta": delta})).delta.result

    assert result({"x": [1]}) == {"x": [1]}
    assert result("text") == "text"
    assert result([{"type": "text", "text": "t"}]) == [ours.TextContent(text="t")]


def test_times_are_datetimes() -> None:
    event = CHUNKS.decode('{"createTime":"2026-01-02T03:04:05.678901Z"}')
    assert event.create_time == datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def test_what_is_no_object_fails() -> None:
    with pytest.raises(DecodeError, match="Expected `object`, got `array`"):
        CHUNKS.decode("[]")


# Base64 -------------------------------------------------------------------------------------------


def test_data_is_base64_and_nothing_else_is() -> None:
    media = ("Audio", "Document", "Image", "Video")
    assert base64_fields(ours) == {
        "Blob.data",
        "FunctionResponseBlob.data",
        *(f"{name}{kind}.data" for name in media for kind in ("Content", "Delta")),
    }


@pytest.mark.parametrize("length", [4, 4_000, 400_000])
def test_images_are_read_in_place(length: int) -> None:
    data = "iVBO" * (length // 4)
    inline = {"inlineData": {"mimeType": "image/png", "data": data}}
    log = b"data: %b\n\n" % chunk({"text": data}, inline, {"thoughtSignature": data}).encode()
    (event,) = CHUNKS.iter(log)
    text, image, thought = parts_of(event)
    assert (text.text, thought.thought_signature) == (data, data)
    assert image.inline_data is not None
    read = image.inline_data.data
    assert isinstance(read, Base64)
    assert read.encoded == data.encode()
    assert read.decode() == base64.b64decode(data)
    if length > 4_000:
        assert read.encoded.obj is log
    delta = {"type": "image", "mime_type": "image/png", "data": data}
    log = b"data: %b\n\n" % json.dumps({"event_type": "step.delta", "delta": delta}).encode()
    (event,) = EVENTS.iter(log)
    assert isinstance(event.delta.data, Base64)
    assert str(event.delta.data) == data
