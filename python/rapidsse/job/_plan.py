"""How a job's inputs are divided into units, each of which becomes one part of every table.

A unit is a run of small inputs, or one range of a large plain file. The division depends on the
inputs and on nothing else, above all not on the number of workers: so a run that is resumed, or
repeated by other hands, gives the same parts.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..logs.formats._boundaries import Cuts, next_boundary

__all__ = ["Piece", "Unit", "divide", "ranges", "unit_size"]

SMALLEST, LARGEST = 64 << 20, 128 << 20
"""Bytes of a unit. Small jobs are cut finer, so that every worker has something to do."""
FINENESS = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """An input, by its number, or its bytes from `start` up to `stop`."""

    input: int
    start: int = 0
    stop: int | None = None


Unit = tuple[Piece, ...]


def unit_size(sizes: Sequence[int | None]) -> int:
    """The size that units should have, in bytes, for inputs of these sizes."""
    total = sum(size or 0 for size in sizes)
    return min(max(total // FINENESS, SMALLEST), LARGEST)


def divide(
    sizes: Sequence[int | None], cut: Callable[[int, int], Sequence[tuple[int, int]]]
) -> list[Unit]:
    """The units of inputs of these sizes (`None`: unknown), in their order.

    `cut(input, target)` gives the ranges of a large one, or one range where it can't be cut.
    """
    target = unit_size(sizes)
    units: list[Unit] = []
    together: list[Piece] = []
    filled = 0
    for number, size in enumerate(sizes):
        if together and (size is None or filled + size > target):
            units.append(tuple(together))
            together, filled = [], 0
        if size is None:
            units.append((Piece(number),))
        elif parts := _parts(number, size, target, cut):
            units += [(Piece(number, *part),) for part in parts]
        else:
            together.append(Piece(number))
            filled += size
    if together:
        units.append(tuple(together))
    return units


def _parts(
    number: int, size: int, target: int, cut: Callable[[int, int], Sequence[tuple[int, int]]]
) -> Sequence[tuple[int, int]]:
    if size * 2 < target * 3:
        return ()
    found = cut(number, target)
    return found if len(found) > 1 else ()


def ranges(path: str, cuts: Cuts, target: int, max_event_size: int | None) -> list[tuple[int, int]]:
    """A plain file's ranges of about `target` bytes, cut where it can be cut.

    Raises `OSError`.
    """
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        size = len(content)
        edges = [0, *_edges(content, cuts, _number(size, target), max_event_size), size]
    return list(pairwise(edges))


def _number(size: int, target: int) -> int:
    # Even, because workers mostly are: none is left with one range more than the others.
    return 2 * max(1, round(size / target / 2))


def _edges(
    content: mmap.mmap, cuts: Cuts, number: int, max_event_size: int | None
) -> Iterator[int]:
    last = 0
    for part in range(1, number):
        wanted = len(content) * part // number
        if wanted <= last:
            # A stream reached past this place.
            continue
        found = next_boundary(content, cuts, wanted, max_event_size=max_event_size)
        if found is None:
            return
        yield (last := found)
