"""Properties: both engines agree with each other and with the naive oracle, on anything, and no
cut of a stream makes a difference."""

from __future__ import annotations

import base64
import binascii
from types import ModuleType
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import frame_oracle
import stream_strategies
from examples import examples
from rapidsse import Base64Error, _pure
from rapidsse._pure import _stream
from stream_reading import read, read_pushed, read_typed

pytestmark = pytest.mark.once

try:
    from rapidsse import _rust
except ImportError:
    _rust = None  # type: ignore[assignment]

rust = pytest.param(
    _rust,
    id="rust",
    marks=pytest.mark.skipif(_rust is None, reason="the compiled engine is not built"),
)
EACH_ENGINE = pytest.mark.parametrize("engine", [pytest.param(_pure, id="python"), rust])
BOTH_ENGINES = pytest.mark.skipif(_rust is None, reason="the compiled engine is not built")

EOF = st.sampled_from(["discard", "dispatch"])
LIMITS = st.one_of(st.none(), st.integers(0, 12))


@EACH_ENGINE
@given(stream_strategies.streams(), stream_strategies.places(), EOF, st.booleans())
def test_the_oracle_agrees(
    engine: ModuleType, stream: bytes, places: list[int], eof: str, dataless: bool
) -> None:
    *events, end = read(engine, stream_strategies.cut(stream, places), eof=eof, dataless=dataless)
    expected = frame_oracle.read(stream, eof, dataless)
    assert [event[:4] for event in events] == expected.events
    assert [event[5:] for event in events] == expected.lines
    assert end == ("end", expected.last_event_id, expected.retry, 0)
    for event in events:
        assert event[4].decode("utf-8", "replace") == event[1]


@EACH_ENGINE
@given(stream_strategies.streams(), stream_strategies.places(), EOF, LIMITS, st.booleans())
@example(b"id: 123\0\ndata: 1\n\n", [1], "discard", 3, False)
@example(b"data\ndata", [], "dispatch", 0, False)
def test_no_cut_makes_a_difference(
    engine: ModuleType,
    stream: bytes,
    places: list[int],
    eof: str,
    limit: int | None,
    dataless: bool,
) -> None:
    options: dict[str, Any] = {"eof": eof, "max_event_size": limit, "dataless": dataless}
    whole = read(engine, [stream], **options)
    for chunks in stream_strategies.cuts(stream, places):
        assert read(engine, chunks, **options) == whole


@BOTH_ENGINES
@given(stream_strategies.streams(), stream_strategies.places(), EOF, LIMITS, st.booleans())
@example(b"\xef\xbbdata", [1, 3], "discard", None, False)
def test_engines_agree_on_frames(
    stream: bytes, places: list[int], eof: str, limit: int | None, dataless: bool
) -> None:
    options: dict[str, Any] = {"eof": eof, "max_event_size": limit, "dataless": dataless}
    for chunks in (
        stream_strategies.cut(stream, places),
        [stream[i : i + 1] for i in range(len(stream))],
    ):
        assert read_pushed(_rust, chunks, **options) == read_pushed(_pure, chunks, **options)


TYPED_STREAMS = st.one_of(
    stream_strategies.payload_streams(), stream_strategies.streams(), stream_strategies.runs()
)
TYPED_OPTIONS = st.fixed_dictionaries(
    {
        "decode": st.sampled_from([msgspec.json.decode, msgspec.json.Decoder(int).decode]),
        "keys": st.sampled_from([stream_strategies.KEYS, None, frozenset()]),
        "max_event_size": st.one_of(st.none(), st.integers(0, 30)),
        "eof": EOF,
        "dataless": st.booleans(),
        "defer_if_contains": st.sampled_from([None, b"b64", b'"result"', b"1"]),
    }
)


@EACH_ENGINE
@given(TYPED_STREAMS, stream_strategies.places(), TYPED_OPTIONS)
def test_no_cut_makes_a_difference_to_typed_events(
    engine: ModuleType, stream: bytes, places: list[int], options: dict[str, Any]
) -> None:
    stream = stream_strategies.expand(stream)
    whole = read_typed(engine, [stream], **options)
    for chunks in stream_strategies.cuts(stream, places):
        assert read_typed(engine, chunks, **options) == whole


@BOTH_ENGINES
@given(TYPED_STREAMS, stream_strategies.places(), TYPED_OPTIONS)
def test_engines_agree_on_typed_events(
    stream: bytes, places: list[int], options: dict[str, Any]
) -> None:
    chunks = stream_strategies.cut(stream_strategies.expand(stream), places)
    assert read_typed(_rust, chunks, **options) == read_typed(_pure, chunks, **options)


@given(TYPED_STREAMS, stream_strategies.places(), TYPED_OPTIONS)
def test_runs_change_nothing(stream: bytes, places: list[int], options: dict[str, Any]) -> None:
    """The pure engine reads the same without its fast layer."""
    chunks = stream_strategies.cut(stream_strategies.expand(stream), places)
    frame_options = {name: options[name] for name in ("eof", "max_event_size", "dataless")}
    events = read_pushed(_pure, chunks, **frame_options)
    values = read_typed(_pure, chunks, **options)
    with patch.object(_stream, "run", lambda *_, **__: iter(())):
        assert read_pushed(_pure, chunks, **frame_options) == events
        assert read_typed(_pure, chunks, **options) == values


PAYLOADS = st.one_of(
    stream_strategies.payloads(),
    st.lists(
        st.sampled_from(
            [b'"', b"\\", b":", b" ", b"b64", b'"b64":', b"\n", b"\r", b"\x00", b"\xc3"]
        )
    ).map(b"".join),
)
SOME_KEYS = st.sampled_from([stream_strategies.KEYS, frozenset(), frozenset({"", "b64"}), None])


@BOTH_ENGINES
@given(PAYLOADS, SOME_KEYS)
def test_engines_agree_on_spans(payload: bytes, keys: frozenset[str] | None) -> None:
    payload = stream_strategies.expand(payload)
    assert _rust.find_spans(payload, keys) == _pure.find_spans(payload, keys)


@EACH_ENGINE
@given(PAYLOADS, SOME_KEYS)
def test_spans_are_clean(engine: ModuleType, payload: bytes, keys: frozenset[str] | None) -> None:
    payload = stream_strategies.expand(payload)
    before = 0
    for start, end in engine.find_spans(payload, keys):
        assert before < start <= end
        before = end
        assert payload[start - 1] == payload[end] == ord('"')
        content = payload[start:end]
        assert all(0x20 <= byte < 0x80 and byte not in b'"\\' for byte in content)


@EACH_ENGINE
@given(
    st.recursive(
        st.text(max_size=5) | st.none(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("ab\\é", max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_spans_of_real_json(engine: ModuleType, value: Any) -> None:
    """All clean strings that stand where a value stands, in order, and no others."""
    payload = msgspec.json.encode(value)
    spans = engine.find_spans(payload, None)

    def strings(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        inner = value.values() if isinstance(value, dict) else value or []
        return [string for part in inner for string in strings(part)]

    expected = [string for string in strings(value) if is_clean(string)]
    assert [payload[start:end].decode() for start, end in spans] == expected


def is_clean(string: str) -> bool:
    return all(" " <= character <= "\x7f" and character not in '"\\' for character in string)


ALMOST_BASE64 = st.one_of(
    st.binary().map(base64.b64encode),
    st.text("AQgwBz9+/==-_ \n", max_size=20).map(str.encode),
    st.binary(max_size=20),
    st.builds(
        lambda data, at, bad: base64.b64encode(data)[:at] + bad + base64.b64encode(data)[at:],
        st.binary(min_size=60, max_size=200),
        st.integers(0, 200),
        st.sampled_from([b"", b"=", b"==", b"A", b"\n", b"\x00", b"\xff", b"-"]),
    ),
)


def decoded(engine: ModuleType, text: bytes) -> bytes | tuple[str, int]:
    try:
        result: bytes = engine.base64_decode(text)
    except Base64Error as error:
        return error.reason, error.offset
    return result


@BOTH_ENGINES
@given(ALMOST_BASE64)
def test_engines_agree_on_base64(text: bytes) -> None:
    assert decoded(_rust, text) == decoded(_pure, text)


@EACH_ENGINE
@given(ALMOST_BASE64)
def test_base64_is_what_its_decoding_encodes_to(engine: ModuleType, text: bytes) -> None:
    """Strict base64 is exactly what an encoder can have written."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        data = None
    strict = data is not None and base64.b64encode(data) == text
    result = decoded(engine, text)
    assert result == data if strict else isinstance(result, tuple)


@EACH_ENGINE
@given(ALMOST_BASE64, st.integers(0, 300))
@settings(max_examples=examples(50))
def test_base64_into_equals_base64(engine: ModuleType, text: bytes, spare: int) -> None:
    result = decoded(engine, text)
    out = bytearray(len(text) + spare)
    if isinstance(result, bytes):
        assert engine.base64_decode_into(text, out) == len(result)
        assert out[: len(result)] == result
        assert out[len(result) :] == bytes(len(out) - len(result))
    else:
        with pytest.raises(Base64Error) as caught:
            engine.base64_decode_into(text, out)
        assert (caught.value.reason, caught.value.offset) == result
