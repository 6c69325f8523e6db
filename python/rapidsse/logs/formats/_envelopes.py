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
from ._base64 import text_of_base64
from ._json import decode_as, decode_record, raw_elements, raw_members, utf8
from ._lines import ended, is_stripped, rewritten
from ._mixed import Waiting
from ._pieces import EVENT_KEYS, NAME_KEYS, is_event, is_event_text, sse_event
from ._prefixes import is_event_line, without_prefix
from ._roles import Role, is_request
from ._sources import NOWHERE, SourceOf, source_of_lines
from ._streams import HEAD, is_field
from ._values import members, parts
from ._whole import batch_id

__all__ = ["Envelope", "Path", "envelope_of", "event_bodies"]

_Take = Callable[[bytes], bytes | None]
_MAX_DEPTH = 3
_LOGGED = ("log", "line", "msg", "message", "MESSAGE", "textPayload")
"""What members are called that hold one line of what a program wrote."""


Path = tuple[str | int, ...]
"""The keys that lead to a value from that of a line, and the places in a list."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where the event is in the value of a line, which may itself be the event as text."""

    path: Path
    may_be_body: bool = False
    """It holds the text of an event, which may be all of a response."""

    def continues(self, other: Any) -> bool:
        """Whether the next line has an event of the same kind in the same place."""
        found = envelope_of(other)
        return found is not None and found.path == self.path and found.may_be_body


def envelope_of(value: Any) -> Envelope | None:
    """Where an event of a known API is in the value of a line; `None` if there is none, or if the
    value is a request with its response."""
    record = members(value)
    if batch_id(record) is not None or any(map(is_request, record)):
        return None
    if not isinstance(value, dict):
        places: list[tuple[Path, Any]] = [((), value)]
        places += [((place,), each) for place, each in enumerate(parts(value))]
        found: list[tuple[Envelope, type[Any]]] = [
            (envelope, type(each))
            for path, each in places
            if (envelope := _envelope(path, each, "")) is not None
        ]
        # A list of several events is all of a response, or more.
        has_one = len(found) == 1 or len({kind for _, kind in found}) > 1
        return found[0][0] if has_one else None
    return _find(record, (), Role.UNKNOWN)


def _find(fields: Mapping[Any, Any], path: Path, role: Role) -> Envelope | None:
    keys = sorted(
        (key for key in fields if isinstance(key, str)),
        key=lambda key: EVENT_KEYS.index(key) if key in EVENT_KEYS else len(EVENT_KEYS),
    )
    for key in keys:
        if role.inside(key) < Role.UNKNOWN:
            continue
        name = _name_of(fields, key) if key in EVENT_KEYS else ""
        if (found := _envelope((*path, key), fields[key], name)) is not None:
            return found
    if len(path) < _MAX_DEPTH - 1:
        for key in keys:
            found = _find(members(fields[key]), (*path, key), role.inside(key))
            if found is not None:
                return found
    return None


def _envelope(path: Path, value: Any, name: str) -> Envelope | None:
    """The envelope, if the value is an event. `name` is what the members around it call it."""
    if path and is_event(value, name):
        return Envelope(path)
    if not isinstance(value, str):
        return None
    text = text_of_base64(value) or value
    if is_field(text[:HEAD]):
        if path and path[-1] in _LOGGED and _is_line(text[:HEAD]):
            return Envelope(path)
        return Envelope(path, may_be_body=True) if _is_one_event(text) else None
    return Envelope(path) if is_event_text(text, name) else None


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
    """The events of all lines, as one body, or one of each source if their lines are interleaved.
    `field` names the member that holds the event, by keys joined with dots; without it the first
    line that has one tells."""
    head, _ = content.first(HEAD)
    lines = head.splitlines(keepends=True)[:-1]
    path = _path(head, field)
    take = _taker(path, head)
    stripped = bool(is_stripped(b"".join(filter(None, map(take, lines))), is_enough=True))
    source_of = source_of_lines(lines, take, path or ())
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


def _path(head: bytes, field: str | None) -> Path | None:
    """Where the lines have their events; `None`, if they are no JSON."""
    if field is not None:
        return tuple(field.split("."))
    for line in head.splitlines():
        try:
            record = decode_record(line)
        except (ValueError, RecursionError):
            continue
        if (envelope := envelope_of(record)) is not None:
            return envelope.path
    return None


def _taker(path: Path | None, head: bytes) -> _Take:
    """What takes the event out of a line."""
    return _logged if path is None else _Member(path, head).take


def _logged(line: bytes) -> bytes | None:
    found = without_prefix(line)
    if found is None:
        # A line of another kind, such as one that continues a message.
        return None
    text, is_part = found
    if text[:1] == b"{" and not is_part:
        return sse_event(text) if is_event_line(text) else None
    return text if is_part else text + b"\n"


class _Member:
    """Takes the event out of the member of an object. The first lines of the log tell what its
    texts are: events, or what a program wrote, by lines with or without their line ends."""

    def __init__(self, path: Path, head: bytes) -> None:
        self._path = path
        self._is_logged = path[-1:] and path[-1] in _LOGGED
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
