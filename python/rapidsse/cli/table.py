"""A table of text as lines that fit a width: the only one the command line draws.

It is plain text with styles, so a pipe, a file and a terminal show the same lines, with and
without rich; its own tables take longer to lay out than a small job takes to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal, NamedTuple

from .cells import cell_len, fitted
from .terminal import Part

__all__ = ["Column", "Table"]

_GAPS = (2, 1)
"""Spaces between columns; one where two leave no room."""


class Column(NamedTuple):
    """A column: its heading, what happens to a cell that is too wide, and the least width.

    `cut` shortens the cell, `fold` continues it on the next line, `stay` and `number` show it
    whole. Numbers are aligned to the right.
    """

    name: str
    kind: Literal["cut", "fold", "stay", "number"] = "cut"
    least: int = 1


@dataclass(slots=True)
class Table:
    """Rows of cells. A cell is one printable line."""

    columns: Sequence[Column]
    rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    foot: Sequence[str] | None = None
    note: str | None = None
    """A line below the table."""
    styles: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    """Styles of cells, by the numbers of row and column."""

    def cut_off(self, count: int) -> None:
        """Notes how many of `count` rows the table leaves out."""
        if count > len(self.rows):
            self.note = f"... and {count - len(self.rows):,} more (--rows)"

    def parts(self, width: int, *, ascii_only: bool) -> Iterator[Part]:
        """Yields the lines, at most `width` cells wide, each with a line feed."""
        names = [column.name for column in self.columns]
        widths, gap = self._widths([names, *self.rows, *([self.foot] if self.foot else [])], width)
        rule = ("-" if ascii_only else "─") * (sum(widths) + len(gap) * (len(widths) - 1)) + "\n"
        more = "..." if ascii_only else "…"
        for line in self._lines(names, widths, more):
            yield f"{gap.join(line).rstrip()}\n", "bold"
        yield rule, ""
        for number, row in enumerate(self.rows):
            for line in self._lines(row, widths, more):
                for column, cell in enumerate(line):
                    last = column == len(line) - 1
                    style = self.styles.get((number, column), "")
                    yield cell.rstrip() if last else cell, style
                    yield "\n" if last else gap, ""
        if self.foot is not None:
            yield rule, ""
            for line in self._lines(self.foot, widths, more):
                yield f"{gap.join(line).rstrip()}\n", "bold"
        if self.note is not None:
            yield f"{self.note}\n", "italic"

    def _widths(self, rows: Iterable[Sequence[str]], width: int) -> tuple[list[int], str]:
        widths = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
        yielding = [n for n, column in enumerate(self.columns) if column.kind in ("cut", "fold")]
        for gap in _GAPS:
            while sum(widths) + gap * (len(widths) - 1) > width:
                # The widest is narrowed first.
                room = [n for n in yielding if widths[n] > self.columns[n].least]
                if not room:
                    break
                widths[max(room, key=widths.__getitem__)] -= 1
            else:
                return widths, " " * gap
        return widths, " " * _GAPS[-1]

    def _lines(
        self, row: Sequence[str], widths: Sequence[int], more: str
    ) -> Iterator[tuple[str, ...]]:
        cells: list[list[str]] = []
        for cell, width, column in zip(row, widths, self.columns, strict=True):
            if column.kind == "number":
                cells.append([" " * (width - cell_len(cell)) + cell])
            elif cell_len(cell) <= width:
                cells.append([fitted(cell, width)])
            elif column.kind == "fold":
                cells.append([fitted(line, width) for line in _folded(cell, width)])
            else:
                cells.append([fitted(cell, max(width - len(more), 0)) + more[:width]])
        blank = [" " * width for width in widths]
        for line in zip_longest(*cells):
            yield tuple(
                each if each is not None else blank[column] for column, each in enumerate(line)
            )


def _folded(text: str, width: int) -> Iterator[str]:
    """Yields lines of at most `width` cells, broken between words where possible."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while cell_len(line) > width:
            count = width
            while cell_len(line[:count]) > width:
                count -= 1
            yield line[:count]
            line = line[count:]
    yield line
