"""Which sequence numbers of a stream are missing, and which came again.

An engine's `LogReader` counts them; this names them, from its columns `stream` and
`sequence_number`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, cast

from ..._gaps import Gaps

__all__ = ["Numbers", "integers", "runs"]

NAMED = 10
"""Gaps, and numbers that came again, that are named."""


class Numbers:
    """The sequence numbers of one stream, in the order of their arrival."""

    def __init__(self) -> None:
        # All of [lowest, next) has come, except for what lies in the gaps.
        self._lowest: int | None = None
        self._next = 0
        self._gaps = Gaps()
        self._again: list[int] = []

    def add(self, numbers: Sequence[int | None]) -> None:
        """The numbers of further events; `None` for an event that has none."""
        if not numbers:
            return
        first = numbers[0]
        # A stream that is whole is compared at once, not number by number.
        if (
            first is not None
            and (self._lowest is None or first == self._next)
            and list(numbers) == list(range(first, first + len(numbers)))
        ):
            self._lowest = first if self._lowest is None else self._lowest
            self._next = first + len(numbers)
            return
        for number in numbers:
            if number is not None:
                self._add(number)

    def missing(self) -> str:
        """The numbers that never came, such as `3, 7-9`."""
        named = [
            str(start) if stop - start == 1 else f"{start}-{stop - 1}"
            for start, stop in islice(self._gaps, NAMED)
        ]
        return ", ".join(named) + (", ..." if len(self._gaps) > NAMED else "")

    def again(self) -> str:
        """The numbers that came again, in the order in which they did."""
        named = [str(number) for number in self._again[:NAMED]]
        return ", ".join(named) + (", ..." if len(self._again) > NAMED else "")

    def _add(self, number: int) -> None:
        if self._lowest is None:
            self._lowest, self._next = number, number + 1
        elif number >= self._next:
            self._gaps.open(self._next, number)
            self._next = number + 1
        elif number < self._lowest:
            self._gaps.open(number + 1, self._lowest)
            self._lowest = number
        elif not self._gaps.fill(number) and len(self._again) <= NAMED:
            self._again.append(number)


def integers(column: Any, rows: int) -> Sequence[int | None]:
    """An int64 column of `LogReader.take`, from either engine."""
    if isinstance(column, list):
        return cast(list[int | None], column)
    validity, data, nulls = column
    values = memoryview(data).cast("B").cast("q")[:rows]
    if not nulls or validity is None:
        return values
    valid = memoryview(validity).cast("B")
    return [value if valid[n >> 3] >> (n & 7) & 1 else None for n, value in enumerate(values)]


def runs(streams: Sequence[int | None]) -> Iterator[tuple[int, int, int]]:
    """Each stream in a column of streams, which goes up, and the rows [start, stop) it has."""
    start = 0
    while start < len(streams):
        stream: Any = streams[start]
        stop = bisect_right(streams, stream, start)
        yield stream, start, stop
        start = stop
