"""`rapidsse decode`: a folder that has a run already, or another one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs import Capture, decode, errors, log, table, tree
from samples import DEMO

pytestmark = pytest.mark.usefixtures("small_splits")


def test_a_complete_run_does_nothing_again(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    decode(logs, "-o", out)
    first = capsys.readouterr().out
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    decode(logs, "-o", out, "--workers", 1)
    second = capsys.readouterr().out
    assert "was already complete" in second
    assert first.splitlines()[:-1] == second.splitlines()[:-1]
    after = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    del before[out / ".rapidsse" / "lock"], after[out / ".rapidsse" / "lock"]
    assert after == before


def test_another_run_is_refused(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    decode(logs, "-o", out)
    before = tree(out)
    for argv, said in (
        ([logs, "--payload"], "--payload"),
        ([logs, "--images", "none"], "--images files, not --images none"),
        ([logs, "--tables", "events"], "--tables"),
        ([logs / "a.sse"], "was one of its logs and is not now"),
        ([logs, DEMO], f"{DEMO} was not one of its logs"),
        ([logs, "--max-event-size", "1MiB"], "--max-event-size"),
    ):
        capsys.readouterr()
        decode(*argv, "-o", out, status=2)
        (error,) = errors(capsys)
        assert said in error
        assert "--overwrite starts anew" in error
    (logs / "c3.sse").write_bytes(log(1, 3))
    decode(logs, "-o", out, status=2)
    assert "c3.sse has changed since the run was started" in errors(capsys)[0]
    assert tree(out) == before
    decode(logs, "-o", out, "--overwrite", "--images", "none")
    assert not (out / "image-files").exists()
    assert len(table(out, "images")) == 116


def test_a_file_is_no_folder(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    (out := tmp_path / "out").write_bytes(b"mine")
    decode(logs, "-o", out, status=2)
    assert f"{out} is a file" in errors(capsys)[0]
    assert out.read_bytes() == b"mine"


def test_a_folder_of_no_run_is_left_alone(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for argv in ((), ("--overwrite",)):
        decode(logs, "-o", out, *argv, status=2)
        assert "is not empty, and no run of rapidsse made it" in errors(capsys)[0]
        assert [path.name for path in out.iterdir()] == ["notes.txt"]
    (out / "notes.txt").unlink()
    decode(logs, "-o", out)


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", "null", '{"rapidsse_run": 99}', "[" * 100_000, "\xff"]
)
def test_a_manifest_that_is_none(tmp_path: Path, logs: Path, capsys: Capture, content: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "rapidsse-run.json").write_text(content)
    decode(logs, "-o", out, status=2)
    assert "rapidsse: cannot resume" in errors(capsys)[0]
    assert [path.name for path in out.iterdir() if path.name != ".rapidsse"] == [
        "rapidsse-run.json"
    ]


def test_the_output_below_the_input_is_no_input(tmp_path: Path, logs: Path) -> None:
    out = logs / "out"
    decode(logs, "-o", out)
    before = tree(out)
    decode(logs, "-o", out)
    assert tree(out) == before


def test_two_runs_in_one_folder(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    fcntl = pytest.importorskip("fcntl")
    out = tmp_path / "out"
    decode(logs, "-o", out)
    capsys.readouterr()
    with open(out / ".rapidsse" / "lock", "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        decode(logs, "-o", out, status=2)
    assert errors(capsys) == [f"rapidsse: another run is at work in {out}"]
    decode(logs, "-o", out)


def test_a_run_of_another_version_is_refused(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    decode(logs, "-o", out)
    before = tree(out)
    manifest = json.loads((out / "rapidsse-run.json").read_bytes())
    manifest = {"rapidsse_run": 1, "made_by": manifest["made_by"], "inputs": [], "units": []}
    (out / "rapidsse-run.json").write_text(json.dumps(manifest))
    capsys.readouterr()
    decode(logs, "-o", out, status=2)
    (error,) = errors(capsys)
    assert error == (
        f"rapidsse: cannot resume the run in {out}: another version of rapidsse wrote it "
        "(format 1); --overwrite starts anew"
    )
    decode(logs, "-o", out, "--overwrite")
    assert tree(out) == before
