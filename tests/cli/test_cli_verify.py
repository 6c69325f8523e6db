"""`rapidsse verify`: what it prints, and its exit status."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from child_python import run_code
from rapidsse.cli import main
from samples import (
    completed,
    created,
    numbered,
    partial,
    png,
    sse,
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.sse"


def verify(*arguments: str | Path) -> int:
    return main(["verify", *map(str, arguments)])


def test_all_is_well(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(sse(created(), completed()))
    assert verify(log) == 0
    assert capsys.readouterr().out == "1 log, 1 stream, 2 events: all is well\n"
    assert verify(log, "--json") == 0
    assert capsys.readouterr().out == ""


def test_problems_in_a_table(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(sse(created(), *numbered(1, 3)))
    assert verify(log) == 1
    out = capsys.readouterr().out
    assert str(log) in out
    for words in ("gap", "no end", "resp_1", "1 sequence number", "missing: 2"):
        assert words in out
    assert out.endswith("1 log, 1 stream, 3 events: 2 problems in 1 log\n")


def test_problems_as_lines(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(sse(created()) + b"data: {\n\n")
    assert verify(log, "--json") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(line) for line in lines] == 2 * [
        {"source", "stream", "offset", "response_id", "kind", "detail"}
    ]
    assert [line["kind"] for line in lines] == ["json", "no_end"]
    assert [line["offset"] for line in lines] == [len(sse(created())), None]
    assert {line["source"] for line in lines} == {str(log)}


def test_rows_are_limited_and_counted(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(b"data: {\n\n" * 50)
    assert verify(log, "--rows", "5") == 1
    out = capsys.readouterr().out
    assert out.count("not JSON") == 5
    assert "... and 45 more (--rows)" in out
    assert "50 problems in 1 log" in out


def test_an_input_that_cannot_be_read(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_bytes(sse(created(), completed()))
    assert verify(tmp_path / "absent.sse", log, "--json") == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["kind"] == "input"
    assert verify(tmp_path / "absent.sse", log) == 2
    out = capsys.readouterr().out
    assert "absent.sse" in out
    assert "1 problem in 1 log" in out


def test_a_log_that_breaks_at_its_beginning_counts_once(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_bytes(gzip.compress(sse(created(), completed()))[:10] + b"\xff" * 50)
    for options in ([], ["--log-format", "sse"]):
        assert verify(log, *options) == 2
        out = capsys.readouterr().out
        assert "cannot be read" in " ".join(out.split())
        assert "1 log, 0 streams, 0 events: " in out


def test_bad_usage() -> None:
    with pytest.raises(SystemExit) as exit:
        verify()
    assert exit.value.code == 2


def test_text_of_a_log_sends_no_escape_sequence(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07"
    events = [created(evil), partial(evil, png()), {"type": "error", "message": evil}]
    log.write_bytes(sse(*events) + f"data: {evil}\n\n".encode())
    for options in ([], ["--json"]):
        assert verify(log, *options) == 1
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "owned" in out


def test_a_folder_is_searched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.sse").write_bytes(sse(created(), completed()))
    (tmp_path / "deep" / "b.sse").write_bytes(sse(created()))
    assert verify(tmp_path) == 1
    out = capsys.readouterr().out
    assert "b.sse" in out
    assert "a.sse" not in out
    assert "2 logs, 2 streams, 3 events: 1 problem in 1 log" in out


def test_pyarrow_is_not_needed(log: Path) -> None:
    log.write_bytes(sse(created(), completed()))
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from rapidsse.cli import main\n"
        f"sys.exit(main(['verify', {str(log)!r}]))"
    )
    run = run_code(code)
    assert (run.returncode, run.stderr) == (0, "")
