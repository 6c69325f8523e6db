"""`SequenceNumbers`: which numbers of a stream are missing, and which came twice."""

from __future__ import annotations

from ..._gaps import Gaps


class SequenceNumbers:
    """Between the lowest and the highest number seen lie gaps: ranges that have not come yet."""

    __slots__ = ("_gaps", "_lowest", "_next", "duplicates", "missing")

    def __init__(self) -> None:
        self.missing = 0
        self.duplicates = 0
        self._lowest = 0
        self._next: int | None = None
        self._gaps = Gaps()

    @property
    def highest(self) -> int | None:
        return None if self._next is None else self._next - 1

    def add(self, number: int) -> None:
        if self._next is None:
            self._lowest = number
            self._next = number + 1
        elif number >= self._next:
            self._open(self._next, number)
            self._next = number + 1
        elif number < self._lowest:
            self._open(number + 1, self._lowest)
            self._lowest = number
        elif self._gaps.fill(number):
            self.missing -= 1
        else:
            self.duplicates += 1

    def _open(self, start: int, stop: int) -> None:
        self.missing += stop - start
        self._gaps.open(start, stop)
