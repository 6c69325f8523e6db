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

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON values, which `msgspec.convert` makes a result of again."""
        return {"totals": asdict(self.totals), "errors": self.errors, "heads": self.heads}


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

    def add(self, result: Result, rows: int) -> None:
        """Adds the result of the next split; keeps at most `rows` rows of each table."""
        self.totals += result.totals
        self.errors += result.errors
        for table, found in result.heads.items():
            kept = self.heads.setdefault(table, [])
            kept += found[: rows - len(kept)]
