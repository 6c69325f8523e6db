"""`Base64.decode` of 2 MB."""

from __future__ import annotations

import base64
from collections.abc import Callable

import msgspec
import pybase64
import pytest

import logs
from conftest import Compare
from rapidsse import Base64, Decoder
from rows import Row

PASSES = 20


class Image(msgspec.Struct):
    image: Base64


@pytest.mark.parametrize(
    ("decode", "name", "rust", "rounds"),
    [
        (pybase64.b64decode, "pybase64, strict", 1.0, 25),
        (base64.b64decode, "the standard library's, strict", None, 5),
    ],
)
def test_decode(
    compare: Compare, decode: Callable[..., bytes], name: str, rust: float | None, rounds: int
) -> None:
    plain = logs.image(0)
    text = base64.b64encode(plain)
    image = Decoder(Image).decode(b'{"image":"%b"}' % text).image
    assert image.decode() == decode(text, validate=True) == plain

    def ours() -> None:
        for _ in range(PASSES):
            image.decode()

    def theirs() -> None:
        for _ in range(PASSES):
            decode(text, validate=True)

    compare(
        Row("Base64.decode of 2 MB", name, "× its speed", rust),
        ours,
        theirs,
        rounds=rounds,
        bytes=PASSES * len(text),
    )
