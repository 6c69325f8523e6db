"""Runs the streaming tests of other libraries with rapidsse instead of their parsers.

    python scripts/test_peers.py [--engine rust|python] [-k EXPRESSION] [library ...]

The tests are those of the newest source distributions on PyPI, which it downloads and installs into
build/peers, one library on each core. Exits with 1 if a test fails, if no test of a file uses
rapidsse, or if the list of omitted tests does not match the tests.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers.libraries import SUITES, WITHOUT_TESTS
from peers.sdist import NoTests, environment, newest_version, unpacked
from peers.suite import Suite

# Of all that are run.
LONGEST = ("anthropic", "openai", "mcp")
ROOT = Path(__file__).resolve().parents[1]
# What changes the clients' behaviour, or pytest's.
FOREIGN = tuple(
    f"{name}_"
    for name in (
        *("OPENAI", "ANTHROPIC", "AWS", "AZURE", "GOOGLE", "PYTEST", "GROQ", "TOGETHER"),
        *("CEREBRAS", "FIREWORKS", "WRITER", "LANGGRAPH", "LANGSMITH", "MCP"),
    )
)


@dataclass
class Result:
    """The results of one library's tests."""

    title: str
    counts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    note: str = ""
    output: str = ""
    seconds: float = 0


def run_pytest(
    suite: Suite, python: Path, source: Path, arguments: list[str], result: Result
) -> tuple[int, dict[str, Any]]:
    """Runs the library's tests. Returns the exit status of pytest and the counts of the plugin.

    Adds to the output of `result` what pytest prints.
    """
    variables = {key: os.environ[key] for key in os.environ if not key.startswith(FOREIGN)}
    variables["PYTHONPATH"] = os.pathsep.join([str(ROOT / "python"), str(ROOT / "scripts")])
    variables |= dict(suite.variables)
    plugins = [part for plugin in suite.plugins for part in ("-p", plugin)]
    settings = [part for setting in suite.settings for part in ("-o", setting)]
    pytest: list[str | Path] = [
        python,
        "-m",
        "pytest",
        "-o",
        "addopts=",
        "-p",
        "no:cacheprovider",
        "--tb=short",
    ]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        peer: list[str | Path] = [
            "-p",
            "peers.plugin",
            "--peer",
            suite.library,
            "--peer-report",
            report,
            "-q",
        ]
        command = [*pytest, *plugins, *settings, *peer, *arguments, *suite.files]
        done = subprocess.run(
            command,
            check=False,
            cwd=source,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        result.output += done.stdout
        return done.returncode, json.loads(report.read_text()) if report.is_file() else {}


def run_suite(suite: Suite, arguments: list[str]) -> Result:
    began = time.monotonic()
    version = newest_version(suite.library)
    result = Result(f"{suite.library} {version}")
    run_tests(suite, version, arguments, result)
    result.seconds = time.monotonic() - began
    return result


def run_tests(suite: Suite, version: str, arguments: list[str], result: Result) -> None:
    """Fills in the result of one version's tests."""
    try:
        source = unpacked(suite.library, version)
    except NoTests as error:
        result.note = str(error)
        return
    if missing := [file for file in suite.files if not (source / file).exists()]:
        result.problems.append(
            f"its source distribution has no {', '.join(missing)}: "
            "say in scripts/peers where these tests are now"
        )
        return
    python = environment(suite, version)

    status, counts = run_pytest(suite, python, source, arguments, result)
    result.counts = counts
    if status or not counts:
        result.problems.append(f"pytest ended with status {status}, {counts.get('failed')} failed")
    # With a choice of the caller's, not everything has run.
    if not arguments and counts:
        result.problems += unfit(suite, counts)
        if any(row.reason == "same" for row in suite.left_out):
            result.output += f"-- {suite.library}'s own classes: each of these must fail\n"
            options = ["--peer-same", "--tb=no", "-rN"]
            _, same = run_pytest(suite, python, source, options, result)
            if not same.get("failed") or same["passed"] or same["skipped"]:
                result.problems.append("tests said to fail without rapidsse as well do not")


def look_for_tests(library: str) -> Result:
    """Looks whether a library comes with tests by now."""
    version = newest_version(library)
    result = Result(f"{library} {version}")
    try:
        source = unpacked(library, version)
    except NoTests as error:
        result.note = str(error)
    else:
        result.problems.append(
            f"it has tests now, in {source / 'tests'}: list them in scripts/peers"
        )
    return result


def unfit(suite: Suite, counts: dict[str, Any]) -> list[str]:
    """Returns the statements about the library that are wrong."""
    problems: list[str] = []
    if not counts["readers"]:
        problems.append("no test used rapidsse")
    tests = [test for row in suite.left_out for test in row.tests]
    if stale := [test for test in tests if test not in counts["left_out"]]:
        problems.append(f"no such test to leave out: {', '.join(stale)}")
    covered = {test.partition("::")[0] for test in tests}
    if unused := [name for name in counts["unused"] if name not in covered]:
        problems.append(f"no test of these used rapidsse: {', '.join(unused)}")
    return problems


def show(result: Result, suite: Suite | None = None) -> None:
    if counts := result.counts:
        print(
            f"{result.title}, {counts['engine']} engine: {counts['passed']:,} passed, "
            f"{counts['failed']} failed, {counts['skipped']} skipped by the library; "
            f"{counts['readers']:,} read {counts['streams']:,} streams with rapidsse; "
            f"{result.seconds:.0f} s"
        )
        for row in suite.left_out if suite else ():
            number = sum(counts["left_out"].get(test, 0) for test in row.tests)
            print(f"  {number:4} left out ({row.reason}): {row.why}")
    else:
        print(f"{result.title}: {result.note or 'not run'}")
    for problem in result.problems:
        print(f"  FAILED: {problem}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "libraries", nargs="*", metavar="library", help=", ".join((*SUITES, *WITHOUT_TESTS))
    )
    parser.add_argument(
        "--engine",
        choices=["rust", "python"],
        help="the engine (default: the one that rapidsse selects)",
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="run only these tests, as in pytest")
    options = parser.parse_args()
    if options.engine:
        os.environ["RAPIDSSE_ENGINE"] = options.engine

    known = (*SUITES, *WITHOUT_TESTS)
    libraries = options.libraries or known
    if unknown := [library for library in libraries if library not in known]:
        parser.error(f"no library {unknown[0]!r}: use one of {', '.join(known)}")

    chosen = ["-k", options.k] if options.k else []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {
            library: pool.submit(run_suite, SUITES[library], chosen)
            # The longest begin first.
            for library in sorted(libraries, key=LONGEST.count, reverse=True)
            if library in SUITES
        }
        looks = {
            library: pool.submit(look_for_tests, library)
            for library in libraries
            if library in WITHOUT_TESTS
        }
        for run in runs.values():
            result = run.result()
            print(f"== {result.title}", result.note or result.output, sep="\n", flush=True)

    print("\n== the peers' own tests, on rapidsse")
    for library, run in runs.items():
        show(run.result(), SUITES[library])
    if looks:
        print("\n== without tests to run")
    for look in looks.values():
        show(look.result())
    sys.exit(any(run.result().problems for run in (*runs.values(), *looks.values())))


if __name__ == "__main__":
    main()
