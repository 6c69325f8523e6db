"""`rapidsse.anthropic` against the official SDK's models, which are read here on their own terms."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapidsse import Base64, Decoder, UnknownEvent, UnknownItem
from rapidsse import anthropic as ours
from sdk_types import (
    Comparison,
    PackageTests,
    base64_fields,
    decode,
    differences,
    import_sdk,
    is_struct,
    payloads,
    sdk_type,
    structs_of,
)

STREAMS = Path(__file__).parents[1] / "support" / "anthropic_messages.sse"
SDK_PACKAGES = ("anthropic.types",)
DECODER = Decoder(ours.RawMessageStreamEvent)


@pytest.fixture
def sdk() -> Any:
    return import_sdk("anthropic")


class TestPackage(PackageTests):
    package = ours
    sdk_packages = SDK_PACKAGES
    roots = ("RawMessageStreamEvent",)
    fewest_pairs = 60


# Against the installed SDK ------------------------------------------------------------------------


def test_the_walk_notices_what_is_missing(sdk: Any) -> None:
    comparison = Comparison()
    theirs = sdk_type(SDK_PACKAGES, "RawMessageStreamEvent")
    comparison.compare(theirs, ours.RawMessageStartEvent | ours.RawMessageStopEvent, "x")
    assert any("content_block_delta" in line for line in comparison.missing)
    comparison.compare(sdk.types.TextBlock, ours.ThinkingBlock, "x")
    assert any("TextBlock" in line for line in comparison.missing)


def test_former_names_are_those_of_the_sdk(sdk: Any) -> None:
    assert ours.MessageStreamEvent is ours.RawMessageStreamEvent
    assert ours.ContentBlockDeltaEvent is ours.RawContentBlockDeltaEvent
    mine = {struct.__name__: struct for struct in structs_of(ours)}
    for name, theirs in vars(sdk.types).items():
        if isinstance(theirs, type) and theirs.__name__ in mine:
            assert getattr(ours, name) is mine[theirs.__name__]


# The streams --------------------------------------------------------------------------------------


def known_events() -> list[tuple[dict[str, Any], Any]]:
    """The events of `STREAMS` that are no UnknownEvent, each with its JSON."""
    texts = [json.loads(payload) for payload in payloads(STREAMS)]
    events = DECODER.iter(STREAMS.read_bytes())
    pairs = zip(texts, events, strict=True)
    return [(text, event) for text, event in pairs if not isinstance(event, UnknownEvent)]


def test_streams_read_like_the_sdk(sdk: Any) -> None:
    from anthropic._models import construct_type

    type_ = sdk_type(SDK_PACKAGES, "RawMessageStreamEvent")
    for index, (payload, event) in enumerate(known_events()):
        theirs = construct_type(type_=type_, value=payload)
        assert list(differences(theirs, event, f"event {index}")) == []


def undeclared(theirs: Any, path: str) -> Iterator[str]:
    """What the SDK's models hold and do not declare."""
    if hasattr(type(theirs), "model_fields"):
        yield from (f"{path}.{name}" for name in theirs.model_extra or ())
        for name in type(theirs).model_fields:
            yield from undeclared(getattr(theirs, name), f"{path}.{name}")
    elif isinstance(theirs, list):
        for item in theirs:
            yield from undeclared(item, path + "[]")


def test_streams_are_what_the_sdk_declares(sdk: Any) -> None:
    """As they are synthetic, a slip of the pen could go unnoticed otherwise."""
    from pydantic import TypeAdapter

    strict = TypeAdapter(sdk_type(SDK_PACKAGES, "RawMessageStreamEvent"))
    for index, (payload, _) in enumerate(known_events()):
        assert list(undeclared(strict.validate_python(payload), f"event {index}")) == []


def structs_in(value: Any) -> Iterator[Any]:
    if is_struct(type(value)):
        yield type(value)
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, list):
        for item in value:
            yield from structs_in(item)


def test_streams_hold_every_class() -> None:
    held = {struct for _, event in known_events() for struct in structs_in(event)}
    assert set(structs_of(ours)) - held == set()
    assert UnknownItem not in held


def test_streams_read_the_same_however_they_are_cut() -> None:
    log = STREAMS.read_bytes()
    whole = list(DECODER.iter(log))
    for size in (1, 7, 1000):
        chunks = [log[start : start + size] for start in range(0, len(log), size)]
        assert list(DECODER.iter(chunks)) == whole


def test_ping_and_error_are_no_members_of_the_union() -> None:
    events = list(DECODER.iter(STREAMS.read_bytes()))
    unknown = [event for event in events if isinstance(event, UnknownEvent)]
    assert Counter(event.type for event in unknown) == {"ping": 3, "error": 1}
    error = msgspec.json.decode(unknown[-1].raw)["error"]
    assert error == {"type": "overloaded_error", "message": "Overloaded"}


def test_events_match_by_class_and_by_type() -> None:
    text: list[str] = []
    for event in DECODER.iter(STREAMS.read_bytes()):
        match event:
            case ours.RawContentBlockDeltaEvent(index=0, delta=ours.TextDelta(text=str(piece))):
                text.append(piece)
            case ours.RawMessageDeltaEvent(type="message_delta", delta=ours.Delta() as delta):
                assert delta.stop_reason == "end_turn"
                break
    assert "".join(text) == 'Guten  Tag: naïve café, “quotes”, \\ and "\n\n- 日本語 👋🏽\t\0!'
    assert repr(ours.TextDelta(text="hi")) == "TextDelta(text='hi')"


# What later streams may hold ----------------------------------------------------------------------


def test_new_values_are_kept() -> None:
    delta = {"stop_reason": "tired", "stop_sequence": None}
    event = decode({"type": "message_delta", "delta": delta}, ours.RawMessageStreamEvent)
    assert event.delta.stop_reason == "tired"
    block = {"type": "server_tool_use", "name": "crystal_ball", "input": {"x": [1]}}
    call = decode(block, ours.ContentBlock)
    assert (call.name, call.input) == ("crystal_ball", {"x": [1]})


def test_a_new_kind_of_block_or_delta_costs_only_itself() -> None:
    start = {"type": "content_block_start", "index": 3, "content_block": {"type": "song"}}
    event = DECODER.decode(json.dumps(start))
    assert isinstance(event, ours.RawContentBlockStartEvent)
    assert event.index == 3
    assert isinstance(event.content_block, UnknownItem)
    assert event.content_block.type == "song"
    delta = {"type": "content_block_delta", "index": 3, "delta": {"type": "song_delta", "note": 1}}
    event = DECODER.decode(json.dumps(delta))
    assert isinstance(event, ours.RawContentBlockDeltaEvent)
    assert isinstance(event.delta, UnknownItem)
    assert msgspec.json.decode(event.delta.raw) == {"type": "song_delta", "note": 1}


def test_the_result_of_a_search_is_a_list_or_an_error() -> None:
    block = {
        "type": "web_search_tool_result",
        "content": [{"type": "web_search_result", "url": "u"}],
    }
    (page,) = decode(block, ours.ContentBlock).content
    assert page == ours.WebSearchResultBlock(type="web_search_result", url="u")
    block["content"] = {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    error = decode(block, ours.ContentBlock).content
    assert isinstance(error, ours.WebSearchToolResultError)
    assert error.error_code == "unavailable"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T11:30:00.123456Z", datetime(2026, 11, 20, 11, 30, 0, 123456, UTC)),
        ("2026-11-20T13:30:00+02:00", datetime(2026, 11, 20, 11, 30, tzinfo=UTC)),
    ],
)
def test_a_container_expires_at_a_time(text: str, expected: datetime) -> None:
    event = DECODER.decode(container_until(text))
    assert isinstance(event, ours.RawMessageDeltaEvent)
    assert event.delta is not None
    assert event.delta.container == ours.Container(id="c", expires_at=expected)


def test_what_is_no_time_reads_as_none() -> None:
    event = DECODER.decode(container_until("tomorrow"))
    assert isinstance(event, ours.RawMessageDeltaEvent)
    assert event.delta is not None
    assert event.delta.container == ours.Container(id="c")


def container_until(text: str) -> str:
    delta = {"container": {"id": "c", "expires_at": text}}
    return json.dumps({"type": "message_delta", "delta": delta})


# Base64 -------------------------------------------------------------------------------------------


def test_documents_are_base64_and_nothing_else_is() -> None:
    assert base64_fields(ours) == {"Base64PDFSource.data"}


def test_a_fetched_pdf_is_read_in_place() -> None:
    log = STREAMS.read_bytes()
    sources = [
        event.content_block.content.content.source
        for event in DECODER.iter(log)
        if isinstance(event, ours.RawContentBlockStartEvent)
        and isinstance(event.content_block, ours.WebFetchToolResultBlock)
        and isinstance(event.content_block.content, ours.WebFetchBlock)
    ]
    pdf, text = sources
    assert isinstance(pdf, ours.Base64PDFSource)
    assert pdf.data.encoded.obj is log
    assert pdf.data.decode().startswith(b"%PDF-1.4\n")
    assert pdf.data.media_type is None
    assert isinstance(text, ours.PlainTextSource)
    assert text.data == '# Notes\n\nPlain "text", not base64: äöü'


def orders(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for keys in itertools.permutations(item):
        yield {key: item[key] for key in keys}


@pytest.mark.parametrize("length", [4, 4_000, 400_000])
def test_data_is_base64_in_a_pdf_and_text_elsewhere(length: int) -> None:
    data = "JVBE" * (length // 4)
    pdf = {"type": "base64", "media_type": "application/pdf", "data": data}
    text = {"type": "text", "media_type": "text/plain", "data": data}
    thought = {"type": "redacted_thinking", "data": data}
    for first, second in itertools.product(orders(pdf), orders(text)):
        content = [fetched(first), thought, fetched(second), fetched(first)]
        message = {"type": "message_start", "message": {"content": content}}
        event = DECODER.decode(json.dumps(message))
        assert isinstance(event, ours.RawMessageStartEvent)
        blocks = event.message.content
        read = [blocks[0].content.content.source.data, blocks[1].data]
        read += [block.content.content.source.data for block in blocks[2:]]
        assert [type(value) for value in read] == [Base64, str, str, Base64]
        assert [str(value) for value in read] == [data] * 4


def fetched(source: dict[str, Any]) -> dict[str, Any]:
    page = {"type": "web_fetch_result", "content": {"type": "document", "source": source}}
    return {"type": "web_fetch_tool_result", "content": page}
