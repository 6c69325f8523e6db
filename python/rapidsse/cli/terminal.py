"""Messages and tables for a terminal. Tables fit 80 columns; identifiers are shortened first."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .._text import plain

__all__ = ["complain", "console", "rest", "row", "table"]

MIN_WIDTH = 80


def complain(message: str) -> None:
    """A line on standard error."""
    print(f"rapidsse: {plain(message, 1000)}", file=sys.stderr)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves it to `main`, as for all other output."""
        raise BrokenPipeError


def console(file: IO[str]) -> Console:
    """A console for tables of what logs say."""
    made = _Console(file=file, markup=False, highlight=False, emoji=False)
    # In less the tables would lose columns; broken lines lose nothing.
    made.width = max(made.width, MIN_WIDTH)
    return made


def table(names: Iterable[str], numbers: Iterable[str] = ()) -> Table:
    """A table whose columns named in `numbers` are numbers and never cut."""
    made = Table(
        box=box.SIMPLE,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
        footer_style="bold",
    )
    right = set(numbers)
    for name in names:
        if name in right:
            made.add_column(name, justify="right", no_wrap=True, min_width=len(name))
        else:
            made.add_column(name, overflow="ellipsis")
    return made


def row(table: Table, cells: Iterable[str | Text]) -> None:
    """A row, whose text is shown as it stands."""
    table.add_row(*(Text(c) if isinstance(c, str) else c for c in cells))


def rest(table: Table, shown_rows: int, count: int) -> None:
    """Says how many rows were left out, where some were."""
    if count > shown_rows:
        table.caption = Text(f"... and {count - shown_rows:,} more (--rows)")
        table.caption_justify = "left"
