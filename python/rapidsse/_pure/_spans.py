"""Spans: the string values of a JSON payload that can be read in place.

Only strings are tokenised, so malformed JSON has spans too: the JSON decoder says whether it is
JSON at all. A string is the value of a key if it follows that key's colon; otherwise it is a key if
a colon follows it, and a value if none does. Only clean strings are spans: see `_strings`.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from ._search import find_first
from ._source import Searchable, check_chunk, searchable
from ._strings import match_end, string_end

if TYPE_CHECKING:
    from typing_extensions import Buffer

Spans = list[tuple[int, int]]

_QUOTE = 0x22
_COLON = 0x3A


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
                at = match_end(skip(view, at, end))
            quote = find_first(buf, at, end, stops)
            if quote < 0 or buf[quote] != _QUOTE:
                return spans, quote
            start = quote + 1
            close, is_clean = string_end(view, buf, start, end)
            if close < 0 or buf[close] != _QUOTE:
                return spans, close
            at = match_end(space(view, close + 1, end))
            if at == end or buf[at] != _COLON:
                if keys is None and is_clean:
                    spans.append((start, close))
                continue
            at += 1
            if keys is not None and not _is_wanted(bytes(buf[start:close]), keys):
                continue
            at = match_end(space(view, at, end))
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


def _skip(names: bytes, space: bytes, gap: bytes):  # type: ignore[no-untyped-def]
    """Matches what `scan` need not look at one by one: short strings without escapes that
    are not a key with one of these names, and all that stands between strings."""
    pattern = rb"(?:%b*+\"(?!(?:%b)\"%b*+:)[^\"\\\r\n]{0,256}+\")*+" % (gap, names, space)
    return re.compile(pattern).match


def _is_wanted(key: bytes, keys: frozenset[bytes]) -> bool:
    return key in keys or b"\\" in key
