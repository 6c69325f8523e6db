"""`rapidsse.openai` against the official SDK's models, which are read here on their own terms."""

from __future__ import annotations

import functools
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapidsse import Base64, Decoder, UnknownEvent
from rapidsse import openai as ours
from sdk_types import (
    Comparison,
    PackageTests,
    base64_fields,
    decode,
    differences,
    import_sdk,
    payloads,
    sdk_type,
)

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("RAPIDSSE_CORPUS", ROOT.parent / "shared" / "corpus"))
DOCUMENTED = "image_generation_documented.sse"
SDK_PACKAGES = ("openai.types.responses", "openai.types.chat", "openai.types")


# Against the installed SDK ------------------------------------------------------------------------


@pytest.fixture
def sdk() -> Any:
    return import_sdk("openai")


class TestPackage(PackageTests):
    package = ours
    sdk_packages = SDK_PACKAGES
    roots = (
        "ResponseStreamEvent",
        "ImageGenStreamEvent",
        "ImageEditStreamEvent",
        "ChatCompletionChunk",
    )
    fewest_pairs = 300
    merged = frozenset({("ResponseOutputMessage", ours.EasyInputMessage)})


def test_the_walk_notices_what_is_missing(sdk: Any) -> None:
    comparison = Comparison()
    theirs = sdk_type(SDK_PACKAGES, "ResponseStreamEvent")
    comparison.compare(theirs, ours.ResponseTextDeltaEvent | ours.ResponseCreatedEvent, "x")
    assert any("response.completed" in line for line in comparison.missing)
    comparison.compare(sdk.types.responses.ResponseTextDeltaEvent, ours.ImageGenerationCall, "x")
    assert any("ResponseTextDeltaEvent" in line for line in comparison.missing)


# What old and new recordings may hold -------------------------------------------------------------


def test_a_new_value_is_kept() -> None:
    item = {"type": "message", "status": "paused", "role": "butler", "content": []}
    event = decode(
        {"type": "response.output_item.done", "item": item}, ours.ResponseStreamEvent
    ).item
    assert (event.status, event.role) == ("paused", "butler")


def test_events_match_by_class_and_by_type() -> None:
    event = decode(
        {"type": "response.output_text.delta", "delta": "hi", "sequence_number": 3},
        ours.ResponseStreamEvent,
    )
    match event:
        case ours.ResponseTextDeltaEvent(type="response.output_text.delta", delta=text):
            assert text == "hi"
        case _:
            pytest.fail(repr(event))
    assert repr(event) == "ResponseTextDeltaEvent(delta='hi', sequence_number=3)"


def test_a_class_with_several_types_has_a_subclass_for_each_further_one() -> None:
    tools = decode(
        [{"type": "web_search"}, {"type": "web_search_2025_08_26", "search_context_size": "low"}],
        list[ours.Tool],
    )
    assert [type(tool) for tool in tools] == [ours.WebSearchTool, ours.WebSearchTool20250826]
    assert all(isinstance(tool, ours.WebSearchTool) for tool in tools)
    assert [tool.type for tool in tools] == ["web_search", "web_search_2025_08_26"]
    assert tools[1].search_context_size == "low"


def test_messages_of_all_kinds_in_instructions_are_one_class() -> None:
    instructions = [
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "hi", "annotations": []}],
        },
    ]
    easy, plain, output = decode({"instructions": instructions}, ours.Response).instructions
    assert ours.Message is ours.EasyInputMessage
    assert easy.content == "hi"
    assert plain.content == [ours.ResponseInputText(text="hi")]
    assert (output.id, output.status) == ("msg_1", "completed")
    assert output.content == [ours.ResponseOutputText(text="hi", annotations=[])]


def test_fields_of_earlier_sdks_are_still_read() -> None:
    call = decode({"type": "mcp_call", "error": "no such tool"}, ours.ResponseOutputItem)
    assert call.error == "no such tool"
    error = {"type": "http_error", "code": 404, "message": "no such tool"}
    call = decode({"type": "mcp_call", "error": error}, ours.ResponseOutputItem)
    assert call.error == ours.HTTPError(code=404, message="no such tool")
    screen = {"type": "computer_use_preview", "display_width": 1024.0, "display_height": 768}
    tool = decode(screen, ours.Tool)
    assert (tool.display_width, tool.display_height) == (1024, 768)


def test_renamed_fields_read_and_write_the_sdks_json_names() -> None:
    call = decode({"type": "function_call", "async": True}, ours.ResponseFunctionToolCall)
    assert call.async_ is True
    assert msgspec.to_builtins(call) == {"type": "function_call", "async": True}
    config = decode({"type": "json_schema", "schema": {"a": 1}}, ours.ResponseFormatTextConfig)
    assert config.schema_ == {"a": 1}


def orders(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for keys in itertools.permutations(item):
        yield {key: item[key] for key in keys}


def test_result_is_base64_in_an_image_generation_call_and_text_in_a_program_output() -> None:
    image = {"type": "image_generation_call", "id": "ig_1", "result": "aGk="}
    program = {"type": "program_output", "id": "po_1", "result": "aGk="}
    for first, second in itertools.product(orders(image), orders(program)):
        event = {"type": "response.completed", "response": {"output": [first, second, first]}}
        output = decoder_of("ResponseStreamEvent").decode(json.dumps(event)).response.output
        assert [type(item.result) for item in output] == [Base64, str, Base64]
        assert [str(item.result) for item in output] == ["aGk="] * 3


def test_images_are_base64_wherever_they_stand() -> None:
    assert base64_fields(ours) == {
        "ImageEditCompletedEvent.b64_json",
        "ImageEditPartialImageEvent.b64_json",
        "ImageGenCompletedEvent.b64_json",
        "ImageGenPartialImageEvent.b64_json",
        "ImageGenerationCall.result",
        "ResponseImageGenCallPartialImageEvent.partial_image_b64",
    }


# Recorded streams ---------------------------------------------------------------------------------


def stream_type(payload: dict[str, Any]) -> str:
    if payload.get("object") == "chat.completion.chunk":
        return "ChatCompletionChunk"
    return "ResponseStreamEvent"


def corpus_files() -> list[Any]:
    files = sorted(CORPUS.glob("**/*.sse"))
    if files:
        return [pytest.param(path, id=path.name) for path in files]
    reason = f"recorded streams are not in {CORPUS}: set RAPIDSSE_CORPUS to their folder"
    return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="corpus")]


@functools.cache
def decoder_of(root: str) -> Decoder[Any]:
    return Decoder(getattr(ours, root))


def read(path: Path) -> tuple[str, list[Any]]:
    """The name of the union that the events of `path` belong to, and the events."""
    root = stream_type(json.loads(payloads(path)[0]))
    return root, list(decoder_of(root).iter(path.read_bytes()))


@pytest.mark.parametrize("path", corpus_files())
def test_recorded_streams_read_like_the_sdk(path: Path, sdk: Any) -> None:
    from openai._models import construct_type

    root, events = read(path)
    type_ = sdk_type(SDK_PACKAGES, root)
    for index, (payload, event) in enumerate(zip(payloads(path), events, strict=True)):
        if not isinstance(event, UnknownEvent):
            theirs = construct_type(type_=type_, value=json.loads(payload))
            assert list(differences(theirs, event, f"{path.name} event {index}")) == []


@pytest.mark.parametrize("path", corpus_files())
def test_recorded_streams_hold_no_unknown_events(path: Path) -> None:
    _, events = read(path)
    unknown = {event.type for event in events if isinstance(event, UnknownEvent)}
    if path.name == "test_apply_patch.1.sse":
        assert unknown == {
            "response.apply_patch_call_operation_diff.delta",
            "response.apply_patch_call_operation_diff.done",
        }
    else:
        assert unknown == set()


@pytest.mark.parametrize("path", [p for p in corpus_files() if p.id in ("corpus", DOCUMENTED)])
def test_the_documented_stream_is_whole(path: Path) -> None:
    _, events = read(path)
    assert len(events) == 17
    assert isinstance(events[-1], ours.ResponseCompletedEvent)
    (partial,) = [e for e in events if isinstance(e, ours.ResponseImageGenCallPartialImageEvent)]
    assert isinstance(partial.partial_image_b64, Base64)
