"""The two wheels are one package: several files have the same version and metadata."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import rapidsse

ROOT = Path(__file__).parents[2]


def toml(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def test_one_version() -> None:
    cargo = toml("Cargo.toml")["workspace"]["package"]["version"]
    assert rapidsse.__version__ == cargo
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (newest, *_) = re.findall(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)
    assert newest == cargo
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [cargo]


def test_one_metadata() -> None:
    binary = toml("pyproject.toml")["project"]
    pure = toml("python/pyproject.toml")["project"]
    binary["classifiers"].remove("Programming Language :: Rust")
    assert binary == pure


def test_the_demo_installs_what_the_extras_do() -> None:
    binary = toml("pyproject.toml")
    extras = binary["project"]["optional-dependencies"]
    report = [each for each in extras["report"] if each != "rapidsse[batch]"]
    assert binary["dependency-groups"]["report"] == extras["batch"] + report


def test_the_core_needs_msgspec_alone() -> None:
    (dependency,) = toml("pyproject.toml")["project"]["dependencies"]
    assert dependency.startswith("msgspec>=")


def test_the_tests_install_what_the_pretty_terminal_needs() -> None:
    binary = toml("pyproject.toml")
    assert binary["dependency-groups"]["cli"] == binary["project"]["optional-dependencies"]["cli"]
    assert {"include-group": "cli"} in binary["dependency-groups"]["test"]


def test_one_licence() -> None:
    cargo = toml("Cargo.toml")["workspace"]["package"]["license"]
    assert toml("pyproject.toml")["project"]["license"] == cargo


@pytest.mark.skipif(sys.platform == "win32", reason="git makes no symbolic links there")
def test_the_pure_wheel_ships_the_same_readme_and_licences() -> None:
    for name in ("LICENSE-MIT", "LICENSE-APACHE"):
        assert (ROOT / "rust" / "core" / name).resolve() == (ROOT / name).resolve()
    for name in ("README.md", "LICENSE-MIT", "LICENSE-APACHE"):
        assert (ROOT / "python" / name).resolve() == (ROOT / name).resolve()


def readme_figures() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- figures\b.*?-->\n(.*?)<!-- /figures -->", readme, re.DOTALL)
    assert shown
    return shown[1]


def test_the_readmes_figures_are_those_that_were_measured() -> None:
    results = (ROOT / "benches" / "RESULTS.md").read_text(encoding="utf-8")
    rows = [line for line in readme_figures().splitlines() if line.startswith("|")][2:]
    assert rows
    for row in rows:
        subject, against, *figures = row.strip("| ").split(" | ")
        (measured,) = (
            line for line in results.splitlines() if line.startswith(f"| {subject} | {against} |")
        )
        for figure in figures:
            assert f"| {figure}" in measured


@pytest.mark.parametrize("kind", ["machine", "commit"])
def test_the_readme_says_whether_the_engines_were_measured_apart(kind: str) -> None:
    results = json.loads((ROOT / "benches" / "RESULTS.json").read_text(encoding="utf-8"))
    found = {run[kind] for run in results["runs"].values()}
    assert (f"another {kind}" in readme_figures()) == (len(found) > 1)
