"""Reads the pydantic models of an official SDK into a plain schema.

It reads only names, fields and types. It also decides what a decoder must tolerate:

- A `Literal` or an `Enum` of strings is `str`, so that values that a later API adds do not fail.
  The exception is the tag of a model in a union of models, mostly its `type`: it picks the model.
- A model without fields is a `dict`.
- A union that holds `object` is `Any`.
- Models of one union that share a tag are merged into one model with the fields of all of them.
- Models with equal names and equal definitions are one model.

An unknown shape raises `TypeError`: it needs a decision.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

from sdk import Sdk

SCALARS = {
    str: "str",
    # Base64, which the SDK decodes.
    bytes: "str",
    int: "int",
    float: "float",
    bool: "bool",
    datetime: "datetime",
    object: "Any",
    Any: "Any",
}


@dataclass(frozen=True)
class Scalar:
    name: str


@dataclass(frozen=True)
class ListOf:
    item: Type


@dataclass(frozen=True)
class DictOf:
    value: Type


@dataclass(frozen=True)
class Ref:
    model: Model


@dataclass(frozen=True)
class Named:
    """A union that holds two or more models: it always has a name."""

    alias: Alias


@dataclass(frozen=True)
class OneOf:
    """A union of anything else: flat, and with at most one `Ref` or `Named`."""

    members: tuple[Type, ...]


Type = Scalar | ListOf | DictOf | Ref | Named | OneOf
ANY = Scalar("Any")


@dataclass(frozen=True)
class Field:
    name: str
    json_name: str
    type: Type


@dataclass(eq=False)
class Model:
    """One model of the SDK. `tags` are the allowed values of its `tag_field`, in the SDK's order."""

    name: str
    module: str
    fields: tuple[Field, ...] = ()
    tag_field: str = "type"
    tags: tuple[str, ...] = ()
    tagged: bool = False


@dataclass(eq=False)
class Alias:
    """A union under the SDK's name, or of models only under one made of owner and field."""

    name: str
    module: str
    members: tuple[Type, ...]

    @property
    def models(self) -> tuple[Model, ...]:
        return tuple(m.model for m in self.members if isinstance(m, Ref))


@dataclass
class Schema:
    """All models and aliases of the roots, each after those that it uses."""

    things: list[Model | Alias]
    merged: dict[Model, tuple[Model, ...]]
    unified: dict[Model | Alias, list[Model | Alias]]
    untyped: list[str]

    @property
    def models(self) -> list[Model]:
        return [thing for thing in self.things if isinstance(thing, Model)]

    @property
    def aliases(self) -> list[Alias]:
        return [thing for thing in self.things if isinstance(thing, Alias)]


def read(sdk: Sdk) -> Schema:
    """Reads the roots of `sdk`, and all that they use."""
    schema = Schema([], {}, {}, [])
    reader = _Reader(sdk, schema)
    top: list[Model | Alias] = []
    for key, root in sdk.roots.items():
        module, _, name = key.rpartition(".")
        top.append(reader.read_root(module, name, root))
    for alias in schema.aliases:
        _merge_shared_tags(schema, alias)
    _sort(schema, top)
    _unify_equals(schema)
    for alias in schema.aliases:
        for model in alias.models:
            if not model.tags:
                raise TypeError(f"{alias.name}: {model.name} has no tag to select it by")
            model.tagged = True
    return schema


class _Reader:
    def __init__(self, sdk: Sdk, schema: Schema) -> None:
        self._sdk = sdk
        self._schema = schema
        self._models: dict[type, Model] = {}
        self._aliases: dict[tuple[str, str], Alias] = {}

    def read_root(self, module: str, name: str, root: Any) -> Model | Alias:
        if inspect.isclass(root) and issubclass(root, BaseModel):
            return self._model(root)
        named = self._type(root, module, name)
        assert isinstance(named, Named)
        return named.alias

    def _model(self, sdk: type[BaseModel]) -> Model:
        if known := self._models.get(sdk):
            return known
        model = self._models[sdk] = Model(sdk.__name__, sdk.__module__)
        for name in self._sdk.tag_fields:
            if name in sdk.model_fields:
                model.tag_field = name
                model.tags = _literals(sdk.model_fields[name].annotation)
                break
        model.fields = tuple(
            Field(name, info.alias or name, self._field(model, name, info.annotation))
            for name, info in sdk.model_fields.items()
            if f"{model.name}.{name}" not in self._sdk.added_fields
        )
        self._schema.things.append(model)
        return model

    def _field(self, model: Model, name: str, annotation: Any) -> Type:
        type_ = self._type(annotation, model.module, f"{model.name}{camel(name)}")
        for more in (self._sdk.former_types, self._sdk.other_types):
            if other := more.get((model.name, name)):
                added = ListOf(ANY) if other is list else Scalar(SCALARS[other])
                type_ = OneOf((type_, added))
        if _hides_models_behind_object(annotation):
            self._schema.untyped.append(f"{model.name}.{name}")
        if self._is_base64(model, name):
            if type_ != Scalar("str"):
                raise TypeError(f"{model.name}.{name} is no longer a string: {type_}")
            return Scalar("Base64")
        return type_

    def _is_base64(self, model: Model, name: str) -> bool:
        fields = self._sdk.base64_fields
        return name in fields and (fields[name] is None or model.tags == (fields[name],))

    def _type(self, annotation: Any, module: str, fallback_name: str) -> Type:
        members = [m for m in _members(annotation) if not self._stands_for_unknown(m)]
        if len(members) > 1:
            flat = union(self._type(m, module, fallback_name) for m in members)
            sdk_alias = _sdk_alias(_members(annotation), module)
            if sdk_alias and _holds_models(flat):
                return Named(self._alias(*sdk_alias, flat.members))
            return _name_union(flat, lambda refs: self._alias(fallback_name, module, refs))
        (plain,) = members
        origin, args = get_origin(plain), get_args(plain)
        if origin is typing.Literal:
            return union(Scalar(SCALARS[type(value)]) for value in args)
        if origin is list:
            return ListOf(self._type(args[0], module, fallback_name))
        if origin is dict:
            return DictOf(self._type(args[1], module, fallback_name))
        if plain in SCALARS:
            return Scalar(SCALARS[plain])
        if inspect.isclass(plain) and issubclass(plain, BaseModel):
            return Ref(self._model(plain)) if plain.model_fields else DictOf(ANY)
        if inspect.isclass(plain) and issubclass(plain, (str, Enum)):
            return Scalar("str")
        raise TypeError(f"{module}: cannot express {annotation!r}")

    def _stands_for_unknown(self, member: Any) -> bool:
        mark = self._sdk.marks_unknown
        return mark is not None and mark in getattr(member, "model_fields", ())

    def _alias(self, name: str, module: str, members: tuple[Type, ...]) -> Alias:
        alias = self._aliases.get((name, module))
        if alias is None:
            alias = self._aliases[name, module] = Alias(name, module, members)
            self._schema.things.append(alias)
        if alias.members != members:
            raise TypeError(f"{module}.{name} names two different unions")
        return alias


def union(types_: Iterable[Type]) -> Type:
    """The flat union of `types_`, unnamed; its lists become one list of a union."""
    members: list[Type] = []
    for type_ in types_:
        open_ = type_.members if isinstance(type_, OneOf) else (type_,)
        members += [m for part in open_ for m in _open(part) if m not in members]
    if ANY in members:
        return ANY
    lists = [m for m in members if isinstance(m, ListOf)]
    if len(lists) > 1:
        members[members.index(lists[0])] = ListOf(union(m.item for m in lists))
        members = [m for m in members if m not in lists]
    return members[0] if len(members) == 1 else OneOf(tuple(members))


def _open(type_: Type) -> tuple[Type, ...]:
    return type_.alias.members if isinstance(type_, Named) else (type_,)


def _holds_models(type_: Type) -> TypeGuard[OneOf]:
    return isinstance(type_, OneOf) and sum(isinstance(m, Ref) for m in type_.members) > 1


def _name_union(type_: Type, make: Callable[[tuple[Type, ...]], Alias]) -> Type:
    """`type_` with two or more models in it replaced by a named union, in lists too."""
    match type_:
        case ListOf(item):
            return ListOf(_name_union(item, make))
        case OneOf(members) if _holds_models(type_):
            refs = tuple(m for m in members if isinstance(m, Ref))
            rest = tuple(_name_union(m, make) for m in members if not isinstance(m, Ref))
            return OneOf((*rest, Named(make(refs)))) if rest else Named(make(refs))
        case OneOf(members):
            return OneOf(tuple(_name_union(m, make) for m in members))
        case _:
            return type_


def parts(thing: Model | Alias) -> Iterator[Model | Alias]:
    """The models and aliases that the definition of `thing` names."""
    types_ = thing.members if isinstance(thing, Alias) else [f.type for f in thing.fields]
    for type_ in types_:
        yield from type_parts(type_)


def type_parts(type_: Type) -> Iterator[Model | Alias]:
    match type_:
        case Ref(thing) | Named(thing):
            yield thing
        case ListOf(inner) | DictOf(inner):
            yield from type_parts(inner)
        case OneOf(members):
            for member in members:
                yield from type_parts(member)
        case Scalar():
            pass


def _merge_shared_tags(schema: Schema, alias: Alias) -> None:
    """Merges the models of one union that share a tag: a tag can pick only one Struct.

    The first of them becomes the merged one. The others keep their own definitions for the places
    where they stand outside this union.
    """
    by_tag: dict[str, list[Model]] = defaultdict(list)
    for model in alias.models:
        for tag in model.tags:
            by_tag[tag].append(model)
    for first, *others in by_tag.values():
        if not others:
            continue
        if any(other.tags != first.tags for other in others):
            raise TypeError(f"{alias.name}: models share only some of their tags")
        _absorb(schema, first, others)
        absorbed = {Ref(other) for other in others}
        alias.members = tuple(m for m in alias.members if m not in absorbed)


def _absorb(schema: Schema, first: Model, others: list[Model]) -> None:
    types_: dict[str, list[Field]] = defaultdict(list)
    for model in (first, *others):
        for f in model.fields:
            types_[f.name].append(f)

    def named(f: Field, type_: Type) -> Type:
        def make(members: tuple[Type, ...]) -> Alias:
            alias = Alias(first.name + camel(f.name), first.module, members)
            schema.things.append(alias)
            return alias

        return _name_union(type_, make)

    first.fields = tuple(
        replace(same[0], type=named(same[0], union(f.type for f in same)))
        if len({f.type for f in same}) > 1
        else same[0]
        for same in types_.values()
    )
    schema.merged[first] = tuple(others)


def _sort(schema: Schema, roots: list[Model | Alias]) -> None:
    """Orders the schema depth first from `roots`; what merging left without a use goes."""
    done: dict[Model | Alias, None] = {}
    open_: set[Model | Alias] = set()

    def visit(thing: Model | Alias) -> None:
        if thing in done:
            return
        if thing in open_:
            raise TypeError(f"{thing.name} holds itself: unions of it cannot be defined in order")
        open_.add(thing)
        for part in parts(thing):
            visit(part)
        done[thing] = None

    for root in roots:
        visit(root)
    schema.things = list(done)


def _unify_equals(schema: Schema) -> None:
    """Makes models and aliases with equal names and equal definitions one.

    As parts come before wholes, one pass in order finds every equal pair.
    """
    chosen: dict[Model | Alias, Model | Alias] = {}
    by_definition: dict[Any, Model | Alias] = {}
    for thing in schema.things:
        if isinstance(thing, Model):
            thing.fields = tuple(
                replace(f, type=_replace_parts(f.type, chosen)) for f in thing.fields
            )
            definition: Any = (thing.name, thing.tags, frozenset(thing.fields))
        else:
            thing.members = tuple(dict.fromkeys(_replace_parts(m, chosen) for m in thing.members))
            definition = (thing.name, thing.members)
        chosen[thing] = by_definition.setdefault(definition, thing)
        schema.unified.setdefault(chosen[thing], []).append(thing)
    schema.things = list(schema.unified)


def _replace_parts(type_: Type, chosen: dict[Any, Any]) -> Type:
    match type_:
        case Ref(model):
            return Ref(chosen[model])
        case Named(alias):
            return Named(chosen[alias])
        case ListOf(inner):
            return ListOf(_replace_parts(inner, chosen))
        case DictOf(inner):
            return DictOf(_replace_parts(inner, chosen))
        case OneOf(members):
            return OneOf(tuple(dict.fromkeys(_replace_parts(m, chosen) for m in members)))
        case Scalar():
            return type_


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _members(annotation: Any) -> list[Any]:
    """The members of a union in the SDK's order, nested unions flattened, without None.

    Of anything but a union: itself.
    """
    while get_origin(annotation) is typing.Annotated or hasattr(annotation, "__value__"):
        annotation = getattr(annotation, "__value__", None) or get_args(annotation)[0]
    if get_origin(annotation) not in (Union, types.UnionType):
        return [] if annotation is type(None) else [annotation]
    return [m for arg in get_args(annotation) for m in _members(arg)]


def _literals(annotation: Any) -> tuple[str, ...]:
    members = _members(annotation)
    if len(members) == 1 and get_origin(members[0]) is typing.Literal:
        return get_args(members[0])
    return ()


def _hides_models_behind_object(annotation: Any) -> bool:
    members = _members(annotation)
    if len(members) > 1 and object in members:
        return True
    inner = [m for m in members if get_origin(m) in (list, dict)]
    return any(_hides_models_behind_object(arg) for m in inner for arg in get_args(m))


def _sdk_alias(members: list[Any], module: str) -> tuple[str, str] | None:
    """The name under which `module` of the SDK knows this union, and the module that defines it."""
    types_package = f"{module.partition('.')[0]}.types"
    for name, value in vars(sys.modules[module]).items():
        if get_origin(value) is None or _members(value) != members:
            continue
        snake = "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
        for package in (module.rpartition(".")[0], f"{types_package}.shared", types_package):
            for file in (snake, name.lower()):
                if getattr(sys.modules.get(f"{package}.{file}"), name, None) is value:
                    return name, f"{package}.{file}"
        return name, module
    return None
