"""The SDK's objects for an event of `generateContent`, made without its validation.

The SDK converts the JSON of each event, looks for members that it does not know, and validates what
is left, most of which runs in Python. All of that depends on the members that an object has, and
hardly on their values. So the SDK makes the first object of each class and set of members. A plan
makes the same one, and if both are equal, it makes the following ones alone. Values of other types
than the declared ones, `null` and unknown enum values are left to the SDK.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from enum import EnumMeta
from functools import cache
from math import isnan
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ._google_sdk import module

__all__ = ["OwnWay", "Plan", "response_plan"]

Make = Callable[[Any], Any]

# The API sends few sets of members. A server that sends others must not fill the memory.
_MAX_SHAPES = 200


class OwnWay(Exception):
    """The SDK's own code must make this event."""


class _Shape(NamedTuple):
    """How objects with the same members, in the same order, are made."""

    # The field of each member, and what makes its value; `None` for what the SDK leaves out.
    steps: tuple[tuple[str, Make] | None, ...]
    fields_set: frozenset[str]
    private: dict[str, Any] | None


class Plan:
    """Makes the objects of one class.

    `own` makes an object as the SDK does, and `is_kept` says whether the SDK reads a member.
    """

    def __init__(
        self,
        cls: type[BaseModel],
        own: Make,
        is_kept: Callable[[str], bool] = lambda key: True,
        inner: dict[str, Make] | None = None,
    ) -> None:
        self._cls = cls
        self._own = own
        self._is_kept = is_kept
        # What makes the values of fields that are not made as their annotations say.
        self._inner = inner or {}
        self._defaults: dict[str, Any] = {}
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}

    def make(self, data: Any) -> Any:
        """Returns the object for a JSON object. Raises `OwnWay` where that is not certain."""
        if data.__class__ is not dict:
            raise OwnWay
        keys = tuple(data)
        try:
            shape = self._shapes[keys]
        except KeyError:
            shape = self._learn(keys, data)
        if shape is None:
            raise OwnWay
        return self._made(shape, data)

    def _made(self, shape: _Shape, data: dict[str, Any]) -> Any:
        fields = self._defaults.copy()
        for step, value in zip(shape.steps, data.values(), strict=True):
            if step is not None:
                name, make = step
                fields[name] = make(value)
        cls: Any = self._cls
        model = cls.__new__(cls)
        # As `model_construct` does.
        set_attribute = object.__setattr__
        set_attribute(model, "__dict__", fields)
        set_attribute(model, "__pydantic_fields_set__", set(shape.fields_set))
        set_attribute(model, "__pydantic_extra__", None)
        private = shape.private
        set_attribute(model, "__pydantic_private__", None if private is None else private.copy())
        return model

    def _learn(self, keys: tuple[str, ...], data: dict[str, Any]) -> _Shape | None:
        if len(self._shapes) >= _MAX_SHAPES:
            raise OwnWay
        cls = self._cls
        # The SDK builds its models when they are first used.
        cls.model_rebuild(raise_errors=False)
        self._defaults = {name: field.default for name, field in cls.model_fields.items()}
        steps = tuple(map(self._step, keys))
        names = [step[0] for step in steps if step is not None]
        shape = _Shape(steps, frozenset(names), None)
        # Left to the SDK for its values, which others may not have.
        ours = self._made(shape, data)
        learnt: _Shape | None = None
        try:
            theirs = self._own(copy.deepcopy(data))
        except Exception:  # noqa: BLE001
            # It will raise the same once more.
            theirs = None
        private = getattr(theirs, "__pydantic_private__", None)
        if private is not None and not all(map(_is_plain, private.values())):
            theirs = None
        object.__setattr__(ours, "__pydantic_private__", private)
        if theirs is not None and type(theirs) is cls and theirs == ours:
            learnt = shape._replace(private=private and dict(private))
        self._shapes[keys] = learnt
        return learnt

    def _step(self, key: str) -> tuple[str, Make] | None:
        if not self._is_kept(key):
            return None
        for name, field in self._cls.model_fields.items():
            if key == (field.alias or name):
                made = self._inner.get(name)
                return name, made or (_never if field.metadata else _maker(field.annotation))
        if key in self._cls.model_fields:
            # The SDK takes it under both names.
            raise OwnWay
        return None


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _never(value: Any) -> Any:
    raise OwnWay


# The types of fields ------------------------------------------------------------------------------


@cache
def _plan(cls: type[BaseModel]) -> Plan:
    remove_extra_fields = module("_common")._remove_extra_fields

    def own(data: dict[str, Any]) -> Any:
        remove_extra_fields(cls, data)
        return cls.model_validate(data)

    return Plan(cls, own)


def _maker(annotation: Any) -> Make:
    """Returns what makes a value of a type, other than `None`."""
    kind, arguments = get_origin(annotation), get_args(annotation)
    if kind in (Union, types.UnionType):
        others = [argument for argument in arguments if argument is not type(None)]
        return _maker(others[0]) if len(others) == 1 else _never
    if kind is list:
        return _list_of(_maker(arguments[0]))
    if annotation is Any:
        return lambda value: value
    if annotation is dict[str, Any]:
        return _exact(dict)
    if annotation in (str, int, bool):
        return _exact(annotation)
    if annotation is float:
        return _float
    if annotation is bytes:
        return _base64()
    if isinstance(annotation, EnumMeta):
        return _member_of(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        # Not of the plan before it is needed: some types contain themselves.
        return lambda value: _plan(annotation).make(value)
    return _never


def _exact(kind: type) -> Make:
    def make(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise OwnWay

    return make


def _list_of(make: Make) -> Make:
    def made(value: Any) -> Any:
        if value.__class__ is list:
            return [make(item) for item in value]
        raise OwnWay

    return made


# Up to here every int is a float.
_LARGEST = 2**53


def _float(value: Any) -> float:
    # NaN is not equal to itself, so it cannot be compared.
    if type(value) is float and not isnan(value):
        return value
    if type(value) is int and -_LARGEST <= value <= _LARGEST:
        return float(value)
    raise OwnWay


def _member_of(members: EnumMeta) -> Make:
    by_value: dict[Any, Any] = vars(members)["_value2member_map_"]

    def make(value: Any) -> Any:
        member = by_value.get(value) if type(value) is str else None
        if member is None:
            raise OwnWay
        return member

    return make


@cache
def _base64() -> Make:
    validate = TypeAdapter(bytes, config=ConfigDict(val_json_bytes="base64")).validate_python

    def make(value: Any) -> Any:
        if type(value) is not str:
            raise OwnWay
        try:
            return validate(value)
        except ValidationError:
            raise OwnWay from None

    return make


# Responses ----------------------------------------------------------------------------------------


@cache
def response_plan(vertex: bool) -> Plan:
    """The plan for the responses of the Developer API or of Vertex, which the SDK converts first.

    Raises `AttributeError` or `TypeError` if the SDK does not do so.
    """
    models, sdk_types = module("models"), module("types")
    api = "vertex" if vertex else "mldev"
    convert = getattr(models, f"_GenerateContentResponse_from_{api}")
    convert({})
    remove_extra_fields = module("_common")._remove_extra_fields
    response, candidate = sdk_types.GenerateContentResponse, sdk_types.Candidate

    def own(data: dict[str, Any]) -> Any:
        return response._from_response(response=convert(data), kwargs={})

    def own_candidate(data: dict[str, Any]) -> Any:
        (converted,) = convert({"candidates": [data]})["candidates"]
        remove_extra_fields(candidate, converted)
        return candidate.model_validate(converted)

    # Empty if the SDK leaves out the only member.
    def is_kept(key: str) -> bool:
        return bool(convert({key: {}}))

    def is_kept_of_candidate(key: str) -> bool:
        return bool(convert({"candidates": [{key: {}}]})["candidates"][0])

    candidates = Plan(candidate, own_candidate, is_kept_of_candidate)
    return Plan(response, own, is_kept, {"candidates": _list_of(candidates.make)})
