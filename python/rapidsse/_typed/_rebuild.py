"""Reads a payload around a member whose `type` no union knows, or that has another type.

msgspec refuses the whole payload then. Here the Struct, list or dict that holds the member is
split into the raw JSON of its members, and each is decoded by its own type. A member with an unknown
tag becomes an `UnknownItem`. A field of a generated Struct (`Model`) whose value has another type is
dropped, as if it were missing. A payload refused for any other reason stays refused, and so does an
unknown member that stands elsewhere, such as in a tuple.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import Raw, ValidationError, structs

from ._extras import Extras
from ._model import Model
from ._unknown import UnknownItem

__all__ = ["Shape", "names_unknown_tag", "rebuild", "shape_of"]

T = TypeVar("T")

# Reads a member: its type, its JSON, and what takes note of what it has beyond its type.
DecodeMember = Callable[[Any, Raw, Extras], Any]

# Made once: to make a decoder takes longer than to decode an event.
_members = msgspec.json.Decoder(dict[str, Raw]).decode

# Subscribed with types that are known at run time only.
_annotated: Any = Annotated


def names_unknown_tag(error: ValidationError) -> bool:
    """Whether `error` may be msgspec's for a tag that is none of the union's."""
    return str(error).startswith("Invalid value ")


def rebuild(
    shape: Shape,
    raw: Raw,
    error: ValidationError,
    decode: DecodeMember,
    extras: Extras,
) -> Any:
    """Decodes `raw`, which msgspec refused with `error`, as a value of a type of this shape.

    Adds to `extras` each member that became an `UnknownItem` or was dropped; the value itself is an
    `UnknownItem` if it is the member in question. Raises `error` where neither explains it, and a
    `ValidationError` of its own for what is wrong behind such a member.
    """
    before = extras.state()
    try:
        value = _Rebuild(error, decode, extras).value(shape, raw)
    except ValidationError:
        if extras.state() != before:
            raise
    else:
        if extras.state() != before:
            return value
    # It was something else, such as a tag given twice.
    raise error


class _Rebuild:
    """One level of a refused payload: its members are left to `decode`."""

    def __init__(self, error: ValidationError, decode: DecodeMember, extras: Extras) -> None:
        self._error = error
        self._decode = decode
        self._extras = extras

    def value(self, shape: Shape, raw: Raw) -> Any:
        opening = bytes(memoryview(raw)[:1])
        if opening == b"{" and shape.structs:
            return self._struct(shape.structs, shape.tags, raw)
        if opening == b"{" and shape.dict_type is not None:
            key, value = get_args(shape.dict_type)
            items = _decode(raw, dict.__class_getitem__((key, Raw)))
            return {name: self._member(value, item, "[...]") for name, item in items.items()}
        if opening == b"[" and shape.list_type is not None:
            (item_type,) = get_args(shape.list_type)
            # With the metadata, so that the length is checked as before.
            meta = shape.list_metadata
            array: Any = _annotated[(list[Raw], *meta)] if meta else list[Raw]
            items = _decode(raw, array)
            return [self._member(item_type, item, f"[{at}]") for at, item in enumerate(items)]
        raise self._error

    def _struct(self, union: list[Any], tags: Mapping[Any, Any], raw: Raw) -> Any:
        members = _members(raw)
        struct = union[0]
        if len(union) > 1:
            tag = self._tag(_config(struct), members)
            if tag not in tags:
                item = UnknownItem(tag, raw)
                self._extras.items.append(item)
                return item
            struct = tags[tag]
        config, fields = _config(struct), _cached(_fields, struct)
        values: dict[str, Any] = {}
        for name, member in members.items():
            field = fields.get(name)
            if field is not None:
                values[field.name] = self._field(struct, field, member)
            elif config.forbid_unknown_fields and name != config.tag_field:
                raise ValidationError(f"Object contains unknown field `{name}`")
        return _construct(struct, fields, values)

    def _tag(self, config: structs.StructConfig, members: dict[str, Raw]) -> str | int:
        raw = members.get(config.tag_field or "")
        tag = None if raw is None else msgspec.json.decode(raw)
        if not isinstance(tag, (str, int)) or type(tag) is not type(config.tag):
            raise self._error
        return tag

    def _field(self, struct: Any, field: structs.FieldInfo, raw: Raw) -> Any:
        if not issubclass(_class(struct), Model):
            return self._member(field.type, raw, f".{field.encode_name}")
        before = self._extras.state()
        try:
            return self._decode(field.type, raw, self._extras)
        except ValidationError:
            self._extras.back_to(before)
            self._extras.dropped += 1
            return None

    def _member(self, expected: Any, raw: Raw, step: str) -> Any:
        try:
            return self._decode(expected, raw, self._extras)
        except ValidationError as error:
            raise _below(error, step) from None


def _decode(raw: Raw, type: Any) -> Any:
    return msgspec.json.decode(raw, type=type)


def _construct(struct: Any, fields: dict[str, structs.FieldInfo], values: dict[str, Any]) -> Any:
    """Makes the Struct; its constructor checks nothing, so that an `UnknownItem` may be in it."""
    for name, field in fields.items():
        if field.required and field.name not in values:
            raise ValidationError(f"Object missing required field `{name}`")
    try:
        return _class(struct)(**values)
    except (TypeError, ValueError) as error:  # of a `__post_init__`
        raise ValidationError(str(error)) from error


def _below(error: ValidationError, step: str) -> ValidationError:
    """`error` of a member as an error of the container that holds it at `step`."""
    message, mark, path = str(error).rpartition(" - at `")
    if not mark:
        return ValidationError(f"{error} - at `${step}`")
    return ValidationError(f"{message}{mark}{path.replace('$', '$' + step, 1)}")


class Shape(NamedTuple):
    """What a value of a type may be that is rebuilt: a Struct, a list or a dict. `tags` has the
    Structs by their tags."""

    structs: list[Any]
    tags: Mapping[Any, Any]
    list_type: Any
    list_metadata: tuple[Any, ...]
    dict_type: Any


def shape_of(expected: Any) -> Shape:
    """What is rebuilt of a value of this type."""
    return _cached(_shape, expected)


def _shape(expected: Any) -> Shape:
    members = list(_alternatives(expected))
    lists = [(member, meta) for member, meta in members if get_origin(member) is list]
    dicts = [member for member, _ in members if get_origin(member) is dict]
    structs = [member for member, _ in members if _is_struct(member)]
    return Shape(
        structs=structs,
        tags={_config(struct).tag: struct for struct in structs},
        list_type=lists[0][0] if lists else None,
        list_metadata=lists[0][1] if lists else (),
        dict_type=dicts[0] if dicts else None,
    )


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
    elif hasattr(expected, "__value__"):  # a `type` statement
        yield from _alternatives(expected.__value__, meta)
    else:
        yield expected, meta


def _is_struct(expected: Any) -> bool:
    return hasattr(_class(expected), "__struct_config__") and not _config(expected).array_like


def _class(struct: Any) -> Any:
    """The class of a Struct, which may be generic."""
    return get_origin(struct) or struct


def _config(struct: Any) -> structs.StructConfig:
    config: structs.StructConfig = _class(struct).__struct_config__
    return config


def _fields(struct: Any) -> dict[str, structs.FieldInfo]:
    return {field.encode_name: field for field in structs.fields(struct)}


@lru_cache(maxsize=4096)
def _cache(make: Callable[[Any], Any], expected: Any) -> Any:
    return make(expected)


def _cached(make: Callable[[Any], T], expected: Any) -> T:
    try:
        return cast("T", _cache(make, expected))
    except TypeError:  # not hashable: `Annotated` with a dict in its metadata
        return make(expected)
