"""Whole responses, as a request without `stream` receives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._values import members, parts

__all__ = ["is_whole"]


def is_whole(value: Mapping[Any, Any]) -> bool:
    """Whether an object is a whole response, and no event of one."""
    kind = value.get("object")
    if kind in ("response", "realtime.response"):
        return isinstance(value.get("output"), list)
    if kind == "chat.completion":
        return _has_message(value)
    if kind is None and value.get("type") == "message":
        return value.get("role") == "assistant" and "stop_reason" in value
    return kind is None and _has_message(value)


def _has_message(value: Mapping[Any, Any]) -> bool:
    choices = parts(value.get("choices"))
    return (
        bool(choices)
        and all(isinstance(members(choice).get("message"), dict) for choice in choices)
        and not any(members(choice).get("delta") for choice in choices)
    )
