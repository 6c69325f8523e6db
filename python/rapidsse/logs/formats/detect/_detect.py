"""Recognises the format of a log by what its content begins with.

The file name is only a fallback, where the content says nothing.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8

from ..._bodies import Format
from .._table import FORMAT_TABLE
from ..lines._prefixes import without_prefix
from ..values._streams import HEAD
from ._json import detect_json
from ._text import detect_text

__all__ = ["HEAD_MAX", "detect"]

HEAD_MAX = 16 << 20
"""More than `HEAD` is looked at where a line of JSON does not end before."""

_BY_NAME: dict[str, Format] = {
    end: name for name, format in FORMAT_TABLE.items() for end in format.extensions
}
_STRING_LINE = re.compile(rb'"(?:[^"\\\n]++|\\.)*+"[ \t\r]*(?:\n|\Z)')
# Of JSON texts (RFC 7464).
_SEPARATOR = b"\x1e"
# JSON5, or JSON with comments before it.
_COMMENTED = re.compile(rb"(?:(?://[^\n]*\n|/\*.*?\*/)\s*+)++[{\[]", re.DOTALL)
_COMPRESSED_NAME = re.compile(r"\.(?:gz|zst|bz2|xz)$")


def detect(head: bytes, *, whole: bool, name: str) -> Format | None:
    """The format of content that begins with `head`; `None` where more of it could tell.

    With `whole`, or `HEAD_MAX` bytes, `None` says that it is of no format.
    """
    text = head.removeprefix(BOM_UTF8).lstrip(b" \t\r\n")
    whole = whole or len(head) >= HEAD_MAX
    for format, known in FORMAT_TABLE.items():
        if any(begin.match(text) for begin in known.begins):
            return format
    if text[:1] == _SEPARATOR or _COMMENTED.match(text):
        return "json"
    # A time, or the name of a container, may be in brackets; and Python prints objects.
    begins_like_json = text[:1] == b"[" or text[:2] == b"{'"
    is_logged = begins_like_json and without_prefix(text.partition(b"\n")[0]) is not None
    if _STRING_LINE.match(text) or (text[:1] in (b"{", b"[") and not is_logged):
        return detect_json(text, whole=whole)
    is_enough = whole or len(head) >= HEAD
    if (found := detect_text(head.removeprefix(BOM_UTF8), is_enough=is_enough)) is not None:
        return found
    if not is_enough:
        return None
    extension = _COMPRESSED_NAME.sub("", name.lower()).rpartition(".")[2]
    if extension in _BY_NAME:
        return _BY_NAME[extension]
    return None if b"\0" in head else "sse"
