"""What a payload holds that its type does not have."""

from __future__ import annotations

from ._unknown import UnknownItem

__all__ = ["Extras"]


class Extras:
    """The members of one payload with an unknown tag, and the number of dropped fields."""

    __slots__ = ("dropped", "items")

    def __init__(self) -> None:
        self.items: list[UnknownItem] = []
        self.dropped = 0

    def state(self) -> tuple[int, int]:
        """How much has been found, for `back_to`."""
        return len(self.items), self.dropped

    def back_to(self, state: tuple[int, int]) -> None:
        """Forgets what has been found since: it was part of what is dropped."""
        count, self.dropped = state
        del self.items[count:]
