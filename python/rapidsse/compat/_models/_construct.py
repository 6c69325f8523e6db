"""Unchecked construction, as the SDKs' `construct` does it, as a schema of pydantic's.

The schema of a model accepts any object: a field that is missing or null gets its default, a value
that `construct` would leave alone stays, models and unions inside are made in their turn. Whatever
else a value may be, the SDK's function makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import get_annotations, isclass
from typing import Annotated, Any, ForwardRef, Literal, get_args, get_origin

from ._library import Library, OwnWay
from ._variants import is_union

__all__ = ["Inner", "constructor", "is_plain", "schema_of"]

# Returns the function that makes the values of a model or a union, given with its metadata.
Inner = Callable[[Any, Any], Callable[[Any], Any]]

_ANY: Any = {"type": "any"}
# A union leaves exactly the values of these types alone. Here, `bool` is no `int`.
_EXACT: dict[Any, Any] = {
    int: {"type": "int", "strict": True},
    bool: {"type": "bool", "strict": True},
    float: {"type": "is-instance", "cls": float},
}
_IMMUTABLE = (type(None), str, int, float, bool)
# Parameters of `construct`, which the SDK calls with the members of an object as keywords.
_RESERVED = frozenset(("_fields_set", "_BaseModel__cls"))


def constructor(validate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns the function that makes the objects of a model, given a validator of its schema."""

    def construct(data: Any) -> Any:
        made = validate(data)
        extra = made.__pydantic_extra__
        if extra:
            if not _RESERVED.isdisjoint(extra):
                raise OwnWay
            # Those are set only in objects that have been validated.
            made.__pydantic_fields_set__.difference_update(extra)
        return made

    return construct


def schema_of(cls: Any, library: Library, inner: Inner) -> Any:
    """Returns the schema of a model, or `None` for one that `construct` treats specially."""
    if not is_plain(cls, library):
        return None
    values = _Values(library, inner)
    fields: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        default = library.default(field)
        if field.alias is not None or type(default) not in _IMMUTABLE:
            return None
        if not _is_resolved(field.annotation):
            # `construct` does as the class stands when it is called.
            return None
        schema = _or_null(values.schema(field.annotation, field.metadata), default)
        schema = {"type": "default", "schema": schema, "default": default}
        fields[name] = {"type": "model-field", "schema": schema}
    content = {"type": "model-fields", "fields": fields, "extra_behavior": "allow"}
    return {"type": "model", "cls": cls, "schema": content}


def is_plain(cls: Any, library: Library) -> bool:
    """Whether nothing but the fields of a class says how its objects are constructed."""
    return (
        cls.construct.__func__ is library.model.construct.__func__
        and cls.__new__ is object.__new__
        # A type for the members that are not fields.
        and not any(
            "__pydantic_extra__" in get_annotations(base)
            for base in cls.__mro__[: cls.__mro__.index(library.model)]
        )
    )


def _is_resolved(annotation: Any) -> bool:
    if isinstance(annotation, (str, ForwardRef)):
        return False
    return get_origin(annotation) is Literal or all(map(_is_resolved, get_args(annotation)))


def _or_null(schema: Any, default: Any) -> Any:
    """Accepts null, which `construct` takes for a missing field."""
    if default is None:
        return schema if schema is _ANY else {"type": "nullable", "schema": schema}
    steps = [{"type": "none"}, _function(lambda _: default)]
    return _first({"type": "chain", "steps": steps}, schema)


def _first(*choices: Any) -> Any:
    return {"type": "union", "mode": "left_to_right", "choices": [*choices]}


def _function(function: Callable[[Any], Any]) -> Any:
    return {"type": "function-plain", "function": {"type": "no-info", "function": function}}


class _Values:
    """The schemas of values: for each JSON value, what `construct_type` makes of it."""

    def __init__(self, library: Library, inner: Inner) -> None:
        self._library = library
        self._inner = inner

    def schema(self, annotation: Any, metadata: Any = ()) -> Any:
        kind = annotation
        if not metadata and get_origin(annotation) is Annotated:
            kind, *metadata = get_args(annotation)
        if kind in (str, int, bool, object, Any) or get_origin(kind) is Literal:
            return _ANY
        if isclass(kind) and issubclass(kind, self._library.model):
            return _function(self._inner(kind, metadata))
        if is_union(kind):
            return self._of_union(kind, metadata)
        args = get_args(kind)
        if get_origin(kind) is list and len(args) == 1:
            return self._of_list(annotation, metadata, self.schema(args[0]))
        if get_origin(kind) is dict and len(args) == 2:
            return self._of_dict(annotation, metadata, self.schema(args[1]))
        exact = [_EXACT[float]] if kind is float else []
        return _first(*exact, self._own(annotation, metadata))

    def _own(self, annotation: Any, metadata: Any) -> Any:
        """The SDK's function."""
        return _function(lambda value: self._library.constructed(value, annotation, metadata))

    def _of_union(self, union: Any, metadata: Any) -> Any:
        some = [member for member in get_args(union) if member is not type(None)]
        if len(some) == 1:
            if some[0] is str or _is_text(some[0]):
                # Other values are invalid, and then left alone.
                return _ANY
            if some[0] in _EXACT:
                return _first(_EXACT[some[0]], self._own(union, metadata))
        return _function(self._inner(union, metadata))

    def _of_list(self, annotation: Any, metadata: Any, items: Any) -> Any:
        if items is _ANY:
            return _ANY
        of_list = {"type": "list", "items_schema": items, "strict": True}
        return _first(of_list, self._own(annotation, metadata))

    def _of_dict(self, annotation: Any, metadata: Any, values: Any) -> Any:
        if values is _ANY:
            return _ANY
        of_dict = {"type": "dict", "values_schema": values, "strict": True}
        return _first(of_dict, self._own(annotation, metadata))


def _is_text(annotation: Any) -> bool:
    """Whether a type is that of some strings."""
    return get_origin(annotation) is Literal and all(
        type(value) is str for value in get_args(annotation)
    )
