"""`TypedReader`: which payloads go to `decode`, which to the handler, and with what."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest

import rapidsse
from rapidsse._engine import TypedReader
from stream_reading import call as call_of

IMAGE = b"QUJD" * 10_000
KEYS = frozenset({"b64"})


class Handler:
    """Remembers its calls and returns them; `answer` is returned or raised instead."""

    def __init__(self, answer: Any = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.payloads: list[bytes | memoryview] = []
        self.answer = answer

    def deferred(self, event: Any) -> Any:
        self.payloads.append(event.payload)
        return self.called(("deferred", *call_of(event)))

    def too_large(self, error: rapidsse.EventTooLarge) -> Any:
        return self.called(("too large", error.limit, error.offset, error.index))

    def done(self) -> Any:
        return self.called(("done",))

    def called(self, call: tuple[Any, ...]) -> Any:
        self.calls.append(call)
        if isinstance(self.answer, Exception):
            raise self.answer
        return call if self.answer is None else self.answer


def refuse(payload: bytes) -> Any:
    assert type(payload) is bytes
    raise LookupError


def read(
    chunks: Iterable[Any], decode: Any = refuse, handler: Handler | None = None, **options: Any
) -> list[Any]:
    handler = handler or Handler()
    options.setdefault("keys", KEYS)
    return list(TypedReader(iter(chunks), decode=decode, handler=handler, **options))


def every_cut(stream: bytes) -> Iterator[list[bytes]]:
    yield [stream[at : at + 1] for at in range(len(stream))]
    for at in range(len(stream) + 1):
        yield [stream[:at], stream[at:]]


def test_decoded_payloads_are_delivered() -> None:
    stream = b'data: {"a":1}\n\nevent: x\ndata: [2,\ndata: 3]\n\n: c\n\ndata: null\n\n'
    for chunks in every_cut(stream):
        assert read(chunks, msgspec.json.decode) == [{"a": 1}, [2, 3], None]


def test_decode_gets_bytes() -> None:
    stream = b"data: a\n\nevent: e\ndata: b\n\ndata:\ndata: c\n\n"
    assert read([stream], lambda payload: payload) == [b"a", b"b", b"\nc"]
    assert read([stream[:9], stream[9:20], stream[20:]], type) == [bytes] * 3


def test_refused_payloads_go_to_the_handler() -> None:
    stream = b': c\n\ndata: 1\n\nevent: e\nid: 7\ndata: {"b64":"QUJD"}\n\ndata: 2\n\n'

    def decode(payload: bytes) -> Any:
        if b"b64" in payload:
            raise LookupError
        return payload

    call = ("deferred", b'{"b64":"QUJD"}', [(8, 12)], 14, 1, "e", True)
    for chunks in every_cut(stream):
        assert read(chunks, decode) == [b"1", call, b"2"]


def test_keys() -> None:
    stream = b'data: {"b64":"a","x":["b"],"\\u0062":"c"}\n\n'
    for keys, spans in [
        (frozenset({"b64"}), [(8, 9), (31, 32)]),
        ({"x"}, [(31, 32)]),
        (frozenset(), []),
        (None, [(8, 9), (17, 18), (31, 32)]),
    ]:
        ((*_, found, _, _, _, _),) = read([stream], keys=keys)
        assert found == spans


def test_large_payloads_with_long_strings_go_to_the_handler_at_once() -> None:
    decoded: list[bytes] = []

    def decode(payload: bytes) -> Any:
        decoded.append(payload)
        return "decoded"

    long = b'{"b64":"' + IMAGE + b'"}'
    short = b'{"b64":"' + IMAGE[:16000] + b'"}'
    text = b'{"x":"' + IMAGE + b'"}'
    parts = b'{"x":[' + b'"' + IMAGE[:508] + b'",' + b"1," * 9000 + b'1],"b64":"QUJD"}'
    huge = b'{"x":"' + b"QUJD" * 300_000 + b'"}'
    for payload, answer in [
        (long, [(8, 8 + len(IMAGE))]),
        (short, None),
        (text, None),
        (parts, None),
        (huge, []),
    ]:
        for chunks in [b"data: " + payload + b"\n\n"], [b"data: ", payload, b"\n", b"\n"]:
            decoded.clear()
            if answer is None:
                assert read(chunks, decode) == ["decoded"]
                assert decoded == [payload]
            else:
                (call,) = read(chunks, decode)
                assert call == ("deferred", payload, answer, 0, 0, "message", True)
                assert decoded == []


@pytest.mark.parametrize("length", [511, 512])
def test_length_of_a_long_string(length: int) -> None:
    payload = b'{"b64":"' + b"A" * length + b'","x":"' + b"x" * 16384 + b'"}'
    (answer,) = read([b"data: " + payload + b"\n\n"], lambda payload: "decoded")
    assert (answer == "decoded") == (length < 512)


@pytest.mark.parametrize("size", [16383, 16384])
def test_size_of_a_large_payload(size: int) -> None:
    payload = b'{"b64":"' + b"A" * 1000 + b'"}'
    payload += b" " * (size - len(payload))
    (answer,) = read([b"data: " + payload + b"\n\n"], lambda payload: "decoded")
    assert (answer == "decoded") == (size < 16384)


def in_place_sources(stream: bytes) -> Iterator[Any]:
    yield stream
    yield bytearray(stream)
    with tempfile.TemporaryFile() as file:
        file.write(stream)
        file.flush()
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@pytest.mark.parametrize("content", [b"QUJD", IMAGE], ids=["small", "large"])
def test_payloads_are_referred_to_in_place(content: bytes) -> None:
    payload = b'{"b64":"' + content + b'"}'
    stream = b"data: 1\n\nevent: e\ndata: " + payload + b"\n\n"
    for source in in_place_sources(stream):
        handler = Handler()
        reader = TypedReader(decode=refuse, handler=handler, keys=KEYS)
        reader.push(source)
        reader.finish()
        assert len(list(reader)) == 2
        view = handler.payloads[1]
        assert isinstance(view, memoryview)
        assert view.obj is source
        assert view.readonly
        assert handler.calls[1][2] == [(8, 8 + len(content))]


def test_large_lines_of_every_shape() -> None:
    """The search for the end of a large line jumps over its strings; every event is found."""
    images = [
        b'{"b64":"' + IMAGE + b'"}',
        b'{"b64":"' + IMAGE + b'","x":"y"}  ',
        b'{"x":"a\\"b","b64":"' + IMAGE + b'","b64":"QUJD"}',
        b'{"b64":"' + IMAGE + b"\\n" + b'"}',
        b'{"b64":"' + IMAGE,
        b'"' + b"\\" * 20_001 + b'"' + IMAGE + b'"',
        b"x" * 20_000,
        b'"' * 20_001,
        b"QUJD" * 5000 + b'"b64":"' + IMAGE + b'"',
        b'{"b64":"' + "é".encode() * 10_000 + b'"}',
        b'{"b64":"\x01' + IMAGE + b'"}',
        b'{"b64" : "' + IMAGE * 8 + b'"}',
    ]
    for eol in (b"\n", b"\r\n", b"\r"):
        for image in images:
            block = b"event: e" + eol + b"data:" + image + eol
            stream = block + eol + block + b"data: x" + eol + eol + block
            for chunks in (
                [stream],
                [stream[at : at + 65536] for at in range(0, len(stream), 65536)],
                [memoryview(b"xx" + stream)[2:]],
            ):
                calls = read(chunks, keys=KEYS)
                spans = rapidsse._engine.find_spans(image, KEYS)
                assert [call[1] for call in calls] == [image, image + b"\nx", image]
                assert calls[0][2] == calls[2][2] == spans
                assert calls[1][2] == rapidsse._engine.find_spans(image + b"\nx", KEYS)
                assert [call[5] for call in calls] == ["e", "e", "e"]
                assert [call[6] for call in calls] == [True, True, False]
                size = len(block) + len(eol)
                offsets = [0, size, size + len(block) + len(b"data: x") + 2 * len(eol)]
                assert [call[3] for call in calls] == offsets


@pytest.mark.parametrize("done", [b"[DONE]", b" [DONE]  ", b"\t[DONE]\x0b\x0c", b"\n[DONE]"])
def test_done_is_no_event(done: bytes) -> None:
    data = b"data: " + done.replace(b"\n", b"\ndata: ")
    stream = b"data: 1\n\nevent: done\n" + data + b"\n\ndata: 2\n\n" + data
    for chunks in every_cut(stream):
        one, end, two, last = read(chunks)
        assert [(call[1], call[4]) for call in (one, two)] == [(b"1", 0), (b"2", 1)]
        assert end == last == ("done",)
    padded = done + b" " * 20_000
    assert read([b"data: " + padded.replace(b"\n", b"") + b"\n\n"]) == [("done",)]


def test_the_handler_may_deliver_nothing_for_done() -> None:
    stream = b"data: {}\n\ndata: [DONE]\n\ndata: {}\n\n"
    for chunks in every_cut(stream):
        handler = Handler(NotImplemented)
        assert read(chunks, decode=msgspec.json.decode, handler=handler) == [{}, {}]
        assert handler.calls == [("done",)]


@pytest.mark.parametrize("batches", [False, True])
def test_payloads_that_contain_certain_bytes_are_deferred(batches: bool) -> None:
    payloads = [b'{"a":%d}' % n for n in range(100)]
    for n, text in ((0, b"-"), (40, b"x" * 20_000), (41, b"x" * 2_000_000), (99, b"\\n")):
        payloads[n] = b'{"a":"%s","error":1}' % text
    stream = b"".join(b"data: " + payload + b"\n\n" for payload in payloads)
    lines = msgspec.json.Decoder().decode_lines if batches else None
    for chunks in ([stream], [stream[i : i + 1000] for i in range(0, len(stream), 1000)]):
        handler = Handler()
        values = read(
            chunks,
            decode=msgspec.json.decode,
            decode_lines=lines,
            handler=handler,
            defer_if_contains=b'"error"',
        )
        assert [call[4] for call in handler.calls] == [0, 40, 41, 99]
        assert [call[1] for call in handler.calls] == [payloads[n] for n in (0, 40, 41, 99)]
        assert [v for v in values if isinstance(v, dict)] == [
            {"a": n} for n in range(100) if n not in (0, 40, 41, 99)
        ]


@pytest.mark.parametrize(
    "payload", [b"[DONE", b"[done]", b'["DONE"]', b"[DONE] x", b"[DONE][DONE]"]
)
def test_nearly_done_is_an_event(payload: bytes) -> None:
    assert [call[1] for call in read([b"data: " + payload + b"\n\n"])] == [payload]


UNFINISHED = [
    (b'data: {"a', b'{"a', "message"),
    (b'event: e\ndata: {"a"}\n', b'{"a"}', "e"),
    (b"data: 1\ndata: 2", b"1\n2", "message"),
    (b"data", b"", "message"),
    (b"event: e\n", b"", "e"),
    (b"event: e\n: comment", b"", "e"),
    (b"event:\n", b"", "message"),
    (b"event: e", b"", "e"),
    (b"eve", b"", "message"),
    (b"id: 1", b"", "message"),
    (b"retry: 1", b"", "message"),
    (b"unknown", b"", "message"),
    (b"unknown: x", b"", "message"),
    (b": c\nunknown\nid: 1\nx", b"", "message"),
]


@pytest.mark.parametrize(("stream", "payload", "name"), UNFINISHED)
def test_unfinished_event_is_reported(stream: bytes, payload: bytes, name: str) -> None:
    offset = 9 + (4 if stream.startswith(b":") else 0)
    call: tuple[Any, ...] = ("deferred", payload, [], offset, 1, name, False)
    for chunks in every_cut(b"data: 0\n\n" + stream):
        assert read(chunks)[1:] == [call]
        assert len(read(chunks, eof="discard")) == 1


def test_unfinished_byte_order_mark() -> None:
    for stream in (b"\xef", b"\xef\xbb"):
        for chunks in every_cut(stream):
            assert read(chunks) == [("deferred", b"", [], 0, 0, "message", False)]


@pytest.mark.parametrize(
    "stream", [b"", b": comment", b"id: 1\n", b"retry: 1\n", b"unknown\n", b"\xef\xbb\xbf"]
)
def test_nothing_is_unfinished(stream: bytes) -> None:
    for chunks in every_cut(stream):
        assert read(chunks) == []
    if not stream.startswith(b"\xef"):
        for chunks in every_cut(b"data: 0\n\n" + stream):
            assert len(read(chunks)) == 1


def test_whole_unfinished_event_is_decoded() -> None:
    for tail in (b"", b"\n", b"\r"):
        for chunks in every_cut(b'data: {"a":1}' + tail):
            assert read(chunks, msgspec.json.decode) == [{"a": 1}]


def test_not_implemented_delivers_nothing_and_counts() -> None:
    handler = Handler(NotImplemented)
    stream = b"data: 1\n\ndata: 2\n\ndata: 3"
    assert read([stream], handler=handler) == []
    assert [call[4] for call in handler.calls] == [0, 1, 2]
    handler = Handler(NotImplemented)
    stream = b"data: 1\n\ndata: 12345\n\ndata: 2\n\n"
    assert read([stream], lambda payload: payload, handler, max_event_size=3) == [b"1", b"2"]
    assert handler.calls == [("too large", 3, 9, 1)]


def test_handler_that_raises() -> None:
    handler = Handler(OSError("sorry"))
    reader = TypedReader(
        iter([b"data: 1\n\nda", b"ta: 2\n\ndata: 3\n\n"]),
        decode=refuse,
        handler=handler,
        keys=KEYS,
    )
    for index in range(3):
        with pytest.raises(OSError, match="sorry"):
            next(reader)
        assert handler.calls[-1][4] == index
    with pytest.raises(StopIteration):
        next(reader)


def test_base_exceptions_of_decode_pass() -> None:
    def decode(payload: bytes) -> Any:
        if payload == b"1":
            raise KeyboardInterrupt
        return payload

    reader = TypedReader(
        iter([b"data: 1\n\ndata: 2\n\n"]), decode=decode, handler=Handler(), keys=KEYS
    )
    with pytest.raises(KeyboardInterrupt):
        next(reader)
    assert list(reader) == [b"2"]


def test_too_large() -> None:
    stream = b'data: 1\n\nevent: e\ndata: "23456"\n\ndata: 3\n\ndata: 45678'
    for chunks in every_cut(stream):
        assert read(chunks, msgspec.json.decode, max_event_size=4) == [
            1,
            ("too large", 4, 9, 1),
            3,
            ("too large", 4, 42, 3),
        ]
        with pytest.raises(rapidsse.EventTooLarge):
            read(chunks, handler=Handler(rapidsse.EventTooLarge(limit=1, offset=1, index=1)))


def test_payloads_are_decoded_when_asked_for() -> None:
    decoded: list[bytes] = []
    stream = b"".join(b'event: e\ndata: {"n":%d}\n\n' % number for number in range(100))
    reader = TypedReader(
        iter([stream, stream]), decode=decoded.append, handler=Handler(), keys=KEYS
    )
    assert decoded == []
    for number in range(5):
        next(reader)
        assert len(decoded) == number + 1
    assert len(list(reader)) == 195


def test_push_and_finish() -> None:
    reader = TypedReader(decode=msgspec.json.decode, handler=Handler(), keys=KEYS)
    assert list(reader) == []
    reader.push(b"data: 1\n\nda")
    assert list(reader) == [1]
    reader.push(b"ta: 2")
    reader.push(b"3\n\n")
    assert list(reader) == [23]
    reader.finish()
    reader.finish()
    assert list(reader) == []
    with pytest.raises(ValueError, match="closed"):
        reader.push(b"")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"keys": frozenset[str]()},
        {"max_event_size": 60},
        {"eof": "discard"},
        {"defer_if_contains": b'"n":3'},
        {"dataless": True},
        {"decode_lines": msgspec.json.Decoder().decode_lines},
    ],
)
def test_another_reader_has_the_same_keywords_and_nothing_else(options: dict[str, Any]) -> None:
    events = [b'event: e\ndata: {"n":%d}\n\n' % number for number in range(50)]
    stream = b"".join(
        [*events, b"event: empty\n\n", b'data: {"b64":"%b"\n\n' % IMAGE, b'data: {"n":50}']
    )

    def new(chunks: Iterator[bytes] | None) -> TypedReader:
        keywords = {"keys": KEYS, **options}
        return TypedReader(chunks, decode=msgspec.json.decode, handler=Handler(), **keywords)

    used = new(iter([b'id: 1\ndata: {"n":1}\n\n', stream[:-9], b"data: unfinished"]))
    readers = [used.another(iter([stream])) for _ in range(2)]
    expected = list(new(iter([stream])))
    next(used)
    readers.append(used.another(iter([stream])))
    assert len(list(used)) >= 49
    pushed = used.another()
    pushed.push(stream)
    pushed.finish()
    for reader in (*readers, used.another(iter([stream])), pushed, pushed.another(iter([stream]))):
        assert list(reader) == expected
    assert list(used) == []


def test_wrong_options() -> None:
    for wrong in ({"eof": "drop"}, {"max_event_size": -1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            read([], **wrong)
    with pytest.raises(TypeError, match=r"text.*encode|encode.*text"):
        read(["data: 1\n\n"])


def test_refused_payloads_of_a_run_have_their_offsets() -> None:
    for eol in (b"\n", b"\r\n"):
        for name in (b"", b"event: e" + eol):
            block = name + b'data: {"b64":"QUJD"}' + eol + eol
            calls = read([b": c" + eol + eol + block * 20])
            start = 3 + 2 * len(eol)
            assert [call[3] for call in calls[1:]] == [
                start + number * len(block) for number in range(1, 20)
            ]
            assert [call[4] for call in calls] == list(range(20))
            assert {call[1] for call in calls} == {b'{"b64":"QUJD"}'}
