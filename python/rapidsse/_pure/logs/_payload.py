"""A payload of a log: whether it decodes, and as what.

A payload is valid if `json.loads` reads it, because the SDKs read it so. Long base64 need not be
decoded: an empty string in its place changes neither the verdict nor any field that is read.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from ..._apis import BASE64_KEYS
from ..._json import decode_json
from ..._limits import MAX_DEPTH, MIN_CUT, MIN_ELIDED
from .._spans import Spans
from ._fields import mapping

KEYS = frozenset(BASE64_KEYS)

Kind = Literal["json", "utf8", "schema", "depth"]

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
# In a data URL, or behind a key: there it has escapes, if it was not found before.
_in_text = re.compile(
    rb'(;base64,|"((?:[^"\\]++|\\.)*+)"[ \t\r\n]*+:[ \t\r\n]*+")'
    rb"((?:[A-Za-z0-9+/=]|\\/|\\u00(?:2[bBfF]|3[dD]))++)(\"?)",
    re.DOTALL,
)
# What stands before the value of a key that is written as it is.
_BEFORE_VALUE = 64
_ends_in_key = re.compile(
    rb'.*[{,\s]"(?:%b)"\s*+:\s*+"' % b"|".join(re.escape(key.encode()) for key in BASE64_KEYS),
    re.DOTALL,
).fullmatch
_token = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_string = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_CLOSERS = {b"[": b"]", b"{": b"}"}


def decode(payload: bytes | memoryview, spans: Spans | None) -> tuple[dict[str, Any], bool] | Kind:
    """The object that the payload is and whether it is JSON by the standard, or what is wrong.

    `spans` are those under `KEYS`, if they are known.
    """
    text = _without_base64(payload, spans or [])
    if not text.isascii():
        try:
            str(text, "utf-8")
        except UnicodeDecodeError:
            return "utf8"
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH:
        prefix = _prefix_in_depth(text)
        if prefix is not None:
            return "depth" if _is_json(prefix) else "json"
    try:
        value, is_standard = decode_json(text)
    except ValueError:
        return "json"
    object = mapping(value)
    return "schema" if object is None else (object, is_standard)


def elided(payload: bytes | memoryview, spans: Spans) -> str:
    """The payload's text, with the length of each long base64 string in its place."""
    parts: list[bytes | memoryview] = []
    at = 0
    for start, end in spans:
        if end - start >= MIN_ELIDED and _is_base64(payload[start:end]):
            parts += (_rest(payload[at:start]), _mark(end - start))
            at = end
    parts.append(_rest(payload[at:]))
    return str(b"".join(parts), "utf-8")


def _mark(size: int) -> bytes:
    return b"<base64 %d characters>" % size


def _rest(text: bytes | memoryview) -> bytes | memoryview:
    """Text without the long base64 in it that is in data URLs, which may be parts of any string, or
    has escapes."""
    return text if len(text) < MIN_ELIDED else _in_text.sub(_with_mark, text)


def _with_mark(found: re.Match[bytes]) -> bytes:
    before, key, base64, quote = found.groups()
    is_value = key is None or (quote and (key.decode(errors="replace") in KEYS or b"\\" in key))
    if len(base64) < MIN_ELIDED or not is_value:
        return found[0]
    return b"".join((before, _mark(len(base64)), quote))


def contains(payload: bytes | memoryview, spans: Spans, needle: bytes) -> bool:
    """Whether the payload's bytes contain `needle` outside of these spans."""
    at = 0
    for start, end in spans:
        if needle in bytes(payload[at:start]):
            return True
        at = end
    return needle in bytes(payload[at:])


def _without_base64(payload: bytes | memoryview, spans: Spans) -> bytes:
    """The payload with an empty string in the place of each that is cut out."""
    parts: list[bytes | memoryview] = []
    at = 0
    for start, end in spans:
        # A key that is written with escapes may be any, such as one whose value is looked at.
        if end - start >= MIN_CUT and _ends_in_key(payload[max(start - _BEFORE_VALUE, 0) : start]):
            parts.append(payload[at:start])
            at = end
    return b"".join((*parts, payload[at:])) if parts else bytes(payload)


def _is_base64(text: bytes | memoryview) -> bool:
    block = 1 << 16
    return not any(
        bytes(text[at : at + block]).translate(None, _BASE64) for at in range(0, len(text), block)
    )


def _is_json(text: bytes) -> bool:
    try:
        decode_json(text)
    except ValueError:
        return False
    return True


def _prefix_in_depth(text: bytes) -> bytes | None:
    """If an array or object is nested too deep: the text before the first such, made whole.

    That is JSON just if nothing was wrong before it.
    """
    if not _may_be_deep(text):
        return None
    open_ones: list[bytes] = []
    for match in _token.finditer(text):
        token = match[0]
        if token in _CLOSERS:
            if len(open_ones) == MAX_DEPTH:
                closers = b"".join(_CLOSERS[opener] for opener in reversed(open_ones))
                return text[: match.start()] + b"0" + closers
            open_ones.append(token)
        elif token in (b"]", b"}") and open_ones:
            open_ones.pop()
    return None


def _may_be_deep(text: bytes) -> bool:
    depth = 0
    for bracket in _string.sub(b"", text).translate(None, _NOT_BRACKETS):
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif depth:
            depth -= 1
    return False
