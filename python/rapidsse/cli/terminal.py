"""Where results are printed: with colours if `rich` is installed, otherwise as plain text.

Both forms print the same characters.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from typing import IO, Protocol

__all__ = ["Part", "Screen", "has_rich", "open_screen"]

MIN_WIDTH = 80
"""Cells. `less` would cut columns off narrower tables; lines that it breaks lose nothing."""

Part = tuple[str, str]
"""A text and its style, such as `bold red`; the style may be empty."""


class Screen(Protocol):
    """A stream to print on."""

    width: int
    """Cells of a line."""
    ascii_only: bool
    """Whether the stream's encoding lacks the characters of frames."""

    def print(self, parts: Iterable[Part]) -> None:
        """Prints the parts one after another. Raises `OSError`."""
        ...


def open_screen(file: IO[str]) -> Screen:
    """Returns the screen for a stream, with styles if `rich` is installed."""
    if not has_rich():
        return PlainScreen(file)
    from .rich_terminal import RichScreen

    return RichScreen(file, MIN_WIDTH)


def has_rich() -> bool:
    """Returns whether `rapidsse[cli]` is installed."""
    return find_spec("rich") is not None


class PlainScreen:
    """Prints the texts and leaves out the styles."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.width = max(shutil.get_terminal_size().columns, MIN_WIDTH)
        encoding: str = getattr(file, "encoding", None) or "utf-8"
        self.ascii_only = not encoding.lower().startswith("utf")

    def print(self, parts: Iterable[Part]) -> None:
        """Prints the parts one after another. Raises `OSError`."""
        self._file.write("".join(text for text, _ in parts))
        self._file.flush()
