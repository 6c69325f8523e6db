"""The oracles share no code with what they check."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1] / "support"


def imports_of(module: Path) -> set[str]:
    """The modules that a module imports, and those of `support` that they import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    inner = [SUPPORT / f"{name}.py" for name in names if (SUPPORT / f"{name}.py").exists()]
    return names.union(*map(imports_of, inner))


@pytest.mark.parametrize("oracle", sorted(SUPPORT.glob("*_oracle.py")), ids=lambda path: path.stem)
def test_an_oracle_imports_no_engine(oracle: Path) -> None:
    assert [name for name in imports_of(oracle) if name.split(".")[0] == "rapidsse"] == []


def test_an_import_would_be_found() -> None:
    assert "rapidsse.logs._open" in imports_of(SUPPORT / "table_reading.py")
    assert any(name.startswith("rapidsse") for name in imports_of(SUPPORT / "jobs.py"))
