"""`Gaps`: the ranges of sequence numbers that have not come yet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

__all__ = ["MAX_GAPS", "Gaps"]

MAX_GAPS = 65_536
"""Gaps of a stream that are kept. What lies in further ones counts as missing, even if it comes."""

_BLOCK = 512


class Gaps:
    """Half-open ranges of integers, in order and apart from each other.

    They lie in short blocks: a single list would be moved for each number that comes late, and
    a log may fill tens of thousands of gaps in any order.
    """

    __slots__ = ("_blocks", "_count", "_starts")

    def __init__(self) -> None:
        self._count = 0
        # No block is empty. `_starts` has the start of the first gap of each.
        self._blocks: list[list[tuple[int, int]]] = []
        self._starts: list[int] = []

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return chain.from_iterable(self._blocks)

    def open(self, start: int, stop: int) -> None:
        """Adds a gap that touches no other, if there is room for it."""
        if start < stop and self._count < MAX_GAPS:
            at = max(bisect_right(self._starts, start) - 1, 0)
            if not self._blocks:
                self._blocks.append([])
                self._starts.append(start)
            place = bisect_right(self._blocks[at], (start, stop))
            self._replace(at, place, place, (start, stop))

    def fill(self, number: int) -> bool:
        """Takes a number out of its gap; false if it lies in none."""
        at = bisect_right(self._starts, number) - 1
        if at < 0:
            return False
        block = self._blocks[at]
        place = bisect_right(block, number, key=_start) - 1
        start, stop = block[place]
        if number >= stop:
            return False
        self._replace(at, place, place + 1)
        self.open(start, number)
        self.open(number + 1, stop)
        return True

    def _replace(self, at: int, begin: int, end: int, *gaps: tuple[int, int]) -> None:
        block = self._blocks[at]
        block[begin:end] = gaps
        self._count += len(gaps) - (end - begin)
        if not block:
            del self._blocks[at], self._starts[at]
            return
        self._starts[at] = block[0][0]
        if len(block) > _BLOCK:
            half = len(block) // 2
            self._blocks.insert(at + 1, block[half:])
            self._starts.insert(at + 1, block[half][0])
            del block[half:]


def _start(gap: tuple[int, int]) -> int:
    return gap[0]
