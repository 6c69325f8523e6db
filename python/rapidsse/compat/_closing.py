"""Events of the engine's reader where a library has a generator, which can be closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._engine import FrameReader

__all__ = ["Events"]


class Events:
    """What a reader yields. A loop over it is one over the reader, which runs no Python."""

    __slots__ = ("_reader",)

    def __init__(self, reader: FrameReader) -> None:
        self._reader = reader

    def __iter__(self) -> Iterator[Any]:
        return self._reader

    def __next__(self) -> Any:
        return next(self._reader)

    def close(self) -> None:
        """Ends the events, also those of a loop that has begun, and lets go of what is read."""
        self._reader.close()
