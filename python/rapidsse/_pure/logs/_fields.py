"""The fields of an event that streams and columns are made of.

A value of another type than a field's reads as if it were null; of equal keys the last counts.
"""

from __future__ import annotations

from typing import Any, cast

MIN_INT = -(2**63)
MAX_INT = 2**63 - 1


def string(value: object) -> str | None:
    return value if type(value) is str else None


def integer(value: object) -> int | None:
    """An integer that a column can hold; JSON's `true` and `1.0` are none."""
    return value if type(value) is int and MIN_INT <= value <= MAX_INT else None


def mapping(value: object) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if type(value) is dict else None


class Choice:
    """A member of a chat chunk's `choices`."""

    __slots__ = ("content", "index", "is_finished", "role")

    def __init__(self, value: dict[str, Any]) -> None:
        delta = mapping(value.get("delta")) or {}
        self.index = integer(value.get("index")) or 0
        self.content = string(delta.get("content"))
        self.role = string(delta.get("role"))
        self.is_finished = value.get("finish_reason") is not None


class Fields:
    """What is looked at in an event's JSON."""

    __slots__ = (
        "api",
        "choices",
        "content_index",
        "delta",
        "id",
        "item_id",
        "output_index",
        "response_id",
        "sequence_number",
        "type",
        "value",
    )

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self.type = string(value.get("type")) or ""
        self.id = string(value.get("id"))
        self.item_id = string(value.get("item_id"))
        self.delta = string(value.get("delta"))
        self.sequence_number = integer(value.get("sequence_number"))
        self.output_index = integer(value.get("output_index"))
        self.content_index = integer(value.get("content_index"))
        self.response_id = string((mapping(value.get("response")) or {}).get("id"))
        self.choices: list[Choice] = []
        self.api = ""
        if value.get("object") == "chat.completion.chunk":
            self.api = "chat"
            choices = value.get("choices")
            if type(choices) is list:
                known = map(mapping, cast("list[object]", choices))
                self.choices = [Choice(choice) for choice in known if choice is not None]
        elif self.type.startswith(("image_generation.", "image_edit.")):
            self.api = "images"
        elif self.type.startswith("response."):
            self.api = "response"

    @property
    def ends_stream(self) -> bool:
        """After this event its stream has what makes it complete."""
        if self.api == "response":
            return self.type in _LAST_OF_RESPONSE
        if self.api == "images":
            return self.type.endswith(".completed")
        return any(choice.is_finished for choice in self.choices)

    def holds_state(self, *, begins: bool) -> bool:
        """Whether the event tells of its response more than a delta does."""
        value = self.value
        if (
            mapping(value.get("response")) is not None
            or mapping(value.get("error")) is not None
            or self.type == "error"
        ):
            return True
        if self.api == "chat":
            return begins or mapping(value.get("usage")) is not None or self.ends_stream
        return self.api == "images" and self.ends_stream

    @property
    def holds_image(self) -> bool:
        value = self.value
        return type(value.get("partial_image_b64")) is str or type(value.get("b64_json")) is str

    @property
    def may_hold_images(self) -> bool:
        """Whether it has a member that holds images if its text says so."""
        value = self.value
        return mapping(value.get("item")) is not None or mapping(value.get("response")) is not None


_LAST_OF_RESPONSE = ("response.completed", "response.incomplete", "response.failed")
