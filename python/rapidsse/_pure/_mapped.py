"""`MappingGuard`, which only the compiled engine can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from typing_extensions import Buffer


@final
class MappingGuard:
    """Protects nothing: Python code cannot handle the signal that a lost page raises."""

    def __init__(self, mapping: Buffer) -> None:
        del mapping

    def release(self) -> None:
        """Does nothing."""
