"""`RawJson`: the values of a payload as they stand in its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from json import JSONDecoder
from re import compile

_value = JSONDecoder().raw_decode
_space = compile(r"[ \t\n\r]*+").match


class RawJson:
    """The JSON of a payload. Each of its objects and arrays is divided once, however many of its
    values are asked for."""

    __slots__ = ("_parts", "_payload", "_text")

    def __init__(self, payload: bytes | memoryview) -> None:
        self._payload = payload
        self._text: str | None = None
        # By where an object or array begins, the places of its values.
        self._parts: dict[int, dict[str | int, tuple[int, int]]] = {}

    def at(self, trail: Sequence[str | int]) -> str:
        """The text of the value to which keys and indices lead. Of equal keys the last counts."""
        if self._text is None:
            self._text = str(self._payload, "utf-8")
        text = self._text
        start, end = _skip(text, 0), len(text.rstrip())
        for step in trail:
            parts = self._parts.get(start)
            if parts is None:
                parts = self._parts[start] = {key: (at, to) for key, at, to in _parts(text, start)}
            start, end = parts[step]
        return text[start:end]


def _skip(text: str, at: int) -> int:
    match = _space(text, at)
    return at if match is None else match.end()


def _parts(text: str, at: int) -> Iterator[tuple[str | int, int, int]]:
    """The members of an object, or the elements of an array with their numbers."""
    is_object = text[at] == "{"
    at, number = _skip(text, at + 1), 0
    while text[at] not in "]}":
        key: str | int = number
        if is_object:
            key, at = _value(text, at)
            at = _skip(text, _skip(text, at) + 1)
        end = _value(text, at)[1]
        yield key, at, end
        at, number = _skip(text, end), number + 1
        if text[at] == ",":
            at = _skip(text, at + 1)
