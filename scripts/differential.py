"""Compares the two engines: frames, typed events, spans, base64, logs, tables, and every error.

    python scripts/differential.py [--seconds N] [--seed N] [--inputs N] [--corpus FOLDER ...] [subject ...]

Inputs are arbitrary bytes, and recorded streams and logs with changes: those of examples/ and
tests/support/, of the folder that RAPIDSSE_CORPUS names, and of every --corpus. Each engine reads
them in a process of its own. Prints the smallest input on which they differ, or that raises on both
what no input may, writes it to build/differential, and exits with 1; prints how many inputs were
compared in any case.
"""

from __future__ import annotations

import argparse
import os
import pickle
import pprint
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUPPORT = [ROOT / "scripts" / "engines", ROOT / "tests" / "support"]
sys.path[:0] = map(str, SUPPORT)

from hypothesis import HealthCheck, Phase, given, seed, settings
from inputs import Inputs
from readings import Unexpected

LARGEST = 1 << 22
PHASES = [Phase.generate, Phase.shrink]


class Engine:
    """A process that reads with one engine."""

    def __init__(self, name: str, folder: str) -> None:
        self._name = name
        self._folder = folder
        self._start()

    def _start(self) -> None:
        path = os.pathsep.join([*map(str, SUPPORT), *filter(None, sys.path)])
        self._process = subprocess.Popen(
            [sys.executable, SUPPORT[0] / "readings.py", self._folder],
            env={**os.environ, "RAPIDSSE_ENGINE": self._name, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, subject: str, arguments: tuple[Any, ...]) -> None:
        assert self._process.stdin is not None
        pickle.dump((subject, arguments), self._process.stdin)
        self._process.stdin.flush()

    def answer(self) -> Any:
        assert self._process.stdout is not None
        try:
            return pickle.load(self._process.stdout)
        except EOFError:
            self._start()
            return Unexpected("the process ended", "")

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def files(folders: list[Path]) -> list[Path]:
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if path.stat().st_size <= LARGEST]


def compare(
    subject: str,
    strategy: Any,
    engines: list[Engine],
    inputs: int,
    number: int,
    counts: Counter[str],
) -> None:
    """Compares the engines on this many inputs, which the seed `number` makes. Raises `Difference`."""

    @seed(number)
    @settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def check(arguments: tuple[Any, ...]) -> None:
        counts[subject] += 1
        for engine in engines:
            engine.ask(subject, arguments)
        rust, python = [engine.answer() for engine in engines]
        if rust != python or isinstance(rust, Unexpected):
            raise Difference(subject, arguments, rust, python)

    check()


class Difference(AssertionError):
    """The engines differ on an input."""

    def __init__(self, subject: str, arguments: Any, rust: Any, python: Any) -> None:
        super().__init__()
        self.text = "\n".join(
            [
                f"subject: {subject}",
                f"input: {pprint.pformat(arguments, width=110)}",
                f"rust: {pprint.pformat(rust, width=110)}",
                f"python: {pprint.pformat(python, width=110)}",
            ]
        )


def folder() -> Path:
    path = ROOT / "build" / "differential"
    path.mkdir(parents=True, exist_ok=True)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="how long (default: 600)")
    parser.add_argument("--seed", type=int, default=None, help="the first seed (default: fresh)")
    parser.add_argument(
        "--inputs", type=int, default=200, help="of a subject, between two looks at the clock"
    )
    parser.add_argument("--corpus", type=Path, action="append", default=[], help="recorded files")
    parser.add_argument("subjects", nargs="*", metavar="subject", help="(default: all)")
    options = parser.parse_args()

    recorded = Path(os.environ.get("RAPIDSSE_CORPUS", ROOT.parent / "shared" / "corpus"))
    streams = [*(ROOT / "examples").glob("*.sse"), *(ROOT / "tests" / "support").glob("*.sse")]
    streams += [path for path in files([recorded]) if path.suffix == ".sse"]
    cases = files([ROOT / "tests" / "support" / "cases"])
    inputs = Inputs(streams, [*streams, *cases, *files(options.corpus)])
    subjects = options.subjects or list(inputs.strategies)
    if unknown := set(subjects) - set(inputs.strategies):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")

    number = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {number}; {len(streams)} streams; {', '.join(subjects)}", flush=True)
    counts: Counter[str] = Counter()
    differences = 0
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as scratch:
        engines = [Engine(name, str(Path(scratch, name))) for name in ("rust", "python")]
        while subjects:
            for subject in list(subjects):
                try:
                    strategy = inputs.strategies[subject]
                    compare(subject, strategy, engines, options.inputs, number, counts)
                except Difference as difference:
                    differences += 1
                    path = folder() / f"{subject}-{number}.txt"
                    path.write_text(difference.text)
                    print(f"{difference.text[:6000]}\n-> {path}", flush=True)
                    subjects.remove(subject)
            number += 1
            if time.monotonic() > end:
                break
        for engine in engines:
            engine.end()
    for subject, count in counts.items():
        print(f"{subject}: {count:,} inputs")
    print(f"{counts.total():,} inputs, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
