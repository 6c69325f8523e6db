"""Reads a payload around a member whose `type` no union knows.

msgspec refuses the whole payload then. Here the container that holds the member is split
into the raw JSON of its members, each is decoded by its own type, and the unknown one
becomes an `UnknownItem`. A payload refused for any other reason stays refused.
"""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import Raw, ValidationError, structs

from ._unknown import UnknownItem

__all__ = ["names_unknown_tag", "rebuild"]

T = TypeVar("T")

# Reads a member: its type, its JSON, and the list that takes the unknown members in it.
DecodeMember = Callable[[Any, Raw, list[UnknownItem]], Any]

# Subscribed with types that are known at run time only.
_annotated: Any = Annotated

_SETS = (set, collections.abc.Set, collections.abc.MutableSet)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_ARRAYS = (
    list,
    tuple,
    frozenset,
    collections.abc.Collection,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    *_SETS,
)


def names_unknown_tag(error: ValidationError) -> bool:
    """Whether `error` may be msgspec's for a tag that is none of the union's."""
    return str(error).startswith("Invalid value ")


def rebuild(
    expected: Any,
    raw: Raw,
    error: ValidationError,
    decode: DecodeMember,
    unknown: list[UnknownItem],
) -> Any:
    """Decodes `raw`, which msgspec refused with `error`, as a value of type `expected`.

    Appends to `unknown` each member that became an `UnknownItem`; the value itself is one
    if it is the member in question. Raises `error` where no unknown tag explains it, and a
    `ValidationError` of its own for what is wrong behind the unknown member.
    """
    known = len(unknown)
    try:
        value = _Rebuild(error, decode, unknown).value(expected, raw)
    except ValidationError:
        if len(unknown) > known:
            raise
    else:
        if len(unknown) > known:
            return value
    # It was something else, such as a tag given twice.
    raise error


class _Rebuild:
    """One level of a refused payload: its members are left to `decode`."""

    def __init__(
        self, error: ValidationError, decode: DecodeMember, unknown: list[UnknownItem]
    ) -> None:
        self._error = error
        self._decode = decode
        self._unknown = unknown

    def value(self, expected: Any, raw: Raw) -> Any:
        opening = bytes(memoryview(raw)[:1])
        shape = _cached(_Shape, expected)
        if opening == b"{":
            return self._object(shape, raw)
        if opening == b"[":
            return self._array(shape, raw)
        raise self._error

    def _object(self, shape: _Shape, raw: Raw) -> Any:
        members = msgspec.json.decode(raw, type=dict[str, Raw])
        union = shape.objects
        if union is not None:
            struct = self._tagged(union, members.get(union.tag_field))
            return self._struct(struct, members) if _is_struct(struct) else self._item(struct, raw)
        for other, _ in shape.others:
            if get_origin(other) in _MAPPINGS:
                key, value = get_args(other)
                items = _decode(raw, dict.__class_getitem__((key, Raw)))
                return {name: self._member(value, item, "[...]") for name, item in items.items()}
        raise self._error

    def _array(self, shape: _Shape, raw: Raw) -> Any:
        union = shape.arrays
        if union is not None:
            items = msgspec.json.decode(raw, type=list[Raw])
            struct = self._tagged(union, items[0] if items else None)
            if _is_struct(struct):
                return self._array_like(struct, items)
            return self._item(struct, raw)
        for other, meta in shape.others:
            origin, args = get_origin(other), get_args(other)
            if origin not in _ARRAYS:
                continue
            fixed = origin is tuple and args[-1:] != (...,)
            # With the metadata, so that the length is checked as before.
            array: Any = tuple.__class_getitem__((Raw,) * len(args)) if fixed else list[Raw]
            items = _decode(raw, _annotated[(array, *meta)] if meta else array)
            values = [
                self._member(args[at if fixed else 0], item, f"[{at}]")
                for at, item in enumerate(items)
            ]
            if origin is tuple:
                return tuple(values)
            if origin is frozenset:
                return frozenset(values)
            return set(values) if origin in _SETS else values
        raise self._error

    def _tagged(self, union: _Union, tag: Raw | None) -> Any:
        """The Struct that `tag` names; the tag itself where it names none of several."""
        if len(union.structs) == 1:
            return union.structs[0]
        value = None if tag is None else msgspec.json.decode(tag)
        if not isinstance(value, (str, int)) or type(value) is not union.tag_type:
            raise self._error
        return union.tags.get(value, value)

    def _item(self, tag: str | int, raw: Raw) -> UnknownItem:
        item = UnknownItem(tag, raw)
        self._unknown.append(item)
        return item

    def _struct(self, shape: Any, members: dict[str, Raw]) -> Any:
        config, fields = _config(shape), _cached(_fields, shape)
        values: dict[str, Any] = {}
        for name, raw in members.items():
            field = fields.get(name)
            if field is not None:
                values[field.name] = self._member(field.type, raw, f".{name}")
            elif config.forbid_unknown_fields and name != config.tag_field:
                raise ValidationError(f"Object contains unknown field `{name}`")
        return _construct(shape, fields.values(), values, "Object")

    def _array_like(self, shape: Any, items: list[Raw]) -> Any:
        fields = _cached(_fields, shape).values()
        tagged = _config(shape).tag is not None
        if _config(shape).forbid_unknown_fields and len(items) > len(fields) + tagged:
            raise self._error
        values = {
            field.name: self._member(field.type, raw, f"[{at}]")
            for at, (field, raw) in enumerate(zip(fields, items[tagged:], strict=False), tagged)
        }
        return _construct(shape, fields, values, "Array")

    def _member(self, expected: Any, raw: Raw, step: str) -> Any:
        try:
            return self._decode(expected, raw, self._unknown)
        except ValidationError as error:
            raise _below(error, step) from None


def _decode(raw: Raw, type: Any) -> Any:
    return msgspec.json.decode(raw, type=type)


def _is_struct(shape: Any) -> bool:
    return hasattr(get_origin(shape) or shape, "__struct_config__")


def _config(shape: Any) -> structs.StructConfig:
    config: structs.StructConfig = (get_origin(shape) or shape).__struct_config__
    return config


def _fields(struct: Any) -> dict[str, structs.FieldInfo]:
    return {field.encode_name: field for field in structs.fields(struct)}


def _construct(
    shape: Any, fields: Iterable[structs.FieldInfo], values: dict[str, Any], noun: str
) -> Any:
    """Makes the Struct; its constructor checks nothing, so that an `UnknownItem` may be in it."""
    for field in fields:
        if field.required and field.name not in values:
            raise ValidationError(f"{noun} missing required field `{field.encode_name}`")
    try:
        return (get_origin(shape) or shape)(**values)
    except (TypeError, ValueError) as error:  # of a `__post_init__`
        raise ValidationError(str(error)) from error


def _below(error: ValidationError, step: str) -> ValidationError:
    """`error` of a member as an error of the container that holds it at `step`."""
    message, mark, path = str(error).rpartition(" - at `")
    if not mark:
        return ValidationError(f"{error} - at `${step}`")
    return ValidationError(f"{message}{mark}{path.replace('$', '$' + step, 1)}")


class _Union:
    """The Structs of a union that are written in the same way, by their tags."""

    def __init__(self, members: list[Any]) -> None:
        config = _config(members[0])
        self.structs = members
        self.tags: dict[str | int, Any] = {
            tag: member for member in members if (tag := _config(member).tag) is not None
        }
        self.tag_type = type(config.tag)
        self.tag_field = config.tag_field or ""


class _Shape:
    """What a value of a type may be: its Structs, and the other types with their metadata."""

    def __init__(self, expected: Any) -> None:
        members = list(_alternatives(expected))
        found = [member for member, _ in members if _is_struct(member)]
        arrays = [struct for struct in found if _config(struct).array_like]
        objects = [struct for struct in found if not _config(struct).array_like]
        self.arrays = _Union(arrays) if arrays else None
        self.objects = _Union(objects) if objects else None
        self.others = [(member, meta) for member, meta in members if not _is_struct(member)]


def _alternatives(
    expected: Any, meta: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The members of a union, or the type itself, each with its `Annotated` metadata."""
    origin = get_origin(expected)
    if origin is Annotated:
        yield from _alternatives(expected.__origin__, (*meta, *expected.__metadata__))
    elif origin is Union or origin is types.UnionType:
        for member in get_args(expected):
            yield from _alternatives(member)
    elif hasattr(origin, "__value__"):  # a generic alias of a `type` statement
        yield from _alternatives(origin.__value__[get_args(expected)], meta)
    elif hasattr(expected, "__value__"):
        yield from _alternatives(expected.__value__, meta)
    elif hasattr(expected, "__supertype__"):
        yield from _alternatives(expected.__supertype__, meta)
    elif isinstance(expected, TypeVar):
        yield from _alternatives(expected.__bound__, meta)
    else:
        yield expected, meta


@lru_cache(maxsize=4096)
def _cache(make: Callable[[Any], Any], expected: Any) -> Any:
    return make(expected)


def _cached(make: Callable[[Any], T], expected: Any) -> T:
    try:
        return cast("T", _cache(make, expected))
    except TypeError:  # not hashable: `Annotated` with a dict in its metadata
        return make(expected)
