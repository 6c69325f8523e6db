"""The items of the output are counted by kind: in the summary, in its JSON, and on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rapidsse.cli import main

CALL = {"index": 0, "id": "t", "function": {"name": "f", "arguments": "{}"}}


def log(folder: Path) -> str:
    def chunk(index: int, finish: str | None = None, **delta: Any) -> str:
        choice = {"index": index, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({'id': 'c', 'choices': [choice]})}\n\n"

    path = folder / "log.sse"
    path.write_text(
        chunk(0, role="assistant", content="a")
        + chunk(1, content="b")
        + chunk(0, "tool_calls", tool_calls=[CALL])
    )
    return str(path)


def test_in_the_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", log(tmp_path), "-o", str(tmp_path / "out"), "--json"]) == 0
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert totals["items"] == {"message": [2, 1], "call": [1, 1]}
    assert main(["decode", log(tmp_path), "-o", str(tmp_path / "other")]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"output\s+items\s+complete", shown)
    assert re.search(r"message\s+2\s+1\n.*call\s+1\s+1\n", shown)


def test_a_run_without_the_table_counts_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["decode", log(tmp_path), "-o", out, "--json", "--tables", "responses"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["items"] == {}


def test_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["report", log(tmp_path), "-o", str(page)]) == 0
    section = page.read_text().partition('<section id="items"')[2].partition("</section>")[0]
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", section)
    assert cells[3:] == ["message", "2", "1", "call", "1", "1"]
