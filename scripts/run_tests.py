"""Runs every test on each engine, in parts that run side by side.

    python scripts/run_tests.py [--jobs N] [--marks EXPRESSION] [--core CARGO] engine ... [-- pytest options]

A part is a folder of tests on one engine, or the tests of the core crate. Where the options of pytest
name files, these are one part per engine. Tests marked `once` run on the first engine only. What a part
prints follows at its end, and at the very end the time that each took. Exits with 1 if a part failed, or
if no test was selected.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# One more than there are processors, for a third of the parts wait: for Ray, Spark and browsers.
JOBS = (os.cpu_count() or 1) + 1
# The folders of tests whose parts take longest, which begin first.
LONGEST = ("cluster", "compat", "logs", "docs", "job", "stream", "typed", "tables", "cli")
# A file system in memory, where the files of tests wait for no disk; and the room that they need.
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
NO_TESTS = 5  # pytest's exit status where it selected none


@dataclass(frozen=True)
class Part:
    """A command that tests a part of the project."""

    title: str
    command: list[str]
    engine: str | None = None


@dataclass(frozen=True)
class Result:
    part: Part
    status: int
    seconds: float
    processor: float | None
    """Seconds of the processor, of all processes that the part waited for."""
    output: bytes

    @property
    def failed(self) -> bool:
        return self.status not in (0, NO_TESTS)

    @property
    def last_line(self) -> str:
        return self.output.decode(errors="replace").rstrip().rpartition("\n")[2].strip("= ")


def folders() -> list[str]:
    """The folders with tests, the longest first."""
    found = {path.parent.name for path in ROOT.glob("tests/*/test_*.py")}
    known = [name for name in LONGEST if name in found]
    return [*sorted(found - {*known}), *known]


def names_files(options: list[str]) -> bool:
    return any(
        not option.startswith("-") and Path(ROOT, option.partition("::")[0]).exists()
        for option in options
    )


def parts(engines: list[str], marks: str, cargo: str, options: list[str]) -> Iterator[Part]:
    """The parts, in the order in which they begin."""
    if cargo:
        yield Part("core crate", [cargo, "test", "--package", "rapidsse-core"])
    groups: list[list[str]] = [[]] if names_files(options) else [[f"tests/{n}"] for n in folders()]
    for group in groups:
        # The pure engine is the slower one.
        for engine in sorted(engines):
            selected = [f"({marks})"] if marks else []
            if engine != engines[0]:
                selected.append("not once")
            command = [sys.executable, "-m", "pytest", "-m", " and ".join(selected)]
            title = " ".join([engine, *(name.removeprefix("tests/") for name in group)])
            yield Part(title, [*command, *group, *options], engine)


def in_memory() -> str | None:
    """A new folder in memory, if there is room for the files of tests, and no other place is set."""
    chosen = "PYTEST_DEBUG_TEMPROOT" in os.environ
    if chosen or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return tempfile.mkdtemp(prefix="rapidsse-tests-", dir=MEMORY)


def run(part: Part, variables: Mapping[str, str], *, shown: bool) -> Result:
    """Runs a part; its output is shown meanwhile, or else kept."""
    began = time.monotonic()
    if part.engine:
        variables = {**variables, "RAPIDSSE_ENGINE": part.engine}
    with tempfile.TemporaryFile() as kept:
        output, errors = (None, None) if shown else (kept, subprocess.STDOUT)
        program = subprocess.Popen(
            part.command, cwd=ROOT, env=variables, stdout=output, stderr=errors
        )
        processor = None
        if sys.platform == "win32":
            program.wait()
        else:
            _, status, usage = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
            processor = usage.ru_utime + usage.ru_stime
        kept.seek(0)
        return Result(part, program.returncode, time.monotonic() - began, processor, kept.read())


def run_side_by_side(todo: list[Part], variables: Mapping[str, str], jobs: int) -> list[Result]:
    results: list[Result] = []
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(run, part, variables, shown=False) for part in todo]
        try:
            for future in as_completed(running):
                result = future.result()
                sys.stdout.buffer.write(f"\n== {result.part.title}\n".encode() + result.output)
                sys.stdout.flush()
                results.append(result)
        except KeyboardInterrupt:
            # Those that run are interrupted as well, and the others do not begin.
            pool.shutdown(cancel_futures=True)
            raise
    return results


def show(results: list[Result], seconds: float) -> None:
    print("\n== seconds, of them on a processor (its children included)")
    for result in sorted(results, key=lambda each: each.seconds, reverse=True):
        processor = "" if result.processor is None else f"{result.processor:.0f}"
        state = "FAILED  " if result.failed else ""
        print(
            f"{result.seconds:6.0f} {processor:>6}  {result.part.title:16} {state}{result.last_line}"
        )
    total = sum(result.processor or 0 for result in results)
    print(f"{seconds:6.0f} {total:6.0f}  in all", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("engines", nargs="+", choices=["rust", "python"], metavar="engine")
    parser.add_argument("--jobs", type=int, default=JOBS, help="at a time")
    parser.add_argument("--marks", default="", help="only tests with these marks, as pytest's -m")
    parser.add_argument("--core", default="", metavar="CARGO", help="also test the core crate")
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    chosen = parser.parse_args(arguments[:split])

    began = time.monotonic()
    todo = list(parts(chosen.engines, chosen.marks, chosen.core, arguments[split + 1 :]))
    variables = dict(os.environ)
    # Hundreds of programs that tests start would each compile the package again.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if folder := in_memory():
        variables["PYTEST_DEBUG_TEMPROOT"] = folder
    try:
        if chosen.jobs == 1:
            results = [run(part, variables, shown=True) for part in todo]
        else:
            results = run_side_by_side(todo, variables, chosen.jobs)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    show(results, time.monotonic() - began)
    tested = [result for result in results if result.part.engine]
    if none := all(result.status == NO_TESTS for result in tested):
        print("No test was selected.")
    sys.exit(none or any(result.failed for result in results))


if __name__ == "__main__":
    main()
