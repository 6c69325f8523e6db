"""Values of JSON or YAML, by their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

__all__ = ["members", "parts"]


def members(value: Any) -> Mapping[Any, Any]:
    """The members of an object; none of another value."""
    return cast("Mapping[Any, Any]", value) if isinstance(value, dict) else {}


def parts(value: Any) -> Sequence[Any]:
    """The elements of a list; none of another value."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()
