"""JSON as the SDKs read it, which is how `json.loads` does.

Beside the standard (RFC 8259) that takes `NaN`, `Infinity` and `-Infinity`, floats out of range, and
surrogates that are not paired.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec

__all__ = ["decode_json", "decode_one", "encode_json", "is_wide", "joined"]

_MAX_INTEGER = 4300
_decode = msgspec.json.Decoder().decode


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER:
        raise ValueError(f"an integer of {len(text)} characters")
    return int(text)


_decoder = json.JSONDecoder(parse_int=_integer)
_lenient = _decoder.decode


def decode_json(payload: bytes | memoryview) -> tuple[Any, bool]:
    """The value, and whether the payload is JSON by the standard.

    Raises `ValueError` if it is no JSON. In strings of what is not by the standard there may be
    surrogates: see `joined`.
    """
    try:
        return _decode(payload), True
    except msgspec.DecodeError as error:
        try:
            return _lenient(str(payload, "utf-8")), False
        except RecursionError:
            raise error from None


def decode_one(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at a place of a text, and where it ends. Raises `ValueError` if none
    does, and `RecursionError`."""
    return _decoder.raw_decode(text, at)


def encode_json(value: Any) -> bytes:
    """The JSON of a value from which `decode_json` gives the same value again."""
    try:
        return _dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return _dumps(value, ensure_ascii=True).encode()


def _dumps(value: Any, *, ensure_ascii: bool) -> str:
    return json.dumps(
        value, ensure_ascii=ensure_ascii, separators=(",", ":"), skipkeys=True, default=_text_of
    )


def _text_of(value: Any) -> str:
    """Bytes, which YAML may have, as JSON has them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def is_wide(text: str) -> bool:
    """Whether there are surrogates in it, which no UTF-8 holds."""
    if text.isascii():
        return False
    # Several times faster than a search for them.
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def joined(text: str) -> str:
    """The text with its surrogates made into characters; U+FFFD stands for what finds no half."""
    if not is_wide(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
