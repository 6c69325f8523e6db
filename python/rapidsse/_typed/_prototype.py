"""Which decoded Structs others are made of, in place of decoding events like theirs.

The compiled engine finds events that differ from one before them in a few strings and natural
numbers alone, members of the payload's own object. msgspec makes of such an event what it made of
the other, with other values of these members, where each is a field of a plain type or is no field,
and where nothing but fields makes up the value. `prototype` is certain of that, or returns None.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, Union

import msgspec
from msgspec import UNSET, Struct

__all__ = ["Prototype", "prototype"]

_PLAIN: Final = (str, int, bool, NoneType)
"""What a field may be for msgspec to take any string, or any natural number, as it is."""

_SHARED: Final = {str, int, float, bool, NoneType, type(UNSET)}
"""Types whose values cannot change, so that many Structs may hold one."""


class Prototype(Struct, frozen=True):
    """What other values are made of: `type` is called with `names` as keywords and `values` as their
    values, but for those of the members, which stand at `places` (None: they set nothing), and those
    at `lists`, in whose place each value has an empty list of its own."""

    type: type[Struct]
    names: tuple[str, ...]
    values: tuple[Any, ...]
    places: tuple[int | None, ...]
    lists: tuple[int, ...]


def prototype(value: Any, members: Sequence[tuple[bytes, type]]) -> Prototype | None:
    """Returns what the values of events like this value's are made of; None if they must be decoded.

    `members` are the keys of the values that differ, each once, and their type: `str` or `int`.
    """
    if not isinstance(value, Struct) or (plain := _plain_fields(type(value))) is None:
        return None
    places = list[int | None]()
    for key, kind in members:
        place, kinds = plain.get(key, (None, _PLAIN))
        if kind not in kinds:
            return None
        places.append(place)
    # What the fields hold: a class may have a property of the same name, which says something else.
    values = msgspec.structs.astuple(value)
    lists = [place for place, held in enumerate(values) if type(held) is list and not held]
    if any(type(held) not in _SHARED for place, held in enumerate(values) if place not in lists):
        return None
    names = value.__struct_fields__
    return Prototype(type(value), names, values, tuple(places), tuple(lists))


@lru_cache(maxsize=256)
def _plain_fields(kind: type[Struct]) -> Mapping[bytes, tuple[int | None, tuple[type, ...]]] | None:
    """By their keys, the places of a Struct's fields and the types that their annotations name, none
    where that is not all that they say; None if fields alone do not make up its values."""
    config = kind.__struct_config__
    if (
        config.array_like
        or config.dict
        or hasattr(kind, "__post_init__")
        or kind.__init__ is not Struct.__init__
        or kind.__new__ is not Struct.__new__
        or type(kind) is not type(Struct)
    ):
        return None
    try:
        fields = msgspec.structs.fields(kind)
    except NameError:
        # An annotation names what was deleted since the decoder was made.
        return None
    plain = dict[bytes, tuple[int | None, tuple[type, ...]]]()
    if config.tag_field is not None:
        plain[config.tag_field.encode()] = (None, ())
    for place, field in enumerate(fields):
        if field.default_factory not in (msgspec.NODEFAULT, list):
            return None
        plain[field.encode_name.encode()] = (place, _plain(field.type))
    return plain


def _plain(annotation: Any) -> tuple[type, ...]:
    parts = (
        typing.get_args(annotation)
        if typing.get_origin(annotation) in (Union, UnionType)
        else (annotation,)
    )
    if all(part in _PLAIN for part in parts):
        return tuple(NoneType if part is None else part for part in parts)
    return ()
