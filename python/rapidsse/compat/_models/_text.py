"""Schemas that make the same of the text of an event as of its JSON, in one pass."""

from __future__ import annotations

from typing import Any, cast

from ._library import PYDANTIC

__all__ = ["OPAQUE", "Differs", "for_text"]

# pydantic 2.10 may take the first of duplicate keys, and not the last as `json` does.
_TAKES_LAST = PYDANTIC > (2, 10)
# What accepts the same in both, and makes the same of it: pydantic reads numbers and strings as
# `json` does, where it reads them at all. Not so dates and the like, which it also takes from text
# that it would not take from a string, and unions whose best choice may depend on that.
_SAME = frozenset((
    "any", "bool", "chain", "default", "definition-ref", "definitions", "dict", "int", "list",
    "model", "model-field", "model-fields", "none", "nullable", "str", "tagged-union",
))  # fmt: skip
# Parts of a schema that have no schemas inside, by its type.
OPAQUE = ("metadata", "serialization", "cls", "config", "ref", "default")
# The streams look at this member of an event.
_READ = "error"


class Differs(Exception):
    """The text of an event might give something else than its JSON."""


def for_text(schema: Any) -> Any:
    """Returns the schema of a model, changed so that its validator can be given an event's text.

    What that accepts, it makes as from what `json.loads` returns. Raises `Differs` if that cannot
    be said, or if the model has a field that the streams of an SDK would look at.
    """
    if not _TAKES_LAST:
        raise Differs
    model = schema
    while model["type"] == "definitions":
        model = model["schema"]
    if model["type"] != "model" or model["schema"]["type"] != "model-fields":
        raise Differs
    fields: dict[str, Any] = model["schema"]["fields"]
    if any(name == _READ or "validation_alias" in field for name, field in fields.items()):
        raise Differs
    return _copy(schema)


def _copy(part: Any) -> Any:
    if isinstance(part, (list, tuple)):
        return [_copy(each) for each in cast("Any", part)]
    if not isinstance(part, dict):
        return part
    schema: dict[str, Any] = cast("Any", part)
    kind: Any = schema.get("type")
    if kind == "float":
        # The text of an integer of 400 digits would be infinite, and not invalid.
        return {**schema, "allow_inf_nan": False}
    if kind == "literal":
        # Numbers that are equal may be read as each other.
        if not all(type(value) is str for value in schema["expected"]):
            raise Differs
        return schema
    if kind == "function-plain":
        # It is given the same value.
        if schema["function"]["type"] != "no-info":
            raise Differs
        return schema
    if kind == "union":
        if schema.get("mode") != "left_to_right":
            raise Differs
    # A schema's type is text; a field may have the name.
    elif isinstance(kind, str) and kind not in _SAME:
        raise Differs
    opaque = OPAQUE if isinstance(kind, str) else ()
    return {key: each if key in opaque else _copy(each) for key, each in schema.items()}
