"""How many cells of a terminal a text takes: East Asian characters take two, accents none."""

from __future__ import annotations

from unicodedata import category, east_asian_width

__all__ = ["cell_len", "fitted"]

_NO_CELL = frozenset(["Mn", "Me"])
"""Categories of the characters that are drawn onto the one before."""


def cell_len(text: str) -> int:
    """Returns the cells that a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def fitted(text: str, width: int) -> str:
    """Returns the text cut or filled with spaces to exactly `width` cells."""
    cells = cell_len(text)
    while cells > width:
        cells -= _cells(text[-1])
        text = text[:-1]
    # A wide character that did not fit leaves a cell.
    return text + " " * (width - cells)


def _cells(character: str) -> int:
    if category(character) in _NO_CELL:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
