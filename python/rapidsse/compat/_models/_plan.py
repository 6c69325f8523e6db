"""One plan for each type of an SDK, made when its first value comes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from inspect import isclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import ValidationError

from ._construct import constructor, schema_of
from ._library import Library, OwnWay
from ._like import Like
from ._tagged import tagged, validator_of
from ._text import Differs, for_text
from ._variants import Variants, is_union

if TYPE_CHECKING:
    from ..._typed._prototype import Members, Part

__all__ = ["Plans"]

Make = Callable[[Any], Any]


class Plans:
    """The plans for the types of one SDK."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._models: dict[Any, _Model] = {}
        # By identity, as hashing a large union takes longer than making an event. With the type,
        # so that no other gets its identity.
        self._events: dict[tuple[int, bool], tuple[Any, Make | None, _Model | _Union | None]] = {}

    def event(self, annotation: Any, *, strict: bool = False) -> Make | None:
        """Returns what makes the events of a stream of this type, if there is a plan for it.

        It takes the JSON object of an event. Any error that it raises means that the SDK's own way
        must be taken. `strict` is for clients that refuse what is not valid.
        """
        key = (id(annotation), strict)
        known = self._events.get(key)
        if known is None:
            if len(self._events) > 1000:
                # A type that is made anew for each stream.
                self._events.clear()
            plan = self._plan(annotation)
            make = None if plan is None else plan.validate if strict else plan.event()
            known = self._events[key] = (annotation, make, plan)
        return known[1]

    def from_text(self, annotation: Any, cls: Any) -> Callable[[str], Any] | None:
        """Returns what makes the events of this class in a stream of this type from their text.

        Returns `None` where that is not certain. Any error that it raises means that the JSON of the
        event must be taken.
        """
        known = self._events.get((id(annotation), False))
        plan = known and known[2]
        return plan.from_text(cls) if isinstance(plan, _Union) else None

    def part(self, annotation: Any, made: Any, members: Members) -> Part | None:
        """Returns what describes the objects of events that differ from one in these members alone.

        `made` is its object, in a stream of this type. Returns `None` where that is not certain.
        """
        known = self._events.get((id(annotation), False))
        plan = known and known[2]
        model = plan.variant(type(made)) if plan else None
        return model.part(made, members) if model else None

    def _plan(self, annotation: Any) -> _Model | _Union | None:
        kind, metadata = _bare(annotation)
        if is_union(kind):
            return _Union(self, kind, metadata)
        # The SDK leaves it to such a class to build its objects.
        if _is_model(kind, self.library) and not hasattr(kind, "build"):
            return self.model(kind)
        return None

    def model(self, cls: Any) -> _Model:
        plan = self._models.get(cls)
        if plan is None:
            plan = self._models[cls] = _Model(self, cls)
        return plan

    def inner(self, annotation: Any, metadata: Any) -> Make:
        """Returns what makes the values of a model or a union inside an event."""
        if is_union(annotation):
            return _Union(self, annotation, metadata).value
        plan, own = self.model(annotation), self.library.constructed

        def value(value: Any) -> Any:
            if type(value) is dict:
                return plan.construct(value)
            return own(value, annotation, metadata)

        return value


def _bare(annotation: Any) -> tuple[Any, Any]:
    """A type, and its metadata."""
    if get_origin(annotation) is Annotated:
        kind, *metadata = get_args(annotation)
        return kind, metadata
    return annotation, ()


def _is_model(kind: Any, library: Library) -> bool:
    return isclass(kind) and issubclass(kind, library.model)


class _Model:
    """A class: validation and unchecked construction of JSON objects."""

    __slots__ = (
        "_cls", "_from_text", "_is_asked", "_like", "_plans", "_required",
        "construct", "is_doubtful", "validate",
    )  # fmt: skip

    def __init__(self, plans: Plans, cls: Any) -> None:
        self._plans = plans
        self._cls = cls
        self._required = frozenset[str]()
        # Whether an object was not valid. Others of its stream may lack the same fields.
        self.is_doubtful = False
        # Both are replaced by what a validator does when they are first called.
        self.validate: Make = self._first_validate
        self.construct: Make = self._first_construct
        self._from_text: Callable[[str], Any] | None = None
        # For both, which are made when they are asked for.
        self._is_asked = False
        self._like: Like | None = None

    def event(self) -> Make:
        """Returns what makes the events of a stream of this class: the SDK validates none."""
        return lambda data: self.construct(data)

    def variant(self, cls: Any) -> _Model | None:
        return self if cls is self._cls else None

    def from_text(self) -> Callable[[str], Any] | None:
        """Returns what does the same as `validate` for the text of an event, if that is certain."""
        self._ask()
        return self._from_text

    def part(self, made: Any, members: Members) -> Part | None:
        """See `Plans.part`."""
        self._ask()
        return None if self._like is None else self._like.part(made, members)

    def _ask(self) -> None:
        if self._is_asked:
            return
        self._is_asked = True
        self._cls.model_rebuild(raise_errors=False)
        if not self._cls.__pydantic_complete__:
            return
        schema = tagged(self._cls.__pydantic_core_schema__)
        with suppress(Differs):
            schema = for_text(schema)
            self._from_text = validator_of(schema).validate_json
            self._like = Like(schema, self._plans.library)

    def has_required(self, data: dict[str, Any]) -> bool:
        """Whether an object has the required fields; to be asked after `validate` only."""
        return self._required <= data.keys()

    def _first_validate(self, data: Any) -> Any:
        cls = self._cls
        cls.model_rebuild(raise_errors=False)
        if not cls.__pydantic_complete__:
            raise OwnWay
        schema = tagged(cls.__pydantic_core_schema__)
        changed = schema is not cls.__pydantic_core_schema__
        validator = validator_of(schema) if changed else cls.__pydantic_validator__
        self._required = frozenset(
            name
            for name, field in cls.model_fields.items()
            if field.is_required() and field.validation_alias is None
        )
        self.validate = validator.validate_python
        return self.validate(data)

    def _first_construct(self, data: Any) -> Any:
        plans = self._plans
        schema = schema_of(self._cls, plans.library, plans.inner)
        if schema is None:
            self.construct = lambda data: plans.library.constructed(data, self._cls, ())
        else:
            self.construct = constructor(validator_of(schema).validate_python)
        return self.construct(data)


class _Union:
    """A union: the variant that is valid, or else one that is constructed."""

    __slots__ = ("_field", "_first", "_metadata", "_models", "_plans", "_union", "_validate")

    def __init__(self, plans: Plans, union: Any, metadata: Any) -> None:
        self._plans = plans
        self._union = union
        self._metadata = metadata
        variants = Variants.of(union, plans.library.model)
        self._field = variants.field if variants else ""
        by_value = variants.by_value if variants else {}
        self._models = {value: plans.model(cls) for value, cls in by_value.items()}
        self._first: Make | None = None
        self._validate: Make = self._first_validate

    def validate(self, data: Any) -> Any:
        """Raises `ValidationError` for an object that no variant is valid for."""
        if not self._models:
            return self._validate(data)
        return self._models[data[self._field]].validate(data)

    def event(self) -> Make:
        """Returns what makes the events of a stream of this union."""
        if not self._models:
            return self.value
        models, field, constructed = self._models, self._field, self._constructed
        # The validators of the variants whose events have all been valid so far.
        valid: dict[str, Make] = {}

        def event(data: Any) -> Any:
            value = data.get(field)
            validate = valid.get(value)
            if validate is not None:
                try:
                    return validate(data)
                except ValidationError:
                    del valid[value]
                    models[value].is_doubtful = True
            elif value in models:
                model = models[value]
                if not model.is_doubtful or model.has_required(data):
                    try:
                        made = model.validate(data)
                    except ValidationError:
                        model.is_doubtful = True
                    else:
                        if not model.is_doubtful:
                            valid[value] = model.validate
                        return made
            return constructed(data)

        return event

    def variant(self, cls: Any) -> _Model | None:
        """Returns that of a class, if no other can be valid for what makes its objects."""
        model = self._plans.model(cls)
        return model if model in self._models.values() else None

    def from_text(self, cls: Any) -> Callable[[str], Any] | None:
        """Returns what makes those that are valid of the class of a variant."""
        model = self.variant(cls)
        return None if model is None else model.from_text()

    def value(self, value: Any) -> Any:
        """A value of this union."""
        try:
            return self._validate(value)
        except ValidationError:
            pass
        if type(value) is dict:
            return self._constructed(value)
        return self._plans.library.constructed(value, self._union, self._metadata)

    def _constructed(self, data: Any) -> Any:
        """What the SDK makes of an object that no variant is valid for."""
        plans, library = self._plans, self._plans.library
        details = library.discriminator(union=self._union, meta_annotations=(*self._metadata,))
        value = details and data.get(details.field_alias_from or details.field_name)
        variant = details.mapping.get(value) if value and isinstance(value, str) else None
        if variant is not None:
            return plans.model(variant).construct(data)
        if self._first is None:
            kind, metadata = _bare(get_args(self._union)[0])
            if is_union(kind) or _is_model(kind, library):
                self._first = plans.inner(kind, metadata)
            else:
                self._first = lambda data: library.constructed(data, self._union, self._metadata)
        return self._first(data)

    def _first_validate(self, value: Any) -> Any:
        adapter = self._plans.library.adapter(self._union)
        schema = tagged(adapter.core_schema)
        changed = schema is not adapter.core_schema
        self._validate = (validator_of(schema) if changed else adapter.validator).validate_python
        return self._validate(value)
