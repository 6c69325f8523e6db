"""Runs the tests of rapidsse.compat with libraries that do not install beside the others.

    python scripts/test_apart.py [--engine rust|python] [pytest options]

The newest version of each of them is installed into an environment of its own in build/apart. Exits
with 1 if one cannot be installed or has no test, and with the status of pytest otherwise.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from environments import environment

ROOT = Path(__file__).resolve().parents[1]
# Each with the file of the tests that have its name. Not `instructor`: no version of it installs with
# an `openai` that is supported.
LIBRARIES = {"together": "test_family.py"}
# What the tests need with any library.
TOOLS = ("pytest", "hypothesis", "uvicorn", "httpx", "httpx2")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=["rust", "python"], help="the engine of rapidsse")
    options, more = parser.parse_known_args()
    chosen = [f"--engine={options.engine}"] if options.engine else []
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    variables = os.environ | {"PYTHONPATH": str(ROOT / "python")}
    status = 0
    for library, file in LIBRARIES.items():
        print(f"== {library}", flush=True)
        folder = ROOT / "build" / "apart" / library
        python = environment(folder, [library, *needed, *TOOLS])
        command: list[str | Path] = [
            python,
            "-m",
            "pytest",
            f"tests/compat/{file}",
            "-k",
            library,
            *chosen,
            *more,
        ]
        done = subprocess.run(command, check=False, cwd=ROOT, env=variables)
        # Also where pytest found no test of it.
        status = status or done.returncode
    sys.exit(status)


if __name__ == "__main__":
    main()
