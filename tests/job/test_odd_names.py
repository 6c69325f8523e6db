"""Logs whose names are not text: one spelling for each, in tables, file names and messages."""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import pytest

import rapidsse
from jobs import log, table
from rapidsse._names import spelled
from rapidsse.cli import main

Capture = pytest.CaptureFixture[str]

NAMES = [b"n\xff.sse", b"n\xfe.sse", b"n\\xff.sse", b"n\\x5cxff.sse", "é.sse".encode(), b"\\a.sse"]
SPELLED = [
    r"n\xff.sse",
    r"n\xfe.sse",
    r"n\x5cxff.sse",
    r"n\x5cx5cxff.sse",
    "é.sse",
    r"\a.sse",
]

posix = pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in NAMES:
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(log(1))
    return folder


@posix
def test_the_spelling_of_names() -> None:
    assert [spelled(os.fsdecode(name)) for name in NAMES] == SPELLED
    assert spelled("\ud800") == r"\ud800"
    # Spelled names are other names, if they are names of files at all.
    assert len(set(SPELLED)) == len({spelled(name) for name in SPELLED}) == len(NAMES)


@posix
def test_no_two_logs_become_one(tmp_path: Path, logs: Path) -> None:
    out = tmp_path / "out"
    assert main(["decode", str(logs), "-o", str(out)]) == 1
    for name in ("events", "images", "responses", "items", "failures"):
        rows = table(out, name)
        assert {row["source"] for row in rows} == {f"{logs}/{each}" for each in SPELLED}
        keys = {(row["source"], row["stream"]) for row in rows}
        assert len(keys) == len(NAMES)
    paths = {row["path"] for row in table(out, "images")}
    assert len(paths) == 2 * len(NAMES)
    assert all((out / path).is_file() for path in paths)
    assert main(["decode", str(logs), "-o", str(out)]) == 1


@posix
def test_messages_spell_names_as_the_tables_do(tmp_path: Path, logs: Path, capsys: Capture) -> None:
    broken = os.fsdecode(os.fsencode(tmp_path) + b"/b\xffroken.sse.gz")
    Path(broken).write_bytes(gzip.compress(log(200), 1)[:-1000])
    name = rf"{tmp_path}/b\xffroken.sse.gz"
    said = f"rapidsse: cannot read {name}: "
    out, page = tmp_path / "out", tmp_path / "page.html"
    assert main(["decode", broken, "-o", str(out)]) == 2
    assert capsys.readouterr().err.startswith(said)
    failure = table(out, "failures")[-1]
    assert (failure["source"], failure["kind"]) == (name, "input")
    assert failure["message"].startswith(f"cannot read {name}: ")
    assert main(["decode", broken, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["source"] == name
    assert main(["verify", broken, "--json"]) == 2
    assert {json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()} == {name}
    assert main(["verify", broken]) == 2
    assert name in capsys.readouterr().out
    assert main(["report", broken, str(logs), "-o", str(page)]) == 2
    assert capsys.readouterr().err.startswith(said)
    assert r"b\xffroken.sse.gz" in page.read_text().replace("<wbr>", "")


@posix
def test_the_name_that_an_error_holds_opens_the_log(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.sse")
    with pytest.raises(rapidsse.InputError) as caught:
        rapidsse.open_log(name)
    assert caught.value.source == name
    assert str(caught.value) == rf"cannot read {tmp_path}/\xff.sse: No such file or directory"
