"""Takes the event out of the member of a line's object."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ..values._base64 import text_of_base64, text_of_numbers
from ..values._json import decode_as, decode_record, raw_elements, raw_members, record_or_none, utf8
from ..values._pieces import EVENT_KEYS, NAME_KEYS, is_cut, is_event, is_event_text, sse_event
from ..values._streams import is_field
from ._envelope import LOGGED, Path, envelope_of, events_of, text_at
from ._prefixes import without_prefix_of_json

__all__ = ["Member"]

_Value = tuple[msgspec.Raw, Mapping[str, msgspec.Raw], str | int]
"""A value, the members around it, and its own name."""


class Member:
    """Takes the event out of the member of an object. The first lines of the log tell what its
    texts are: events, or what a program wrote, by lines with or without their line ends.

    With `is_named` the member was named, and no other one is looked into."""

    def __init__(self, path: Path, head: bytes, *, is_named: bool) -> None:
        self.others = 0
        """The events so far that are beside the one that was taken."""
        self._path = path
        self._is_named = is_named
        self._is_logged = path[-1:] and path[-1] in LOGGED
        lines = map(without_prefix_of_json, head.splitlines())
        texts = [
            text for line in lines if (text := text_at(record_or_none(line), path)) is not None
        ]
        whole = [is_field(text) or not text.strip() for text in texts]
        self._has_fields = any(map(is_field, texts))
        # A long line is cut into pieces, of which the last alone has the line end.
        has_ends = any(text.endswith(("\n", "\r")) for text in texts)
        self._is_cut = has_ends or (len(texts) > 1 and whole.count(True) == 1)
        # Or it is what came from the network at once.
        pairs = zip(texts, whole[1:], strict=False)
        self._are_pieces = any(
            is_cut(text) and not starts for text, starts in pairs if is_field(text)
        )
        self._is_cut |= self._are_pieces

    def take(self, line: bytes) -> bytes | None:
        """The event's text; what is no JSON at all, as an event that does not decode."""
        text = without_prefix_of_json(line.removeprefix(BOM_UTF8).strip())
        if not text:
            return None
        try:
            found = _at(text, self._path) or self._elsewhere(text)
            if found is None:
                return None
            value, fields, name = found
            if bytes(value)[:1] in (b'"', b"["):
                said = decode_record(value)
                words = said if isinstance(said, str) else text_of_numbers(said)
                return events_of(said) if words is None else self._of_text(words, fields)
        except (msgspec.ValidationError, RecursionError):
            return None
        except ValueError:
            return sse_event(text)
        self.others += sum(1 for _ in _others(value, fields, name))
        return sse_event(bytes(value), self._name(fields, value))

    def _elsewhere(self, line: bytes) -> _Value | None:
        """The event of a line that has it in another member than the first line with one."""
        if self._is_named:
            return None
        envelope = envelope_of(decode_record(line))
        return None if envelope is None else _at(line, envelope.path)

    def _of_text(self, text: str, fields: Mapping[str, msgspec.Raw]) -> bytes | None:
        text = text_of_base64(text) or text
        data = utf8(text)
        # A line that was logged is a field, or the blank line behind some.
        if is_field(text) or not text.strip():
            return data if self._is_cut else data + b"\n"
        if (self._is_logged or self._are_pieces) and self._has_fields:
            # The rest of a line, or a line that is none of the stream.
            return data if self._is_cut else None
        is_any = self._is_logged or not self._path
        if is_any and text.lstrip()[:1] != "{" and not is_event_text(text):
            return None
        return sse_event(data.strip(), self._name(fields, msgspec.Raw(data)))

    def _name(self, fields: Mapping[str, msgspec.Raw], event: msgspec.Raw) -> str | None:
        """The event's name, where the envelope alone has it."""
        names = [name for name in NAME_KEYS if name in fields and name not in self._path[-1:]]
        if not names or _has_type(event):
            return None
        name = record_or_none(fields[names[0]])
        return name if isinstance(name, str) and name else None


def _at(line: bytes, path: Path) -> _Value | None:
    """What is at a path; `None` if nothing is."""
    fields = dict[str, msgspec.Raw]()
    value = msgspec.Raw(line)
    name: str | int = ""
    for name in path:
        if isinstance(name, int):
            elements = raw_elements(value)
            if name >= len(elements):
                return None
            value = elements[name]
            continue
        if bytes(value)[:1] == b'"':
            # The JSON of an object, as a text. One that is broken is an event that does not decode.
            said = decode_record(value)
            if said.lstrip()[:1] != "{":
                return None
            value = msgspec.Raw(utf8(said))
            if record_or_none(said) is None:
                return value, fields, name
        fields = raw_members(value)
        if name not in fields:
            return None
        value = fields[name]
    return None if bytes(value) == b"null" else (value, fields, name)


def _others(
    value: msgspec.Raw, fields: Mapping[str, msgspec.Raw], name: str | int
) -> Iterator[Any]:
    """The other events in the members around an event."""
    event: Any = None
    for key in EVENT_KEYS:
        if key != name and bytes(fields.get(key, b""))[:1] == b"{":
            other = decode_record(fields[key])
            event = event or record_or_none(value)
            if is_event(other) and other != event:
                yield other


class _Typed(msgspec.Struct):
    type: Any = None


def _has_type(event: msgspec.Raw) -> bool:
    try:
        return decode_as(event, _Typed).type is not None
    except (ValueError, RecursionError):
        return True
