"""Events of the engine's reader where a library has a generator, which can be closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["Events"]


class Events:
    """What a reader yields. A loop over it is one over the reader, which runs no Python."""

    __slots__ = ("_reader",)

    def __init__(self, reader: Iterator[Any]) -> None:
        self._reader = reader

    def __iter__(self) -> Iterator[Any]:
        return self._reader

    def __next__(self) -> Any:
        return next(self._reader)

    def close(self) -> None:
        """Ends the events, and lets go of the reader and of what it reads."""
        self._reader = iter(())
