"""`Picture`: base64 that an event holds."""

from __future__ import annotations

from dataclasses import dataclass

from ..._engine import Picture as EnginePicture
from ..._typed._base64 import Base64, in_place

__all__ = ["Picture"]


@dataclass(slots=True)
class Picture:
    """Base64 in an event. `partial` is its index among the partial images, if it has one;
    pictures with the same `content` are the same text, unless it is 0."""

    item_id: str | None
    kind: str
    partial: int | None
    data: Base64
    content: int

    @classmethod
    def of(cls, found: EnginePicture) -> Picture:
        """The picture that an engine found."""
        data = in_place(memoryview(found.data))
        return cls(found.item_id, found.kind, found.partial, data, found.content)
