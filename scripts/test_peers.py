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

from peers import anthropic, httpx_sse, openai, sseclient
from peers.sdist import NoTests, environment, newest_version, unpacked
from peers.suite import Suite

ROOT = Path(__file__).resolve().parents[1]
MODULES = (httpx_sse, sseclient, openai, anthropic)
SUITES = {module.SUITE.library: module for module in MODULES}
# What changes the clients' behaviour, or pytest's.
FOREIGN = ("OPENAI_", "ANTHROPIC_", "AWS_", "AZURE_", "GOOGLE_", "PYTEST_")


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
    name: str, suite: Suite, python: Path, source: Path, arguments: list[str], result: Result
) -> tuple[int, dict[str, Any]]:
    """Runs the library's tests. Returns the exit status of pytest and the counts of the plugin.

    Adds to the output of `result` what pytest prints.
    """
    variables = {key: os.environ[key] for key in os.environ if not key.startswith(FOREIGN)}
    variables["PYTHONPATH"] = os.pathsep.join([str(ROOT / "python"), str(ROOT / "scripts")])
    variables |= dict(suite.variables)
    plugins = [part for plugin in suite.plugins for part in ("-p", plugin)]
    pytest = [python, "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "--tb=short"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        peer = ["-p", "peers.plugin", "--peer", name, "--peer-report", report, "-q"]
        command = [*pytest, *plugins, *peer, *arguments, *suite.files]
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


def run_suite(name: str, suite: Suite, arguments: list[str]) -> Result:
    began = time.monotonic()
    version = newest_version(suite.library)
    result = Result(f"{suite.library} {version}")
    run_tests(name, suite, version, arguments, result)
    result.seconds = time.monotonic() - began
    return result


def run_tests(name: str, suite: Suite, version: str, arguments: list[str], result: Result) -> None:
    """Fills in the result of one version's tests."""
    try:
        source = unpacked(suite.library, version)
    except NoTests as error:
        result.note = str(error)
        return
    if missing := [file for file in suite.files if not (source / file).exists()]:
        result.problems.append(
            f"its source distribution has no {', '.join(missing)}: "
            f"say in scripts/peers/{name}.py where these tests are now"
        )
        return
    python = environment(suite, version)

    status, counts = run_pytest(name, suite, python, source, arguments, result)
    result.counts = counts
    if status or not counts:
        result.problems.append(f"pytest ended with status {status}, {counts.get('failed')} failed")
    # With a choice of the caller's, not everything has run.
    if not arguments and counts:
        result.problems += unfit(suite, counts)
        if any(row.reason == "same" for row in suite.left_out):
            result.output += f"-- {suite.library}'s own classes: each of these must fail\n"
            options = ["--peer-same", "--tb=no", "-rN"]
            _, same = run_pytest(name, suite, python, source, options, result)
            if not same.get("failed") or same["passed"] or same["skipped"]:
                result.problems.append("tests said to fail without rapidsse as well do not")


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


def show(suite: Suite, result: Result) -> None:
    if counts := result.counts:
        print(
            f"{result.title}, {counts['engine']} engine: {counts['passed']:,} passed, "
            f"{counts['failed']} failed, {counts['skipped']} skipped by the library; "
            f"{counts['readers']:,} read {counts['streams']:,} streams with rapidsse; "
            f"{result.seconds:.0f} s"
        )
        for row in suite.left_out:
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
    parser.add_argument("libraries", nargs="*", metavar="library", help=", ".join(SUITES))
    parser.add_argument(
        "--engine",
        choices=["rust", "python"],
        help="the engine (default: the one that rapidsse selects)",
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="run only these tests, as in pytest")
    options = parser.parse_args()
    if options.engine:
        os.environ["RAPIDSSE_ENGINE"] = options.engine

    chosen = ["-k", options.k] if options.k else []
    suites = [SUITES[library] for library in options.libraries or SUITES]
    results: list[Result] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [
            pool.submit(run_suite, module.__name__.rpartition(".")[2], module.SUITE, chosen)
            # The longest begins first.
            for module in reversed(suites)
        ]
        for run in reversed(runs):
            result = run.result()
            print(f"== {result.title}", result.note or result.output, sep="\n", flush=True)
            results.append(result)

    print("\n== the peers' own tests, on rapidsse")
    for module, result in zip(suites, results, strict=True):
        show(module.SUITE, result)
    sys.exit(any(result.problems for result in results))


if __name__ == "__main__":
    main()
