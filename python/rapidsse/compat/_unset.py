"""Fields without a value, in the models of Speakeasy's generator.

The default of such a field is an object that marks it. pydantic gives each model a copy of that, by
`copy.deepcopy`, which takes half the time of a small event. A new object is equal to a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

__all__ = ["made_anew"]

# What has no schemas inside.
_OPAQUE = ("metadata", "serialization", "cls", "config", "ref")


def made_anew(unset: type[Any], model: Any) -> Any:
    """Has the validator of a model make new objects of the class `unset`, instead of copies."""
    # Imports pydantic, as the SDK has by now.
    from ._models._tagged import validator_of

    if getattr(model, "__pydantic_complete__", False):
        before = model.__pydantic_core_schema__
        new = partial(cast("Any", unset).__pydantic_validator__.validate_python, {})
        schema = _replaced(before, unset, new)
        if schema is not before:
            model.__pydantic_validator__ = validator_of(schema)
    return model


def _replaced(part: Any, unset: type[Any], new: Callable[[], Any]) -> Any:
    """Copies where something below changes, and only there."""
    if isinstance(part, (list, tuple)):
        before: list[Any] = [*cast("Any", part)]
        after = [_replaced(each, unset, new) for each in before]
        if all(a is b for a, b in zip(after, before, strict=True)):
            return cast("Any", part)
        return after if isinstance(part, list) else (*after,)
    if not isinstance(part, dict):
        return part
    schema: dict[str, Any] = cast("Any", part)
    # A schema's type is text; a field may have the name.
    opaque = _OPAQUE if isinstance(schema.get("type"), str) else ()
    changed = {
        key: each if key in opaque else _replaced(each, unset, new) for key, each in schema.items()
    }
    if schema.get("type") == "default" and _is_empty(schema.get("default"), unset):
        del changed["default"]
        return changed | {"default_factory": new}
    return schema if all(changed[key] is each for key, each in schema.items()) else changed


def _is_empty(default: Any, unset: type[Any]) -> bool:
    return (
        type(default) is unset
        and not default.__dict__
        and not default.__pydantic_fields_set__
        and default.__pydantic_extra__ is None
        and default.__pydantic_private__ is None
    )
