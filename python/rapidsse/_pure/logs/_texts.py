"""`Texts`: the texts of a stream, put together from its deltas."""

from __future__ import annotations

from ..._json import joined
from ..._limits import MAX_PARTS, MAX_TEXT
from ._objects import Text


class Texts:
    """The text of each part of the output, put together from its deltas."""

    __slots__ = ("_parts", "_size", "are_whole")

    def __init__(self) -> None:
        self.are_whole = True
        self._size = 0
        # UTF-8 takes less than the deltas themselves.
        self._parts: dict[tuple[int, int], bytearray] = {}

    def add(self, part: tuple[int, int], delta: str) -> None:
        if not self.are_whole:
            return
        # A surrogate that is not paired may find its other half in the next delta.
        text = delta.encode("utf-8", "surrogatepass")
        is_new = part not in self._parts
        if self._size + len(text) > MAX_TEXT or (is_new and len(self._parts) == MAX_PARTS):
            self.are_whole = False
            return
        self._size += len(text)
        self._parts.setdefault(part, bytearray()).extend(text)

    def joined(self) -> tuple[Text, ...]:
        return tuple(
            Text(*part, joined(text.decode("utf-8", "surrogatepass")))
            for part, text in sorted(self._parts.items())
        )
