"""Where results are printed if `rich` is installed (`rapidsse[cli]`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich.console import Console
from rich.text import Text

__all__ = ["RichScreen"]


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves a broken pipe to `main`, as for all other output."""
        raise BrokenPipeError


class RichScreen:
    """Prints texts with their styles."""

    def __init__(self, file: IO[str], min_width: int) -> None:
        # Text from logs is taken literally: no markup, no highlighting.
        self._console = _Console(file=file, markup=False, highlight=False, emoji=False)
        self.width = self._console.width = max(self._console.width, min_width)
        self.ascii_only = self._console.options.ascii_only

    def print(self, parts: Iterable[tuple[str, str]]) -> None:
        """Prints the parts one after another. Raises `OSError`."""
        self._console.print(Text.assemble(*parts), soft_wrap=True, end="")
