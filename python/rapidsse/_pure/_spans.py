"""Where the strings of a JSON payload lie that can be read in place.

Only strings are tokenised, so malformed JSON gives spans too: whether it is JSON at all is
for the JSON decoder to say. A string is the value of a key whose colon it follows; otherwise it
is a key if a colon follows it, and a value if none does. It is *clean* if its content reads
as itself: no escapes, no control bytes, ASCII only.
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
    counts whose key holds a backslash: it may be one of them in disguise. No keys, no spans.
    """
    return find_spans_of(check_chunk(payload), encode_keys(keys))


def encode_keys(keys: AbstractSet[str] | None) -> frozenset[bytes] | None:
    return None if keys is None else frozenset(key.encode() for key in keys)


def find_spans_of(
    payload: bytes | memoryview, keys: frozenset[bytes] | None
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    if keys is not None and not keys:
        return spans
    buf = searchable(memoryview(payload))
    end = len(payload)
    at = 0
    # The last thing before `at` was the colon behind a key that is looked for.
    is_wanted = False
    while (quote := buf.find(b'"', at, end)) >= 0:
        start = quote + 1
        close = _string_end(buf, start, end)
        if close == end or buf[close] != 0x22:
            break
        is_value = is_wanted and not bytes(buf[at:quote]).strip(_WHITESPACE)
        at = close + 1
        is_wanted = False
        if not is_value and (colon := _colon_after(buf, at, end)) >= 0:
            at = colon + 1
            is_wanted = keys is None or _is_wanted(buf, start, close, keys)
        elif (is_value or keys is None) and _is_clean(bytes(buf[start:close])):
            spans.append((start, close))
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


def _colon_after(buf: Searchable, at: int, end: int) -> int:
    """The index of the colon that comes next, or -1."""
    while at < end and buf[at] in _WHITESPACE:
        at += 1
    return at if at < end and buf[at] == 0x3A else -1


def _is_wanted(buf: Searchable, start: int, end: int, keys: frozenset[bytes]) -> bool:
    key = bytes(buf[start:end])
    return key in keys or b"\\" in key
