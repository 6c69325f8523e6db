"""What a job found: in one split, and in all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..logs.tables._schemas import Table
from ..logs.tables._totals import Totals

__all__ = ["HEADS", "Outcome", "Result", "Rows", "Totals"]

Rows = list[dict[str, Any]]

HEADS: dict[Table, tuple[str, ...]] = {
    "responses": ("source", "response_id", "model", "status", "n_events", "complete"),
    "images": (
        "source", "item_id", "kind", "partial_image_index", "media_type", "width", "height", "size",
    ),
    "failures": ("source", "offset", "index", "kind", "message"),
}  # fmt: skip
"""The tables of which a summary shows rows, and the columns."""


@dataclass(slots=True)
class Result:
    """What was found in a split."""

    totals: Totals = field(default_factory=Totals)
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Logs that could not be read, or not to their end, each with the reason."""
    heads: dict[str, Rows] = field(default_factory=dict[str, Rows])
    """The first rows of the tables in `HEADS`."""
    empty: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Logs in which nothing was found, each with what it looks like,"""
    range_of: str | None = None
    """or, if the split is a range of this log, the log."""

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON values, which `msgspec.convert` makes a result of again."""
        values = {"totals": asdict(self.totals), "errors": self.errors, "heads": self.heads}
        return {**values, "empty": self.empty, "range_of": self.range_of}


@dataclass(slots=True)
class Outcome:
    """What was found in all splits of a job, those that earlier runs finished among them."""

    totals: Totals = field(default_factory=Totals)
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Logs that could not be read, or not to their end, each with the reason."""
    changed: list[str] = field(default_factory=list[str])
    """Messages about logs that changed while they were read."""
    heads: dict[str, Rows] = field(default_factory=dict[str, Rows])
    """The first rows of the tables in `HEADS`."""
    splits: int = 0
    before: int = 0
    """Splits that earlier runs finished."""
    _empty: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _n_empty: int = 0
    # Of each log that is read by ranges, what it looks like, or `None` once something was found.
    _ranges: dict[str, str | None] = field(default_factory=dict[str, "str | None"])

    @property
    def empty(self) -> list[tuple[str, str]]:
        """The first logs in which nothing was found, each with what it looks like."""
        return [*self._empty, *self._empty_ranges()]

    @property
    def n_empty(self) -> int:
        """How many they are."""
        return self._n_empty + len(self._empty_ranges())

    def _empty_ranges(self) -> list[tuple[str, str]]:
        return [(source, looks) for source, looks in self._ranges.items() if looks is not None]

    def add(self, result: Result, rows: int) -> None:
        """Adds the result of the next split; keeps at most `rows` rows of each table."""
        self.totals += result.totals
        self.errors += result.errors
        for table, found in result.heads.items():
            kept = self.heads.setdefault(table, [])
            kept += found[: rows - len(kept)]
        if result.range_of is None:
            self._n_empty += len(result.empty)
            self._empty += result.empty[: max(rows, 1) - len(self._empty)]
        else:
            _, looks = next(iter(result.empty), ("", None))
            before = self._ranges.get(result.range_of, "")
            is_empty = before is not None and looks is not None
            self._ranges[result.range_of] = (before or looks) if is_empty else None
