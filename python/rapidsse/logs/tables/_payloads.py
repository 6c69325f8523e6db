"""The JSON of one event as plain Python values, with its base64 left in place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..._api_events import at, trail_of
from ..._cut_json import cut_json
from ..._limits import MIN_ELIDED
from ..._values import parts

if TYPE_CHECKING:
    from ..._engine import Span

__all__ = ["Payload", "is_base64", "mark"]

is_base64 = re.compile(rf"[A-Za-z0-9+/=]{{{MIN_ELIDED},}}+").fullmatch
"""Base64 that is too long to stand in a text."""


class Payload:
    """An event's object in `fields`, in which a placeholder stands for each long base64.

    `spans` are an engine's: string values, so that with them cut out the rest is still JSON.
    Nobody can foresee a placeholder: a text equal to one is one. If it `is_standard`, no string has
    surrogates.
    """

    __slots__ = ("_cut", "_view", "fields", "is_standard")

    def __init__(self, payload: bytes | memoryview, spans: Sequence[Span]) -> None:
        self._view = memoryview(payload)
        fields, self._cut, self.is_standard = cut_json(payload, spans)
        self.fields: dict[str, Any] = at(fields, trail_of(fields))

    def marked(self, value: Any) -> Any:
        """`value`, a value of `fields`, with the length of each long base64 in its place."""
        if isinstance(value, str):
            return self._marked(value)
        if isinstance(value, list):
            return [self.marked(each) for each in parts(value)]
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {name: self.marked(each) for name, each in fields.items()}
        return value

    def _marked(self, value: str) -> str:
        span = self._cut.get(value)
        if span is None:
            return value
        # Also what is no base64 is cut out where base64 may be.
        value = str(self._view[span.start : span.end], "utf-8")
        return mark(value) if is_base64(value) else value


def mark(base64: str) -> str:
    """What stands for long base64 in a text."""
    return f"<base64 {len(base64)} characters>"
