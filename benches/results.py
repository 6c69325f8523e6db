"""What was measured, and on what: benches/RESULTS.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rows import Figure, Row

RESULTS = Path(__file__).parent / "RESULTS.json"


@dataclass
class Run:
    """What an engine was measured on."""

    commit: str
    machine: str
    python: str
    versions: dict[str, str]


@dataclass
class Results:
    """The measurements, and the last run of each engine."""

    runs: dict[str, Run]
    figures: list[Figure]

    @classmethod
    def load(cls) -> Results:
        raw = json.loads(RESULTS.read_text(encoding="utf-8"))
        runs = {engine: Run(**run) for engine, run in raw["runs"].items()}
        return cls(runs, figures_of(raw["figures"]))


def figures_of(raw: list[dict[str, Any]]) -> list[Figure]:
    return [
        Figure(
            Row(**figure["row"]),
            figure["engine"],
            figure["values"],
            figure["seconds"],
            figure["bytes"],
            figure["events"],
        )
        for figure in raw
    ]
