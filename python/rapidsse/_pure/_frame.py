"""`Frame`: one event as it stands in the stream, and what stands for one that is too large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from .._errors import EventTooLarge
from ._spans import Spans


@dataclass(slots=True)
class Frame:
    """One event.

    Its data are `source[start:end]`: in place where the event has one `data` line that lies in one
    chunk. `copy` is a copy of them and `spans` are their clean strings, where
    these came about. `name` is the value of the `event` line,
    `""` if there is none; `sets_id` and `retry` are those of its own lines. The lines go from
    `base + begin` (the first one that is no comment) to `base + lines_end` (the blank line). It is
    not `is_complete` where the stream ends in it.
    """

    source: memoryview
    start: int
    end: int
    base: int
    begin: int
    lines_end: int
    name: str
    sets_id: bool = False
    retry: int | None = None
    is_complete: bool = True
    copy: bytes | None = None
    spans: Spans | None = None

    @property
    def offset(self) -> int:
        """The offset of its first line in the stream."""
        return self.base + self.begin

    @property
    def data(self) -> memoryview:
        """The data, read-only and not copied."""
        return self.source[self.start : self.end]


class TooLarge(NamedTuple):
    """An event has grown past the limit; what is left of it is dropped."""

    offset: int
    limit: int

    def error(self, index: int) -> EventTooLarge:
        """The error of the event, whose number in the stream is `index`."""
        return EventTooLarge(limit=self.limit, offset=self.offset, index=index)


class Dropped(NamedTuple):
    """The end of an event that was too large."""

    offset: int
    lines_end: int
    is_complete: bool


Item: TypeAlias = Frame | TooLarge | Dropped
