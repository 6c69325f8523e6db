"""The numbers of the page's charts: bars whose lengths are relative to the longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Bar", "Stack", "token_bars", "type_bars"]

MAX_BARS = 40
"""The last bar has the sum of all further ones."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart: its numbers, and the lengths of their bars in per cent."""

    name: str
    numbers: tuple[int, ...]
    lengths: tuple[float, ...]
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """The row of a model: its number of responses, its tokens, and the parts of its bar.

    The tokens are input, cached input, output, reasoning and total. The parts (start and length in
    per cent) are uncached input, cached input, other output and reasoning.
    """

    name: str
    responses: int
    tokens: tuple[int, ...]
    parts: tuple[tuple[float, float], ...]
    is_rest: bool = False


def type_bars(types: Mapping[str, Sequence[int]]) -> list[Bar]:
    """Returns events and bytes by type, in descending order of events."""
    rows, rest = _largest(types, key=0)
    longest = [max((row[n] for _, row in rows), default=0) for n in (0, 1)]
    return [
        Bar(name, tuple(row), tuple(map(_share, row, longest)), name == rest) for name, row in rows
    ]


def token_bars(models: Mapping[str, Sequence[int]]) -> list[Stack]:
    """Returns tokens by model, in descending order; models without tokens are omitted."""
    used = {name: row for name, row in models.items() if any(row[1:])}
    rows, rest = _largest(used, key=5)
    stacks = [_stack(row) for _, row in rows]
    longest = max(map(sum, stacks), default=0)
    made: list[Stack] = []
    for (name, row), stack in zip(rows, stacks, strict=True):
        starts = [sum(stack[:n]) for n in range(len(stack))]
        parts = [
            (_share(start, longest), _share(part, longest))
            for start, part in zip(starts, stack, strict=True)
        ]
        made.append(Stack(name, row[0], tuple(row[1:]), tuple(parts), name == rest))
    return made


def _stack(row: Sequence[int]) -> tuple[int, int, int, int]:
    _, input, cached, output, reasoning, _ = row
    # Input includes the cached tokens, and output the reasoning, if the log is right.
    cached, reasoning = min(cached, input), min(reasoning, output)
    return input - cached, cached, output - reasoning, reasoning


def _largest(
    table: Mapping[str, Sequence[int]], key: int
) -> tuple[list[tuple[str, Sequence[int]]], str | None]:
    """Returns the largest rows, and the name of a last row with the sums of all others."""
    rows = sorted(table.items(), key=lambda item: (-item[1][key], item[0]))
    if len(rows) <= MAX_BARS:
        return rows, None
    others = rows[MAX_BARS - 1 :]
    rest = f"{len(others):,} others"
    sums = [sum(column) for column in zip(*(row for _, row in others), strict=True)]
    return [*rows[: MAX_BARS - 1], (rest, sums)], rest


def _share(number: int, longest: int) -> float:
    return 100 * max(number, 0) / longest if longest else 0
