"""Where `Base64` stands in the type that a decoder was built for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from ._base64 import Base64

__all__ = ["Schema", "inspect_type"]


class Schema(NamedTuple):
    """What the engine and the error messages must know of a type.

    `keys` are the JSON names of the members that hold a `Base64`; `None` means that one
    may stand elsewhere too (in an array, under any key, at the top), so that every string
    is of interest. `nullable` gives for each such key whether `null` is allowed there, both
    where that differs between types; the key `None` is for all places that have no name.
    """

    keys: frozenset[str] | None
    nullable: dict[str | None, set[bool]]


def inspect_type(type: Any) -> Schema:
    """Walks everything that a value of `type` may contain.

    Raises `TypeError` for a type that msgspec does not decode.
    """
    try:
        hash(type)
    except TypeError:  # `Annotated` with a dict in its metadata
        return _inspect(type)
    return _inspect_once(type)


def _inspect(type: Any) -> Schema:
    # Imported here: it is slow to import, and only a decoder needs it.
    from msgspec import inspect

    nullable: dict[str | None, set[bool]] = {}
    seen: set[int] = set()
    stack: list[tuple[str | None, inspect.Type]] = [(None, inspect.type_info(type))]
    while stack:
        name, node = stack.pop()
        while isinstance(node, inspect.Metadata):
            node = node.type
        may_be_null = False
        if isinstance(node, inspect.UnionType):
            may_be_null = any(isinstance(member, inspect.NoneType) for member in node.types)
            members = node.types
        else:
            members = (node,)
        for member in members:
            while isinstance(member, inspect.Metadata):
                member = member.type
            if isinstance(member, inspect.CustomType):
                if member.cls is Base64:
                    nullable.setdefault(name, set()).add(may_be_null)
            elif id(member) not in seen:
                # The graph keeps its nodes alive, so an id stays that node's.
                seen.add(id(member))
                stack.extend(_children(member))
    keys = frozenset(key for key in nullable if key is not None)
    return Schema(None if None in nullable else keys, nullable)


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
_inspect_once = lru_cache(maxsize=256)(_inspect)
