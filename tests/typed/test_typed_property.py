"""Typed decoding accepts what a plain decode with `str` for `Base64` accepts, and gives its value.

What is refused is refused in our own words, which both ways of decoding share.
"""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapidsse
from rapidsse import Base64, DecodeFailure, _limits
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


def plain_value(root: str, payload: bytes) -> Outcome | None:
    """What a plain decode gives; `None` if it refuses the payload."""
    try:
        return written(PLAIN_DECODERS[root].decode(payload))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def has_unknown_tag(root: str, payload: bytes) -> bool:
    """Whether a plain decode refuses a tag, which costs only its member: see test_unknown.py."""
    try:
        PLAIN_DECODERS[root].decode(payload)
    except msgspec.ValidationError as error:
        return str(error).startswith("Invalid value")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return False


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
    if has_unknown_tag(root, payload):
        return
    expected = plain_value(root, payload)
    outcome = decoded(root, payload)
    assert streamed(root, payload) == outcome
    if expected is None:
        assert outcome[0] in ("json", "schema", "utf8")
    else:
        assert outcome == expected


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


# What msgspec refuses at sight in the place of a `str`, it reads whole in that of a `Base64`.
MISPLACED = [
    ("bare", b"[1e999,[]]"),
    ("bare", b"[{},t}ue]"),
    ("bare", b'{" 64" : nul]}'),
    ("bare", b'[fals}} "\xc3\xa9"]'),
    ("list", b"[[n]"),
    ("list", b'["a b","q\\"q",{"]'),
    ("list", b'["a",["\xff"],["b"]]'),
    ("list", b'["\xff",["b"]]'),
    ("list", b'["a","b\xff"]'),
    ("event", b'{"type":"partial","index":1,"partial_image_b64":[1,,2]}'),
    ("event", b'{"type":"partial","index":1,"partial_image_b64":{"a":1'),
    ("event", b'{"type":"partial","index":1,"x":{"partial_image_b64":[1,,2]}}'),
    ("event", b'{"partial_image_b64":[1,,2],"type":"partial"}'),
    ("event", b'{"partial_image_b64":["\xff"],"type":"partial"}'),
    ("event", b'{"partial_image_b64":"a","index":["\xff"],"type":"partial"}'),
    ("event", b'{"type":"done","output":[{"type":"loose","result":[{"result":[1,,'),
    ("event", b'{"type":"done","output":[{"type":"loose","result":["\xff",[]]}],"result":[[]]}'),
    ("event", b'{"type":"done","output":[{"type":"exact","bigImage":[["\xff"]]}]}'),
    ("event", b'{"type":"done","output":[],"result":' + b"[" * 3000),
    ("event", b'{"type":"done","output":[],"result":%b%b}' % (b"[" * 3000, b"]" * 3000)),
    ("event", b'{"type":"done","output":[],"x":' + b'{"result":[' * 300),
    ("mixed", b'{"typed":{"result":[1,,2]}}'),
    ("mixed", b'{"typed":{"r\\u0065sult":[1,,2]}}'),
    ("mixed", b'{"call":{"type":"call","result":[1,,2]}}'),
    ("mixed", b'{"call":{"type":"call","result":[1]}}'),
    ("mixed", b'{"call":{"type":"call","result":3}}'),
    ("mixed", b'{"call":{"type":"call","result":truf}}'),
    ("mixed", b'{"call":{"type":"call","result":true"}}'),
    ("mixed", b'{"data":{"n":1,"result":true}}'),
    ("mixed", b'{"data":{"result":null}}'),
    ("mixed", b'{"data":{"r\\u0065sult":1.5}}'),
    ("mixed", b'{"b64":[["\xff"]]}'),
    ("mixed", b'{"data":{"result":' + b"9" * 30 + b"}}"),
    ("mixed", b'{"data":{"result":' + b"9" * 400 + b"}}"),
    ("mixed", b'{"data":{"result":18446744073709551615}}'),
    ("mixed", b'{"data":{"result":18446744073709551616}}'),
    ("mixed", b'{"data":{"result":-9223372036854775809}}'),
    ("anywhere", b'{"pair":[1ull,"A"]}'),
    ("anywhere", b'{"pair":[[1e999],"A"]}'),
    ("anywhere", b'{"fixed":[[1e999],"A"]}'),
    ("anywhere", b'{"any":1e999,"fixed":[["A"],"A"]}'),
    ("anywhere", b'{"named":{"a":["\xff"]}}'),
    ("anywhere", b'{"any":["\xff"],"images":[["a"]]}'),
    ("anywhere", b'{"row":["a",{"b":[1,,2]},3]}'),
    ("anywhere", b'{"row":["a",5,3]}'),
    ("anywhere", b'{"named":{"a":5}}'),
    ("anywhere", b'{"any":[%b],"images":[[1,,2]]}' % b",".join([b'{"a":[]}'] * 100)),
    ("anywhere", b'{"any":[%b],"images":[["\xff"]]}' % b",".join([b'{"a":[]}'] * 100)),
]


@pytest.mark.parametrize(("root", "payload"), MISPLACED, ids=lambda value: str(value)[:60])
def test_refuses_what_is_misplaced_like_a_plain_decode(root: str, payload: bytes) -> None:
    assert plain_value(root, payload) is None
    check(root, payload)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("5", "int"),
        ("-9223372036854775809", "int"),
        ("1.5", "float"),
        ("true", "bool"),
        ("null", "null"),
        ("[]", "array"),
        ('{"a":1}', "object"),
    ],
)
def test_a_misplaced_value_is_named_with_its_path(value: str, name: str) -> None:
    payload = f'{{"type":"done","output":[{{"type":"exact","bigImage":{value}}}]}}'
    expected = f"Expected a base64 string, got `{name}` - at `$.output[0].bigImage`"
    assert decoded("event", payload.encode()) == ("schema", expected)
    assert streamed("event", payload.encode()) == ("schema", expected)


SIZES = [*range(_limits.MIN_CUT - 2, _limits.MIN_CUT + 3), *range(16_370, 16_390)]


@pytest.mark.parametrize("size", [*SIZES, _limits.MAX_COPY - 60, _limits.MAX_COPY])
def test_lengths_on_both_sides_of_the_limits(size: int) -> None:
    text = b"A" * size
    check("event", b'{"type":"partial","index":1,"partial_image_b64":"%b"}' % text)
    check("event", b'{"type":"done","result":"%b","output":[{"result":"%b"}]}' % (text, text))
    check(
        "event",
        b'{"type":"done","result":"%b","output":[{"type":"output","result":"%b"}]}' % (text, text),
    )
    check("list", b'["%b","%b"]' % (text, text))
