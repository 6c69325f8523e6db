"""Where the strings of a JSON payload lie that can be read in place.

Only strings are tokenised, so malformed JSON gives spans too: whether it is JSON at all is
for the JSON decoder to say. A string is the value of a key whose colon it follows; otherwise it
is a key if a colon follows it, and a value if none does. It is *clean* if its content reads
as itself: no escapes, no control bytes, ASCII only.

The long strings are the cost. Their bytes are touched once: each block that decodes as strict
base64 is clean and holds no quote, so that it need not be searched for one. Only where a block
does not (the last one, or text) are the bytes searched and looked at otherwise.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import msgspec

from ._base64 import fast_decoder
from ._search import find_first
from ._source import Searchable, check_chunk, searchable

if TYPE_CHECKING:
    from typing_extensions import Buffer

Spans = list[tuple[int, int]]

_QUOTE = 0x22
_COLON = 0x3A
_BACKSLASH = 0x5C
_SHORT = 1 << 10
# A multiple of four, so that base64 stays in step; its text and what it decodes to fit into
# the second-level cache.
_BLOCK = 3 << 16
_clean_run = re.compile(rb"[ !#-\[\]-\x7f]*+").match
_decode_string = msgspec.json.Decoder(str).decode


def find_spans(payload: Buffer, keys: AbstractSet[str] | None) -> Spans:
    """The clean string values of a JSON payload under one of `keys` (`None`: any key).

    Each is the (start, end) of the content, without the quotes. With `keys`, a value also
    counts whose key holds a backslash: it may be one of them in disguise. No keys, no spans.
    """
    return SpanFinder(keys).of(check_chunk(payload))


class SpanFinder:
    """Finds the spans of payloads, always under the same keys."""

    def __init__(self, keys: AbstractSet[str] | None) -> None:
        self._keys = None if keys is None else frozenset(key.encode() for key in keys)
        self._skip_in_line = self._skip_in_payload = None
        if self._keys:
            names = b"|".join(map(re.escape, self._keys))
            self._skip_in_line = _skip(names, rb"[ \t]", rb"[^\"\r\n]")
            self._skip_in_payload = _skip(names, rb"[ \t\r\n]", rb"[^\"]")

    @property
    def finds_nothing(self) -> bool:
        """No key is looked for."""
        return self._keys is not None and not self._keys

    def of(self, payload: bytes | memoryview) -> Spans:
        """The spans of a whole payload."""
        if self.finds_nothing:
            return []
        view = memoryview(payload)
        return self.scan(view, searchable(view), 0, len(view), in_line=False)[0]

    def scan(
        self, view: memoryview, buf: Searchable, at: int, end: int, *, in_line: bool
    ) -> tuple[Spans, int]:
        """The spans of `view[at:end]`, and with `in_line` the end of the line, or -1.

        `buf` searches the bytes of `view`; the spans count from its start, too.
        """
        spans: Spans = []
        keys = self._keys
        skip = self._skip_in_line if in_line else self._skip_in_payload
        space = _line_space if in_line else _space
        stops = _IN_LINE if in_line else _IN_PAYLOAD
        while True:
            if skip is not None:
                at = _end(skip(view, at, end))
            quote = find_first(buf, at, end, stops)
            if quote < 0 or buf[quote] != _QUOTE:
                return spans, quote
            start = quote + 1
            close, is_clean = string_end(view, buf, start, end)
            if close < 0 or buf[close] != _QUOTE:
                return spans, close
            at = _end(space(view, close + 1, end))
            if at == end or buf[at] != _COLON:
                if keys is None and is_clean:
                    spans.append((start, close))
                continue
            at += 1
            if keys is not None and not _is_wanted(bytes(buf[start:close]), keys):
                continue
            at = _end(space(view, at, end))
            if at < end and buf[at] == _QUOTE:
                start = at + 1
                close, is_clean = string_end(view, buf, start, end)
                if close < 0 or buf[close] != _QUOTE:
                    return spans, close
                if is_clean:
                    spans.append((start, close))
                at = close + 1


_IN_LINE = (b'"', b"\n", b"\r")
_IN_PAYLOAD = (b'"',)
_space = re.compile(rb"[ \t\r\n]*+").match
_line_space = re.compile(rb"[ \t]*+").match


def _end(match: re.Match[bytes] | None) -> int:
    """The end of a match that cannot fail, as it may be empty."""
    assert match is not None
    return match.end()


def _skip(names: bytes, space: bytes, gap: bytes):  # type: ignore[no-untyped-def]
    """Matches what `scan` need not look at one by one: short strings without escapes that
    are not a key with one of these names, and all that stands between strings."""
    pattern = rb"(?:%b*+\"(?!(?:%b)\"%b*+:)[^\"\\\r\n]{0,256}+\")*+" % (gap, names, space)
    return re.compile(pattern).match


def _is_wanted(key: bytes, keys: frozenset[bytes]) -> bool:
    return key in keys or b"\\" in key


def string_end(view: memoryview, buf: Searchable, start: int, end: int) -> tuple[int, bool]:
    """The index of the quote that closes a string, and whether the string is clean.

    Or the index of the CR or LF that cuts the string, or -1 if it is open at `end`.
    """
    at = _end(_clean_run(view, start, min(start + _SHORT, end)))
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
    return _end(_clean_run(view, groups, end)) == end


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
