"""A row of the table: the subject, the baseline, the target, and the figure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["× its speed", "× its time", "× its memory", "µs an event", "ms", "MiB", "kB"]


@dataclass(frozen=True)
class Row:
    """One row. The baseline is `None` for an absolute amount.

    `rust` and `python` are the targets of the engines: the minimum for a speed, the maximum for any
    other unit, or `None`.
    """

    subject: str
    baseline: str | None
    unit: Unit
    rust: float | None = None
    python: float | None = None


@dataclass
class Figure:
    """One engine's measurement of a row: the values of its rounds, and for the ratios the
    subject's median seconds and what those seconds went into."""

    row: Row
    engine: str
    values: list[float]
    seconds: float | None = None
    bytes: int | None = None
    events: int | None = None
    median: float = field(init=False)

    def __post_init__(self) -> None:
        self.median = statistics.median(self.values)

    @property
    def target(self) -> float | None:
        return self.row.rust if self.engine == "rust" else self.row.python

    @property
    def met(self) -> bool | None:
        """Whether the target is met; `None` if there is none."""
        if self.target is None:
            return None
        if self.row.unit == "× its speed":
            return self.median >= self.target
        return self.median <= self.target
