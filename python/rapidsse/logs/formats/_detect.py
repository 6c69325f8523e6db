"""Tells the format of a log by what its content begins with.

The name of the file counts only where the content says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from ..._apis import PREFIXES, api_of
from .._bodies import Format
from ._streams import BODY, HEAD, stream_in
from ._table import FORMAT_TABLE

__all__ = ["HEAD_MAX", "detect"]

# More than `HEAD` is looked at where a line of JSON does not end before.
HEAD_MAX = 16 << 20

_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb"^(?:(?:data|event|id|retry)(?::|[\r\n])|:)", re.MULTILINE)
_STRING = re.compile(rb'"((?:[^"\\]++|\\.)*+)', re.DOTALL)
_EVENT = re.compile(
    rb'\{\s*"type"\s*:\s*"(?:%b)' % b"|".join(re.escape(prefix.encode()) for prefix in PREFIXES)
)
_BY_NAME: dict[str, Format] = {
    end: name for name, format in FORMAT_TABLE.items() for end in format.extensions
}
_COMPRESSED_NAME = re.compile(r"\.(?:gz|zst|bz2|xz)$")


def detect(head: bytes, *, whole: bool, name: str) -> Format | None:
    """The format of content that begins with `head`; `None` where more of it could tell.

    With `whole`, or `HEAD_MAX` bytes, `None` says that it is of no format.
    """
    text = head.removeprefix(_BOM).lstrip(b" \t\r\n")
    whole = whole or len(head) >= HEAD_MAX
    for format, known in FORMAT_TABLE.items():
        if any(begin.match(text) for begin in known.begins):
            return format
    if text[:1] in (b"{", b"["):
        return _detect_json(text, whole=whole)
    if _FIELD.search(head.removeprefix(_BOM)):
        return "sse"
    if not whole and len(head) < HEAD:
        return None
    extension = _COMPRESSED_NAME.sub("", name.lower()).rpartition(".")[2]
    if extension in _BY_NAME:
        return _BY_NAME[extension]
    return None if b"\0" in head else "sse"


def _detect_json(text: bytes, *, whole: bool) -> Format | None:
    *lines, last = text.split(b"\n")
    typed = False
    for line in lines:
        record = _record(line)
        if found := _detect_record(record):
            return found
        typed = typed or isinstance(record.get("type"), str)
    if found := _detect_start(last):
        return found
    # A record may hold much before its body, such as the pictures of a request, and many
    # records may have no body. Lines that have a type are events sooner.
    decided = whole or (typed and len(text) >= HEAD)
    return "jsonl" if decided else None


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", record) if isinstance(record, dict) else {}


def _detect_record(record: dict[str, Any]) -> Format | None:
    if api_of(record) is not None:
        return "jsonl"
    return None if stream_in(record) is None else "jsonl-body"


def _detect_start(line: bytes) -> Format | None:
    """Like `_detect_record`, for a line that is not there to its end."""
    if _EVENT.match(line):
        return "jsonl"
    for start in _starts_of_strings(line):
        if BODY.match(start):
            return "jsonl-body"
    return None


def _starts_of_strings(line: bytes) -> Iterator[str]:
    for match in _STRING.finditer(line):
        # A cut may fall into an escape or a character.
        escaped = match[1][:HEAD].decode(errors="replace")
        if b"data:" in match[1]:
            yield _ESCAPE.sub(_unescape, escaped)


_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)
