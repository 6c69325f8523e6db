"""Recognises what JSON is: lines of events, of events in envelopes or of requests, or a document."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from typing import Any

from ...._api_events import api_of
from ...._apis import PREFIXES
from ...._json import decode_json, decode_one
from ...._values import members
from ..._bodies import Format
from ..documents._cut_json import made_whole
from ..documents._search import Search
from ..lines._envelope import envelope_of
from ..lines._ids import are_mixed
from ..values._json import record_or_none
from ..values._streams import BODY, HEAD
from ..values._whole import is_whole

__all__ = ["detect_json"]

_STRING = re.compile(rb'"((?:[^"\\]++|\\.)*+)', re.DOTALL)
_EVENT = re.compile(
    rb'\{\s*"type"\s*:\s*"(?:%b)' % b"|".join(re.escape(prefix.encode()) for prefix in PREFIXES)
)
# The last byte of a line that is the beginning of a document over several lines.
_OPEN = (b"{", b"[", b",", b":")
_NEXT = re.compile(rb"}[ \t]*{")
_BROKEN = object()


def detect_json(text: bytes, *, whole: bool) -> Format | None:
    """The format of a text that begins with a brace or a bracket; `None` where more could tell."""
    *lines, last = text.split(b"\n")
    if whole and last.strip():
        lines.append(last)
    values = [_value(line) for line in lines if line.strip()]
    is_array = text[:1] == b"["
    if values:
        if values[0] is _BROKEN and _has_next(lines[0]):
            return "json"
        if whole and values == [_BROKEN] and text[-1:] != b"\n" and _holds_before_cut(text):
            return "json"
        if values[0] is _BROKEN and (is_array or _is_open(lines, values)):
            # A document of a format of its own may say so further on.
            return "json" if whole or len(text) >= HEAD else None
        if is_array and len(values) == 1:
            # More lines may follow it.
            return "json" if whole else None
        if (found := _detect_lines(values, whole=whole)) is not None:
            return found
    elif is_array:
        return "json" if whole else None
    if not values and _has_next(last):
        return "json"
    if not whole and (found := _detect_start(last)):
        return found
    # A record may hold much before its body, such as the pictures of a request, and many
    # records may have no body. Lines that have a type are events sooner.
    is_typed = any(isinstance(members(each).get("type"), str) for each in values)
    return "jsonl" if whole or (is_typed and len(text) >= HEAD) else None


def _is_open(lines: Sequence[bytes], values: Sequence[Any]) -> bool:
    """Whether the first line, which is no JSON, is the beginning of a document: it may also be
    one of many lines, and broken."""
    if not lines[0].rstrip().endswith(_OPEN):
        return False
    starts = [line for line in lines if line.strip()]
    return not any(
        line[:1] == b"{" and value is not _BROKEN
        for line, value in zip(starts[1:], values[1:], strict=True)
    )


def _has_next(line: bytes) -> bool:
    """Whether a line begins with an object behind which another one begins."""
    if not _NEXT.search(line):
        return False
    text = line.decode(errors="replace")
    try:
        _, end = decode_one(text, 0)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip()[:1] == "{"


def _detect_lines(values: Sequence[Any], *, whole: bool) -> Format | None:
    for number, value in enumerate(values):
        if value is _BROKEN:
            continue
        search = Search()
        record = members(value)
        if is_whole(record):
            return "jsonl-body"
        if record and api_of(record) is not None:
            return "jsonl-mixed" if are_mixed(values[number:]) else "jsonl"
        envelope = envelope_of(value)
        if envelope is not None and envelope.may_be_body:
            # A request per line, or an event: the next line tells.
            later = [each for each in values[number + 1 :] if each and each is not _BROKEN]
            if not later and not whole:
                return None
            return "jsonl-event" if envelope.continues(later) else "jsonl-body"
        if envelope is not None:
            return "jsonl-event"
        if _has_stream(search, value):
            return "jsonl-body"
    return None


def _has_stream(search: Search, value: Any) -> bool:
    try:
        return bool(search.streams(value))
    except RecursionError:
        return False


def _holds_before_cut(text: bytes) -> bool:
    """Whether a document without its end, all of it in one line, has a stream before that."""
    before = made_whole(text)
    return before is not None and _has_stream(Search(is_document=True), record_or_none(before))


def _value(line: bytes) -> Any:
    try:
        return decode_json(line.removeprefix(BOM_UTF8))[0]
    except (ValueError, RecursionError):
        return _BROKEN


def _detect_start(line: bytes) -> Format | None:
    """The format by a line whose end is not there yet."""
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
