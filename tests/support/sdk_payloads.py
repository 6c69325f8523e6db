"""Payloads with every class and every field that an SDK's models declare, made from the models.

They hold no text that anyone wrote: each string, number and image is a value that occurs nowhere
else in the payload, so that one field read for another is noticed.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from sdk_types import members

START = datetime(2026, 1, 1, tzinfo=UTC)


class Payloads:
    """Makes payloads of the classes of one SDK.

    `base64_fields` are the fields with base64, `skipped` those left out, as `Model.field`; models
    with a field `marks_unknown` are left out.
    """

    def __init__(
        self,
        base64_fields: frozenset[str] = frozenset(),
        skipped: frozenset[str] = frozenset(),
        marks_unknown: str | None = None,
    ) -> None:
        self._base64_fields = base64_fields
        self._skipped = skipped
        self._marks_unknown = marks_unknown
        self._numbers = itertools.count(1)

    def of(self, type_: Any) -> Iterator[Any]:
        """The payloads of a model or a union: together they hold each class and each field."""
        for alternative in self._alternatives(type_, ()):
            yield from self._each(alternative, ())

    def _alternatives(self, type_: Any, path: tuple[Any, ...]) -> list[Any]:
        """The members of a union, without the models that would hold themselves."""
        return [
            member
            for member in members(type_)
            if member not in path and self._marks_unknown not in getattr(member, "model_fields", ())
        ]

    def _each(self, type_: Any, path: tuple[Any, ...], field: str = "") -> list[Any]:
        """Values of a type that is no union."""
        origin, args = get_origin(type_), get_args(type_)
        if hasattr(type_, "model_fields"):
            return self._models(type_, (*path, type_))
        if origin is Literal:
            return list(args)
        if origin is list:
            items = self._every(args[0], path, field)
            return [items] if items else []
        if origin is dict:
            return [{f"key {next(self._numbers)}": v} for v in self._every(args[1], path, field)]
        return [self._scalar(type_, field)]

    def _every(self, type_: Any, path: tuple[Any, ...], field: str) -> list[Any]:
        return [
            value
            for alternative in self._alternatives(type_, path)
            for value in self._each(alternative, path, field)
        ]

    def _models(self, model: Any, path: tuple[Any, ...]) -> list[dict[str, Any]]:
        values = {
            info.alias or name: self._every(info.annotation, path, name)
            for name, info in model.model_fields.items()
            if f"{model.__name__}.{name}" not in self._skipped
        }
        values = {name: each for name, each in values.items() if each}
        count = max(map(len, values.values()), default=1)
        return [
            {name: each[number % len(each)] for name, each in values.items()}
            for number in range(count)
        ]

    def _scalar(self, type_: Any, field: str) -> Any:
        number = next(self._numbers)
        if field in self._base64_fields or type_ is bytes:
            return base64.b64encode(b"image %d" % number).decode()
        if type_ is bool:
            return True
        if type_ is int:
            return number
        if type_ is float:
            return number + 0.5
        if type_ is datetime:
            return (START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
        if isinstance(type_, type) and issubclass(type_, Enum):
            return next(iter(type_)).value
        return f"text {number} é👋"
