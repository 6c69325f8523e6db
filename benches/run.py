"""`make bench`: runs the suite on each engine, each in its own process, then writes one table.

--quick runs two rounds of each row and writes nothing to the repository. The figures of an engine that
is not run stay as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import logs
import peers
import table
from results import RESULTS, Results, Run, figures_of

HERE = Path(__file__).parent
# In the table's order.
SUITE = (
    *("typed", "frames", "chunks", "base64", "sdk_types", "compat", "swaps"),
    *("google", "tables", "memory", "footprint"),
)


def measure(engine: str, *, quick: bool, only: str) -> None:
    files = [str(HERE / f"test_{name}.py") for name in SUITE]
    command = [sys.executable, "-m", "pytest", *files, "--quiet", "--benchmark-quiet"]
    command += ["-W", "default", "--durations=5"]
    command += ["--quick"] if quick else []
    command += ["-k", only] if only else []
    subprocess.run(command, env={**os.environ, "RAPIDSSE_ENGINE": engine}, check=True)


def commit() -> str:
    """The commit of these sources, short; "unknown" outside a clone."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    run = subprocess.run(command, cwd=HERE, check=False, capture_output=True, text=True)
    return run.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", default="rust python", help="engines, separated by spaces")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "-k", default="", metavar="EXPRESSION", help="run only these rows, as in pytest"
    )
    options = parser.parse_args()

    for path in (logs.image_log(), logs.text_log()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    for stale in logs.FOLDER.glob("figures-*.json"):
        stale.unlink()
    engines = options.engines.split()
    before = Results.load()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    run = Run(commit(), table.machine(), python, peers.versions())
    figures = []
    for engine in engines:
        print(f"== {engine} engine", flush=True)
        logs.renew()
        measure(engine, quick=options.quick, only=options.k)
        raw = (logs.FOLDER / f"figures-{engine}.json").read_text(encoding="utf-8")
        figures += figures_of(json.loads(raw))
    rows = {(figure.row.subject, figure.row.baseline): figure.row for figure in figures}
    for figure in before.figures:
        if figure.engine not in engines:
            # In the same row, if its targets are others since.
            figure.row = rows.get((figure.row.subject, figure.row.baseline), figure.row)
            figures.append(figure)
    results = Results({**before.runs, **dict.fromkeys(engines, run)}, figures)
    print(table.table(results))
    if not options.quick and not options.k:
        RESULTS.write_text(
            json.dumps(asdict(results), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        table.write(results)
        print(f"Written to {table.TABLE}, {RESULTS.name} and the README.")


if __name__ == "__main__":
    main()
