"""What the type that a decoder was built for holds: where `Base64` is, and generated Structs."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from ._base64 import Base64
from ._model import Model

__all__ = ["base64_keys", "check_type", "holds_models", "type_text"]

_SHOWN = 3
"""Types of a union that are named."""


def check_type(type: Any) -> None:
    """Raises `TypeError` for a value that is no type, such as a module with the types."""
    if isinstance(type, ModuleType):
        raise TypeError(
            f"type must be a type such as a Struct, not the module {type.__name__}: give one of the "
            "types in it"
        )
    if isinstance(type, (str, int, float, bytes, FunctionType, BuiltinFunctionType)):
        raise TypeError(f"type must be a type such as a Struct, not {type!r}")


def type_text(type: Any) -> str:
    """Names a type, and of a long union the first of its types."""
    if get_origin(type) in (Union, UnionType):
        names = [type_text(each) for each in get_args(type)]
        if len(names) > _SHOWN + 1:
            names[_SHOWN:] = [f"{len(names) - _SHOWN} more types"]
        return " | ".join(names)
    if type is NoneType:
        return "None"
    if isinstance(type, builtins.type) and get_origin(type) is None:
        return type.__qualname__
    return repr(type)


def base64_keys(type: Any) -> frozenset[str] | None:
    """The JSON names of the members of `type` that hold a `Base64`, at any depth.

    `None` if one may stand elsewhere too (in an array, under any key, at the top), so that every
    string is of interest. Raises `TypeError` for a type that msgspec does not decode.
    """
    try:
        hash(type)
    except TypeError:  # `Annotated` with a dict in its metadata
        return _walk(type)
    return _walk_once(type)


def holds_models(type: Any) -> bool:
    """Whether a Struct in `type`, at any depth, is a generated one. Raises as `base64_keys` does."""
    try:
        hash(type)
    except TypeError:
        return _any_model(type)
    return _any_model_once(type)


def _any_model(type: Any) -> bool:
    structs = (getattr(node, "cls", None) for _, node in _nodes(type))
    return any(isinstance(cls, builtins.type) and issubclass(cls, Model) for cls in structs)


def _walk(type: Any) -> frozenset[str] | None:
    keys = {name for name, node in _nodes(type) if getattr(node, "cls", None) is Base64}
    named = {name for name in keys if name is not None}
    return frozenset(named) if len(named) == len(keys) else None


def _nodes(type: Any) -> Iterator[tuple[str | None, Any]]:
    """The types in `type`, at any depth, with the JSON name of the member that each is of."""
    # Imported here: it is slow to import, and only a decoder needs it.
    from msgspec import inspect

    seen = set[int]()
    stack: list[tuple[str | None, Any]] = [(None, inspect.type_info(type))]
    while stack:
        name, node = stack.pop()
        while isinstance(node, inspect.Metadata):
            node = node.type
        if isinstance(node, inspect.UnionType):
            stack.extend((name, member) for member in node.types)
            continue
        yield name, node
        if not isinstance(node, inspect.CustomType) and id(node) not in seen:
            # The graph keeps its nodes alive, so an id stays that node's.
            seen.add(id(node))
            stack.extend(_children(node))


def _children(node: Any) -> list[tuple[str | None, Any]]:
    """The types one level below `node`, with the JSON name of the member where there is one."""
    if hasattr(node, "fields"):
        named = not getattr(node, "array_like", False) and not _is_named_tuple(node)
        return [(field.encode_name if named else None, field.type) for field in node.fields]
    if hasattr(node, "item_types"):
        return [(None, item) for item in node.item_types]
    if hasattr(node, "item_type"):
        return [(None, node.item_type)]
    if hasattr(node, "value_type"):
        return [(None, node.key_type), (None, node.value_type)]
    return []


def _is_named_tuple(node: Any) -> bool:
    from msgspec import inspect

    return isinstance(node, inspect.NamedTupleType)


# Walking the events of a whole API takes tens of milliseconds, and a program may make a
# decoder for every stream.
_walk_once = lru_cache(maxsize=256)(_walk)
_any_model_once = lru_cache(maxsize=256)(_any_model)
