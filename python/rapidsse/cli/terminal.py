"""Where tables are printed."""

from __future__ import annotations

from typing import IO

from rich.console import Console

from .table import Table

__all__ = ["console", "print_table"]

MIN_WIDTH = 80


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves a broken pipe to `main`, as for all other output."""
        raise BrokenPipeError


def console(file: IO[str]) -> Console:
    """Returns a console that takes text from logs literally: no markup, no highlighting."""
    screen = _Console(file=file, markup=False, highlight=False, emoji=False)
    # `less` would cut columns off narrower tables; lines that it breaks lose nothing.
    screen.width = max(screen.width, MIN_WIDTH)
    return screen


def print_table(screen: Console, table: Table) -> None:
    """Prints a table as wide as the console."""
    text = table.text(screen.width, ascii_only=screen.options.ascii_only)
    screen.print(text, soft_wrap=True, end="")
