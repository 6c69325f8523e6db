"""Recognises an event stream by its beginning, for the formats that hold bodies."""

from __future__ import annotations

import re

from ...._field_names import ANY_FIELD, FIELD_NAMES

__all__ = [
    "BODY",
    "HEAD",
    "ends_in_field_name",
    "has_field",
    "is_body",
    "is_field",
    "is_stream",
    "without_http_head",
]

HEAD = 64 << 10
"""Bytes of a log, or characters of a body, that are looked at first."""

# Comments, blank lines and fields (each a line), up to the first `data` line.
_BEFORE_DATA = r"(?:(?::[^\r\n]*|(?:event|id|retry)(?::[^\r\n]*)?)?(?:\r\n|\n|\r))*+"
_STREAM = re.compile(rf"\ufeff?{_BEFORE_DATA}data:")
# What a string of JSON must be to be taken for a body without being named.
BODY = re.compile(rf"\ufeff?{_BEFORE_DATA}data: ?[{{\[]")
_FIELD_LINE = re.compile(rb"(?:\A|[\r\n])(?:%b[:\r\n]|:)" % ANY_FIELD)
_FIELD = re.compile(rf"\ufeff?[\r\n]*{ANY_FIELD.decode()}?:")
_BOM = b"\xef\xbb\xbf"

_HTTP_HEAD = re.compile(r"HTTP/\d(?:\.\d)? \d{3}[^\n]*\n(?:[^\r\n]+\r?\n)*+\r?\n")


def without_http_head(text: str) -> str:
    """The body of an HTTP response, as a proxy records it; another text as it is."""
    match = _HTTP_HEAD.match(text)
    return text if match is None else text[match.end() :]


def is_stream(text: str) -> bool:
    """Whether a body begins as an event stream does."""
    return _STREAM.match(text, 0, HEAD) is not None


def is_body(text: str) -> bool:
    """Whether a string looks like an event stream of JSON, without being named as one."""
    return BODY.match(text, 0, HEAD) is not None


def has_field(text: bytes) -> bool:
    """Whether a line of the text is one that an event stream has."""
    return _FIELD_LINE.search(text.removeprefix(_BOM)) is not None


def ends_in_field_name(text: bytes) -> bool:
    """Whether the text ends within the name of a field, or within the BOM before one."""
    last = re.split(rb"[\r\n]", text.removeprefix(_BOM))[-1]
    return last != b"" and any(each.startswith(last) for each in (*FIELD_NAMES, _BOM))


def is_field(text: str) -> bool:
    """Whether a string begins with a line that only an event stream has."""
    return _FIELD.match(text) is not None
