"""Payloads that the compiled engine decodes without their long base64: each becomes what the handler
would have made of it. The pure engine leaves them all to the handler."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapidsse
from rapidsse import Base64, Decoder
from rapidsse._engine import Deferred, TypedReader
from rapidsse._typed._policy import Handler, new_reader
from rapidsse._typed._stats import Counts

IMAGE = base64.b64encode(Random(1).randbytes(30_000))
OTHER = base64.b64encode(Random(2).randbytes(600))
SHORT = b"QUJD"
is_compiled = rapidsse.engine == "rust"


class Image(msgspec.Struct, tag="image"):
    b64: Base64
    size: str = ""


class Text(msgspec.Struct, tag="text"):
    b64: str


class Group(msgspec.Struct, tag="group"):
    items: list[Image | Text]
    b64: Base64 | None = None


Event = Image | Text | Group


class Custom:
    pass


class Both(msgspec.Struct):
    b64: Base64
    custom: Custom


class Recorder(Handler):
    """Counts the events that it decodes."""

    count = 0

    def deferred(self, event: Deferred) -> Any:
        self.count += 1
        return super().deferred(event)


def reader_of(decoder: Decoder[Any], handler: Handler, **options: Any) -> TypedReader:
    return new_reader(decoder._payloads, handler, **options)


def read(
    payloads: list[bytes], type: Any = Event, size: int | None = None, **options: Any
) -> tuple[list[Any], int]:
    """The events of payloads, and how many the handler decoded."""
    decoder = Decoder[Any](type)
    handler = Recorder(decoder._payloads, Counts(), "raise")
    reader = reader_of(decoder, handler, **options)
    stream = b"".join(b"data: %b\n\n" % payload for payload in payloads)
    size = size or len(stream)
    for at in range(0, len(stream), size):
        reader.push(stream[at : at + size])
    reader.finish()
    return list(reader), handler.count


def image(text: bytes = IMAGE) -> bytes:
    return b'{"type":"image","b64":"%b","size":"1x1"}' % text


def test_the_engine_decodes_what_is_certain() -> None:
    group = b'{"type":"group","b64":"%b","items":[%b,%b]}' % (OTHER, image(), image(OTHER))
    payloads = [image(), group, image(OTHER)]
    expected = [
        Image(Base64(IMAGE), "1x1"),
        Group([Image(Base64(IMAGE), "1x1"), Image(Base64(OTHER), "1x1")], Base64(OTHER)),
        Image(Base64(OTHER), "1x1"),
    ]
    for size in (None, 10_000, 1000, 100):
        events, count = read(payloads, size=size)
        assert events == expected
        assert count == (0 if is_compiled else 3)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(
            b'{"type":"text","b64":"%b"}' % OTHER, Text(OTHER.decode()), id="no Base64, and decoded"
        ),
        pytest.param(
            b'{"type":"text","b64":"%b"}' % IMAGE,
            Text(IMAGE.decode()),
            id="no Base64, and deferred",
        ),
        pytest.param(
            b'{"type":"group","items":[%b,{"type":"text","b64":"%b"}]}' % (image(), OTHER),
            Group([Image(Base64(IMAGE), "1x1"), Text(OTHER.decode())]),
            id="one of each",
        ),
        pytest.param(
            b'{"type":"group","items":[%b,%b]}' % (image(), image(SHORT)),
            Group([Image(Base64(IMAGE), "1x1"), Image(Base64(SHORT), "1x1")]),
            id="one is short",
        ),
        pytest.param(
            b'{"type":"image","x":{"b64":"%b"},"b64":"%b"}' % (OTHER, IMAGE),
            Image(Base64(IMAGE)),
            id="one is not read",
        ),
        pytest.param(
            image(b"data:image/png;base64," + IMAGE), Image(Base64(IMAGE), "1x1"), id="data URL"
        ),
    ],
)
def test_anything_else_is_left_to_the_handler(payload: bytes, expected: Any) -> None:
    for size in (None, 10_000, 1000):
        events, _ = read([payload], size=size)
        assert events == [expected]


def test_what_stands_in_for_an_image_is_never_seen() -> None:
    """Not even where an image of the payload is what another payload's placeholder may look like."""
    placeholder = b"0123456789abcdef" * 2 + b"00000000"
    event = b'{"type":"group","items":[%b,%b]}' % (image(), image(placeholder))
    events, _ = read([event] * 3)
    assert [[str(item.b64) for item in group.items] for group in events] == [
        [IMAGE.decode(), placeholder.decode()]
    ] * 3


def test_images_of_the_engine_are_like_others() -> None:
    (event,), _ = read([image()])
    made = Base64(IMAGE)
    assert event.b64 == made
    assert hash(event.b64) == hash(made)
    assert event.b64.decode() == made.decode()
    assert repr(event.b64) == repr(made)
    assert event.b64.encoded.readonly
    assert event.b64.detach() == made


def test_a_payload_with_the_mark_goes_to_the_handler() -> None:
    payloads = [image(), image().replace(b"1x1", b"error"), image()]
    assert read(payloads, defer_if_contains=b'"error"')[1] == (1 if is_compiled else 3)
    # A mark without quotes may lie in what is cut.
    assert read(payloads, defer_if_contains=b"error")[1] == 3
    assert read(payloads, defer_if_contains=OTHER)[1] == 3


def test_a_handler_may_take_all() -> None:
    class All(Recorder):
        takes_all = True

    decoder = Decoder[Any](Event)
    handler = All(decoder._payloads, Counts(), "raise")
    reader = reader_of(decoder, handler)
    reader.push(b"data: %b\n\n" % image())
    assert next(reader).b64 == Base64(IMAGE)
    assert handler.count == 1


def test_a_hook_of_the_user_is_asked() -> None:
    asked: list[Any] = []

    def hook(type: Any, value: Any) -> Any:
        asked.append((type, value))
        return Custom()

    decoder = Decoder(Both, dec_hook=hook)
    payload = b'{"b64":"%b","custom":7}' % IMAGE
    (event,) = decoder.iter(b"data: %b\n\n" % payload)
    assert event.b64 == Base64(IMAGE)
    assert asked == [(Custom, 7)]


def test_a_class_that_no_hook_makes_is_refused() -> None:
    payload = b'{"b64":"%b","custom":7}' % IMAGE
    with pytest.raises(rapidsse.DecodeError, match="Expected `Custom`, got `int`"):
        list(Decoder(Both).iter(b"data: %b\n\n" % payload))


@pytest.fixture
def calls() -> Iterator[list[Callable[[], None]]]:
    """What is called while the next `Nested` is decoded."""
    _calls.clear()
    yield _calls
    _calls.clear()


_calls: list[Callable[[], None]] = []


class Nested(msgspec.Struct):
    b64: Base64

    def __post_init__(self) -> None:
        if _calls:
            _calls.pop()()


def test_payloads_inside_one_another(calls: list[Callable[[], None]]) -> None:
    """The hook is one for all readers of a decoder: in the middle of a payload it serves that."""
    decoder = Decoder(Nested)
    streams = [b'data: {"b64":"%b"}\n\n' % text for text in (IMAGE, OTHER, IMAGE[4:])]
    found: list[Nested] = []

    def read_others() -> None:
        found.extend(decoder.iter(streams[1] + streams[2]))

    for _ in range(2):
        calls.append(read_others)
        found.extend(decoder.iter(streams[0]))
        texts = [str(event.b64).encode() for event in found]
        assert texts == [OTHER, IMAGE[4:], IMAGE]
        found.clear()


def test_an_interrupt_passes_and_frees_the_hook(calls: list[Callable[[], None]]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    handler = Recorder((decoder := Decoder(Nested))._payloads, Counts(), "raise")
    reader = reader_of(decoder, handler)
    reader.push(b'data: {"b64":"%b"}\n\n' % IMAGE * 2)
    calls.append(interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(reader)
    before = handler.count
    assert [event.b64 for event in reader] == [Base64(IMAGE)]
    assert handler.count == before + (not is_compiled)


@pytest.mark.parametrize("error", [ValueError, StopIteration, RecursionError])
def test_an_error_leaves_the_payload_to_the_handler(
    calls: list[Callable[[], None]], error: type[Exception]
) -> None:
    def failed() -> None:
        raise error

    decoder = Decoder(Nested)
    stream = b'data: {"b64":"%b"}\n\n' % IMAGE
    calls.append(failed)
    assert [event.b64 for event in decoder.iter(stream * 2)] == [Base64(IMAGE)] * 2
    calls.extend([failed] * 3)
    expected = RuntimeError if error is StopIteration else rapidsse.DecodeError
    with pytest.raises(expected):
        next(decoder.iter(stream))


texts = st.sampled_from(
    [IMAGE, OTHER, SHORT, IMAGE[:512], IMAGE[:511], b"", b"\\u0041" * 200, b"d" + OTHER]
)
members = st.builds(
    lambda kind, text, size: b'{"type":"%b","b64":"%b","size":"%b"}' % (kind, text, size),
    st.sampled_from([b"image", b"text", b"unknown"]),
    texts,
    texts,
)
groups = st.builds(
    lambda items, text: b'{"type":"group","items":[%b],"b64":"%b"}' % (b",".join(items), text),
    st.lists(members, max_size=4),
    texts,
)


@given(st.lists(members | groups, max_size=6), st.integers(400, 50_000))
def test_events_are_those_that_the_handler_makes(payloads: list[bytes], size: int) -> None:
    decoder = Decoder[Any](Event)
    # Without an engine's cuts: an event at a time is always for the handler.
    expected = [decoder.decode(payload) for payload in payloads]
    events, _ = read(payloads, size=size)
    assert events == expected
