"""Objects that are like another one, but for some strings and numbers.

The deltas of a stream differ in a few members. Where each of these is a plain field, or none, any
other value of its type is as valid as the one before, and no other field depends on it: the SDK
makes the same objects again, with this value in it. So a copy of the last object is what the SDK
would make. Where a member is anything else, such as the literal that picks a variant, or a string of
limited length, the event is made on its own.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, cast

from ._construct import is_plain
from ._library import Library
from ._text import OPAQUE, Differs

if TYPE_CHECKING:
    from ..._typed._prototype import Members, Part

__all__ = ["Like"]

# What many objects may hold, as it cannot change.
_SHARED = frozenset((str, int, float, bool, NoneType))
# What a schema may say for a field to take any value of its type.
_PLAIN = frozenset(("type", "metadata", "ref", "strict"))
_NAMES: dict[Any, str] = {str: "str", int: "int"}
_ATTRIBUTES = (
    "__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__",
)  # fmt: skip

_Ways = dict[Any, Any]
"""By keys and indices, what lies on the ways to the members: others, or the number and the type of
one."""


class Like:
    """The objects of a class that differ in some members alone."""

    def __init__(self, schema: Any, library: Library) -> None:
        """Raises `Differs` for a schema with models that are not made of their fields alone."""
        self._schema = schema
        self._library = library
        self._definitions: dict[str, Any] = {}
        self._classes: set[type[Any]] = set()
        self._check(schema)

    def part(self, made: Any, members: Members) -> Part | None:
        """Returns what describes such objects, given one; `None` where that is not certain."""
        try:
            return self._part(self._schema, made, _ways(members))
        except (Differs, UnicodeDecodeError):
            return None

    def _check(self, part: Any) -> None:
        if isinstance(part, (list, tuple)):
            for each in cast("Any", part):
                self._check(each)
        if not isinstance(part, dict):
            return
        schema: dict[str, Any] = cast("Any", part)
        kind: Any = schema.get("type")
        if kind == "definitions":
            self._definitions |= {each["ref"]: each for each in schema["definitions"]}
        elif kind == "model":
            own = any(schema.get(name) for name in ("post_init", "root_model", "custom_init"))
            more = schema.get("config", {}).keys() - {"title", "extra_fields_behavior"}
            if own or more or not _is_plain(schema["cls"], self._library):
                raise Differs
            self._classes.add(schema["cls"])
        elif "default_factory" in schema or "extras_schema" in schema:
            raise Differs
        # A schema's type is text; a field may have the name.
        opaque = OPAQUE if isinstance(kind, str) else ()
        for key, each in schema.items():
            if key not in opaque:
                self._check(each)

    def _part(self, schema: Any, value: object, ways: Any) -> Part:
        """What describes such values. The schema counts where ways lead through them; `None` is that
        of JSON that is taken as it is."""
        kind = type(value)
        if isinstance(ways, tuple):
            number, of = cast("tuple[int, type]", ways)
            if kind is not of or not self._takes_any(schema, of):
                raise Differs
            return ("member", number)
        if kind in _SHARED and not ways:
            return ("shared", value)
        if ways and schema is not None:
            schema = self._resolved(schema, value)
        if kind is list:
            return self._of_list(schema, cast(Any, value), ways)
        if kind is dict:
            if ways and schema is not None:
                raise Differs
            return self._of_dict({}, cast(Any, value), ways)
        return self._of_model(schema, value, ways)

    def _of_list(self, schema: Any, value: list[Any], ways: _Ways) -> Part:
        if ways and schema is not None:
            if schema["type"] != "list":
                raise Differs
            schema = schema.get("items_schema")
        return ("list", [self._part(schema, v, ways.get(at, {})) for at, v in enumerate(value)])

    def _of_dict(self, fields: dict[str, Any], value: dict[Any, Any], ways: _Ways) -> Part:
        parts: list[tuple[Any, Part]] = []
        for key, each in value.items():
            schema = fields[key]["schema"] if key in fields else None
            part = self._part(schema, each, ways.get(key, {}))
            if part[0] != "shared":
                parts.append((key, part))
        return ("dict", value | {key: None for key, _ in parts}, parts)

    def _of_model(self, schema: Any, value: Any, ways: _Ways) -> Part:
        cls: Any = value.__class__
        if cls not in self._classes:
            raise Differs
        fields: dict[str, Any] = {}
        if ways:
            # Its class says nothing of JSON that is taken as it is.
            if schema is None or schema["type"] != "model" or schema["cls"] is not cls:
                raise Differs
            fields = schema["schema"]["fields"]
            if any("validation_alias" in field for field in fields.values()):
                raise Differs
        held, fields_set, extra, private = (getattr(value, name) for name in _ATTRIBUTES)
        if held.keys() != cls.model_fields.keys() or private is not None:
            raise Differs
        if not ways.keys() <= held.keys() | (extra or {}).keys():
            raise Differs
        parts: list[Part] = [
            self._of_dict(fields, held, ways),
            ("set", set(fields_set)),
            ("shared", None) if extra is None else self._of_dict({}, extra, ways),
            ("shared", None),
        ]
        return ("object", cls, [*zip(_ATTRIBUTES, parts, strict=True)])

    def _resolved(self, schema: Any, value: Any) -> Any:
        """The schema that decides about a value; `None` for one that takes any."""
        while True:
            match schema["type"]:
                case "definitions" | "default" | "nullable":
                    schema = schema["schema"]
                case "definition-ref":
                    schema = self._definitions[schema["schema_ref"]]
                case "tagged-union":
                    tag = getattr(value, "__dict__", {}).get(schema["discriminator"])
                    if type(tag) is not str or tag not in schema["choices"]:
                        raise Differs
                    schema = schema["choices"][tag]
                case "any":
                    return None
                case _:
                    return schema

    def _takes_any(self, schema: Any, kind: type) -> bool:
        """Whether any value of a type is taken as it is."""
        schema = schema and self._resolved(schema, None)
        return schema is None or (schema["type"] == _NAMES[kind] and schema.keys() <= _PLAIN)


def _is_plain(cls: Any, library: Library) -> bool:
    """Whether its objects are made of their fields, and of nothing else."""
    return is_plain(cls, library) and cls.__basicsize__ == library.model.__basicsize__


def _ways(members: Members) -> _Ways:
    ways: _Ways = {}
    for number, (path, kind) in enumerate(members):
        below = ways
        *before, last = (step.decode() if isinstance(step, bytes) else step for step in path)
        for step in before:
            below = below.setdefault(step, {})
        below[last] = (number, kind)
    # The streams look at this one.
    if "error" in ways:
        raise Differs
    return ways
