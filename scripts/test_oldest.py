"""Runs the tests of `rapidsse.compat` with the oldest versions that it supports.

    python scripts/test_oldest.py [--engine rust|python] [pytest options]

These versions are the lower bounds in pyproject.toml, which are those of `compat/_libraries.py`. They
are installed into build/oldest. Exits with 1 if one cannot be installed, and with the status of
pytest otherwise.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from environments import environment

ROOT = Path(__file__).resolve().parents[1]
# Those that need newer versions of the libraries than the oldest, and the reason.
LEFT_OUT = {
    "litellm": "pins a newer openai",
    "langchain-openai": "needs a newer openai",
    "openai-agents": "needs a newer openai",
    "pydantic-ai-slim": "needs a newer openai",
}
# What the tests need at any version.
TOOLS = ("pytest", "hypothesis", "uvicorn")


def oldest() -> list[str]:
    """The requirements of the groups `peers` and `swaps`, at their lower bounds."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = metadata["dependency-groups"]
    pinned: list[str] = []
    for requirement in (*metadata["project"]["dependencies"], *groups["peers"], *groups["swaps"]):
        match = re.fullmatch(r"([\w.-]+)(\[[\w,]+\])?(?:>=([\d.]+))?", requirement)
        if match is None:
            raise SystemExit(f"pyproject.toml: {requirement!r} names no lower bound")
        name, _, version = match.groups()
        if version and name not in LEFT_OUT:
            pinned.append(f"{name}=={version}")
    return pinned


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=["rust", "python"], help="the engine of rapidsse")
    options, more = parser.parse_known_args()
    requirements = oldest()
    print("With", ", ".join(requirements))
    for name, why in LEFT_OUT.items():
        print(f"Without {name}, which {why}")
    python = environment(ROOT / "build" / "oldest", [*requirements, *TOOLS])
    chosen = [f"--engine={options.engine}"] if options.engine else []
    command = [str(python), "-m", "pytest", "tests/compat", *chosen, *more]
    variables = os.environ | {"PYTHONPATH": str(ROOT / "python")}
    sys.exit(subprocess.run(command, check=False, cwd=ROOT, env=variables).returncode)


if __name__ == "__main__":
    main()
