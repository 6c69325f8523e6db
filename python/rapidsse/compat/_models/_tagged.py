"""Validation that selects the variants of unions instead of trying all of them.

pydantic tries every variant of a union: an output item is one of two dozen. In the schema of a
type, unions of models become tagged ones wherever a required literal distinguishes the variants:
the same one is valid as before, and the rest is not tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

__all__ = ["tagged", "validator_of"]


def validator_of(schema: Any) -> Any:
    """Returns a validator for this schema alone, without those that the models have built."""
    from pydantic_core import SchemaValidator

    try:
        return SchemaValidator(schema, _use_prebuilt=False)
    except TypeError:
        # Before pydantic 2.12 there is no choice.
        return SchemaValidator(schema)


def tagged(schema: Any) -> Any:
    """Returns the schema with tagged unions, or the same object if nothing was to change."""
    definitions: dict[str, Any] = {}
    _define(schema, definitions)
    return _Tagging(definitions).copy(schema)


def _define(schema: Any, definitions: dict[str, Any]) -> None:
    if schema.get("type") == "definitions":
        for definition in schema["definitions"]:
            definitions[definition["ref"]] = definition
        _define(schema["schema"], definitions)


class _Tagging:
    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions

    def copy(self, schema: Any) -> Any:
        """Copies where something below changes, and only there."""
        changed = dict(schema)
        for key, value in schema.items():
            # Metadata is not part of the validation, and refers to schemas in other ways.
            if key in ("metadata", "serialization", "cls", "config"):
                continue
            changed[key] = self._part(value)
        if all(changed[key] is value for key, value in schema.items()):
            changed = schema
        if schema.get("type") == "union":
            return self._union(changed) or changed
        return changed

    def _part(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.copy(value)
        # A tuple is a choice with its label.
        if isinstance(value, (list, tuple)):
            before: list[Any] = [*cast("Any", value)]
            after = [self._part(part) for part in before]
            if any(a is not b for a, b in zip(after, before, strict=True)):
                return after if isinstance(value, list) else (*after,)
        return cast("Any", value)

    def _union(self, schema: Any) -> Any:
        """Returns a tagged union for a union of models, or `None`."""
        if set(schema) - {"type", "choices", "mode", "metadata", "ref", "serialization"}:
            return None
        variants = list(self._variants(schema))
        models = [self._fields(variant) for variant in variants]
        if len(models) < 2 or None in models:
            return None
        for name in models[0]:
            values = [_literals(fields.get(name)) for fields in models]
            flat = [value for some in values for value in some]
            if all(values) and len(set(flat)) == len(flat):
                choices = {v: s for some, s in zip(values, variants, strict=True) for v in some}
                kept = {key: schema[key] for key in ("ref", "metadata") if key in schema}
                return {"type": "tagged-union", "discriminator": name, "choices": choices, **kept}
        return None

    def _variants(self, schema: Any) -> Iterator[Any]:
        for choice in schema["choices"]:
            # A tuple is a choice with its label.
            variant: Any = cast("Any", choice)[0] if isinstance(choice, tuple) else choice
            if variant["type"] == "union" and "ref" not in variant:
                yield from self._variants(variant)
            elif variant["type"] == "tagged-union" and "ref" not in variant:
                # An inner union, which has been changed already.
                inner: list[Any] = [*variant["choices"].values()]
                yield from {id(each): each for each in inner}.values()
            else:
                yield variant

    def _fields(self, schema: Any) -> Any:
        """The fields of a model's schema, or `None` for any other."""
        if schema["type"] == "definition-ref":
            schema = self._definitions.get(schema["schema_ref"], {"type": ""})
        if schema["type"] != "model" or schema["schema"]["type"] != "model-fields":
            return None
        return schema["schema"]["fields"]


def _literals(field: Any) -> list[str]:
    """The strings that a field accepts, if it is required and accepts nothing else."""
    if field is None or "validation_alias" in field or field["schema"]["type"] != "literal":
        return []
    expected = field["schema"]["expected"]
    return expected if all(type(value) is str for value in expected) else []
