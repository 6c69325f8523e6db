"""Where the event is in the value of a line: in a member of an object, at a place of a list, or the
value itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...._values import members, parts
from ..values._base64 import text_of_base64, text_of_numbers
from ..values._json import record_or_none
from ..values._pieces import EVENT_KEYS, NAME_KEYS, is_cut, is_event, is_event_text, joined
from ..values._roles import Role, is_request
from ..values._streams import HEAD, is_field
from ..values._whole import batch_id
from ._continues import continues

__all__ = ["LOGGED", "Envelope", "Path", "envelope_of", "events_at", "events_of", "text_at"]

_MAX_DEPTH = 3
LOGGED = ("log", "line", "msg", "message", "MESSAGE", "textPayload")
"""What members are called that hold one line of what a program wrote."""


Path = tuple[str | int, ...]
"""The keys that lead to a value from that of a line, and the places in a list. A text on the way is
the JSON of an object."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where the event is in the value of a line, which may itself be the event as text."""

    path: Path
    may_be_body: bool = False
    """It holds the text of an event, or a list of events, which may be all of a response."""
    rest_follows: bool = False
    """The text ends within an event: either the recorder cut it, or the next line has the rest."""
    events: bytes | None = None
    """The events of a list."""

    def continues(self, others: Sequence[Any]) -> bool:
        """Whether the next of other lines has an event of the same kind in the same place, or the
        rest of one that this line has the beginning of; or whether one of a list of events goes on
        with the response of another."""
        if self.events is not None:
            lists = (events_at(other, self.path) for other in others)
            pieces = [self.events, *(events for events in lists if events)]
            return any(continues(piece, rest) for piece, rest in pairwise(pieces))
        if not others:
            return False
        other = others[0]
        if self.rest_follows:
            text = text_at(other, self.path)
            return text is not None and text != "" and not is_field(text[:HEAD])
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
        # A list of several events may be all of a response, or more.
        has_one = len(found) == 1 or len({kind for _, kind in found}) > 1
        return found[0][0] if has_one else _of_list((), value)
    return _find(record, (), Role.UNKNOWN)


def _find(fields: Mapping[Any, Any], path: Path, role: Role) -> Envelope | None:
    keys = sorted(
        # An object with numbers for its keys is a list of events.
        (key for key in fields if isinstance(key, str) and not key.isdecimal()),
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
            found = _find(_inside(fields[key]), (*path, key), role.inside(key))
            if found is not None:
                return found
    return None


def _inside(value: Any) -> Mapping[Any, Any]:
    """The members of an object, or of the one whose JSON a text is, unless that is a request with
    its response."""
    inner = members_of_text(value)
    return {} if isinstance(value, str) and any(map(is_request, inner)) else inner


def members_of_text(value: Any) -> Mapping[Any, Any]:
    """The members of an object, or of the one whose JSON a text is."""
    if isinstance(value, str):
        return members(record_or_none(value)) if value.lstrip()[:1] == "{" else {}
    return members(value)


def _envelope(path: Path, value: Any, name: str) -> Envelope | None:
    """The envelope, if the value is an event. `name` is what the members around it call it."""
    if path and is_event(value, name):
        return Envelope(path)
    if isinstance(value, list) and (numbers := text_of_numbers(value)) is not None:
        value = numbers
    if not isinstance(value, str):
        return _of_list(path, value) if path else None
    text = text_of_base64(value) or value
    if is_field(text[:HEAD]):
        if path and path[-1] in LOGGED and _is_line(text[:HEAD]):
            return Envelope(path)
        # Base64 of a part cannot be told from another text.
        if text is value and is_cut(text):
            return Envelope(path, may_be_body=True, rest_follows=True)
        return Envelope(path, may_be_body=True) if _is_one_event(text) else None
    return Envelope(path) if is_event_text(text, name) else None


def _of_list(path: Path, value: Any) -> Envelope | None:
    events = events_of(value)
    return None if events is None else Envelope(path, may_be_body=True, events=events)


def events_of(value: Any) -> bytes | None:
    """The event stream that a list holds, of whole events; `None` if the value holds none."""
    data = joined(parts(value))
    return None if data is None else data.rstrip(b"\r\n") + b"\n\n"


def events_at(value: Any, path: Path) -> bytes | None:
    """The same of the list at a path in the value of a line."""
    return events_of(_at(value, path))


def _name_of(fields: Mapping[Any, Any], key: str) -> str:
    """The name that an envelope gives to the event in its member `key`."""
    names = (fields.get(name) for name in NAME_KEYS if name != key)
    return next((name for name in names if isinstance(name, str)), "")


def text_at(value: Any, path: Path) -> str | None:
    """The text at a path in the value of a line; `None` if there is none."""
    value = _at(value, path)
    return value if isinstance(value, str) else text_of_numbers(value)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        if isinstance(key, int):
            value = next(iter(parts(value)[key : key + 1]), None)
        else:
            value = members_of_text(value).get(key)
    return value


def _is_line(text: str) -> bool:
    return "\n" not in text.rstrip("\r\n") and len(text) - len(text.rstrip("\r\n")) <= 2


def _is_one_event(text: str) -> bool:
    """Whether a text is one event of a known API, and no end mark behind it."""
    lines = [line for line in text.splitlines() if line.strip()]
    data = [line[5:].strip() for line in lines if line.startswith("data:")]
    return len(data) == 1 and is_event_text(data[0])
