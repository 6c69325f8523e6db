"""A sub-folder that cannot be listed is reported, and hides no other log."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rapidsse.cli import main
from rapidsse.logs.listing._listing import list_logs
from samples import completed, created, sse

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log before and after a sub-folder that cannot be listed."""
    folder = tmp_path / "logs"
    for name in ("a", "locked", "z"):
        (folder / name).mkdir(parents=True)
        (folder / name / "log.sse").write_bytes(sse(created(), completed()))
    scandir: Callable[[Any], Any] = os.scandir

    # Root may list every folder, so the error is made here.
    def refuses(path: Any) -> Any:
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuses)
    return folder


def test_verify(logs: Path, capsys: Capture) -> None:
    (logs / "z" / "log.sse").write_bytes(sse(created()))
    assert main(["verify", str(logs), "--json"]) == 2
    problems = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = {(os.path.relpath(each["source"], logs), each["kind"]) for each in problems}
    assert found == {("locked", "input"), (os.path.join("z", "log.sse"), "no_end")}
    (problem,) = (each for each in problems if each["kind"] == "input")
    assert problem["detail"] == "cannot be read: Permission denied"


def test_report(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    page = tmp_path / "page.html"
    assert main(["report", str(logs), "-o", str(page)]) == 2
    locked = logs / "locked"
    assert capsys.readouterr().err == f"rapidsse: cannot read {locked}: Permission denied\n"
    text = page.read_text().replace("<wbr>", "")
    assert all(name in text for name in ("a/log.sse", "z/log.sse", "locked"))


def test_decode_makes_no_tables_that_lack_logs(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    assert main(["decode", str(logs), "-o", str(out)]) == 2
    locked = logs / "locked"
    assert capsys.readouterr().err == f"rapidsse: cannot read {locked}: Permission denied\n"
    assert not out.exists()


def test_files_that_cannot_be_looked_at_are_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of a folder whose names may be listed, and nothing more."""
    log = tmp_path / "log.sse"
    log.write_bytes(sse(created(), completed()))
    stat: Callable[..., Any] = os.stat

    def refuses(path: Any, **options: Any) -> Any:
        if path == str(log):
            raise PermissionError(13, "Permission denied", path)
        return stat(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", refuses)
        names = [each.source for each in list_logs([tmp_path])]
    assert names == [str(log)]


@pytest.mark.parametrize("command", ["verify", "report", "decode"])
def test_folders_without_files(command: str, tmp_path: Path, capsys: Capture) -> None:
    """They are an error, unless a log is named beside them."""
    folder, log = tmp_path / "empty", tmp_path / "log.sse"
    (folder / "_hidden").mkdir(parents=True)
    (folder / "_hidden" / "log.sse").write_bytes(b"")
    log.write_bytes(sse(created(), completed()))
    options = ["-o", str(tmp_path / "page.html")] if command == "report" else []
    assert main([command, str(folder), *options]) == 2
    captured = capsys.readouterr()
    assert "there are no files" in captured.out + captured.err
    assert main([command, str(folder), str(log), *options]) == 0
