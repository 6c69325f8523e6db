"""JSON as recorders write it, which is read as payloads are: NaN, Infinity and halves of surrogate
pairs cost nothing of a record.

What is made of it again, such as the events of a list, has them as they were, so that they are
counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ...._json import decode_json, decode_one, encode_json
from ...._values import members, parts
from ..._limits import MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Buffer

__all__ = [
    "check_values",
    "decode_as",
    "decode_places",
    "decode_record",
    "decode_sequence",
    "raw_elements",
    "raw_members",
    "record_or_none",
    "utf8",
    "values_or_none",
]

T = TypeVar("T")

_BLOCK = 1 << 20
# A record separator (RFC 7464) may precede each value, and a comma may follow it.
_BETWEEN = re.compile("[ \t\r\n\x1e,]*")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def decode_record(data: Buffer | str) -> Any:
    """The value. Raises `ValueError`, also for one of too many values, or `RecursionError`."""
    text = memoryview(utf8(data) if isinstance(data, str) else data)
    check_values(text)
    return decode_json(text)[0]


def record_or_none(data: Buffer | str) -> Any:
    """The same; `None` where that raises, and for JSON's `null`."""
    try:
        return decode_record(data)
    except (ValueError, RecursionError):
        return None


def decode_sequence(text: str) -> Iterator[Any]:
    """The values of a text, one after another, with nothing but white space and commas in between.
    Raises `ValueError` or `RecursionError`, after the values before."""
    for value, _ in decode_places(text):
        yield value


def decode_places(text: str) -> Iterator[tuple[Any, int]]:
    """The values of a text, as `decode_sequence` yields them, each with the place at which it ends."""
    at = 0
    while (at := _end_of_space(text, at)) < len(text):
        value, at = decode_one(text, at)
        yield value, at


def values_or_none(text: str) -> list[Any] | None:
    """The values of a text that has several, one after another; `None` of another one."""
    try:
        check_values(utf8(text))
        values = list(decode_sequence(text))
    except (ValueError, RecursionError):
        return None
    return values if len(values) > 1 else None


def _end_of_space(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    assert match is not None, "it may be empty"
    return match.end()


def check_values(data: Buffer) -> None:
    """Raises `ValueError` for JSON of so many values that they would take much more memory than its
    text."""
    text = memoryview(data)
    if len(text) <= MAX_VALUES:
        return
    blocks = (bytes(text[at : at + _BLOCK]) for at in range(0, len(text), _BLOCK))
    if sum(map(_marks, blocks)) > MAX_VALUES and _marks(_STRING.sub(b"", text)) > MAX_VALUES:
        raise ValueError(f"it has more than {MAX_VALUES:,} values: split it")


def _marks(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def decode_as(data: Buffer, type: type[T], lists: Sequence[tuple[str, ...]] = ()) -> T:
    """Decodes to a type. `lists` are where it has lists of `Raw`, by the keys that lead there.

    Raises `ValueError` or `RecursionError`.
    """
    check_values(data)
    try:
        return msgspec.json.decode(data, type=type)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        value = decode_record(data)
    for *path, last in lists:
        holder: Any = value
        for key in path:
            holder = members(holder).get(key)
        if elements := parts(members(holder).get(last)):
            holder[last] = [msgspec.Raw(encode_json(each)) for each in elements]
    return msgspec.convert(value, type)


def raw_members(data: Buffer) -> dict[str, msgspec.Raw]:
    """The members of an object, each as its JSON. Raises `ValueError` or `RecursionError`, and
    `msgspec.ValidationError` for another value."""
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        value = decode_record(data)
    if not isinstance(value, dict):
        raise msgspec.ValidationError("it is no object")
    return {key: msgspec.Raw(encode_json(each)) for key, each in members(value).items()}


def raw_elements(data: Buffer) -> list[msgspec.Raw]:
    """The elements of a list, each as its JSON. Raises as `raw_members` does."""
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return [msgspec.Raw(encode_json(each)) for each in parts(decode_record(data))]


def utf8(text: str) -> bytes:
    """Text of an event stream as bytes. Half a surrogate pair is written as JSON escapes it, so
    that it finds its other half where the event is read."""
    return text.encode(errors="backslashreplace")
