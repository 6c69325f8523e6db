"""Takes the event out of the member of a line's object."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any

import msgspec

from ._base64 import text_of_base64
from ._envelope import LOGGED, Path
from ._json import decode_as, decode_record, raw_elements, raw_members, utf8
from ._pieces import NAME_KEYS, is_event_text, sse_event
from ._streams import is_field
from ._values import members, parts

__all__ = ["Member"]


class Member:
    """Takes the event out of the member of an object. The first lines of the log tell what its
    texts are: events, or what a program wrote, by lines with or without their line ends."""

    def __init__(self, path: Path, head: bytes) -> None:
        self._path = path
        self._is_logged = path[-1:] and path[-1] in LOGGED
        texts = [text for line in head.splitlines() if (text := _text_at(line, path)) is not None]
        whole = [is_field(text) or not text.strip() for text in texts]
        self._has_fields = any(map(is_field, texts))
        # A long line is cut into pieces, of which the last alone has the line end.
        has_ends = any(text.endswith(("\n", "\r")) for text in texts)
        self._is_cut = has_ends or (len(texts) > 1 and whole.count(True) == 1)

    def take(self, line: bytes) -> bytes | None:
        """The event's text; what is no JSON at all, as an event that does not decode."""
        text = line.removeprefix(BOM_UTF8).strip()
        if not text:
            return None
        fields = dict[str, msgspec.Raw]()
        value = msgspec.Raw(text)
        try:
            for key in self._path:
                if isinstance(key, int):
                    elements = raw_elements(value)
                    if key >= len(elements):
                        return None
                    value = elements[key]
                    continue
                fields = raw_members(value)
                if key not in fields:
                    return None
                value = fields[key]
            payload = bytes(value)
            if payload == b"null":
                return None
            if payload.startswith(b'"'):
                return self._of_text(decode_record(value), fields)
        except (msgspec.ValidationError, RecursionError):
            return None
        except ValueError:
            return sse_event(text)
        return sse_event(payload, self._name(fields, value))

    def _of_text(self, text: str, fields: Mapping[str, msgspec.Raw]) -> bytes | None:
        text = text_of_base64(text) or text
        data = utf8(text)
        # A line that was logged is a field, or the blank line behind some.
        if is_field(text) or not text.strip():
            return data if self._is_cut else data + b"\n"
        if self._is_logged and self._has_fields:
            # The rest of a line, or a line that is none of the stream.
            return data if self._is_cut else None
        if self._is_logged and text.lstrip()[:1] != "{" and not is_event_text(text):
            return None
        return sse_event(data.strip(), self._name(fields, msgspec.Raw(data)))

    def _name(self, fields: Mapping[str, msgspec.Raw], event: msgspec.Raw) -> str | None:
        """The event's name, where the envelope alone has it."""
        names = [name for name in NAME_KEYS if name in fields and name not in self._path[-1:]]
        if not names or _has_type(event):
            return None
        try:
            name = decode_record(fields[names[0]])
        except (ValueError, RecursionError):
            return None
        return name if isinstance(name, str) and name else None


def _text_at(line: bytes, path: Path) -> str | None:
    """The text in the member of an object; `None` if there is none."""
    try:
        value = decode_record(line)
    except (ValueError, RecursionError):
        return None
    for key in path:
        if isinstance(key, int):
            value = next(iter(parts(value)[key : key + 1]), None)
        else:
            value = members(value).get(key)
    return value if isinstance(value, str) else None


class _Typed(msgspec.Struct):
    type: Any = None


def _has_type(event: msgspec.Raw) -> bool:
    try:
        return decode_as(event, _Typed).type is not None
    except (ValueError, RecursionError):
        return True
