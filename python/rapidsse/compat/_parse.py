"""The JSON of an event as Python objects, as `json.loads` makes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from msgspec import DecodeError
from msgspec.json import Decoder

__all__ = ["LONG", "parse"]

_decode = Decoder().decode
LONG = 64 * 1024
"""From here on, pydantic's parser takes a third of the time: `benches/test_sdk_types.py`. Its
validation from text, which copies the strings twice, takes twice the time of both after another."""


def parse(text: str) -> Any:
    """Returns what `json.loads` returns. Raises `json.JSONDecodeError`."""
    decode = _decode if len(text) < LONG else _decode_long()
    try:
        return decode(text)
    except (DecodeError, ValueError, TypeError, RecursionError):
        # Only `json` accepts lone surrogates and the like. Otherwise it raises its error.
        return json.loads(text)


@cache
def _decode_long() -> Callable[[str], Any]:
    try:
        from pydantic_core import from_json
    except ImportError:
        # An SDK with version 1 of pydantic.
        return _decode
    return from_json
