"""`Decoder`: what it delivers, from every kind of source."""

import asyncio
import mmap
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, NewType, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import Struct

from rapidsse import Base64, DecodeError, Decoder, _limits
from rapidsse._typed import _schema

SHORT, LONG = b"QUJD", b"QUJD" * 1000
LARGE = b"QUJD" * 300_000
assert len(SHORT) < _limits.MIN_CUT < len(LONG) < _limits.LONG_PAYLOAD
assert len(LARGE) > _limits.MAX_COPY


class Text(Struct, tag="text"):
    text: str


class Image(Struct, tag="image"):
    result: Base64 | None = None
    index: int = 0


class Program(Struct, tag="program"):
    result: str | None = None


class Done(Struct, tag="done"):
    output: list[Image | Program]


EVENTS = Text | Image | Done
DECODER: Decoder[Any] = Decoder(EVENTS)


def stream(*payloads: bytes) -> bytes:
    return b"".join(b"data: %b\n\n" % payload for payload in payloads)


STREAM = stream(
    b'{"type":"text","text":"a"}',
    b'{"type":"image","index":1,"result":"%b"}' % LONG,
    b"[DONE]",
    b'{"type":"text","text":"b"}',
)
EXPECTED = [Text("a"), Image(Base64(LONG), 1), Text("b")]


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_iter_of_a_buffer(kind: Callable[[bytes], bytes]) -> None:
    source = kind(STREAM)
    events = list(DECODER.iter(source))
    assert events == EXPECTED
    owner = STREAM if kind is memoryview else source
    assert events[1].result.encoded.obj is owner


def test_iter_of_a_map(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(STREAM)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        events = list(DECODER.iter(mapped))
        assert events == EXPECTED
        assert events[1].result.encoded.obj is mapped
        del events


@pytest.mark.parametrize("size", [1, 7, 64, 4096, 10**6])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_chunks_of_any_size(kind: Callable[[bytes], bytes], size: int) -> None:
    assert list(DECODER.iter(map(kind, in_chunks(STREAM, size)))) == EXPECTED
    fed = [event for chunk in in_chunks(STREAM, size) for event in DECODER.feed(kind(chunk))]
    assert fed + DECODER.close() == EXPECTED

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in in_chunks(STREAM, size):
            await asyncio.sleep(0)
            yield kind(chunk)

    async def collected() -> list[Any]:
        return [event async for event in DECODER.aiter(chunks())]

    assert asyncio.run(collected()) == EXPECTED


def test_aiter_of_a_buffer() -> None:
    async def collected() -> list[Any]:
        return [event async for event in DECODER.aiter(STREAM)]

    events = asyncio.run(collected())
    assert events == EXPECTED
    assert events[1].result.encoded.obj is STREAM


@pytest.mark.parametrize("text", [SHORT, LONG], ids=len)
def test_chunks_may_be_reused_by_their_producer(text: bytes) -> None:
    source = stream(b'{"type":"image","result":"%b"}' % text) * 3
    expected = [Image(Base64(text))] * 3

    def chunks() -> Iterator[memoryview]:
        buffer = bytearray(64)
        for chunk in in_chunks(source, 64):
            buffer[: len(chunk)] = chunk
            yield memoryview(buffer)[: len(chunk)]
            buffer[:] = b"*" * 64

    async def async_chunks() -> AsyncIterator[memoryview]:
        for chunk in chunks():
            yield chunk

    async def collected() -> list[Any]:
        return [event async for event in DECODER.aiter(async_chunks())]

    assert list(DECODER.iter(chunks())) == expected
    assert asyncio.run(collected()) == expected
    buffer = bytearray(source)
    events = DECODER.feed(buffer)
    buffer[:] = b"*" * len(buffer)
    assert events + DECODER.close() == expected


def test_each_iterator_has_its_own_state() -> None:
    first, second = DECODER.iter(STREAM), DECODER.iter(in_chunks(STREAM, 10))
    fed = DECODER.feed(STREAM[:20])
    pairs = list(zip(first, second, strict=True))
    assert [a for a, _ in pairs] == [b for _, b in pairs] == EXPECTED
    assert fed + DECODER.feed(STREAM[20:]) + DECODER.close() == EXPECTED


def test_feed_takes_another_stream_after_close() -> None:
    cut = STREAM[: STREAM.index(b"[DONE]") - 7]
    for _ in range(3):
        assert DECODER.feed(b"\xef\xbb\xbf" + cut) == EXPECTED[:1]
        assert DECODER.close() == EXPECTED[1:2]
    assert DECODER.close() == []


@pytest.mark.parametrize("text", [SHORT, LONG, LONG * 10, LARGE], ids=len)
@pytest.mark.parametrize(
    "template",
    [
        b'{"type":"image","result":"%b"}',
        b' { "result" :\t"%b" , "type" : "image" } ',
        b'{"type":"image","r\\u0065sult":"%b"}',
        b'{"result":"%b","type":"image","x":{"result":"y"}}',
        b'{"type":"image","result":"first","result":"%b"}',
    ],
)
def test_base64_refers_to_the_source(template: bytes, text: bytes) -> None:
    payload = template % text
    image = DECODER.decode(payload).result
    assert image.encoded.obj is payload
    assert image.encoded == text
    source = bytearray(stream(payload))
    (event,) = DECODER.iter(source)
    assert event.result.encoded.obj is source
    at = source.index(b"QUJD")
    source[at] = ord("R")
    assert event.result.decode()[:1] == b"E"


@pytest.mark.parametrize("size", [1, 600, 20_000, 1_200_000])
@pytest.mark.parametrize("written", ["\\/", "\\u0041", "é", "\\n"], ids=ascii)
def test_text_that_is_not_plain_is_kept_as_it_reads(written: str, size: int) -> None:
    payload = '{"type":"image","result":"' + written + "A" * size + '"}'
    event = DECODER.decode(payload)
    assert str(event.result) == msgspec.json.decode(payload)["result"]


@pytest.mark.parametrize("text", [SHORT, LONG, LONG * 10, LARGE], ids=len)
def test_one_key_for_base64_and_for_text(text: bytes) -> None:
    items = [b'{"type":"image","result":"%b"}', b'{"result":"%b","type":"program"}']
    payload = b'{"type":"done","output":[%b]}' % b",".join(items * 2) % ((text,) * 4)
    event = DECODER.decode(payload)
    image, program = Image(Base64(text)), Program(text.decode())
    assert event == Done([image, program, image, program])
    places = {event.output[at].result.encoded.obj is payload for at in (0, 2)}
    assert places == {True}


@pytest.mark.parametrize("text", [SHORT, LONG, LONG * 10, LARGE], ids=len)
def test_base64_in_what_is_not_read(text: bytes) -> None:
    payload = b'{"type":"image","x":{"result":"%b"},"index":3}' % text
    assert DECODER.decode(payload) == Image(None, 3)
    assert Decoder(dict[str, Any]).decode(payload)["x"] == {"result": text.decode()}


@pytest.mark.parametrize(
    "payload",
    [
        # Only what stands in a plain string is read as one.
        b'{"type":"done","output":[{"type":"image","result":"%b"},{"type":"program","result":"%b"}]}'
        % (LARGE, LONG),
        b'{"type":"done","output":[{"type":"image","result":"%b"},{"type":"image","result":"%b"}]}'
        % (LARGE, SHORT),
        b'{"type":"image","x":"%b"}' % LARGE,
    ],
    ids=["plain string", "short one", "unread"],
)
def test_large_payloads_are_not_copied(payload: bytes) -> None:
    source = bytearray(stream(payload))
    list(DECODER.iter(source))
    tracemalloc.start()
    events = list(DECODER.iter(source))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(events) == 1
    assert peak < len(LARGE) // 2


class Seen(Struct, tag="seen"):
    result: complex


def test_no_placeholder_can_be_foreseen() -> None:
    """A hook may see the placeholder of a string that is not for it, but never one twice."""
    seen: list[str] = []

    def hook(kind: type, value: str) -> complex:
        seen.append(value)
        return complex(len(value))

    decoder: Decoder[Any] = Decoder(Seen | Image, dec_hook=hook)
    payload = b'{"type":"seen","result":"%b"}' % (LONG * 10)
    for _ in range(2):
        assert decoder.decode(payload) == Seen(complex(10 * len(LONG)))
    placeholders = [value for value in seen if len(value) < 100]
    assert len(set(placeholders)) == 2
    for value in placeholders:
        image = b'{"type":"image","result":"%b"}' % value.encode()
        assert decoder.decode(image) == Image(Base64(value))


@pytest.mark.parametrize("kind", [str, bytes, bytearray, memoryview])
def test_decode_takes_text_and_buffers(kind: Any) -> None:
    for text in (SHORT, LONG * 10):
        payload = b'{"type":"image","result":"%b"}' % text
        data = payload.decode() if kind is str else kind(payload)
        assert DECODER.decode(data) == Image(Base64(text))


def test_decode_refuses_anything_else() -> None:
    with pytest.raises(TypeError):
        DECODER.decode(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", ["data: {}\n\n", 3, None, object()], ids=type)
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(TypeError, match=r"text|source|not"):
        DECODER.iter(source)
    with pytest.raises(TypeError, match=r"text|source|not"):
        DECODER.aiter(source)
    with pytest.raises(TypeError):
        DECODER.feed(source)


def test_aiter_names_iter_for_an_ordinary_iterable() -> None:
    with pytest.raises(TypeError, match="use iter"):
        DECODER.aiter([b""])  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"on_error": "ignore"}, {"eof": "x"}, {"max_event_size": -1}])
def test_wrong_keywords_are_refused_at_once(options: Any) -> None:
    with pytest.raises(ValueError, match="|".join(options)):
        Decoder(Text, **options)


def test_types_msgspec_refuses_are_refused() -> None:
    with pytest.raises(TypeError, match=r"not supported|may not contain"):
        Decoder(Image | dict[str, int])


def test_strict() -> None:
    assert Decoder(Image, strict=False).decode(b'{"type":"image","index":"3"}').index == 3
    with pytest.raises(DecodeError, match="Expected `int`"):
        Decoder(Image).decode(b'{"type":"image","index":"3"}')


class Dated(Struct):
    b64: Base64
    at: complex


def test_dec_hook_is_for_other_types() -> None:
    def hook(kind: type, value: Any) -> Any:
        assert kind is complex
        return complex(value)

    decoder = Decoder(Dated, dec_hook=hook)
    for text in (SHORT, LONG, LONG * 10):
        event = decoder.decode(b'{"at":"1j","b64":"%b"}' % text)
        assert event == Dated(Base64(text), 1j)


def test_dec_hook_may_decode() -> None:
    inner: Decoder[Any] = Decoder(Image)

    def hook(kind: type, value: Any) -> Any:
        event = (inner if value == "inner" else outer).decode(
            b'{"type":"image","result":"%b","b64":"%b","at":3}' % (LONG, LONG * 2)
        )
        return complex(len(event.result if value == "inner" else event.b64))

    def plain(kind: type, value: Any) -> Any:
        return complex(value)

    outer = Decoder(Dated, dec_hook=lambda k, v: hook(k, v) if isinstance(v, str) else plain(k, v))
    for name, size in (("inner", len(LONG)), ("outer", 2 * len(LONG))):
        for text in (SHORT, LONG, LONG * 10):
            event = outer.decode(b'{"at":"%b","b64":"%b"}' % (name.encode(), text))
            assert event == Dated(Base64(text), complex(size))


def test_without_a_hook_other_types_are_refused_as_by_msgspec() -> None:
    payload = b'{"at":"1j","b64":"%b"}' % LONG
    with pytest.raises(DecodeError, match=r"Expected `complex`, got `str` - at `\$.at`"):
        Decoder(Dated).decode(payload)


T = TypeVar("T")
Picture = NewType("Picture", Base64)


class Box(Struct, Generic[T]):
    content: T
    more: list["Box[T]"] = []


class Tree(Struct):
    image: Base64 | None = None
    children: list["Tree"] = []


class Renamed(Struct, rename="camel"):
    big_image: Base64


class Typed(TypedDict, total=False):
    b64: Base64
    n: int


@dataclass
class Data:
    picture: Picture
    at: datetime | None = None


class Row(Struct, array_like=True):
    b64: Base64


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (EVENTS, {"result"}),
        (Text, set()),
        (Text | None, set()),
        (Box[Base64], {"content"}),
        (Box[Base64 | None], {"content"}),
        (Box[int], set()),
        (Box[list[Base64]], None),
        (Tree, {"image"}),
        (Renamed, {"bigImage"}),
        (Typed, {"b64"}),
        (Data, {"picture"}),
        (dict[str, list[Data]], {"picture"}),
        (tuple[Data, Tree], {"picture", "image"}),
        (tuple[Tree, ...], {"image"}),
        (Row, None),
        (dict[str, Base64], None),
        (list[Base64 | None], None),
        (Base64, None),
        (Base64 | None, None),
    ],
    ids=str,
)
def test_keys_of_a_type(kind: Any, keys: set[str] | None) -> None:
    assert _schema.base64_keys(kind) == keys


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        (Box[Base64], b'{"content":"%b"}'),
        (Tree, b'{"children":[{"children":[{"image":"%b"}]}]}'),
        (Renamed, b'{"bigImage":"%b"}'),
        (Typed, b'{"b64":"%b"}'),
        (Data, b'{"at":"2026-01-01T00:00:00Z","picture":"%b"}'),
        (Row, b'["%b"]'),
        (dict[str, Base64], b'{"a":"%b","b":"QUJD"}'),
        (set[Base64], b'["%b","QUJD"]'),
        (Base64, b'"%b"'),
        (Base64 | None, b' "%b" '),
    ],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.parametrize("text", [SHORT, LONG, LONG * 10, LARGE], ids=len)
def test_base64_anywhere(kind: Any, template: bytes, text: bytes) -> None:
    payload = template % text
    value = Decoder(kind).decode(payload)
    found: list[Base64] = []
    msgspec.json.encode(value, enc_hook=lambda image: found.append(image) or str(image))
    assert Base64(text) in found
    assert all(image.encoded.obj is payload for image in found)


def test_done_is_no_event() -> None:
    for done in (b"[DONE]", b" [DONE] ", b"[DONE]\t"):
        events = list(Decoder(Text).iter(stream(done, b'{"type":"text","text":""}', done)))
        assert events == [Text("")]
