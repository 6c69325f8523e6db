"""Which variant of a union a JSON object can be: the one whose literal it has.

Nearly all unions of the APIs have variants with a field of literal strings that no other variant
accepts. Then no other variant can be valid, and validating that one alone gives the same as
validating all of them.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

__all__ = ["Variants", "is_union", "unannotated"]


class Variants(NamedTuple):
    """The field that distinguishes the variants, and the variant of each of its values."""

    field: str
    by_value: dict[str, Any]

    @classmethod
    def of(cls, union: Any, model: type[Any]) -> Variants | None:
        """Returns those of a union of models, or `None` if no field distinguishes all of them."""
        members = list(_members(union))
        if not members or not all(isinstance(m, type) and issubclass(m, model) for m in members):
            return None
        for field in members[0].model_fields:
            values = [_values(member, field) for member in members]
            flat = [value for some in values for value in some]
            if all(values) and len(set(flat)) == len(flat):
                pairs = zip(values, members, strict=True)
                return cls(field, {value: member for some, member in pairs for value in some})
        return None


def _values(model: Any, name: str) -> list[str]:
    """The strings that a field of a model accepts, if it is required and accepts nothing else."""
    field = model.model_fields.get(name)
    if field is None or not field.is_required() or field.alias or field.validation_alias:
        return []
    if field.metadata or get_origin(field.annotation) is not Literal:
        return []
    values = list(get_args(field.annotation))
    return values if all(type(value) is str for value in values) else []


def _members(union: Any) -> Iterator[Any]:
    union = unannotated(union)
    if not is_union(union):
        yield union
        return
    for member in get_args(union):
        yield from _members(member)


def unannotated(type: Any) -> Any:
    return get_args(type)[0] if get_origin(type) is Annotated else type


def is_union(type: Any) -> bool:
    return get_origin(type) in (Union, types.UnionType)
