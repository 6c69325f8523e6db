"""Runs the block of docs/tables.md; and whether each page with Python in it is run by some test."""

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
# The tests that run the blocks of a page name it; those of `docs/compat` are found by its folder.
RUN = {"README.md", "docs/batch.md", "docs/cluster.md", "docs/logs.md", "docs/tables.md"}
RUN |= {"docs/typed.md"}


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
def test_every_page_with_python_is_run() -> None:
    pages = {
        str(page.relative_to(ROOT).as_posix())
        for page in PAGES
        if BLOCK.search(page.read_text(encoding="utf-8"))
    }
    assert {page for page in pages if not page.startswith("docs/compat/")} == RUN
