"""Strict base64 (RFC 4648, section 4).

A library decodes. Text that it refuses is read again, slowly, to say what is wrong and where.
Libraries do not check that the unused bits before the padding are zero, so this does.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING

from .._errors import Base64Error, RapidSSEError
from ._source import check_chunk

if TYPE_CHECKING:
    from typing_extensions import Buffer

_in_alphabet = re.compile(rb"[A-Za-z0-9+/]*").match
# The last group of padded text, whose unused bits are zero.
_is_padded_group = re.compile(
    rb"[A-Za-z0-9+/](?:[AQgw]==|[A-Za-z0-9+/][AEIMQUYcgkosw048]=)"
).fullmatch
_PAD = ord("=")


@cache
def fast_decoder() -> Callable[[memoryview], bytes] | None:
    """The strict decoder of pybase64, if that is installed. Raises `binascii.Error`."""
    try:
        import pybase64
    except ImportError:
        return None
    return partial(pybase64.b64decode, altchars=None, validate=True)


def _standard_decode(text: memoryview) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)


def base64_decode(data: Buffer) -> bytes:
    """Decodes strict base64. Raises `Base64Error`."""
    text = check_chunk(data)
    decode = fast_decoder() or _standard_decode
    try:
        decoded = decode(text)
    except binascii.Error:
        decoded = b""
    last_group = text[-4:]
    if len(decoded) != _decoded_size(text) or not (
        _PAD not in last_group or _is_padded_group(last_group)
    ):
        reason, offset = _diagnose(text)
        raise Base64Error(reason, offset=offset)
    return decoded


def base64_decode_into(data: Buffer, out: Buffer) -> int:
    """Decodes strict base64 into `out` and returns the bytes written.

    Raises `Base64Error`, and `RapidSSEError` if `out` is too small.
    """
    text = check_chunk(data)
    name = type(out).__name__
    try:
        target = memoryview(out)
    except TypeError:
        raise TypeError(f"out must be a writable buffer, not {name}") from None
    if target.readonly:
        raise TypeError(f"out must be a writable buffer, and this {name} is read-only")
    target = check_chunk(target)
    size = max(_decoded_size(text), 0)
    if len(target) < size:
        raise RapidSSEError(f"out holds {len(target)} bytes, but the text decodes to {size}")
    decoded = base64_decode(text)
    target[: len(decoded)] = decoded
    return len(decoded)


def _decoded_size(text: memoryview) -> int:
    """The size of what the text decodes to if it is strict base64; -1 if it cannot be."""
    if len(text) % 4:
        return -1
    return len(text) // 4 * 3 - bytes(text[-2:]).count(b"=")


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
    return "non-zero trailing bits", at - 1
