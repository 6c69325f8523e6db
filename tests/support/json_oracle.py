"""A naive reading of an event's payload: JSON by the standard library, strings by one pattern."""

from __future__ import annotations

import json
import math
import re
from typing import Any

__all__ = ["KEYS", "decoded", "elided", "get", "is_standard", "plain", "spans", "whole"]

KEYS = frozenset({"partial_image_b64", "b64_json", "result", "data", "url", "image_url"})
"""The keys under which images lie."""

MAX_DEPTH = 128
MAX_DIGITS = 4300
"""Python's limit on the digits of an integer."""

_STRING = rb'"((?:[^"\\]|\\.)*)"'
# A string that is the value of a key, or any other string.
_MEMBER = re.compile(rb"%b(?:\s*:\s*%b)?" % (_STRING, _STRING))
_CLEAN = re.compile(rb"[ !#-\[\]-\x7f]*")
_UNITS = rb"((?:[A-Za-z0-9+/=]|\\/|\\u00(?:2[bBfF]|3[dD]))*)"
_URL = re.compile(rb";base64," + _UNITS)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]{1024,}")


def before_too_deep(text: str) -> str | None:
    """The text before the first array or object that is nested too deep, made whole."""
    ends = ""
    for token in re.finditer(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', text, re.DOTALL):
        if token[0] in "[{":
            if len(ends) == MAX_DEPTH:
                return f"{text[: token.start()]}0{ends}"
            ends = ("]" if token[0] == "[" else "}") + ends
        elif token[0] in "]}":
            ends = ends[1:]
    return None


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise OverflowError
    return int(text)


def decoded(payload: bytes) -> dict[str, Any] | str:
    """The object, or the kind of failure."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return "utf8"
    # What is wrong first counts.
    before = before_too_deep(text)
    try:
        value = json.loads(text if before is None else before, parse_int=_int)
    except (json.JSONDecodeError, OverflowError):
        return "json"
    if before is not None:
        return "depth"
    return value if isinstance(value, dict) else "schema"


def is_standard(payload: bytes) -> bool:
    """Whether JSON has no `NaN`, no infinity and no half of a pair of surrogates."""
    value = json.loads(payload)
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    # A later member with the same key hides an earlier one.
    members = re.findall(rb"%b|NaN|Infinity|[0-9.eE+-]+" % _STRING, payload)
    numbers = re.sub(rb"%b" % _STRING, b" ", payload)
    if b"NaN" in numbers or b"Infinity" in numbers:
        return False
    # Possessive: a number may have thousands of digits.
    large = re.findall(rb"(?<![\d.])\d++(?:\.\d++)?[eE][-+]?\d++", numbers)
    if any(math.isinf(float(each)) for each in large):
        return False
    strings = (json.loads(b'"%b"' % each) for each in members if each)
    return not any("\ud800" <= letter <= "\udfff" for each in strings for letter in each)


def plain(text: str) -> str:
    """The text, with U+FFFD for halves of pairs."""
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)


def whole(text: str) -> str:
    """The same, once halves that stand side by side are joined."""
    joined = re.sub(
        "([\ud800-\udbff])([\udc00-\udfff])",
        lambda pair: chr(0x10000 + (ord(pair[1]) - 0xD800) * 0x400 + ord(pair[2]) - 0xDC00),
        text,
    )
    return plain(joined)


def get(value: Any, key: str, *types: type) -> Any:
    """The member if it is of one of these types, exactly; of `int`, if 64 bits hold it."""
    member = value.get(key) if isinstance(value, dict) else None
    if type(member) not in types or (type(member) is int and not -(2**63) <= member < 2**63):
        return None
    return plain(member) if isinstance(member, str) else member


def spans(payload: bytes) -> list[tuple[int, int]]:
    """Where the clean strings under one of `KEYS` are in valid JSON: start and end.

    A key that is written with escapes may be any of them.
    """
    return [
        member.span(2)
        for member in _MEMBER.finditer(payload)
        if member[2] is not None
        and (member[1].decode() in KEYS or b"\\" in member[1])
        and _CLEAN.fullmatch(member[2])
    ]


def elided(payload: bytes) -> str:
    """The payload with a mark in the place of each long base64 text."""
    for start, end in reversed(spans(payload)):
        if _BASE64.fullmatch(payload, start, end):
            mark = f"<base64 {end - start} characters>".encode()
            payload = payload[:start] + mark + payload[end:]
    places = [url.span(1) for url in _URL.finditer(payload)]
    for member in _MEMBER.finditer(payload):
        is_key = member[2] is not None and (member[1].decode() in KEYS or b"\\" in member[1])
        if is_key and re.fullmatch(_UNITS, member[2]):
            places.append(member.span(2))
    for start, end in sorted(places, reverse=True):
        if end - start >= 1024:
            payload = payload[:start] + b"<base64 %d characters>" % (end - start) + payload[end:]
    return payload.decode()
