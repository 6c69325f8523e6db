"""Finds the places of a refused payload where something else stands than a string.

msgspec reads JSON in the place of a custom type whole before it asks the hook. For a
`str` it refuses `[` and `{` at sight and never gets to see what is wrong behind them; and
its message tells whether `null` would have been allowed, which the hook can't know. Both
are found out by putting another value in front of the one in question and decoding again:
the place that refuses this probe is one of a `Base64`.

This runs only for payloads that are refused anyway, and finds a bounded number of places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import ValidationError

if TYPE_CHECKING:
    from ._schema import Schema

__all__ = ["Refusals"]

# Decodes JSON; where that ends with a `Base64` refusing a value, the value and the error.
Probe = Callable[[bytes], tuple[Any, ValidationError] | None]

_MAX_PLACES = 64
# Deeper than any payload that is not made to be deep.
_MAX_DEPTH = 200

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+|"', re.DOTALL)
_is_scalar = re.compile(
    rb"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
).fullmatch
_AT_BYTE = re.compile(r"\(byte (\d+)\)$")


class Refusals:
    """Words the refusals of one decoder. `marker` is text that no payload holds."""

    def __init__(self, schema: Schema, marker: str, probe: Probe) -> None:
        self._schema = schema
        self._marker = marker
        self._probe = probe

    def reworded(self, error: ValidationError, payload: bytes) -> ValidationError:
        """The hook's own refusal, with msgspec's words for what was expected."""
        path = str(error).rpartition(" - at `")[2]
        options = set[bool]()
        for key, nullable in self._schema.nullable.items():
            if key is None or path.endswith(f".{key}`"):
                options |= nullable
        if len(options) == 1:
            return _worded(error, options.pop())
        for place in _places_of_values(payload, self._schema.keys):
            if self._is_base64(place, payload, b"[") is not None:
                return _worded(error, self._is_nullable(place, payload))
        return error

    def before(self, error: Exception, payload: bytes) -> ValidationError | None:
        """The refusal that comes before `error`, if that arose inside a misplaced value."""
        if not self._schema.nullable:
            return None  # no `Base64` anywhere
        for place in _places_around(payload, self._schema.keys, error):
            refusal = self._is_base64(place, payload, payload[place.start : place.start + 1])
            if refusal is not None:
                return _worded(refusal, self._is_nullable(place, payload))
        return None

    def _is_base64(self, place: Place, payload: bytes, opening: bytes) -> ValidationError | None:
        marker = f'["{self._marker}"]' if opening == b"[" else f'{{"{self._marker}":0}}'
        refused = self._probe(place.insert(marker.encode(), payload))
        if refused is None:
            return None
        value, error = refused
        return error if isinstance(value, (list, dict)) and self._marker in value else None

    def _is_nullable(self, place: Place, payload: bytes) -> bool:
        refused = self._probe(place.insert(b"null", payload))
        return refused is None or refused[0] is not None


def _worded(error: ValidationError, nullable: bool) -> ValidationError:
    if not nullable:
        return error
    return ValidationError(str(error).replace("Expected `str`", "Expected `str | null`", 1))


class Place(NamedTuple):
    """A value that is no string: where it starts and ends (`None`: it is not closed), and
    the text that goes between it and another one in front of it."""

    start: int
    end: int | None
    lead: bytes

    def insert(self, value: bytes, payload: bytes) -> bytes:
        """The payload with `value` in front of what stands here."""
        return b"".join((payload[: self.start], value, self.lead, payload[self.start :]))


def _places_of_values(payload: bytes, keys: AbstractSet[str] | None) -> list[Place]:
    """Every number, literal, array and object under one of `keys` (`None`: anywhere)."""
    return _scan(payload, keys, len(payload))[:_MAX_PLACES]


def _places_around(payload: bytes, keys: AbstractSet[str] | None, error: Exception) -> list[Place]:
    """The arrays and objects under one of `keys` in which `error` may have arisen."""
    if isinstance(error, UnicodeDecodeError):
        places = [
            place
            for place in _scan(payload, keys, len(payload))
            if not payload[place.start : place.end].isascii()
        ]
    elif isinstance(error, ValidationError):
        places = _scan(payload, keys, len(payload))
    else:
        at = _AT_BYTE.search(str(error))
        end = len(payload) if at is None else int(at[1])
        places = [place for place in _scan(payload, keys, end) if place.end is None]
    return [place for place in places if payload[place.start] in b"[{"][:_MAX_PLACES]


def _scan(payload: bytes, keys: AbstractSet[str] | None, stop: int) -> list[Place]:
    """The places that begin before `stop`, in order, going by strings and brackets alone."""
    wanted = None if keys is None else {key.encode() for key in keys}
    places: list[Place] = []
    # Of each open bracket: itself, and the index of its place, if it is one.
    stack: list[tuple[bytes, int | None]] = []
    key: bytes | None = None
    value_next = True
    for match in _TOKEN.finditer(payload):
        token, start = match[0], match.start()
        if start >= stop or len(stack) > _MAX_DEPTH or token == b'"':
            break  # a quote by itself opens a string that never ends
        if token == b":":
            value_next = True
        elif token == b",":
            value_next = bool(stack) and stack[-1][0] == b"["
            key = None
        elif token in b"]}":
            _, place = stack.pop() if stack else (b"", None)
            if place is not None:
                places[place] = places[place]._replace(end=match.end())
            value_next = False
        elif token.startswith(b'"'):
            key = None if value_next else token
            value_next = False
        else:
            opens, place = token in b"[{", None
            if value_next and token != b"null" and _is_wanted(key, wanted):
                place = len(places)
                lead = b"," if key is None else b",%b:" % key
                places.append(Place(start, None if opens else match.end(), lead))
            if opens:
                stack.append((token, place))
            elif not _is_scalar(token):
                break  # msgspec names a byte some way behind a misspelt literal
            value_next = token == b"["
            key = None
    return places


def _is_wanted(key: bytes | None, wanted: AbstractSet[bytes] | None) -> bool:
    return wanted is None or (key is not None and (b"\\" in key or key[1:-1] in wanted))
