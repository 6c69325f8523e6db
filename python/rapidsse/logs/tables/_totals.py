"""What was found, counted: over one log, one part of it, or many logs added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import add, attrgetter
from typing import Any, Self, TypeVar

from ..._apis import PINGS
from ..._limits import MAX_NAME, MAX_NAMES, OTHER_TYPES

__all__ = ["EventTotals", "LogTotals", "StreamTotals", "Totals", "pings_in"]

_OTHER_MODELS = "(other models)"


@dataclass(slots=True)
class LogTotals:
    """What was read."""

    inputs: int = 0
    """Files."""
    input_bytes: int = 0
    """Their sizes as stored, compressed or not."""
    content_bytes: int = 0
    """Their content, decompressed."""
    skipped: int = 0
    """Records without an event stream, and lines without an event."""
    passed_over: int = 0
    """Event streams that were not read, because another one in their record is its response."""
    unknown_lines: int = 0
    """Lines of event streams that are no comment and no field."""


@dataclass(slots=True)
class EventTotals:
    """The events in it.

    `event_bytes + failure_bytes + other_bytes == body_bytes`: every byte of a body belongs to
    an event, to one that failed, or to a comment, blank line or end mark.
    """

    events: int = 0
    """Those that decoded."""
    nonstandard: int = 0
    """Those of them that are JSON only as the SDKs read it: with `NaN`, `Infinity`, a float out of
    range, or a surrogate that is not paired."""
    failures: int = 0
    """Rows of the failures table. Those of kind `base64` are found only where pictures are
    decoded."""
    body_bytes: int = 0
    """The event streams, without what a container wraps around them."""
    event_bytes: int = 0
    failure_bytes: int = 0
    other_bytes: int = 0


@dataclass(slots=True)
class StreamTotals:
    """The streams of these events, and what came in them."""

    streams: int = 0
    """All of them, also those without a row in the responses table."""
    responses: int = 0
    complete: int = 0
    """Responses whose end arrived."""
    unknown_events: int = 0
    """Events of the other streams, which are of no known API."""
    unrecognized: int = 0
    """Those of them that are in a log in which nothing is of a known API, so that nothing says what
    they mean, unless the log's format or a field was given."""
    images: int = 0
    image_bytes: int = 0
    """Decoded, reckoned from the lengths of the texts."""


@dataclass(slots=True)
class Totals:
    """Counts, and sizes in bytes; adds up with `+=`."""

    of_logs: LogTotals = field(default_factory=LogTotals)
    of_events: EventTotals = field(default_factory=EventTotals)
    of_streams: StreamTotals = field(default_factory=StreamTotals)
    types: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Events and their bytes by event name; the thousand first, the rest together."""
    models: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By model, as `types`: responses, and their input, cached, output, reasoning and total tokens.
    Where an API counts no total, as Anthropic's, it is that of the input and the output."""

    items: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By kind: rows of the items table, where it is made, and those of them that are complete."""

    error_events: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By message, as `types`: streams of no known API in which an event is an error."""

    @property
    def found(self) -> int:
        """Events that say something: neither those that keep a connection alive, nor what is
        `unrecognized`."""
        return self.of_events.events - self.pings - self.of_streams.unrecognized

    @property
    def found_or_failed(self) -> int:
        """These, and what failed: a log with none of it has said nothing."""
        return self.found + self.of_events.failures

    @property
    def pings(self) -> int:
        """Events that keep a connection alive."""
        return pings_in(self.types)

    def add_error(self, message: str) -> None:
        """Counts an error where no response is."""
        _add(self.error_events, message, (1,), "(other errors)")

    def add_type(self, name: str, counts: Sequence[int]) -> None:
        """Counts events and bytes under an event name."""
        _add(self.types, name, counts, OTHER_TYPES)

    def add_model(self, name: str, counts: Sequence[int]) -> None:
        """Counts responses and tokens under a model."""
        _add(self.models, name, counts, _OTHER_MODELS)

    def add_item(self, kind: str, *, is_complete: bool) -> None:
        """Counts an item of the output."""
        _add(self.items, kind, (1, int(is_complete)), "other")

    def __iadd__(self, other: Totals) -> Self:
        self.of_logs = _sum(self.of_logs, other.of_logs)
        self.of_events = _sum(self.of_events, other.of_events)
        self.of_streams = _sum(self.of_streams, other.of_streams)
        for name, counts in other.types.items():
            self.add_type(name, counts)
        for name, counts in other.models.items():
            self.add_model(name, counts)
        for kind, counts in other.items.items():
            _add(self.items, kind, counts, "other")
        for message, counts in other.error_events.items():
            _add(self.error_events, message, counts, "(other errors)")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Every count under its own name, as `decode --json` prints them."""
        counts = asdict(self.of_logs) | asdict(self.of_events) | asdict(self.of_streams)
        tables = {"types": self.types, "models": self.models, "items": self.items}
        return {**counts, **tables, "error_events": self.error_events}


def pings_in(types: Mapping[str, Sequence[int]]) -> int:
    """How many of the events counted by name keep a connection alive, and say nothing."""
    return sum(types.get(ping, (0,))[0] for ping in PINGS)


_Counts = TypeVar("_Counts", LogTotals, EventTotals, StreamTotals)


def _sum(one: _Counts, other: _Counts) -> _Counts:
    # `dataclasses.astuple` copies each number deeply, which costs as much as reading a small log.
    values = attrgetter(*one.__slots__)
    return type(one)(*map(add, values(one), values(other)))


def _add(table: dict[str, list[int]], name: str, counts: Sequence[int], other: str) -> None:
    name = name[:MAX_NAME]
    if name not in table and len(table) - (other in table) >= MAX_NAMES:
        name = other
    known = table.setdefault(name, [0] * len(counts))
    for number, count in enumerate(counts):
        known[number] += count
