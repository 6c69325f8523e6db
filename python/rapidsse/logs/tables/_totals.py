"""What was found, counted: over one log, one part of it, or many logs added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

__all__ = ["MAX_NAME", "MAX_NAMES", "Totals"]

MAX_NAMES = 1000
"""Types and models counted by name: names come from the log and may be without end."""

MAX_NAME = 200
"""Characters of such a name that count."""

_OTHER_TYPES = "(other types)"
_OTHER_MODELS = "(other models)"


@dataclass(slots=True)
class Totals:
    """Counts, and sizes in bytes; adds up with `+`.

    `event_bytes + failure_bytes + other_bytes == body_bytes`: every byte of a body belongs to
    an event, to one that failed, or to a comment, blank line or end mark.
    """

    inputs: int = 0
    """Files."""
    input_bytes: int = 0
    """Their sizes as they lie there, compressed or not."""
    content_bytes: int = 0
    """Their content, decompressed."""
    body_bytes: int = 0
    """The event streams in it, without what a container wraps around them."""
    event_bytes: int = 0
    failure_bytes: int = 0
    other_bytes: int = 0
    events: int = 0
    """Those that decoded."""
    nonstandard: int = 0
    """Those of them that are JSON only as the SDKs read it: with `NaN`, `Infinity`, a float out of
    range, or a surrogate that is not paired."""
    failures: int = 0
    """Rows of the failures table. Those of kind `base64` are found only where pictures are
    decoded."""
    streams: int = 0
    """All of them, also those without a row in the responses table."""
    responses: int = 0
    complete: int = 0
    """Responses whose end arrived."""
    images: int = 0
    image_bytes: int = 0
    """Decoded, reckoned from the lengths of the texts."""
    skipped: int = 0
    """Records without an event stream, and lines without an event."""
    passed_over: int = 0
    """Event streams that were not read, because another one in their record is its response."""
    types: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Events and their bytes by event name; the thousand first, the rest together."""
    models: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By model, as `types`: responses, and their input, cached, output, reasoning and total
    tokens."""

    def add_type(self, name: str, counts: Sequence[int]) -> None:
        """Counts events and bytes under an event name."""
        _add(self.types, name, counts, _OTHER_TYPES)

    def add_model(self, name: str, counts: Sequence[int]) -> None:
        """Counts responses and tokens under a model."""
        _add(self.models, name, counts, _OTHER_MODELS)

    def __add__(self, other: Totals) -> Totals:
        total = Totals.from_dict(self.to_dict())
        total += other
        return total

    def __iadd__(self, other: Totals) -> Self:
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, counts in other.types.items():
            self.add_type(name, counts)
        for name, counts in other.models.items():
            self.add_model(name, counts)
        return self

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Totals:
        """From `to_dict`. Raises `TypeError` for a name that is not known."""
        total = cls(**values)
        total.types = {name: list(counts) for name, counts in total.types.items()}
        total.models = {name: list(counts) for name, counts in total.models.items()}
        return total


_COUNTS = tuple(each.name for each in fields(Totals) if each.name not in ("types", "models"))


def _add(table: dict[str, list[int]], name: str, counts: Sequence[int], other: str) -> None:
    name = name[:MAX_NAME]
    if name not in table and len(table) - (other in table) >= MAX_NAMES:
        name = other
    known = table.setdefault(name, [0] * len(counts))
    for number, count in enumerate(counts):
        known[number] += count
