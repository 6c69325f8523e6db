"""Strict base64 (RFC 4648, section 4).

A library decodes; what it refuses is looked at again, slowly, to say what is wrong and
where. Libraries do not check that the unused bits before the padding are zero.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._errors import Base64Error, RapidSSEError
from ._source import check_chunk

if TYPE_CHECKING:
    from typing_extensions import Buffer

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_in_alphabet = re.compile(rb"[A-Za-z0-9+/]*").match
_PAD = ord("=")


def _standard_decode(text: memoryview) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)


def _choose() -> Callable[[memoryview], bytes]:
    try:
        import pybase64
    except ImportError:
        return _standard_decode
    return lambda text: pybase64.b64decode(text, validate=True)


_decode: Callable[[memoryview], bytes] | None = None


def base64_decode(data: Buffer) -> bytes:
    """Decodes strict base64. Raises `Base64Error`."""
    global _decode
    if _decode is None:
        _decode = _choose()
    text = check_chunk(data)
    try:
        decoded = _decode(text)
    except binascii.Error:
        decoded = None
    if decoded is None or len(text) % 4 or _trailing_bits(text) is not None:
        reason, offset = _diagnose(text)
        raise Base64Error(reason, offset=offset)
    return decoded


def base64_decode_into(data: Buffer, out: Buffer) -> int:
    """Decodes strict base64 into `out` and returns the bytes written.

    Raises `Base64Error`, and `RapidSSEError` if `out` is too small.
    """
    text = check_chunk(data)
    target = memoryview(out)
    if target.readonly:
        raise TypeError("out must be a writable buffer")
    target = check_chunk(target)
    padding = bytes(text[-2:]).count(b"=")
    size = max(len(text) // 4 * 3 - padding, 0)
    if len(target) < size:
        raise RapidSSEError(f"out has {len(target)} bytes, but the decoded data takes {size}")
    decoded = base64_decode(text)
    target[: len(decoded)] = decoded
    return len(decoded)


def _trailing_bits(text: memoryview) -> int | None:
    """The index of the last data character if its unused bits are not zero.

    `text` is otherwise well-formed, padding included.
    """
    if not text or text[-1] != _PAD:
        return None
    padding = 2 if text[-2] == _PAD else 1
    last = len(text) - padding - 1
    unused = 0b1111 if padding == 2 else 0b11
    return last if _ALPHABET.index(text[last]) & unused else None


def _diagnose(text: memoryview) -> tuple[str, int]:
    """The first thing wrong with text that is not strict base64, and its offset."""
    size = len(text)
    found = _in_alphabet(text)
    assert found is not None
    at = found.end()
    if at == size:
        return "base64 text is cut short", size
    group = at - at % 4
    if text[at] != _PAD or at % 4 < 2 or size > group + 4:
        return "invalid base64 character", at
    for index in range(at + 1, size):
        if text[index] != _PAD:
            return "invalid base64 character", index
    if size < group + 4:
        return "base64 text is cut short", size
    bits = _trailing_bits(text)
    assert bits is not None
    return "non-zero trailing bits", bits
