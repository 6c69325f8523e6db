"""The walls of CONTRIBUTING that no linter knows."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "rapidsse"
# Structs with the members that an API has.
GENERATED = ("openai", "anthropic", "google")

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not (ROOT / "rust").exists(), reason="the sources are not here"),
]


def dependencies(crate: str) -> set[str]:
    manifest = tomllib.loads((ROOT / "rust" / crate / "Cargo.toml").read_text("utf-8"))
    kinds = ("dependencies", "dev-dependencies", "build-dependencies")
    return {name for kind in kinds for name in manifest.get(kind, {})}


def test_python_is_known_to_the_binding_alone() -> None:
    crates = {path.parent.name for path in (ROOT / "rust").glob("*/Cargo.toml")}
    assert {crate for crate in crates if "pyo3" in dependencies(crate)} == {"python"}


def attributes(cls: ast.ClassDef) -> set[str]:
    """The attributes that the class declares, or that its methods set."""
    declared = {
        node.target.id
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return declared | {
        node.attr
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] not in GENERATED:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield f"{place}: {node.name}", node


def test_no_class_has_more_than_a_dozen_attributes() -> None:
    sizes = {name: len(attributes(cls)) for name, cls in classes()}
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > 12} == {}
