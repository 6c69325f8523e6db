"""The typed scan gives what a plain decode with `str` for `Base64` gives, or refuses alike."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

import rapidsse
from rapidsse import Base64, DecodeFailure
from typed_family import JsonWriter, family

TYPED = family(Base64)
PLAIN = family(str)
ROOTS = sorted(TYPED)
DECODERS = {root: rapidsse.Decoder[Any](TYPED[root], on_error="yield") for root in ROOTS}
PLAIN_DECODERS = {root: msgspec.json.Decoder(PLAIN[root]) for root in ROOTS}
NODES = {root: msgspec.inspect.type_info(PLAIN[root]) for root in ROOTS}

Outcome = tuple[Any, ...]


def written(value: object) -> Outcome:
    return "value", msgspec.json.encode(value, enc_hook=str)


def plain_outcome(root: str, payload: bytes) -> Outcome:
    try:
        return written(PLAIN_DECODERS[root].decode(payload))
    except msgspec.ValidationError as error:
        return "schema", str(error)
    except UnicodeDecodeError as error:
        return "utf8", str(error)
    except (msgspec.DecodeError, RecursionError) as error:
        return "json", str(error)


def decoded(root: str, payload: bytes) -> Outcome:
    try:
        return written(DECODERS[root].decode(payload))
    except rapidsse.DecodeError as error:
        return error.kind, error.reason


def streamed(root: str, payload: bytes) -> Outcome:
    lines = b"".join(b"data: " + line + b"\n" for line in payload.split(b"\n"))
    events = list(DECODERS[root].iter(b"data: \n\n" + lines + b"\n"))
    assert len(events) == 2
    event = events[1]
    if isinstance(event, DecodeFailure):
        assert event.data == payload
        assert event.index == 1
        return event.kind, event.reason
    return written(event)


def check(root: str, payload: bytes) -> None:
    payload = payload.replace(b"\r", b" ")
    if payload.strip() == b"[DONE]":
        return
    expected = plain_outcome(root, payload)
    if expected[0] == "schema" and expected[1].startswith("Invalid value"):
        return  # an unknown tag, which is not refused: see test_unknown.py
    assert decoded(root, payload) == expected
    assert streamed(root, payload) == expected


@st.composite
def payloads(draw: st.DrawFn) -> tuple[str, bytes]:
    root = draw(st.sampled_from(ROOTS))
    rng = random.Random(draw(st.integers(0, 2**64)))
    noise = draw(st.sampled_from((0.0, 0.02, 0.1)))
    return root, JsonWriter(rng, noise).value(NODES[root]).encode()


@given(payloads())
def test_equals_a_plain_decode(case: tuple[str, bytes]) -> None:
    check(*case)


@given(payloads(), st.integers(0, 2**30))
def test_equals_a_plain_decode_where_json_is_cut(case: tuple[str, bytes], at: int) -> None:
    root, payload = case
    check(root, payload[: at % (len(payload) + 1)])


BYTES = [*b'"\\{}[],: ntf01\x00\x1f\x7f\xff\xc3\xa9', ord("\n")]


@given(
    payloads(),
    st.lists(st.tuples(st.integers(0, 2**30), st.sampled_from(BYTES)), min_size=1, max_size=4),
)
def test_equals_a_plain_decode_where_bytes_are_changed(
    case: tuple[str, bytes], changes: list[tuple[int, int]]
) -> None:
    root, payload = case
    changed = bytearray(payload)
    for at, byte in changes:
        changed[at % len(changed)] = byte
    check(root, bytes(changed))
