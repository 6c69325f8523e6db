"""The JSON of the SDKs' events, short and long, against `json`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rapidsse.compat._parse import parse

TEXTS = [
    "-0", "-0.0", "1e400", "-1e400", "1E5", "5e-324", "1e-400", "0.12345678901234567890123",
    "01", "1.", ".5", "+1", "-", "1e", "1e+", "NaN", "-NaN", "Infinity", "-Infinity", "nan",
    "9" * 4300, "9" * 4301, "-" + "9" * 30, "9" * 400 + ".0", "9223372036854775808",
    r'"\ud800"', r'"\udc00\ud800"', r'"\ud83d\ude00"', '"\ud800"', '"\x00"', '"\x7f"', '"\t"',
    r'"\u0000"', r'"\x"', r'"\/"', '"é\u2028"', '{"a":1,"b":2,"a":3}', "[1,]", '{"a":1,}', "{1:2}",
    "[[[", "1 2", "\ufeff1", "\xa01", "\x0b1", "True", " null\n",
]  # fmt: skip


def outcome(load: Any, text: str) -> str:
    try:
        return repr(load(text))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.once
@pytest.mark.parametrize("length", [0, 100_000], ids=["short", "long"])
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:20])
def test_as_json(text: str, length: int) -> None:
    """Values, types, the order of members and errors are those of `json.loads`."""
    whole = f'{{"padding": "{"x" * length}", "value": {text}}}' if length else text
    assert outcome(parse, whole) == outcome(json.loads, whole)


@pytest.mark.once
def test_deep_nesting() -> None:
    text = "[" * 100_000 + "]" * 100_000
    with pytest.raises(RecursionError):
        json.loads(text)
    with pytest.raises(RecursionError):
        parse(text)
