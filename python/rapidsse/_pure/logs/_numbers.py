"""`SequenceNumbers`: which numbers of a stream are missing, and which came twice."""

from __future__ import annotations

from bisect import bisect_right, insort

MAX_GAPS = 1 << 16


class SequenceNumbers:
    """Between the lowest and the highest number seen lie gaps: ranges that have not come yet.

    Of a stream with very many, further ones are not kept: what lies in them stays missing.
    """

    __slots__ = ("_gaps", "_lowest", "_next", "duplicates", "missing")

    def __init__(self) -> None:
        self.missing = 0
        self.duplicates = 0
        self._lowest = 0
        self._next: int | None = None
        # First and last number of each, in their order.
        self._gaps: list[tuple[int, int]] = []

    def add(self, number: int) -> None:
        if self._next is None:
            self._lowest = number
            self._next = number + 1
        elif number >= self._next:
            if number > self._next:
                self._add_gap(self._next, number - 1)
            self._next = number + 1
        elif number < self._lowest:
            if number + 1 < self._lowest:
                self._add_gap(number + 1, self._lowest - 1)
            self._lowest = number
        else:
            self._fill(number)

    def _add_gap(self, first: int, last: int) -> None:
        self.missing += last - first + 1
        self._keep_gap(first, last)

    def _keep_gap(self, first: int, last: int) -> None:
        if len(self._gaps) < MAX_GAPS:
            insort(self._gaps, (first, last))

    def _fill(self, number: int) -> None:
        at = bisect_right(self._gaps, number, key=lambda gap: gap[0]) - 1
        if at < 0 or self._gaps[at][1] < number:
            self.duplicates += 1
            return
        first, last = self._gaps.pop(at)
        self.missing -= 1
        if first < number:
            self._keep_gap(first, number - 1)
        if number < last:
            self._keep_gap(number + 1, last)
