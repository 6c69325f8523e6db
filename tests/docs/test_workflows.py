"""The workflows: what a schema and a linter do not know of."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PLATFORMS = {
    *(f"{linux}_{cpu}" for linux in ("manylinux", "musllinux") for cpu in ("x86_64", "aarch64")),
    "manylinux_armv7l",
    "musllinux_armv7l",
}
RUNNERS = {"macos-15", "macos-15-intel", "windows-2025", "windows-11-arm"}
FREE_THREADED = {"3.14t", "3.15t"}


def workflow(name: str) -> Any:
    path = ROOT / ".github" / "workflows" / name
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def pythons() -> set[str]:
    """The versions that the classifiers name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = (re.fullmatch(r".* :: (3\.\d+)", each) for each in project["classifiers"])
    return {each[1] for each in found if each is not None}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert used
    for each in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_the_sources_and_no_more(path: Path) -> None:
    assert workflow(path.name)["permissions"] == {"contents": "read"}


def test_every_python_has_its_wheels() -> None:
    release = workflow("release.yml")
    expected = pythons() | FREE_THREADED
    tags = release["env"]["PYTHONS"].split()
    assert {re.sub(r"cp3(\d+)-cp3\1(t?)", r"3.\1\2", tag) for tag in tags} == expected
    matrix = release["jobs"]["macos-windows"]["strategy"]["matrix"]
    assert set(matrix["python"]) == expected
    assert set(matrix["runner"]) == RUNNERS
    images = release["jobs"]["linux"]["strategy"]["matrix"]["include"]
    names = {re.sub(r"_\d+_\d+_", "_", each["image"]) for each in images}
    assert names == PLATFORMS


def test_every_python_is_tested() -> None:
    matrix = workflow("ci.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert set(matrix["python"]) == pythons() | FREE_THREADED
