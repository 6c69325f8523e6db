"""One event per line, inside of something else: a member of an object, or what a logger wrote in
front of it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ..._errors import InputError
from .._bodies import Body, Part
from ..sources._content import Content
from ._json import decode_as, decode_record, raw_members, utf8
from ._lines import ended, is_stripped, rewritten
from ._mixed import Waiting
from ._pieces import EVENT_KEYS, NAME_KEYS, is_event, is_event_text, sse_event
from ._prefixes import without_prefix
from ._roles import Role
from ._sources import NOWHERE, SourceOf, source_of_lines
from ._streams import HEAD, is_field
from ._values import members
from ._whole import batch_id

__all__ = ["Envelope", "envelope_of", "event_bodies"]

_Take = Callable[[bytes], bytes | None]
_MAX_DEPTH = 3
_LOGGED = ("log", "line", "msg", "message", "MESSAGE", "textPayload")
"""What members are called that hold one line of what a program wrote."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where the event is in the object of a line: the keys that lead to it."""

    path: tuple[str, ...]
    may_be_body: bool = False
    """It holds the text of an event, which may be all of a response."""

    def continues(self, other: Mapping[Any, Any]) -> bool:
        """Whether the next line has an event of the same kind in the same place."""
        found = envelope_of(other)
        return found is not None and found.path == self.path and found.may_be_body


def envelope_of(record: Mapping[Any, Any]) -> Envelope | None:
    """Where an event of a known API is in a record; `None` if there is none, or if the record is a
    request with its response."""
    if batch_id(record) is not None or any(map(_is_request, record)):
        return None
    return _find(record, (), Role.UNKNOWN)


def _is_request(key: Any) -> bool:
    return Role.UNKNOWN.inside(key) < Role.UNKNOWN


def _find(fields: Mapping[Any, Any], path: tuple[str, ...], role: Role) -> Envelope | None:
    keys = sorted(
        (key for key in fields if isinstance(key, str)),
        key=lambda key: EVENT_KEYS.index(key) if key in EVENT_KEYS else len(EVENT_KEYS),
    )
    for key in keys:
        value = fields[key]
        if role.inside(key) < Role.UNKNOWN:
            continue
        name = _name_of(fields, key) if key in EVENT_KEYS else ""
        if is_event(value, name):
            return Envelope((*path, key))
        if isinstance(value, str):
            text = value[:HEAD]
            if is_field(text):
                if _is_line(text) and key in _LOGGED:
                    return Envelope((*path, key))
                if _is_one_event(value):
                    return Envelope((*path, key), may_be_body=True)
            elif is_event_text(value, name):
                return Envelope((*path, key))
    if len(path) < _MAX_DEPTH - 1:
        for key in keys:
            found = _find(members(fields[key]), (*path, key), role.inside(key))
            if found is not None:
                return found
    return None


def _name_of(fields: Mapping[Any, Any], key: str) -> str:
    """The name that an envelope gives to the event in its member `key`."""
    names = (fields.get(name) for name in NAME_KEYS if name != key)
    return next((name for name in names if isinstance(name, str)), "")


def _is_line(text: str) -> bool:
    return "\n" not in text.rstrip("\r\n") and len(text) - len(text.rstrip("\r\n")) <= 2


def _is_one_event(text: str) -> bool:
    """Whether a text is one event of a known API, and no end mark behind it."""
    lines = [line for line in text.splitlines() if line.strip()]
    data = [line[5:].strip() for line in lines if line.startswith("data:")]
    return len(data) == 1 and is_event_text(data[0])


def event_bodies(content: Content, field: str | None) -> Iterator[Part]:
    """The events of all lines, as one body, or one of each source if their lines come by turns.
    `field` names the member that holds the event, by keys joined with dots; without it the first
    line that has one tells."""
    head, _ = content.first(HEAD)
    lines = head.splitlines(keepends=True)[:-1]
    path = _path(head, field)
    take = _taker(path, head)
    stripped = bool(is_stripped(b"".join(filter(None, map(take, lines))), is_enough=True))
    source_of = source_of_lines(lines, take, path)
    if source_of is None:
        yield Body(content.start, rewritten(content, take, is_stripped=stripped))
        return
    with Waiting() as waiting:
        apart = _Apart(take, source_of, waiting, is_stripped=stripped)
        yield Body(content.start, apart.first(rewritten(content, apart.take, is_stripped=stripped)))
        yield from waiting.bodies(content.start + content.size)
    if apart.broken is not None:
        raise apart.broken


class _Apart:
    """Takes the events of the first source; those of the others wait."""

    def __init__(
        self, take: _Take, source_of: SourceOf, waiting: Waiting, *, is_stripped: bool
    ) -> None:
        self.broken: InputError | None = None
        self._take = take
        self._source_of = source_of
        self._waiting = waiting
        self._is_stripped = is_stripped
        self._first: list[Hashable] = []

    def first(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks of the first source. What breaks the log is raised after the others."""
        try:
            yield from chunks
        except InputError as error:
            self.broken = error

    def take(self, line: bytes) -> bytes | None:
        """The event of a line, if it is of the first source; nothing of the others."""
        text = self._take(line)
        if text is None:
            return None
        source = self._source_of(line, text)
        if source is NOWHERE:
            return b""
        if not self._first and is_field(text[:HEAD].decode(errors="replace")):
            self._first.append(source)
        if source in self._first:
            return text
        self._waiting.add(source, ended(text) if self._is_stripped else text)
        return b""


def _path(head: bytes, field: str | None) -> tuple[str, ...]:
    """Where the lines have their events; nowhere, if they are no objects."""
    if field is not None:
        return tuple(field.split("."))
    for line in head.splitlines():
        try:
            record = decode_record(line)
        except (ValueError, RecursionError):
            continue
        if (envelope := envelope_of(members(record))) is not None:
            return envelope.path
    return ()


def _taker(path: tuple[str, ...], head: bytes) -> _Take:
    """What takes the event out of a line."""
    return _Member(path, head).take if path else _logged


def _logged(line: bytes) -> bytes | None:
    found = without_prefix(line)
    if found is None:
        # A line of another kind, such as one that continues a message.
        return None
    text, is_part = found
    return text if is_part else text + b"\n"


class _Member:
    """Takes the event out of the member of an object. The first lines of the log tell what its
    texts are: events, or what a program wrote, by lines with or without their line ends."""

    def __init__(self, path: tuple[str, ...], head: bytes) -> None:
        self._path = path
        self._is_logged = path[-1] in _LOGGED
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
                fields = raw_members(value)
                if key not in fields:
                    return None
                value = fields[key]
            payload = bytes(value)
            if payload.startswith(b'"'):
                return self._of_text(decode_record(value), fields)
        except (msgspec.ValidationError, RecursionError):
            return None
        except ValueError:
            return sse_event(text)
        return sse_event(payload, self._name(fields, value))

    def _of_text(self, text: str, fields: Mapping[str, msgspec.Raw]) -> bytes | None:
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
        names = [name for name in NAME_KEYS if name in fields and name != self._path[-1]]
        if not names or _has_type(event):
            return None
        try:
            name = decode_record(fields[names[0]])
        except (ValueError, RecursionError):
            return None
        return name if isinstance(name, str) and name else None


def _text_at(line: bytes, path: tuple[str, ...]) -> str | None:
    """The text in the member of an object; `None` if there is none."""
    try:
        value = decode_record(line)
    except (ValueError, RecursionError):
        return None
    for key in path:
        value = members(value).get(key)
    return value if isinstance(value, str) else None


class _Typed(msgspec.Struct):
    type: Any = None


def _has_type(event: msgspec.Raw) -> bool:
    try:
        return decode_as(event, _Typed).type is not None
    except (ValueError, RecursionError):
        return True
