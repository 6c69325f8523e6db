"""What a `Decoder` does with events that fail: nothing before or after them is lost."""

import asyncio
import mmap
import pickle
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from rapidsse import Base64, DecodeError, DecodeFailure, Decoder, EventTooLarge

LONG = "QUJD" * 1000
PADDING = "x" * 17_000
LARGE = "x" * 1_100_000

# Nesting is limited by a number, and from 3.14 on by the size of the C stack.
DEEP = (
    ("[" * 12_000, "maximum recursion depth exceeded")
    if sys.version_info < (3, 14)
    else ("[" * 1_000_000, "Stack overflow")
)


class Text(Struct, tag="text"):
    text: str = ""
    n: int = 0


class Image(Struct, tag="image"):
    result: Base64 | None = None
    thumbnail: Base64 = Base64(b"")


EVENTS = Text | Image
GOOD = b'data: {"type":"text","text":"good"}\n\n'


def bad_payloads() -> dict[str, tuple[str, str, str]]:
    """Of each name the payload, the kind and the reason."""
    payloads = {
        "no JSON": ("hello", "json", "JSON is malformed: invalid character (byte 0)"),
        "empty": ("", "json", "Input data was truncated"),
        "trailing": ('{"type":"text"} x', "json", "JSON is malformed: trailing characters (byte 17)"),
        "cut": ('{"type":"text","text":"go', "json", "Input data was truncated"),
        "deep": ('{"type":"text","x":' + DEEP[0], "json", DEEP[1]),
        "type": ('{"type":"text","n":"1"}', "schema", "Expected `int`, got `str` - at `$.n`"),
        "other": ("[]", "schema", "Expected `object`, got `array`"),
        "number": ('{"type":"image","result":5}', "schema", "Expected a base64 string, got `int` - at `$.result`"),
        "null": ('{"type":"image","thumbnail":null}', "schema", "Expected a base64 string, got `null` - at `$.thumbnail`"),
        "utf8": ('{"type":"text","text":"\udcff"}', "utf8", "not UTF-8: invalid start byte at byte 23 of the payload"),
        "utf8 in base64": ('{"type":"image","result":"QU\udcff"}', "utf8", "not UTF-8: invalid start byte at byte 28 of the payload"),
        "control": ('{"type":"image","result":"QU\x01"}', "json", "JSON is malformed: invalid character (byte 28)"),
    }  # fmt: skip
    for name, (payload, kind, reason) in list(payloads.items()):
        if payload.startswith('{"type"') and (kind == "utf8" or "byte" not in reason):
            for size, text in (("16 KiB", PADDING), ("1 MiB", LARGE)):
                longer = payload.replace('{"type"', f'{{"pad":"{text}","type"', 1)
                added = len(longer) - len(payload)
                moved = re.sub(r"(?<=at byte )\d+", lambda at, n=added: str(int(at[0]) + n), reason)
                payloads[f"{name}, {size}"] = longer, kind, moved
    for size in ("QUJD" * 200, "QUJD" * 5000, "QUJD" * 300_000):
        at = len('{"type":"image","result":"') + len(size)
        payloads[f"after {len(size)} of base64"] = (
            f'{{"type":"image","result":"{size}"x}}',
            "json",
            f"JSON is malformed: expected ',' or '}}' (byte {at + 1})",
        )
    return payloads


BAD = bad_payloads()


@pytest.fixture(params=BAD, scope="module")
def bad(request: pytest.FixtureRequest) -> tuple[bytes, str, str]:
    payload, kind, reason = BAD[request.param]
    return payload.encode("utf-8", "surrogateescape"), kind, reason


def check(failure: DecodeError | DecodeFailure, bad: tuple[bytes, str, str], name: str) -> None:
    payload, kind, reason = bad
    assert failure.kind == kind
    assert failure.reason.startswith(reason)
    assert failure.data == payload
    assert failure.event == name


def test_raise(bad: tuple[bytes, str, str]) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)
    events = decoder.iter(GOOD + b": note\nevent: e\ndata: %b\n\n" % bad[0] + GOOD)
    assert next(events) == Text("good")
    with pytest.raises(DecodeError) as caught:
        next(events)
    check(caught.value, bad, "e")
    assert (caught.value.offset, caught.value.index) == (len(GOOD) + 7, 1)
    message = str(caught.value)
    assert message.startswith(f"event 1 (e) at byte {len(GOOD) + 7}: ")
    assert len(message) < 500
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.__dict__ == caught.value.__dict__
    assert str(copy) == message
    assert list(events) == [Text("good")]
    assert decoder.stats.failures == {bad[1]: 1}
    assert decoder.stats.skipped == 0


def test_yield(bad: tuple[bytes, str, str]) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="yield")
    first, failure, last = decoder.iter(GOOD + b"data: %b\n\n" % bad[0] + GOOD)
    assert first == last == Text("good")
    assert isinstance(failure, DecodeFailure)
    check(failure, bad, "message")
    assert (failure.offset, failure.index) == (len(GOOD), 1)
    assert decoder.stats.failures == {bad[1]: 1}
    assert decoder.stats.skipped == 0


def test_skip(bad: tuple[bytes, str, str]) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="skip")
    assert list(decoder.iter((GOOD + b"data: %b\n\n" % bad[0]) * 2)) == [Text("good")] * 2
    assert decoder.stats.failures == {bad[1]: 2}
    assert decoder.stats.skipped == 2


@pytest.mark.parametrize("on_error", ["raise", "yield", "skip"])
def test_decode_always_raises(bad: tuple[bytes, str, str], on_error: Any) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error=on_error)
    with pytest.raises(DecodeError) as caught:
        decoder.decode(bad[0])
    check(caught.value, bad, "message")
    assert (caught.value.offset, caught.value.index) == (None, None)


FAILING = GOOD * 2 + b"data: 1\n\ndata: 2\n\n" + GOOD + b"data: 3\n\n" + GOOD


def outcomes(calls: Iterator[Callable[[], list[Any]]]) -> list[Any]:
    """What calls return and raise, one after another."""
    found: list[Any] = []
    for call in calls:
        try:
            found.append(call())
        except DecodeError as error:
            found.append(error.data)
    return found


def test_feed_returns_the_events_that_precede_an_error() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)
    calls = iter([lambda: decoder.feed(FAILING), *[lambda: decoder.feed(b"")] * 5])
    good = Text("good")
    assert outcomes(calls) == [[good, good], b"1", b"2", [good], b"3", [good]]
    assert decoder.close() == []


def test_close_can_be_called_until_it_returns() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)
    assert decoder.feed(GOOD + b"data: 1\n\ndata: {}") == [Text("good")]
    with pytest.raises(DecodeError, match="event 1 "):
        decoder.close()
    with pytest.raises(DecodeError, match=r"event 2 .*missing required field"):
        decoder.close()
    assert decoder.close() == []
    assert decoder.feed(GOOD) == [Text("good")]
    assert decoder.close() == []


def test_close_gives_everything_that_is_left() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)
    good = Text("good")
    assert decoder.feed(FAILING) == [good, good]
    found = outcomes(iter([decoder.close] * 6))
    assert found == [b"1", b"2", [good], b"3", [good], []]


def test_a_chunk_is_taken_by_the_call_that_raises() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)
    decoder.feed(GOOD + b"data: 1\n\n")
    with pytest.raises(DecodeError):
        decoder.feed(GOOD)
    assert decoder.feed(GOOD) == [Text("good")] * 2


def test_iterators_go_on_after_an_error() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(FAILING), 5):
            yield FAILING[at : at + 5]

    async def collect() -> list[Any]:
        events = decoder.aiter(chunks())
        found: list[Any] = []
        while True:
            try:
                found.append(await anext(events))
            except DecodeError as error:
                found.append(error.data)
            except StopAsyncIteration:
                return found

    good = Text("good")
    assert asyncio.run(collect()) == [good, good, b"1", b"2", good, b"3", good]
    events = decoder.iter(FAILING[at : at + 5] for at in range(0, len(FAILING), 5))
    found = outcomes(iter([lambda: next(events)] * 7))
    assert found == [good, good, b"1", b"2", good, b"3", good]


def test_errors_of_a_source_pass_through() -> None:
    class Source:
        """Fails once and goes on."""

        parts = iter([GOOD + b"data: {", None, b'"type":"text"}\n\n'])

        def __iter__(self) -> "Source":
            return self

        def __next__(self) -> bytes:
            part = next(self.parts)
            if part is None:
                raise ConnectionError("gone")
            return part

    for on_error in ("raise", "yield", "skip"):
        Source.parts = iter([GOOD + b"data: {", None, b'"type":"text"}\n\n'])
        decoder: Decoder[Any] = Decoder(EVENTS, on_error=on_error)
        events = decoder.iter(Source())
        assert next(events) == Text("good")
        with pytest.raises(ConnectionError, match="gone"):
            next(events)
        assert list(events) == [Text()]


def test_errors_of_an_async_source_pass_through() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield GOOD + b"data: {"
        raise ConnectionError("gone")

    async def collect() -> None:
        decoder: Decoder[Any] = Decoder(EVENTS, on_error="skip")
        events = decoder.aiter(chunks())
        assert await anext(events) == Text("good")
        with pytest.raises(ConnectionError, match="gone"):
            await anext(events)

    asyncio.run(collect())


def test_closed_files_and_maps(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(GOOD)
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="skip")
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    mapped.close()
    with pytest.raises(ValueError, match="closed"):
        list(decoder.iter(mapped))
    with pytest.raises(ValueError, match="closed file"):
        list(decoder.iter(file))


@pytest.mark.parametrize("chunk", ["data: 1", 3, None])
def test_chunks_that_are_no_buffers(chunk: Any) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="skip")
    events = decoder.iter([GOOD, chunk])
    assert next(events) == Text("good")
    with pytest.raises(TypeError, match="text|" + type(chunk).__name__):
        next(events)


def test_too_large() -> None:
    large = b'event: e\ndata: {"type":"text","text":"%b"}\n\n' % (b"x" * 100)
    stream = GOOD + large + GOOD
    decoder: Decoder[Any] = Decoder(EVENTS, max_event_size=60)
    events = decoder.iter(stream)
    assert next(events) == Text("good")
    with pytest.raises(EventTooLarge) as caught:
        next(events)
    assert (caught.value.limit, caught.value.offset, caught.value.index) == (60, len(GOOD), 1)
    assert list(events) == [Text("good")]
    decoder = Decoder(EVENTS, max_event_size=60, on_error="yield")
    _, failure, _ = decoder.iter(stream)
    assert (failure.kind, failure.offset, failure.index) == ("too_large", len(GOOD), 1)
    assert failure.reason == str(caught.value)
    assert failure.data == b""
    decoder = Decoder(EVENTS, max_event_size=60, on_error="skip")
    assert len(list(decoder.iter(stream))) == 2
    assert decoder.stats.failures == {"too_large": 1}
    assert decoder.stats.skipped == 1
    assert len(list(Decoder(EVENTS).iter(stream))) == 3


WHOLE = '{"type":"image","result":"%s","x":["é",1]}'


@pytest.mark.parametrize("text", ["QUJD", LONG, LONG * 10], ids=len)
def test_last_event_without_its_blank_line(text: str) -> None:
    payload = (WHOLE % text).encode()
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="yield")
    for end in (b"", b"\n", b"\r", b"\r\n"):
        assert list(decoder.iter(GOOD + b"data: " + payload + end)) == [
            Text("good"),
            Image(Base64(text)),
        ]

        async def collect(end: bytes) -> list[Any]:
            async def chunks() -> AsyncIterator[bytes]:
                yield b"data: " + payload
                yield end

            return [event async for event in decoder.aiter(chunks())]

        assert asyncio.run(collect(end)) == [Image(Base64(text))]
    cuts = [*range(1, 30), len(payload) // 2, *range(len(payload) - 20, len(payload))]
    for at in cuts:
        stream = GOOD + b"event: e\ndata: " + payload[:at]
        _, failure = decoder.iter(stream)
        assert isinstance(failure, DecodeFailure)
        assert (failure.kind, failure.event) == ("truncated", "e")
        assert (failure.offset, failure.index) == (len(GOOD), 1)
        assert failure.data == payload[:at]
    with pytest.raises(DecodeError, match="the last event is cut short") as caught:
        list(Decoder(EVENTS).iter(b"data: " + payload[:-1]))
    assert caught.value.kind == "truncated"


@pytest.mark.parametrize(
    "end", ["d", "data", "data:", "event: e", "event: e\n", "id: 1", "x: 1\nda"]
)
def test_last_event_cut_before_its_json(end: str) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="yield")
    _, failure = decoder.iter(GOOD + end.encode())
    assert (failure.kind, failure.index, failure.data) == ("truncated", 1, b"")


@pytest.mark.parametrize(
    "end", [": note", ":", "\n", ": note\n", "id: 1\n", "retry: 1\n", "data: [DONE]"]
)
def test_what_is_no_event_cut_short(end: str) -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="yield")
    assert list(decoder.iter(GOOD + end.encode())) == [Text("good")]


def test_last_event_that_is_whole_but_wrong_is_not_truncated() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="yield")
    for payload, kind in (
        (b'{"type":"text","n":"1"}', "schema"),
        (b'{"type":"text","text":"\xff"}', "utf8"),
        (b'{"type":"text","n":"1"', "truncated"),
        (b'{"type":"new","n":"1"', "truncated"),
    ):
        (failure,) = decoder.iter(b"data: " + payload)
        assert failure.kind == kind


def test_eof_discard() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, eof="discard")
    assert list(decoder.iter(GOOD + GOOD[:-1])) == [Text("good")]
    assert list(decoder.iter(GOOD + GOOD[:-9])) == [Text("good")]
    assert decoder.feed(GOOD[:-1]) + decoder.close() == []


def test_errors_of_a_hook_pass_through() -> None:
    class Odd(Struct):
        at: complex
        b64: Base64 | None = None

    def hook(kind: type, value: Any) -> Any:
        if value == "value":
            raise ValueError("a bad value")
        raise RuntimeError("a bug")

    decoder = Decoder(Odd, dec_hook=hook, on_error="yield")
    failure, *_ = decoder.iter(b'data: {"at":"value"}\n\n')
    assert isinstance(failure, DecodeFailure)
    assert (failure.kind, failure.reason) == ("schema", "a bad value - at `$.at`")
    for text in ("QUJD", LONG, LONG * 10):
        events = decoder.iter(b'data: {"b64":"%b","at":"bug"}\n\n' % text.encode())
        with pytest.raises(RuntimeError, match="a bug"):
            next(events)


def test_stats_are_a_snapshot() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS, on_error="skip")
    before = decoder.stats
    list(decoder.iter(b'data: 1\n\ndata: x\n\ndata: 2\n\ndata: {"type":"new"}\n\n'))
    after = decoder.stats
    assert (before.failures, before.skipped, before.unknown_events) == ({}, 0, 0)
    assert (after.failures, after.skipped, after.unknown_events) == ({"schema": 2, "json": 1}, 3, 1)
