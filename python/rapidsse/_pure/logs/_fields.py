"""The fields of an event that streams and columns are made of.

A value of another type than a field's reads as if it were null; of equal keys the last counts.
"""

from __future__ import annotations

from typing import Any, cast

from ..._apis import ENDS, ERROR, IMAGE_FIELDS, RESPONSES, api_of, at

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
        self.api = api_of(value)
        self.choices: list[Choice] = []
        if self.api is not None and self.api.chunks:
            choices = value.get("choices")
            if type(choices) is list:
                known = map(mapping, cast("list[object]", choices))
                self.choices = [Choice(choice) for choice in known if choice is not None]

    @property
    def response_id(self) -> str | None:
        """The id of the response, where the event has it."""
        if self.api is None:
            return None
        if self.api.chunks:
            return self.id or None
        return string(at(self.value, (self.api.response.member, "id"))) or None

    @property
    def ends_stream(self) -> bool:
        """After this event its stream has what makes it complete."""
        if self.api is not None and self.api.chunks:
            return any(choice.is_finished for choice in self.choices)
        return self.type in ENDS

    def holds_state(self, *, begins: bool) -> bool:
        """Whether the event says more of its response than a delta does."""
        value, api = self.value, self.api
        if (
            self.type == ERROR
            or mapping(value.get("error")) is not None
            or any(mapping(value.get(member)) is not None for member in RESPONSES)
        ):
            return True
        if api is None:
            return False
        if api.chunks:
            return begins or mapping(value.get("usage")) is not None or self.ends_stream
        # Without a response object the last event says what one would.
        return not api.response.member and self.ends_stream

    @property
    def holds_image(self) -> bool:
        return any(type(self.value.get(field)) is str for field in IMAGE_FIELDS)

    @property
    def may_hold_images(self) -> bool:
        """Whether it has a member that holds images if its text says so."""
        return any(mapping(self.value.get(member)) is not None for member in ("item", *RESPONSES))
