"""Base64 whose text came in several chunks: it is left in them, and behaves as it does elsewhere."""

from __future__ import annotations

import asyncio
import base64
import pickle
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

import rapidsse
from rapidsse import Base64, DecodeError, DecodeFailure, Decoder, EventTooLarge

CHUNK = 10_000
IMAGE = b"\x89PNG\r\n\x1a\n" + Random(1).randbytes(150_000)
TEXT = base64.b64encode(IMAGE)
PLAIN = "a plain text of letters and spaces " * 3000


class Event(msgspec.Struct):
    image: Base64 | None = None
    other: Base64 | None = None
    text: str | None = None


class PlainEvent(msgspec.Struct):
    image: str | None = None
    other: str | None = None
    text: str | None = None


DECODER = Decoder(Event)


def stream(payload: bytes, end: bytes = b"\n\n") -> list[bytes]:
    data = b"event: e\ndata: " + payload + end
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]


def image_payload(text: bytes = TEXT) -> bytes:
    return b'{"text":"before","image":"' + text + b'","other":null}'


def read(payload: bytes) -> Event:
    (event,) = DECODER.iter(stream(payload))
    return event


def as_plain(event: Event) -> PlainEvent:
    def text(image: Base64 | None) -> str | None:
        return None if image is None else str(image)

    return PlainEvent(text(event.image), text(event.other), event.text)


PAYLOADS = {
    "one image": image_payload(),
    "two images": b'{"image":"%b","text":"x","other":"%b"}' % (TEXT, TEXT[:50_000]),
    "an empty image behind it": b'{"image":"%b","other":""}' % TEXT,
    "slashes escaped at the end": image_payload(TEXT + b"\\/"),
    "an escape in the middle": image_payload(TEXT[:70_001] + b"\\u0041" + TEXT[70_001:]),
    "a quote in the middle": b'{"text":"%b"}' % (TEXT[:70_001] + b'\\"' + TEXT[70_001:]),
    "plain text": b'{"text":"%b","image":"QQ=="}' % PLAIN.encode(),
    "plain text beside it": b'{"text":"%b","image":"%b"}' % (PLAIN.encode(), TEXT),
    "an unknown field": b'{"new":"%b","image":"%b"}' % (TEXT, TEXT),
    "a long key": b'{"%b":1,"image":"%b"}' % (TEXT, TEXT),
    "spaces between": b'{"image":' + b" " * 50_000 + b'"%b"}' % TEXT,
    "digits between": b'{"new":' + b"1" * 50_000 + b',"image":"%b"}' % TEXT,
    "a colon and a quote behind": b'{"image" ' + b" " * 50_000 + b': "%b"}' % TEXT,
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_equals_a_plain_decode(payload: bytes) -> None:
    assert as_plain(read(payload)) == msgspec.json.decode(payload, type=PlainEvent)


@pytest.mark.parametrize("first", range(0, 60, 7))
@pytest.mark.parametrize("size", [4095, 4096, 4097, 50_000])
def test_however_it_is_cut(first: int, size: int) -> None:
    data = b"".join(stream(image_payload()))
    chunks = [data[:first], *(data[at : at + size] for at in range(first, len(data), size))]
    (event,) = DECODER.iter(chunks)
    assert event.image is not None
    assert event.image.encoded == TEXT


def test_behaves_like_any_other(tmp_path: Path) -> None:
    image = read(image_payload()).image
    assert image is not None
    assert len(image) == len(TEXT)
    assert image.nbytes == len(IMAGE)
    assert image.media_type == "image/png"
    assert repr(image) == repr(Base64(TEXT))
    assert image.decode() == IMAGE
    assert image.save(tmp_path / "image.png") == len(IMAGE)
    assert (tmp_path / "image.png").read_bytes() == IMAGE
    buffer = bytearray(len(IMAGE))
    assert image.decode_into(buffer) == len(IMAGE)
    assert buffer == IMAGE
    assert image.encoded.readonly
    assert image.encoded is image.encoded
    assert (image.encoded.format, image.encoded.ndim, image.encoded.nbytes) == ("B", 1, len(TEXT))


@pytest.mark.parametrize("use", [str, hash, pickle.dumps, Base64.detach, Base64.decode, repr])
def test_each_use_may_be_the_first(use: Any) -> None:
    image = read(image_payload()).image
    assert image is not None
    again = use(image)
    if isinstance(again, Base64):
        assert again == image
    assert image == Base64(TEXT)
    assert use(Base64(TEXT)) == again


@pytest.mark.parametrize("size", [4095, 4096, 4097, 4098, 50_000])
@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_decodes_however_it_is_cut(size: int, length: int) -> None:
    data = IMAGE[: len(IMAGE) - length]
    body = b"".join(stream(image_payload(base64.b64encode(data))))
    (event,) = DECODER.iter([body[at : at + size] for at in range(0, len(body), size)])
    assert event.image is not None
    assert event.image.decode() == event.image.decode() == data
    assert event.image.encoded == base64.b64encode(data)
    assert event.image.decode() == data


@pytest.mark.parametrize("bad", [b"!", b"="])
@pytest.mark.parametrize("at", [0, 1, 39_970, 100_000, len(TEXT) - 5])
def test_text_that_is_no_base64_is_refused_where_it_lies(bad: bytes, at: int) -> None:
    text = TEXT[:at] + bad + TEXT[at + 1 :]
    image = read(image_payload(text)).image
    assert image is not None
    for _ in range(2):
        with pytest.raises(rapidsse.Base64Error) as refused:
            image.decode()
        with pytest.raises(rapidsse.Base64Error) as same:
            Base64(text).decode()
        assert (refused.value.offset, str(refused.value)) == (same.value.offset, str(same.value))
    assert refused.value.offset == at


@pytest.mark.skipif(rapidsse.engine != "rust", reason="the pure engine puts the text together")
def test_the_text_stays_in_its_chunks() -> None:
    chunks = stream(image_payload())
    before = [sys.getrefcount(chunk) for chunk in chunks]
    (event,) = DECODER.iter(chunks)
    held = [sys.getrefcount(chunk) for chunk in chunks]
    more = [count - earlier for count, earlier in zip(held, before, strict=True)]
    assert more == [0] + [1] * (len(chunks) - 2) + [0]
    del event
    assert [sys.getrefcount(chunk) for chunk in chunks] == before


def test_fed_and_asynchronous() -> None:
    payload = image_payload()

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in stream(payload):
            yield chunk

    async def read_async() -> list[Event]:
        return [event async for event in DECODER.aiter(chunks())]

    decoder = Decoder(Event)
    fed = [event for chunk in stream(payload) for event in decoder.feed(chunk)]
    assert fed == asyncio.run(read_async()) == [read(payload)]


def test_chunks_that_their_owner_reuses() -> None:
    decoder = Decoder(Event)
    buffer = bytearray(CHUNK)
    events = []
    for chunk in stream(image_payload()):
        buffer[: len(chunk)] = chunk
        events += decoder.feed(memoryview(buffer)[: len(chunk)])
    assert events == [read(image_payload())]


def test_failures_have_all_of_the_payload() -> None:
    wrong = image_payload().replace(b"null", b"[1]")
    decoder = Decoder(Event, on_error="yield")
    failure, event = decoder.iter([*stream(wrong), *stream(image_payload())])
    assert isinstance(failure, DecodeFailure)
    assert failure.kind == "schema"
    assert failure.data == wrong
    assert event == read(image_payload())
    cut = image_payload()[:-30]
    (failure,) = decoder.iter(stream(cut, end=b""))
    assert isinstance(failure, DecodeFailure)
    assert (failure.kind, failure.data) == ("truncated", cut)
    with pytest.raises(DecodeError) as raised:
        list(DECODER.iter(stream(wrong)))
    assert raised.value.data == wrong


@pytest.mark.parametrize("limit", [100_000, len(image_payload()) + len(b"e") - 1])
def test_what_is_left_counts(limit: int) -> None:
    chunks = stream(image_payload())
    decoder = Decoder(Event, max_event_size=limit)
    events = decoder.iter([*chunks, *stream(b'{"text":"x"}')])
    with pytest.raises(EventTooLarge):
        next(events)
    assert next(events) == Event(text="x")
    (event,) = Decoder(Event, max_event_size=limit + len(TEXT)).iter(chunks)
    assert event == read(image_payload())
