"""Values of JSON or YAML by their types: one of another type than expected counts as none.

Nothing is required of an event: old logs, other servers and newer APIs all have their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ._json import joined

__all__ = ["MAX_INT", "ToText", "integer", "members", "parts", "string", "to_text"]

MIN_INT, MAX_INT = -(2**63), 2**63 - 1


ToText = Callable[[Any], str | None]
"""Converts a JSON value to `str`; `None` if it is not a string."""


def string(value: object) -> str | None:
    """A string, or `None`. U+FFFD stands for a surrogate that is not paired."""
    return joined(value) if isinstance(value, str) else None


def to_text(*, is_standard: bool) -> ToText:
    """Returns the function that converts JSON values to `str`, for standard JSON or any.

    Standard JSON has no surrogates: to look for them costs as much as encoding the string.
    """
    return _plain if is_standard else string


def _plain(value: object) -> str | None:
    return value if isinstance(value, str) else None


def integer(value: object) -> int | None:
    """An integer that a column of a table can hold, or `None`; JSON's `true` and `1.0` are none."""
    return value if type(value) is int and MIN_INT <= value <= MAX_INT else None


def members(value: Any) -> dict[Any, Any]:
    """The members of an object; none of another value."""
    fields: dict[Any, Any] = cast(Any, value) if isinstance(value, dict) else {}
    return fields


def parts(value: Any) -> list[Any]:
    """The elements of a list; none of another value."""
    elements: list[Any] = cast(Any, value) if isinstance(value, list) else []
    return elements
