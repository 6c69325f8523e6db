"""What was met in one log: counters, and the first rows of what is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .events import Event, Failure
from .images import ImageFiles, Images
from .streams import Streams

__all__ = ["Summary", "TypeCount"]

TYPES = 1000
"""How many event types are counted by name: names come from the log and may be without end."""
TYPE_LENGTH = 200


@dataclass(slots=True)
class TypeCount:
    """Events of one type, and the bytes of their payloads."""

    events: int = 0
    nbytes: int = 0
    unknown: bool = False


@dataclass(slots=True)
class Failures:
    """The first failures as rows, all of them counted by kind."""

    limit: int
    kept: list[Failure] = field(default_factory=list[Failure])
    kinds: Counter[str] = field(default_factory=Counter[str])

    def add(self, failure: Failure) -> None:
        self.kinds[failure.kind] += 1
        if len(self.kept) < self.limit:
            # The row outlives the payload, which may be large.
            failure.payload = None
            self.kept.append(failure)


class Summary:
    """The counts of one log. Its size does not grow with the number of events."""

    def __init__(self, log: str, *, rows: int, files: ImageFiles | None) -> None:
        self.log = log
        self.size = 0
        self.unknown_items = 0
        self.types: dict[str, TypeCount] = {}
        self.streams = Streams(rows)
        self.images = Images(rows, files, log)
        self.failures = Failures(rows)

    @property
    def events(self) -> int:
        """The decoded events."""
        return sum(count.events for count in self.types.values())

    @property
    def failed(self) -> int:
        """The failures of all kinds."""
        return self.failures.kinds.total()

    def count(self, event: Event, *, unknown: bool) -> None:
        """One decoded event."""
        type = event.type[:TYPE_LENGTH]
        if type not in self.types and len(self.types) >= TYPES:
            type, unknown = "(other types)", False
        count = self.types.setdefault(type, TypeCount(unknown=unknown))
        count.events += 1
        count.nbytes += len(event.payload)
