"""The oldest versions that are said to work are those that `make test-oldest` installs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapidsse.compat._libraries import importable, libraries_of

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
# Not beside the others: see the group `peers`.
APART = {"together"}


def version(text: str) -> tuple[int, ...]:
    numbers = [*map(int, text.split("."))]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def bounds() -> Iterator[tuple[str, tuple[int, ...]]]:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "dependency-groups"
    ]
    for requirement in (*groups["peers"], *groups["swaps"]):
        if match := re.match(r"([\w.-]+)(?:\[.*\])?>=([\d.]+)", requirement):
            yield match[1], version(match[2])


def test_the_lower_bounds_are_the_oldest_versions() -> None:
    from rapidsse.compat._libraries import _LIBRARIES

    assert importable()
    oldest: dict[str, tuple[int, ...]] = {}
    for library in _LIBRARIES:
        assert library in libraries_of(library.name)
        first = version(library.versions.partition(" ")[0])
        # All parts of a library are tested together.
        assert oldest.setdefault(library.distribution, first) == first
    stated = dict(bounds())
    assert {name: stated.get(name) for name in oldest.keys() - APART} == {
        name: first for name, first in oldest.items() if name not in APART
    }


def test_the_pages_name_the_same_versions() -> None:
    from rapidsse.compat._libraries import _LIBRARIES

    page = (ROOT / "docs" / "compat" / "install.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    stated = {row[2].strip(): row[-2].strip() for row in rows}
    for library in _LIBRARIES:
        if library.part_of == "":
            assert stated[library.distribution].startswith(library.versions), library.name
