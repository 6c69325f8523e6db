"""`raw_json`: a value of a payload as it stands in its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from json import JSONDecoder
from re import compile

_value = JSONDecoder().raw_decode
_space = compile(r"[ \t\n\r]*+").match


def raw_json(payload: bytes | memoryview, trail: Sequence[str | int]) -> str:
    """The text of the value to which keys and indices lead. Of equal keys the last counts."""
    text = str(payload, "utf-8")
    at = _skip(text, 0)
    end = len(text)
    for step in trail:
        at_part = at
        # Of the members of an object, or the elements of an array, with their numbers.
        for key, first, last in _parts(text, at):
            if key == step:
                at_part, end = first, last
        at = at_part
    return text[at : end if trail else len(text.rstrip())]


def _skip(text: str, at: int) -> int:
    match = _space(text, at)
    return at if match is None else match.end()


def _parts(text: str, at: int) -> Iterator[tuple[str | int, int, int]]:
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
