"""Writes the table of the measurements: benches/RESULTS.json, benches/RESULTS.md, and a few rows and a
picture of them for the README.

`python benches/table.py` writes all but the first from RESULTS.json again.
"""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import picture
from results import Results
from rows import Figure, Row

HERE = Path(__file__).parent
TABLE = HERE / "RESULTS.md"
README = HERE.parent / "README.md"
# What a reader of the README asks first.
README_ROWS = (
    picture.ACCELERATED,
    picture.STRUCTS,
    picture.FRAMES,
    ("image log, typed, from an mmap", "one find of an absent byte"),
    ("events table, text log, six columns", "DuckDB on the SSE text"),
)
MARKED = re.compile(r"(<!-- figures\b.*?-->\n).*?(<!-- /figures -->)", re.DOTALL)


def machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (found := re.search(r"model name\s*: (.+)", cpuinfo.read_text())):
        name = found[1]
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def target(row: Row, engine: str) -> str:
    value = row.rust if engine == "rust" else row.python
    if value is None:
        return ""
    return f"{'≥' if row.unit == '× its speed' else '≤'} {value:g} {row.unit}"


def value(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    digits = 0 if figure.median >= 100 else 1 if figure.median >= 10 else 2
    return f"{figure.median:,.{digits}f} {figure.row.unit}"


def measured(figure: Figure | None) -> str:
    """Formats the value with its spread, and whether it meets the target."""
    text = value(figure)
    if figure is not None and len(figure.values) > 1:
        text += f" ({min(figure.values):.3g}–{max(figure.values):.3g})"
    if figure is not None and figure.met is not None:
        text += ", met" if figure.met else ", **missed**"
    return text


def absolute(figure: Figure | None) -> str:
    """Formats the subject's own figure: throughput for long events, time per event for short ones."""
    if figure is None or figure.seconds is None or figure.bytes is None:
        return ""
    if figure.events and figure.bytes / figure.events < 4096:
        return f"{figure.seconds / figure.events * 1e6:.2f} µs/event"
    return f"{figure.bytes / figure.seconds / 1e9:.2f} GB/s"


def by_row(results: Results) -> dict[Row, dict[str, Figure]]:
    rows: dict[Row, dict[str, Figure]] = {}
    for figure in results.figures:
        rows.setdefault(figure.row, {})[figure.engine] = figure
    # Rows with a target come first.
    return dict(sorted(rows.items(), key=lambda item: item[0].rust is None))


def table(results: Results) -> str:
    lines = [
        "| measured | against | target | compiled engine | | target | pure engine | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row, engines in by_row(results).items():
        cells = [row.subject, row.baseline or "–"]
        for engine in ("rust", "python"):
            figure = engines.get(engine)
            cells += [target(row, engine), measured(figure), absolute(figure)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def report(results: Results) -> str:
    runs = ""
    for engine, run in results.runs.items():
        name = "Compiled" if engine == "rust" else "Pure"
        versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
        runs += f"- {name} engine of {run.commit}: {run.machine}. {run.python}. {versions}.\n"
    return (
        "# Measured\n\n"
        "Written by `make bench`. A figure is the median of the ratios of rounds in which both "
        "sides ran in turns, in one process (`decode` in one of its own), on the same bytes; in "
        "brackets the lowest and the highest. Next to it what the subject took, in the median "
        "round. Times are CPU times.\n\n"
        f"{runs}\n{table(results)}"
    )


def readme_figures(results: Results) -> str:
    lines = ["| | against | compiled engine | pure engine |", "|---|---|---|---|"]
    rows = {(row.subject, row.baseline): engines for row, engines in by_row(results).items()}
    for subject, baseline in README_ROWS:
        engines = rows[subject, baseline]
        cells = [subject, baseline, *(value(engines.get(engine)) for engine in ("rust", "python"))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n" + runs_apart(results)


def runs_apart(results: Results) -> str:
    """Says that the engines were not measured in one run, where that is so."""
    runs = results.runs.values()
    found = {"machine": {run.machine for run in runs}, "commit": {run.commit for run in runs}}
    kinds = " and ".join(f"another {kind}" for kind, values in found.items() if len(values) > 1)
    return f"\nThe pure engine's figures are of {kinds}.\n" if kinds else ""


def readme_with(results: Results) -> str:
    """Returns the README with the figures of these results between its markers."""
    text = README.read_text(encoding="utf-8")
    return MARKED.sub(lambda marks: marks[1] + readme_figures(results) + marks[2], text)


def write(results: Results) -> None:
    TABLE.write_text(report(results), encoding="utf-8")
    README.write_text(readme_with(results), encoding="utf-8")
    for path, drawn in picture.pictures(results).items():
        path.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    write(Results.load())
