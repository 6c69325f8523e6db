"""Runs the blocks of docs/batch.md and the README, and checks their results."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse.cli import main
from samples import DEMO, ROOT

pyarrow = pytest.importorskip("pyarrow", reason='tables need "rapidsse[batch]"')

Capture = pytest.CaptureFixture[str]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = ROOT / "docs" / "batch.md"
LIBRARIES = {"polars", "duckdb", "pandas", "datafusion"}


def blocks(page: Path, *languages: str) -> Iterator[tuple[str, str]]:
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield language, block


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of a reader, with the folder of logs of the page."""
    (tmp_path / "logs").mkdir()
    shutil.copy(DEMO, tmp_path / "logs")
    shutil.copy(DEMO, tmp_path / "stream.sse")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def run_console(block: str, capsys: Capture) -> None:
    """Runs the commands of a block, whose output must have the lines that it shows, in order."""
    for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, shown = command.partition("\n")
        name, *arguments = shlex.split(line, comments=True)
        if name != "rapidsse":
            continue
        assert main(arguments) == 0
        printed = layout_aside(capsys.readouterr().out)
        for piece in filter(None, shown.split("...\n")):
            before, found, printed = printed.partition(layout_aside(piece))
            assert found == layout_aside(piece), piece
            assert not before or before.endswith("\n")


def layout_aside(text: str) -> str:
    """Tables whose columns and rules may be of any width."""
    return re.sub(r"[^\S\n]+", " ", re.sub("─+", "─", text))


def run_page(page: Path, capsys: Capture) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for language, block in blocks(page, "console", "python"):
        if language == "console":
            run_console(block, capsys)
            continue
        for library in re.findall(r"^import (\w+)", block, re.MULTILINE):
            if library in LIBRARIES:
                pytest.importorskip(library)
        exec(compile(block, str(page), "exec"), names)  # noqa: S102 (our own page)
    return names


def test_the_page(folder: Path, capsys: Capture) -> None:
    names = run_page(PAGE, capsys)
    model, tokens = "gpt-5-nano-2025-08-07", 2286
    assert names["by_model"].to_pylist() == [{"model": model, "total_tokens_sum": tokens}]
    assert names["frame"].rows() == [(model, tokens)]
    assert names["rows"] == [(model, tokens)]
    assert names["totals"].to_dict() == {model: tokens}
    (batch,) = names["batches"]
    assert [list(row.values()) for row in batch.to_pylist()] == [[model, tokens]]
    pictures = list((folder / "tables" / "image-files").glob("*/*.png"))
    assert names["size"] == sum(picture.stat().st_size for picture in pictures)
    assert names["words"] == [(model, 97)]
    assert len(capsys.readouterr().out.splitlines()) >= 41


def test_the_folder_is_as_the_page_says(folder: Path) -> None:
    assert main(["decode", "logs", "-o", "tables"]) == 0
    (table,) = re.findall(
        r"^## What is in the folder\n\n(.*?)\n\n", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    listed = {re.findall(r"`([^`]+)`", row[0])[0].split("/")[0] for row in rows}
    tables = {"events", "images", "responses", "items", "failures"}
    assert {path.name for path in (folder / "tables").iterdir()} == listed | tables


def test_the_summary_for_machines(folder: Path, capsys: Capture) -> None:
    ((_, block),) = blocks(PAGE, "json")
    shown = json.loads(block)
    assert main(["decode", "logs", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    del shown["totals"]["..."]
    assert {name: printed["totals"][name] for name in shown["totals"]} == shown["totals"]
    del shown["totals"], printed["totals"]
    assert printed == shown


def test_an_input_error_is_raised_as_the_page_says(folder: Path) -> None:
    scan = rapidsse.scan(["logs", "logs/missing.sse"], columns=["event"])
    for read in (list, pyarrow.Table.from_batches, lambda scan: scan.to_reader().read_all()):
        with pytest.raises(rapidsse.InputError, match="cannot read logs/missing"):
            read(scan)
    with pytest.raises(pyarrow.ArrowInvalid, match="cannot read logs/missing"):
        pyarrow.table(scan)


def test_the_readme(folder: Path, capsys: Capture) -> None:
    for library in ("jinja2", "PIL"):
        pytest.importorskip(library, reason='the report needs "rapidsse[report]"')
    for _, block in blocks(ROOT / "README.md", "console"):
        run_console(block, capsys)
    names: dict[str, Any] = {}
    for _, block in blocks(ROOT / "README.md", "python"):
        if re.search(r"^import polars", block, re.MULTILINE):
            pytest.importorskip("polars")
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102 (our own page)
    assert (folder / "partial.png").exists()
