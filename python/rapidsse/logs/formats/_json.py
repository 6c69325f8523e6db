"""JSON as recorders write it, which is read as payloads are: NaN, Infinity and halves of surrogate
pairs cost nothing of a record.

What is made of it again, such as the events of a list, has them as they were, so that they are
counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ..._json import decode_json, encode_json
from ._values import members, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Buffer

__all__ = ["decode_as", "decode_record", "raw_elements", "raw_members", "utf8"]

T = TypeVar("T")


def decode_record(data: Buffer | str) -> Any:
    """The value. Raises `ValueError` or `RecursionError`."""
    return decode_json(utf8(data) if isinstance(data, str) else memoryview(data))[0]


def decode_as(data: Buffer, type: type[T], lists: Sequence[tuple[str, ...]] = ()) -> T:
    """Decodes to a type. `lists` are where it has lists of `Raw`, by the keys that lead there.

    Raises `ValueError` or `RecursionError`.
    """
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
