"""Where the strings of a JSON payload lie that can be read in place.

Only strings are tokenised, so malformed JSON gives spans too: whether it is JSON at all is
for the JSON decoder to say. A string is a key if a colon follows it, otherwise a value; it
is *clean* if its content reads as itself: no escapes, no control bytes, ASCII only.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from ._source import Searchable, check_chunk, searchable

if TYPE_CHECKING:
    from typing_extensions import Buffer

_WHITESPACE = b" \t\r\n"
_BACKSLASH = 0x5C
_BLOCK = 1 << 16
_is_clean = re.compile(rb"[ !#-\[\]-\x7f]*").fullmatch


def find_spans(payload: Buffer, keys: AbstractSet[str] | None) -> list[tuple[int, int]]:
    """The clean string values of a JSON payload under one of `keys` (`None`: any key).

    Each is the (start, end) of the content, without the quotes. With `keys`, a value also
    counts whose key holds a backslash: it may be one of them in disguise.
    """
    return find_spans_of(check_chunk(payload), encode_keys(keys))


def encode_keys(keys: AbstractSet[str] | None) -> frozenset[bytes] | None:
    return None if keys is None else frozenset(key.encode() for key in keys)


def find_spans_of(
    payload: bytes | memoryview, keys: frozenset[bytes] | None
) -> list[tuple[int, int]]:
    buf = searchable(memoryview(payload))
    end = len(payload)
    spans: list[tuple[int, int]] = []
    # The string that a value's key would be, if that was the last string and a key.
    key: tuple[int, int] | None = None
    at = 0
    while (quote := buf.find(b'"', at, end)) >= 0:
        start = quote + 1
        close = _string_end(buf, start, end)
        if close == end or buf[close] != 0x22:
            break
        if key is not None and bytes(buf[at:quote]).strip(_WHITESPACE) != b":":
            key = None
        at = close + 1
        if _colon_follows(buf, at, end):
            key = start, close
            continue
        if (keys is None or (key and _is_wanted(buf, key, keys))) and _is_clean(
            bytes(buf[start:close])
        ):
            spans.append((start, close))
        key = None
    return spans


def _string_end(buf: Searchable, start: int, end: int) -> int:
    """The index of the quote that closes a string, or of the CR or LF that cuts it, or
    `end`."""
    at = start
    while at < end:
        stop = min(at + _BLOCK, end)
        quote = buf.find(b'"', at, stop)
        if quote >= 0:
            stop = quote
        for eol in (b"\n", b"\r"):
            found = buf.find(eol, at, stop)
            if found >= 0:
                stop = found
                quote = -2
        if quote == -2:
            return stop
        if quote >= 0 and not _is_escaped(buf, start, quote):
            return quote
        at = stop if quote < 0 else quote + 1
    return end


def _is_escaped(buf: Searchable, start: int, quote: int) -> bool:
    at = quote
    while at > start and buf[at - 1] == _BACKSLASH:
        at -= 1
    return (quote - at) % 2 == 1


def _colon_follows(buf: Searchable, at: int, end: int) -> bool:
    while at < end and buf[at] in _WHITESPACE:
        at += 1
    return at < end and buf[at] == 0x3A


def _is_wanted(buf: Searchable, key: tuple[int, int], keys: frozenset[bytes]) -> bool:
    name = bytes(buf[key[0] : key[1]])
    return name in keys or b"\\" in name
