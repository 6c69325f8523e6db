"""Which decoded Structs others are made of, in place of decoding events like theirs.

The compiled engine finds events that differ from one before them in a few strings and natural
numbers alone, members of the payload's own object. msgspec makes of such an event what it made of
the other, with other values of these members, where each is a field of a plain type or is no field,
and where nothing but fields makes up the value. `prototype` is certain of that, or returns None.

`Prototype` is what the engine is given, also by others than `prototype`.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, Union

import msgspec
from msgspec import UNSET, Struct

__all__ = ["Members", "Part", "Prototype", "prototype"]

Members: TypeAlias = Sequence[tuple[tuple[bytes | int, ...], type]]
"""The members that differ: where each lies in the payload, as keys and indices, and its type, `str`
or `int`. No other member has its key."""

Part: TypeAlias = (
    tuple[Literal["shared"], Any]
    | tuple[Literal["member"], int]
    | tuple[Literal["payload"]]
    | tuple[Literal["list"], Sequence["Part"]]
    | tuple[Literal["dict"], dict[Any, Any], Sequence[tuple[Any, "Part"]]]
    | tuple[Literal["set"], set[Any]]
    | tuple[Literal["object"], type[Any], Sequence[tuple[str, "Part"]]]
)
"""What a part of each value is: an object that all share; the value of a member, by its number; the
payload's text; a new list of parts; a copy of a dict, with parts as the values of some keys; a copy
of a set; a new object of a class without a `__new__` of its own, with these attributes."""

_PLAIN: Final = (str, int, bool, NoneType)
"""What a field may be for msgspec to take any string, or any natural number, as it is."""

_SHARED: Final = {str, int, float, bool, NoneType, type(UNSET)}
"""Types whose values cannot change, so that many Structs may hold one."""


class Prototype(Struct, frozen=True):
    """What other values are made of: `type` is called with `names` as keywords and `values` as their
    values, but for those of the members, which stand at `places` (None: they set nothing), and for
    `parts`, which each stand at a place, too. `item` is the index of the part that may be asked for
    without its value."""

    type: type[Struct]
    names: tuple[str, ...]
    values: tuple[Any, ...]
    places: tuple[int | None, ...]
    parts: tuple[tuple[int, Part], ...]
    item: int | None = None


def prototype(value: Any, members: Members) -> Prototype | None:
    """Returns what the values of events like this one are made of; None if they must be decoded."""
    if not isinstance(value, Struct) or (plain := _plain_fields(type(value))) is None:
        return None
    places = list[int | None]()
    for path, kind in members:
        place, kinds = plain.get(path[0], (None, _PLAIN))
        if len(path) > 1 or kind not in kinds:
            return None
        places.append(place)
    # What the fields hold: a class may have a property of the same name, which says something else.
    values = msgspec.structs.astuple(value)
    parts = list[tuple[int, Part]]()
    types: list[type[Any]] = [*map(type, values)]
    for place, held in enumerate(types):
        if held is list and not values[place]:
            parts.append((place, ("list", ())))
        elif held not in _SHARED:
            return None
    return Prototype(type(value), value.__struct_fields__, values, tuple(places), tuple(parts))


@lru_cache(maxsize=256)
def _plain_fields(
    kind: type[Struct],
) -> Mapping[bytes | int, tuple[int | None, tuple[type, ...]]] | None:
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
    plain = dict[bytes | int, tuple[int | None, tuple[type, ...]]]()
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
