"""Event streams that a record holds in pieces: a list of events, or of parts of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

from ...._api_events import api_of, type_of
from ...._apis import DONE, ENDS, HEADS, TYPE_KEYS
from ...._json import encode_json
from ...._values import members, parts
from ._base64 import pieces_of_text
from ._json import decode_record, decode_sequence, record_or_none, utf8
from ._roles import Role
from ._streams import is_field, is_stream
from ._whole import events_of_whole, is_whole

__all__ = [
    "EVENT_KEYS",
    "NAME_KEYS",
    "event_in",
    "events_of_json",
    "is_cut",
    "is_event",
    "is_event_text",
    "is_one_event_text",
    "joined",
    "other_events",
    "sse_event",
]

EVENT_KEYS = (
    "data", "event", "chunk", "payload", "message", "body", "text", "json", "value", "content",
    "raw", "line", "log", "msg", "delta", "record", "item",
)  # fmt: skip
"""What the member of an envelope is called that holds the event, in the order of preference."""

NAME_KEYS = ("event", "eventName", "event_name", "event_type", "eventType", "type")
"""What the member of an envelope is called that holds the event's name."""

_DONE = DONE.decode()
_DATA = re.compile(r"^data:", re.MULTILINE)
_MAX_DEPTH = 3
_FINISHES = "|".join(re.escape(path[-1]) for head in HEADS if head.each for path in head.finishes)
_FINISHED = re.compile(rf'"(?:{_FINISHES})"\s*:\s*"')


def sse_event(payload: bytes, name: str | None = None) -> bytes:
    """An event as a stream has it."""
    # In JSON, line ends are white space.
    data = payload.replace(b"\r", b" ").replace(b"\n", b" ") if b"\n" in payload else payload
    field = b"" if name is None else b"event: %b\n" % utf8(" ".join(name.split()))
    return b"%bdata: %b\n\n" % (field, data)


def is_event(value: Any, name: str = "") -> bool:
    """Whether a value is an event of a known API. `name` is what its envelope calls it."""
    event = members(value)
    return bool(event) and api_of(event, name) is not None and not is_whole(event)


def event_in(value: Mapping[Any, Any], *, depth: int = 0) -> tuple[str | None, Any] | None:
    """The event in an envelope, and its name: an object, the JSON of one, or a piece of a stream.

    `None` if nothing in it is known to be an event. `depth`: of the objects in it that are looked
    into.
    """
    for key in EVENT_KEYS:
        inner = value.get(key)
        name = _name(value, key, inner)
        if is_event(inner, name or "") or (
            isinstance(inner, str) and is_event_text(inner, name or "")
        ):
            return name, inner
    if depth:
        for key, inner in value.items():
            # A request or a response is that of a record.
            if isinstance(inner, dict) and Role.UNKNOWN.inside(key) in (Role.UNKNOWN, Role.BODY):
                found = event_in(members(cast("object", inner)), depth=depth - 1)
                if found is not None:
                    return found
    return None


def other_events(element: Any) -> int:
    """How many other events an envelope has beside the one that is taken."""
    fields = members(element)
    if is_event(fields):
        return 0
    found = [each for key in EVENT_KEYS if is_event(each := fields.get(key))]
    return sum(1 for each in found[1:] if each != found[0])


def _name(envelope: Mapping[Any, Any], key: str, inner: Any) -> str | None:
    if isinstance(inner, dict) and any(key in inner for key in TYPE_KEYS):
        return None
    names = (envelope.get(name) for name in NAME_KEYS if name != key)
    return next((name for name in names if isinstance(name, str) and name), None)


def is_event_text(text: str, name: str = "") -> bool:
    """Whether a text is an event: its JSON, the mark of the end, or lines of a stream. `name` is
    what its envelope calls it."""
    if is_field(text) or text.strip() == _DONE:
        return True
    return text.lstrip()[:1] == "{" and is_event(record_or_none(text), name)


def is_one_event_text(text: str) -> bool:
    """The same, and no more than one."""
    return is_event_text(text) and _is_one(text)


def joined(elements: Sequence[Any]) -> bytes | None:
    """The event stream that a list holds: events, envelopes, or strings one after another.

    `None` if it holds none.
    """
    first = next((each for each in elements if each not in (None, "", {})), None)
    if isinstance(first, (str, bytes)):
        texts = pieces_of_text([each for each in elements if isinstance(each, (str, bytes))])
        return _text(texts)
    if isinstance(first, list):
        return _column(elements, parts(cast("object", first)))
    if _begins_events(elements):
        return b"".join(_events(elements, 0))
    for depth in range(_MAX_DEPTH):
        if (found := event_in(members(first), depth=depth)) is not None:
            return _enveloped(elements, depth, found[1])
    return None


def _enveloped(elements: Sequence[Any], depth: int, first: Any) -> bytes | None:
    if not (isinstance(first, str) and is_field(first)):
        return b"".join(_events(elements, depth))
    pieces = [piece[1] for each in elements if (piece := event_in(members(each), depth=depth))]
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if is_cut(first) and _are_pieces(cut := _beside(elements, first)):
        return _text(cut)
    # Otherwise each is all of a response: the elements are records.
    # The last piece may have the end with it, but not alone.
    before = texts[:-1] or texts
    is_piece = all(map(_is_one, texts)) if depth else not any(map(_is_all, before))
    return _text(texts) if is_piece else None


def is_cut(text: str) -> bool:
    """Whether a piece of a stream ends within the JSON of an event."""
    line = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]
    data = line[5:].strip()
    if not line.startswith("data:") or data[:1] not in ("", "{", "["):
        return False
    return data != _DONE and record_or_none(data) is None


def _are_pieces(texts: Sequence[str]) -> bool:
    """Whether texts that were cut go on in the next text. If a next text begins with a field, or one
    is a whole response, each text is a response of its own."""
    pairs = pairwise(text for text in texts if text)
    return any(is_cut(text) and not is_field(rest) for text, rest in pairs) and not any(
        is_field(text) and not is_cut(text) and _is_all(text) for text in texts
    )


def _beside(elements: Sequence[Any], first: str) -> list[str]:
    """The texts that are in the same member as the first piece."""
    names = (name for each in elements for name, value in members(each).items() if value == first)
    name = next(names, None)
    values = [members(each).get(name) for each in elements]
    return [value for value in values if isinstance(value, str)]


def _column(rows: Sequence[Any], first: Sequence[Any]) -> bytes | None:
    """The event stream of rows, such as pairs of a time and a piece. Rows of several events are
    streams of their own."""
    places = [place for place, value in enumerate(first) if _is_piece(value)]
    kinds: set[type[Any]] = {type(first[place]) for place in places}
    if not places and _fields_of_entry(first):
        return joined([_fields_of_entry(parts(each)) for each in rows])
    if not places or (len(places) > 1 and len(kinds) == 1):
        return None
    column = [row[places[0]] for each in rows if len(row := parts(each)) > places[0]]
    texts = [piece for piece in column if isinstance(piece, str)]
    return joined(column) if all(map(_is_one, texts)) else None


def _fields_of_entry(row: Sequence[Any]) -> dict[str, Any]:
    """The fields of an entry of a stream in Redis: its id, and a list of names and values."""
    if len(row) != 2 or not isinstance(row[0], str) or not isinstance(row[1], list):
        return {}
    names, values = parts(row[1])[::2], parts(row[1])[1::2]
    if len(names) != len(values) or not all(isinstance(name, str) for name in names):
        return {}
    return dict(zip(names, values, strict=True))


def _is_piece(value: Any) -> bool:
    return is_event(value) or (isinstance(value, str) and is_event_text(value))


def events_of_json(text: str) -> bytes | None:
    """The events of a string that is JSON itself, or lines of it."""
    try:
        value = decode_record(text)
        if events := events_of_whole(members(value)):
            return b"".join(map(sse_event, events))
        # A whole response of Gemini is like an event of one.
        return sse_event(encode_json(value)) if is_event(value) else joined(parts(value))
    except (ValueError, RecursionError):
        pass
    return _text_of_json([text])


def _begins_events(elements: Sequence[Any]) -> bool:
    """Whether a list is one of events. Some of no known API, such as a ping, may come first."""
    for each in elements:
        if is_event(each):
            return True
        if each not in (None, "", {}) and not type_of(members(each)):
            return False
    return False


def _events(elements: Sequence[Any], depth: int) -> Iterator[bytes]:
    for each in elements:
        if isinstance(each, str) and each.strip():
            yield sse_event(utf8(each.strip()))
        if not (fields := members(each)):
            continue
        found = None if is_event(fields) else event_in(fields, depth=depth)
        # What is no event of a known API, such as a ping, is one of the list's all the same.
        name, event = (None, fields) if found is None else found
        if isinstance(event, str):
            yield sse_event(utf8(event.strip()), name)
        else:
            yield sse_event(encode_json(event), name)


def _is_one(text: str) -> bool:
    """Whether a piece has no more than one event."""
    return len(_DATA.findall(text)) <= 1


def _is_all(text: str) -> bool:
    """Whether a piece is all of a response: it has several events, and the end."""
    return not _is_one(text) and (
        _DONE in text or any(type in text for type in ENDS) or bool(_FINISHED.search(text))
    )


def _text(texts: Sequence[str]) -> bytes | None:
    """The texts as one stream. What cut them may have kept the line ends, or dropped them."""
    first = next((text for text in texts if text.strip()), "")
    if first.lstrip()[:1] == "{":
        return _text_of_json([text for text in texts if text.strip()])
    # Lines may have lost their ends.
    if not (is_stream("".join(texts)) or is_stream("\n".join(texts))):
        return None
    if all(text.endswith(("\n", "\r")) for text in texts[:-1] if text) and len(texts) > 1:
        # Lines, or events, with their ends. A single line without blank ones is an event.
        between = ""
    elif "" in texts[:-1]:
        between = "\n"
    elif all(is_field(text) for text in texts):
        between = "\n\n" if all("data:" in text for text in texts) else "\n"
    else:
        between = ""
    return utf8(between.join(texts))


def _text_of_json(texts: Sequence[str]) -> bytes | None:
    """The events in texts that begin with the JSON of an object: each of them is one, or together
    they are several."""
    try:
        values = list(decode_sequence("".join(texts).rstrip().removesuffix(_DONE)))
    except (ValueError, RecursionError):
        values = []
    if values and len(values) != len(texts):
        return joined(values) if is_event(values[0]) else None
    if is_event_text(texts[0]):
        return b"".join(sse_event(utf8(text.strip())) for text in texts)
    # Two pieces of two objects.
    return joined(values) if values and is_event(values[0]) else None
