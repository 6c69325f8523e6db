"""`Texts`: the texts of a stream, put together from its deltas."""

from __future__ import annotations

from ..._json import joined
from ..._limits import MAX_PARTS, MAX_TEXT
from ._objects import Text


class Texts:
    """The text of each part of the output, put together from its deltas."""

    __slots__ = ("_members", "_parts", "_size", "are_whole")

    def __init__(self) -> None:
        self.are_whole = True
        self._size = 0
        # UTF-8 takes less than the deltas themselves.
        self._parts: dict[tuple[int, int], bytearray] = {}
        # The numbers of the members that hold the texts of parts.
        self._members: dict[tuple[int, int], int] = {}

    def add(self, part: tuple[int, int], delta: str, member: int) -> None:
        """Adds a delta to a part from one of several members. The first of them that has a text
        counts: some servers say all of it again at the end, in another one."""
        if not self.are_whole or self._members.get(part, member) != member:
            return
        # A surrogate that is not paired may find its other half in the next delta.
        text = delta.encode("utf-8", "surrogatepass")
        is_new = part not in self._parts
        if self._size + len(text) > MAX_TEXT or (is_new and len(self._parts) == MAX_PARTS):
            self.are_whole = False
            return
        self._size += len(text)
        self._parts.setdefault(part, bytearray()).extend(text)
        if text:
            self._members[part] = member

    def joined(self) -> tuple[Text, ...]:
        return tuple(
            Text(*part, joined(text.decode("utf-8", "surrogatepass")))
            for part, text in sorted(self._parts.items())
        )
