"""Whether a piece of an event stream goes on with the response that the piece before it began."""

from __future__ import annotations

from collections.abc import Sequence

from ...._engine import Event, Failure, LogReader, StreamEnd
from ..._bodies import Body, Damage
from ..._drive import drive

__all__ = ["continues"]


def continues(piece: bytes, rest: bytes) -> bool:
    """Whether the last response of `piece` has not ended there, and the first event of `rest` is no
    other's beginning."""
    before = _streams(piece)
    if not before or not before[-1].api or before[-1].complete:
        return False
    return len(_streams(piece + rest)) < len(before) + len(_streams(rest))


def _streams(text: bytes) -> Sequence[StreamEnd]:
    found = _Ends()
    for is_full in drive(reader := LogReader(found), (Body(0, (text,)),), found.damage):
        if is_full:
            reader.take()
    return found.ends


class _Ends:
    """A `LogHandler` that keeps the ends of streams."""

    def __init__(self) -> None:
        self.ends: list[StreamEnd] = []

    def event(self, event: Event) -> None: ...

    def failure(self, failure: Failure) -> None: ...

    def stream(self, end: StreamEnd) -> None:
        self.ends.append(end)

    def damage(self, damage: Damage) -> None: ...
