"""Strict base64 (RFC 4648, section 4) on the engine: what is decoded, what is refused, where."""

from __future__ import annotations

import base64
import os

import pytest

from rapidsse import Base64Error, RapidSSEError
from rapidsse._engine import base64_decode, base64_decode_into

VECTORS = [
    (b"", b""),
    (b"Zg==", b"f"),
    (b"Zm8=", b"fo"),
    (b"Zm9v", b"foo"),
    (b"Zm9vYg==", b"foob"),
    (b"Zm9vYmE=", b"fooba"),
    (b"Zm9vYmFy", b"foobar"),
    (b"+/+/", b"\xfb\xff\xbf"),
    (b"AA==", b"\0"),
]
CHARACTER = "invalid base64 character"
SHORT = "base64 text is cut short"
BITS = "non-zero trailing bits"
REFUSED = [
    (b"A", SHORT, 1),
    (b"AA", SHORT, 2),
    (b"AAA", SHORT, 3),
    (b"AAAAA", SHORT, 5),
    (b"AA=", SHORT, 3),
    (b"AB=", SHORT, 3),
    (b"=", CHARACTER, 0),
    (b"==", CHARACTER, 0),
    (b"====", CHARACTER, 0),
    (b"A=", CHARACTER, 1),
    (b"A===", CHARACTER, 1),
    (b"AA=A", CHARACTER, 3),
    (b"AA=!", CHARACTER, 3),
    (b"AA==AAAA", CHARACTER, 2),
    (b"AA=AAAAA", CHARACTER, 2),
    (b"AAA=AAAA", CHARACTER, 3),
    (b"AA==A", CHARACTER, 2),
    (b"AA===", CHARACTER, 2),
    (b"AAA==", CHARACTER, 3),
    (b"AAAA=", CHARACTER, 4),
    (b"AAAA====", CHARACTER, 4),
    (b"AA-_", CHARACTER, 2),
    (b"AAA A", CHARACTER, 3),
    (b"AAAA\n", CHARACTER, 4),
    (b"\nAAAA", CHARACTER, 0),
    (b"AA\nAA", CHARACTER, 2),
    (b"AAA\x00", CHARACTER, 3),
    (b"AA\xff\xff", CHARACTER, 2),
    ("AAé=".encode(), CHARACTER, 2),
    (b"AB==", BITS, 1),
    (b"AP==", BITS, 1),
    (b"AAB=", BITS, 2),
    (b"AAAAAAD=", BITS, 6),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_decode(text: bytes, expected: bytes) -> None:
    assert base64_decode(text) == expected
    out = bytearray(b"?" * (len(expected) + 2))
    assert base64_decode_into(text, out) == len(expected)
    assert out == expected + b"??"


@pytest.mark.parametrize(("text", "reason", "offset"), REFUSED)
@pytest.mark.parametrize("groups", [0, 1, 10, 5000])
def test_refused(text: bytes, reason: str, offset: int, groups: int) -> None:
    before = b"QUJD" * groups
    for decode in (base64_decode, lambda data: base64_decode_into(data, bytearray(20_000))):
        with pytest.raises(Base64Error, match=reason) as caught:
            decode(before + text)
        assert caught.value.reason == reason
        assert caught.value.offset == len(before) + offset


@pytest.mark.parametrize("size", [*range(70), 1000, 4095, 4096, 100_001])
def test_every_length(size: int) -> None:
    data = os.urandom(size)
    text = base64.b64encode(data)
    assert base64_decode(text) == data
    out = bytearray(size)
    assert base64_decode_into(text, out) == size
    assert out == data


def test_every_bad_byte_at_every_place() -> None:
    text = base64.b64encode(bytes(range(96)))
    alphabet = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    for byte in set(range(256)) - alphabet - {ord("=")}:
        for at in range(len(text)):
            with pytest.raises(Base64Error) as caught:
                base64_decode(text[:at] + bytes([byte]) + text[at + 1 :])
            assert caught.value.offset == at


def test_any_buffer() -> None:
    for data in (bytearray(b"Zm9v"), memoryview(b"xZm9vx")[1:-1]):
        assert base64_decode(data) == b"foo"
        assert type(base64_decode(data)) is bytes
    out = bytearray(8)
    assert base64_decode_into(b"Zm9v", memoryview(out)[2:6]) == 3
    assert out == b"\0\0foo\0\0\0"
    with pytest.raises(TypeError):
        base64_decode("Zm9v")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        base64_decode(None)  # type: ignore[arg-type]


def test_out_must_fit() -> None:
    with pytest.raises(RapidSSEError, match=r"2 bytes.*\b3\b") as caught:
        base64_decode_into(b"Zm9v", bytearray(2))
    assert not isinstance(caught.value, Base64Error)
    assert base64_decode_into(b"Zg==", bytearray(1)) == 1
    assert base64_decode_into(b"", bytearray()) == 0


def test_out_must_be_writable() -> None:
    with pytest.raises(TypeError):
        base64_decode_into(b"Zm9v", bytes(3))


def test_standard_library_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pure engine decodes and refuses the same where pybase64 is absent."""
    from rapidsse._pure import _base64

    monkeypatch.setattr(_base64, "fast_decoder", lambda: None)
    for text, expected in VECTORS:
        assert _base64.base64_decode(text) == expected
    for text, reason, offset in REFUSED:
        with pytest.raises(Base64Error, match=reason) as caught:
            _base64.base64_decode(text)
        assert caught.value.offset == offset
