"""Typed events: the text log, the image log and the corpus, against msgspec alone on
payloads that are already split, the official SDK's typed events, and `json.loads`."""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

import logs
import rapidsse
from conftest import Compare, corpus, cut, drain
from peers import httpx_sse_json, openai_typed
from rapidsse import Base64, Decoder, openai
from rows import Row

DECODER = Decoder(openai.ResponseStreamEvent)

EVENTS = 48 * logs.EVENTS_PER_TEXT_STREAM
IMAGES_PER_STREAM = 3
STREAMS = 20
REPEATS = 10


def payloads_of(data: bytes) -> list[bytes]:
    return [bytes(event.data_bytes) for event in rapidsse.iter_sse(data)]


def check(ours: Iterable[Any], theirs: Iterable[Any]) -> int:
    """Returns the number of events if both sides yield events of the same classes in order."""
    pairs = list(zip(ours, theirs, strict=True))
    for our, their in pairs:
        assert type(our).__name__ == type(their).__name__
    return len(pairs)


def test_text_log_against_msgspec_alone(compare: Compare, text: bytes) -> None:
    payloads = payloads_of(text)
    decode = msgspec.json.Decoder(openai.ResponseStreamEvent).decode
    assert list(DECODER.iter(text)) == list(map(decode, payloads))

    def alone() -> None:
        for payload in payloads:
            decode(payload)

    compare(
        Row("text log, typed", "msgspec alone, payloads already split", "× its time", 0.75, 4),
        lambda: drain(DECODER.iter(text)),
        alone,
        rounds=25,
        bytes=len(text),
        events=len(payloads),
    )


def test_text_log_against_json_loads_alone(compare: Compare, text: bytes) -> None:
    payloads = payloads_of(text)

    def alone() -> None:
        for payload in payloads:
            json.loads(payload)

    compare(
        Row("text log, typed", "json.loads alone, payloads already split", "× its time"),
        lambda: drain(DECODER.iter(text)),
        alone,
        rounds=7,
        bytes=len(text),
        events=len(payloads),
    )


def test_text_log_against_openai(compare: Compare, text: bytes) -> None:
    chunks = cut(text)
    some = cut(text[: text.index(b"\n\n", len(text) // 10) + 2])
    check(DECODER.iter(some), openai_typed(some))
    compare(
        Row("text log, typed, in 64 KiB chunks", "openai SDK, typed", "× its speed", 150, 40),
        lambda: drain(DECODER.iter(chunks)),
        lambda: drain(openai_typed(chunks)),
        rounds=3,
        bytes=len(text),
        events=EVENTS,
    )


def test_text_log_against_httpx_sse_json(compare: Compare, text: bytes) -> None:
    chunks = cut(text)
    compare(
        Row("text log, typed, in 64 KiB chunks", "httpx-sse + json.loads", "× its speed"),
        lambda: drain(DECODER.iter(chunks)),
        lambda: drain(httpx_sse_json(chunks)),
        rounds=5,
        bytes=len(text),
        events=EVENTS,
    )


def images_in(event: Any) -> list[Base64]:
    match event:
        case openai.ResponseImageGenCallPartialImageEvent(partial_image_b64=Base64() as image):
            return [image]
        case openai.ResponseOutputItemDoneEvent(item=item):
            return _results([item])
        case openai.ResponseCompletedEvent(response=response):
            return _results(response.output)
    return []


def _results(items: list[Any]) -> list[Base64]:
    results = (getattr(item, "result", None) for item in items)
    return [result for result in results if isinstance(result, Base64)]


def test_image_log_against_find(compare: Compare, images: mmap.mmap) -> None:
    text = images[:]
    found = [image for event in DECODER.iter(images) for image in images_in(event)]
    assert len(found) == IMAGES_PER_STREAM * STREAMS
    start = 0
    for image in found:
        assert len(image) == 2_000_000
        start = text.index(image.encoded, start) + len(image)
    del found, image
    assert images.find(b"\0") == -1
    compare(
        Row(
            "image log, typed, from an mmap",
            "one find of an absent byte",
            "× its speed",
            0.85,
            0.25,
        ),
        lambda: drain(DECODER.iter(images)),
        lambda: images.find(b"\0"),
        rounds=25,
        bytes=len(images),
    )


def test_image_log_against_find_in_chunks(compare: Compare, images: mmap.mmap) -> None:
    chunks = cut(images[:])

    def find() -> None:
        for chunk in chunks:
            assert chunk.find(b"\0") == -1

    compare(
        Row("image log, typed, in 64 KiB chunks", "one find in each chunk", "× its speed", 0.75),
        lambda: drain(DECODER.iter(chunks)),
        find,
        rounds=15,
        bytes=len(images),
    )


def test_image_log_against_openai(compare: Compare, images: mmap.mmap) -> None:
    chunks = cut(images[:])
    events = check(DECODER.iter(chunks), openai_typed(chunks))
    compare(
        Row("image log, typed, in 64 KiB chunks", "openai SDK, typed", "× its speed"),
        lambda: drain(DECODER.iter(chunks)),
        lambda: drain(openai_typed(chunks)),
        rounds=3,
        bytes=len(images),
        events=events,
    )


def test_image_log_against_httpx_sse_json(compare: Compare, images: mmap.mmap) -> None:
    chunks = cut(images[:])
    compare(
        Row("image log, typed, in 64 KiB chunks", "httpx-sse + json.loads", "× its speed"),
        lambda: drain(DECODER.iter(chunks)),
        lambda: drain(httpx_sse_json(chunks)),
        rounds=5,
        bytes=len(images),
    )


class StrItem(msgspec.Struct):
    type: str
    result: str | None = None


class StrResponse(msgspec.Struct):
    output: list[StrItem]


class StrEvent(msgspec.Struct):
    type: str
    partial_image_b64: str | None = None
    item: StrItem | None = None
    response: StrResponse | None = None


class Item(msgspec.Struct):
    type: str
    result: Base64 | None = None


class Response(msgspec.Struct):
    output: list[Item]


class Event(msgspec.Struct):
    type: str
    partial_image_b64: Base64 | None = None
    item: Item | None = None
    response: Response | None = None


class RawEvent(msgspec.Struct):
    type: str
    partial_image_b64: msgspec.Raw = msgspec.Raw()
    item: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()


@pytest.mark.parametrize(("plain", "name"), [(StrEvent, "str"), (RawEvent, "Raw")])
def test_image_log_against_msgspec_alone(
    compare: Compare, images: mmap.mmap, plain: type, name: str
) -> None:
    payloads = payloads_of(images[:])
    decode = msgspec.json.Decoder(plain).decode
    own = Decoder(Event)

    def alone() -> None:
        for payload in payloads:
            decode(payload)

    assert [event.type for event in own.iter(images)] == [decode(p).type for p in payloads]
    compare(
        Row(
            "image log, a user's Structs, from an mmap",
            f"msgspec alone, {name} fields, payloads already split",
            "× its speed",
        ),
        lambda: drain(own.iter(images)),
        alone,
        rounds=7,
        bytes=len(images),
    )


def test_corpus_against_msgspec_alone(compare: Compare) -> None:
    nothing = Base64("")
    # Where an image is, msgspec alone makes a `str` of its text, which is what it would cost at least.
    decode = msgspec.json.Decoder(openai.ResponseStreamEvent, dec_hook=lambda *_: nothing).decode
    # Events of an unknown type are in neither side: ours makes one of them, and msgspec alone fails.
    bodies = [_known(body, decode) for body in corpus_bodies()]
    payloads = [payload for body in bodies for payload in payloads_of(body)]
    decoder = Decoder(openai.ResponseStreamEvent, on_error="skip")
    check((event for body in bodies for event in decoder.iter(body)), map(decode, payloads))

    # One time would take less than the caches do to fill.
    def ours() -> None:
        for _ in range(REPEATS):
            for body in bodies:
                drain(decoder.iter(body))

    def alone() -> None:
        for _ in range(REPEATS):
            for payload in payloads:
                decode(payload)

    compare(
        Row(
            f"corpus, typed, {REPEATS} times in a pass",
            "msgspec alone, images as str, payloads already split",
            "× its time",
            1.05,
        ),
        ours,
        alone,
        rounds=25,
        bytes=REPEATS * sum(map(len, bodies)),
        events=REPEATS * len(payloads),
    )


def corpus_bodies() -> list[bytes]:
    files = (path.read_bytes() for path in sorted(corpus().glob("responses/*.sse")))
    return [data for data in files if data.startswith(b"event: response.")]


def _known(body: bytes, decode: Callable[[bytes], object]) -> bytes:
    """The events of a body that decode."""
    events = (event + b"\n\n" for event in body.removesuffix(b"\n\n").split(b"\n\n"))
    return b"".join(
        event for event in events if all(_decodes(decode, p) for p in payloads_of(event))
    )


def _decodes(decode: Callable[[bytes], object], payload: bytes) -> bool:
    try:
        decode(payload)
    except msgspec.ValidationError:
        return False
    return True


def test_corpus_against_openai(compare: Compare) -> None:
    bodies = [cut(data) for data in corpus_bodies()]

    def ours() -> None:
        for body in bodies:
            drain(DECODER.iter(body))

    def theirs() -> None:
        for body in bodies:
            drain(openai_typed(body))

    compare(
        Row("corpus, typed, in 64 KiB chunks", "openai SDK, typed", "× its speed"),
        ours,
        theirs,
        rounds=5,
        bytes=sum(len(chunk) for body in bodies for chunk in body),
        events=sum(len(list(DECODER.iter(body))) for body in bodies),
    )
