"""Runs the block of docs/tables.md; and whether each page with Python in it is named by some test."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from samples import completed, created, sse

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benches").glob("*.md")]
BLOCK = re.compile(r"^```(?:python|py)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("polars")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.sse.gz").write_bytes(gzip.compress(sse(created(), completed())))
    (block,) = BLOCK.findall((ROOT / "docs" / "tables.md").read_text(encoding="utf-8"))
    *statements, value = block.split("\n\n")
    names: dict[str, Any] = {}
    exec("\n".join(statements), names)  # noqa: S102 (our own page)
    rows = eval(value, names)
    assert rows.columns == ["model", "total_tokens"]
    assert rows.height == 1


@pytest.mark.once
def test_every_page_with_python_is_named_by_a_test() -> None:
    """A test that runs the blocks of a page names it; pages of `docs/compat` are found by their
    folder."""
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    for page in PAGES:
        if page.parent.name != "compat" and BLOCK.search(page.read_text(encoding="utf-8")):
            assert any(f'"{page.name}"' in test for test in tests), page
