"""`make bench-count`: counts the instructions of the compiled engine, and of the Python on top of it.

Unlike times, counts are the same on every run, however busy the machine is. They are written to
benches/COUNTS.json and COUNTS.md. `--check` compares them with that file instead, and fails where
one grew by more than 5 %: find out why, or show in the file what the change costs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from count_work import WORK

HERE = Path(__file__).parent
COUNTS, TABLE = HERE / "COUNTS.json", HERE / "COUNTS.md"
MOST = 1.05

_TEXT = """# Counted

Written by `make bench-count`: instructions, in thousands, that one pass takes with the compiled engine, Python's own included, as valgrind's callgrind counts them. The text log here has 4,200 events in 1.1 MB, the image log 17 in 6 MB. `make bench-count COUNT_ARGS=--check`, which CI runs, fails if a count grows by more than 5 % over this table.

{python}, {machine}.

| work | thousand instructions |
|---|---|
{rows}
"""


def environment() -> dict[str, str]:
    """What counts depend on, beside the sources."""
    version = ".".join(platform.python_version_tuple()[:2])
    return {
        "python": f"{platform.python_implementation()} {version}",
        "machine": platform.machine(),
    }


def count() -> dict[str, int]:
    """Thousands of instructions by the name of the work."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        sys.exit(
            "make bench-count needs valgrind, to count instructions: `apt install valgrind`, or "
            "`dnf install valgrind` (there is none for macOS on Arm, and none for Windows)"
        )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "counts"
        command = [valgrind, "--tool=callgrind", f"--callgrind-out-file={out}"]
        # glibc has both names for the same function.
        command += [f"--zero-before={name}" for name in ("getpgid", "__getpgid")]
        command += [f"--dump-before={name}" for name in ("getsid", "__getsid")]
        command += [sys.executable, str(HERE / "count_work.py")]
        # The order of sets depends on the seed, and a thread of OpenBLAS, which NumPy starts, counts
        # while it waits: millions, and more on a busy machine.
        variables = {
            **os.environ,
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "RAPIDSSE_ENGINE": "rust",
        }
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"callgrind failed:\n{done.stderr}")
        # The last one is what comes after the work.
        dumps = [Path(f"{out}.{number}") for number in range(1, len(WORK) + 1)]
        missing = [dump.name for dump in dumps if not dump.exists()]
        if missing or Path(f"{out}.{len(WORK) + 2}").exists():
            sys.exit(f"callgrind did not count each piece of work once:\n{done.stderr}")
        return {name: _total(dump) for name, dump in zip(WORK, dumps, strict=True)}


def _total(dump: Path) -> int:
    (total,) = re.findall(r"^totals: (\d+)", dump.read_text(encoding="utf-8"), re.MULTILINE)
    return round(int(total) / 1000)


def check(counts: dict[str, int], known: dict[str, Any]) -> list[str]:
    """What is wrong with these counts."""
    here = environment()
    differing = [name for name in here if known[name] != here[name]]
    if differing:
        there, this = (f"{each['python']} on {each['machine']}" for each in (known, here))
        return [f"the counts of {there} say nothing about {this}: run with the same"]
    wrong = list[str]()
    for name in counts.keys() | known["counts"].keys():
        before, now = known["counts"].get(name), counts.get(name)
        if before is None or now is None:
            wrong.append(f"{name}: not in both")
        elif now > MOST * before:
            more = now / before - 1
            wrong.append(f"{name}: {before:,} -> {now:,} thousand instructions ({more:+.1%})")
    return sorted(wrong)


def write(counts: dict[str, int]) -> None:
    here = environment()
    COUNTS.write_text(json.dumps({**here, "counts": counts}, indent=1) + "\n", encoding="utf-8")
    rows = "\n".join(f"| {name} | {number:,} |" for name, number in counts.items())
    TABLE.write_text(_TEXT.format(**here, rows=rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare with COUNTS.json, and write nothing"
    )
    options = parser.parse_args()

    counts = count()
    known = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {"counts": {}}
    for name, number in counts.items():
        before = known["counts"].get(name)
        change = f"{number / before - 1:+.1%}" if before else "new"
        print(f"{name:45} {number:>12,} {change:>8}")
    if not options.check:
        write(counts)
        print(f"Written to {COUNTS.name} and {TABLE.name}.")
    elif wrong := check(counts, known):
        print("Counts that are more than 5 % above COUNTS.json:", *wrong, sep="\n  ")
        sys.exit("Find out why, or write the file anew with `make bench-count` and say why.")


if __name__ == "__main__":
    main()
