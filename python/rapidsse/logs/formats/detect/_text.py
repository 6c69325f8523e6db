"""Recognises what other text is: event streams, lines of a container's log, YAML or
XML."""

from __future__ import annotations

import re

from ...._apis import CHUNKS, HEADS, PREFIXES, TYPE_KEYS
from ...._engine import FrameReader
from ...._field_names import ANY_FIELD
from ..._bodies import Format
from ..lines._ids import are_mixed
from ..lines._lines import is_stripped
from ..lines._prefixes import is_prefixed
from ..values._json import record_or_none
from ..values._streams import has_field
from ..values._xml import holds_stream

__all__ = ["detect_text"]

_DATA = re.compile(rb"^data:[ \t]*\S", re.MULTILINE)
_YAML_BEGIN = re.compile(
    rb"(?:(?:[#%][^\n]*|---[^\n]*|[ \t\r]*)\n)*+"
    rb"(?:---|(?:- )*[\"']?[A-Za-z_][\w -]*[\"']?:(?=[ \t\r\n]|$)|- )"
)
_YAML_KEY = re.compile(
    rb"^[ -]*[\"']?(?:\w*(?:interactions?|responses?|requests?|entries|recordings?|records|pairs)"
    rb"|when|then)[\"']?[ \t]*:[ \t]*(?:[&|>!\[{\"'].*)?\r?$",
    re.MULTILINE | re.IGNORECASE,
)
# What makes an object an event, or a whole response.
_YAML_EVENT = re.compile(
    rb"^[ -]*(?:%b):[ \t]*(?:%b)|^[ -]*(?:%b):[ \t]*\r?$"
    % (
        b"|".join(key.encode() for key in (*TYPE_KEYS, "object")),
        b"|".join(re.escape(each.encode()) for each in (*PREFIXES, *CHUNKS)),
        b"|".join(head.name.encode() for head in HEADS if head.each),
    ),
    re.MULTILINE,
)
# A stream in a value, as text or as base64.
_STREAM = re.compile(rb"[ \t\"'](?:%b: ?[\[{\w]|: )|!!?binary|ZGF0YT|ZXZlbnQ|H4sI" % ANY_FIELD)
# The same as a whole value, whatever its name.
_YAML_STREAM = re.compile(
    rb"^ *(?:- )*(?:[\w\"'][\w\"' -]*:[ \t]+)?(?:&[\w-]+[ \t]+)?"
    rb"(?:[|>][-+0-9]*[ \t]*\r?\n[ \t]+|[\"'])(?:data: ?[{\[]|event: ?\w)",
    re.MULTILINE,
)

# Of the APIs whose events have ids, the member that holds what each adds.
_MAY_BE_MIXED = re.compile(b"|".join(b'"%b"' % head.name.encode() for head in HEADS if head.each))


def detect_text(head: bytes, *, is_enough: bool) -> Format | None:
    """The format of a text that is no JSON; `None` where more of it could tell."""
    if holds_stream(head.lstrip()):
        return "xml"
    if not _DATA.search(head) and _is_yaml(head):
        return "yaml"
    if has_field(head):
        if is_stripped(head, is_enough=is_enough):
            return "sse-lines"
        return "sse-mixed" if _MAY_BE_MIXED.search(head) and _is_mixed(head) else "sse"
    return "jsonl-event" if is_prefixed(head) else None


def _is_mixed(head: bytes) -> bool:
    reader = FrameReader()
    reader.push(head)
    return are_mixed(record_or_none(bytes(event.data_bytes)) for event in reader)


def _is_yaml(head: bytes) -> bool:
    return bool(
        _YAML_BEGIN.match(head.lstrip(b" \t\r\n"))
        and (
            _YAML_EVENT.search(head)
            or (_YAML_KEY.search(head) and _STREAM.search(head))
            or _YAML_STREAM.search(head)
        )
    )
