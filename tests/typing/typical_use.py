"""Typical uses, for the type checkers: `make lint` checks this file, nothing runs it.

`assert_type` states what a user's editor is to know.
"""

from __future__ import annotations

import mmap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal, assert_type

import msgspec

import rapidsse
from rapidsse import (
    Base64,
    Base64Error,
    DecodeError,
    DecodeFailure,
    Decoder,
    EventTooLarge,
    Parser,
    ServerSentEvent,
    UnknownEvent,
    UnknownItem,
    anthropic,
    google,
    openai,
)


def frames(chunks: Iterator[bytes], mapped: mmap.mmap) -> None:
    for event in rapidsse.iter_sse(chunks, max_event_size=2**20, eof="dispatch"):
        assert_type(event, ServerSentEvent)
        assert_type(event.event, str)
        assert_type(event.data, str)
        assert_type(event.data_bytes, memoryview)
        assert_type(event.id, str)
        assert_type(event.retry, int | None)
        assert_type(event.json(), Any)
    for source in (b"", bytearray(), memoryview(b""), mapped):
        list(rapidsse.iter_sse(source))


async def frames_as_they_come(chunks: AsyncIterator[bytes]) -> None:
    async for event in rapidsse.aiter_sse(chunks):
        assert_type(event, ServerSentEvent)


def frames_pushed(chunks: list[bytes]) -> list[ServerSentEvent]:
    parser = Parser(max_event_size=None)
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    assert_type(parser.last_event_id, str)
    assert_type(parser.retry, int | None)
    assert_type(parser.pending, int)
    try:
        return events + parser.close()
    except EventTooLarge as error:
        assert_type(error.offset, int)
        raise
    finally:
        parser.reset()


def typed_events(source: bytes, folder: Path) -> str:
    decoder: Decoder[openai.ResponseStreamEvent | UnknownEvent]
    decoder = Decoder(openai.ResponseStreamEvent)
    text: list[str] = []
    for event in decoder.iter(source):
        match event:
            case openai.ResponseTextDeltaEvent(delta=str(delta)):
                text.append(delta)
            case openai.ResponseImageGenCallPartialImageEvent(partial_image_b64=Base64() as image):
                assert_type(image.save(folder / "partial.png"), int)
            case openai.ResponseOutputItemDoneEvent(
                item=openai.ImageGenerationCall(result=Base64() as image)
            ):
                image.save(folder / "final.png")
            case UnknownEvent(type=type, raw=raw):
                assert_type(type, str | int)
                msgspec.json.decode(raw)
            case _:
                pass
    return "".join(text)


async def typed_events_as_they_come(chunks: AsyncIterator[bytes]) -> None:
    decoder = Decoder(openai.ChatCompletionChunk)
    async for chunk in decoder.aiter(chunks):
        assert_type(chunk, openai.ChatCompletionChunk)


def messages(source: bytes, folder: Path) -> str:
    decoder: Decoder[anthropic.RawMessageStreamEvent | UnknownEvent]
    decoder = Decoder(anthropic.RawMessageStreamEvent)
    text: list[str] = []
    for event in decoder.iter(source):
        match event:
            case anthropic.RawContentBlockDeltaEvent(delta=anthropic.TextDelta(text=str(piece))):
                text.append(piece)
            case anthropic.RawContentBlockStartEvent(
                content_block=anthropic.WebFetchToolResultBlock(
                    content=anthropic.WebFetchBlock(content=page)
                )
            ) if page is not None and isinstance(page.source, anthropic.Base64PDFSource):
                assert_type(page.source.data, Base64 | None)
                if page.source.data is not None:
                    page.source.data.save(folder / "page.pdf")
            case anthropic.RawMessageDeltaEvent(usage=anthropic.MessageDeltaUsage() as usage):
                assert_type(usage.output_tokens, int | None)
            case _:
                pass
    return "".join(text)


def images(source: bytes, folder: Path) -> None:
    decoder = Decoder(google.GenerateContentResponse)
    for number, chunk in enumerate(decoder.iter(source)):
        assert_type(chunk, google.GenerateContentResponse)
        for candidate in chunk.candidates or ():
            for part in (candidate.content and candidate.content.parts) or ():
                assert_type(part.text, str | None)
                if part.inline_data is not None and part.inline_data.data is not None:
                    part.inline_data.data.save(folder / f"{number}.png")


def interaction(source: bytes) -> str:
    decoder: Decoder[google.InteractionSSEEvent | UnknownEvent]
    decoder = Decoder(google.InteractionSSEEvent)
    text: list[str] = []
    for event in decoder.iter(source):
        match event:
            case google.StepDelta(delta=google.TextDelta(text=str(piece))):
                text.append(piece)
            case google.StepDelta(delta=google.ImageDelta(data=data)):
                assert_type(data, Base64 | None)
            case google.ErrorEvent(event_type="error", error=google.Error() as error):
                assert_type(error.code, str | None)
            case _:
                pass
    return "".join(text)


class Meta(msgspec.Struct, tag="meta", tag_field="kind"):
    name: str


class Picture(msgspec.Struct, tag="picture", tag_field="kind"):
    data: Base64
    thumbnail: Base64 | None = None


def own_structs(source: bytes) -> list[Picture]:
    decoder = Decoder(Picture)
    assert_type(decoder.decode(source), Picture)
    events = decoder.feed(source) + decoder.close()
    assert_type(events, list[Picture])
    return events


def failures_in_place(source: bytes) -> int:
    decoder = Decoder(Picture, on_error="yield")
    count = 0
    for event in decoder.iter(source):
        if isinstance(event, DecodeFailure):
            count += 1
        else:
            assert_type(event, Picture)
    assert_type(decoder.stats.skipped, int)
    return count


def base64(image: Base64) -> bytes:
    assert_type(image.encoded, memoryview)
    assert_type(len(image), int)
    assert_type(image.nbytes, int)
    assert_type(image.media_type, str | None)
    assert_type(image.detach(), Base64)
    assert_type(str(image), str)
    try:
        assert_type(image.decode_into(bytearray(image.nbytes)), int)
        return image.decode()
    except Base64Error as error:
        assert_type(error.offset, int)
        raise


def errors(decoder: Decoder[Picture], source: bytes) -> None:
    try:
        list(decoder.iter(source))
    except DecodeError as error:
        assert_type(error.offset, int | None)
        assert_type(error.data, bytes)


def unknown(item: UnknownItem) -> str | int:
    return item.type


def engine() -> None:
    name: str = rapidsse.engine
    choice: Literal["rust", "python"] = "rust"
    assert name == choice
