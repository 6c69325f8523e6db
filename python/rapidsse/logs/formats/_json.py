"""JSON as recorders write it: text may hold halves of surrogate pairs, which they escape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["decode_record"]

_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
# Each escape as a whole: a backslash may itself be escaped.
_ESCAPE = re.compile(rb"\\(?:" + _HIGH + rb"\\" + _LOW + rb"|(" + _HIGH + rb"|" + _LOW + rb")|.)")

_ANY_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def decode_record(data: Buffer, type: Any = Any) -> Any:
    """Decodes JSON to `type`. Half a surrogate pair becomes U+FFFD, as bytes that are no
    UTF-8 do where text is decoded.

    Raises `ValueError` or `RecursionError`.
    """
    try:
        return msgspec.json.decode(data, type=type)
    except msgspec.DecodeError:
        text, count = _without_halves(data)
        if not count:
            raise
        return msgspec.json.decode(text, type=type)


def _without_halves(data: Buffer) -> tuple[bytes, int]:
    """The text with its halves replaced, and how many there were."""
    text = bytes(data)
    if not _ANY_HALF.search(text):
        return text, 0
    count = 0

    def replaced(escape: re.Match[bytes]) -> bytes:
        nonlocal count
        if escape[1] is None:
            return escape[0]
        count += 1
        return rb"\ufffd"

    return _ESCAPE.sub(replaced, text), count
