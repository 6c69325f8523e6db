"""Where `Base64` stands in the type that a decoder was built for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ._base64 import Base64

__all__ = ["base64_keys"]


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


def _walk(type: Any) -> frozenset[str] | None:
    # Imported here: it is slow to import, and only a decoder needs it.
    from msgspec import inspect

    keys = set[str]()
    seen = set[int]()
    stack: list[tuple[str | None, Any]] = [(None, inspect.type_info(type))]
    while stack:
        name, node = stack.pop()
        while isinstance(node, inspect.Metadata):
            node = node.type
        if isinstance(node, inspect.UnionType):
            stack.extend((name, member) for member in node.types)
        elif isinstance(node, inspect.CustomType):
            if node.cls is Base64:
                if name is None:
                    return None
                keys.add(name)
        elif id(node) not in seen:
            # The graph keeps its nodes alive, so an id stays that node's.
            seen.add(id(node))
            stack.extend(_children(node))
    return frozenset(keys)


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
