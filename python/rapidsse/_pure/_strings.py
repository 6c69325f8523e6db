"""Strings: where a JSON string ends, and whether it is clean.

A string is *clean* if its content reads as itself: no escapes, no control bytes, ASCII only.

Long strings are the cost. Their bytes are touched once: a block that decodes as strict base64 is
clean and holds no quote, so that it need not be searched for one. Only where a block does not decode
(the last one, or text) are its bytes searched and checked one by one.
"""

from __future__ import annotations

import binascii
import re

import msgspec

from ._base64 import fast_decoder
from ._search import find_first
from ._source import Searchable

_QUOTE = 0x22
_BACKSLASH = 0x5C
_SHORT = 1 << 10
# A multiple of four, so that base64 stays in step; its text and what it decodes to fit into
# the second-level cache.
_BLOCK = 3 << 16
_clean_run = re.compile(rb"[ !#-\[\]-\x7f]*+").match
_decode_string = msgspec.json.Decoder(str).decode


def match_end(match: re.Match[bytes] | None) -> int:
    """The end of a match that cannot fail, as it may be empty."""
    assert match is not None
    return match.end()


def string_end(view: memoryview, buf: Searchable, start: int, end: int) -> tuple[int, bool]:
    """The index of the quote that closes a string, and whether the string is clean.

    Or the index of the CR or LF that cuts the string, or -1 if it is open at `end`.
    """
    at = match_end(_clean_run(view, start, min(start + _SHORT, end)))
    if at < end and buf[at] == _QUOTE:
        return at, True
    if at == start + _SHORT:
        at = _skip_base64(view, start, end)
        quote = buf.find(b'"', at, min(at + _BLOCK, end))
        if quote >= 0 and _is_base64(view, at, quote):
            return quote, True
        stop = find_first(buf, at, end, (b'"', b"\n", b"\r", b"\\"))
        if stop < 0:
            return -1, False
        if buf[stop] == _QUOTE:
            return stop, _is_clean(view, at, stop)
        at = stop
    while True:
        stop = find_first(buf, at, end, (b'"', b"\n", b"\r"))
        if stop < 0 or buf[stop] != _QUOTE or not _is_escaped(buf, start, stop):
            return stop, False
        at = stop + 1


def _is_escaped(buf: Searchable, start: int, quote: int) -> bool:
    at = quote
    while at > start and buf[at - 1] == _BACKSLASH:
        at -= 1
    return (quote - at) % 2 == 1


def _skip_base64(view: memoryview, at: int, end: int) -> int:
    """The end of the last block of base64, in blocks from `at`."""
    decode = fast_decoder()
    if decode is None:
        return at
    try:
        while at + _BLOCK <= end:
            decode(view[at : at + _BLOCK])
            at += _BLOCK
    except binascii.Error:
        pass
    return at


def _is_base64(view: memoryview, at: int, end: int) -> bool:
    """Whether `view[at:end]` is found to be base64, and at most three clean bytes more."""
    decode = fast_decoder()
    if decode is None:
        return False
    groups = end - (end - at) % 4
    try:
        decode(view[at:groups])
    except binascii.Error:
        return False
    return match_end(_clean_run(view, groups, end)) == end


def _is_clean(view: memoryview, at: int, end: int) -> bool:
    """Whether `view[at:end]`, which holds no quote and no backslash, is clean."""
    # A JSON string that is as long decoded as it is encoded has no escapes and is ASCII; one
    # with control bytes is refused.
    try:
        while at < end:
            block = bytes(view[at : min(at + _BLOCK, end)])
            if len(_decode_string(b'"%b"' % block)) != len(block):
                return False
            at += len(block)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
