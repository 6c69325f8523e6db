"""`decode` on logs that are out to harm it: bounded memory, and nothing of them is run."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from child_python import environment
from examples import examples
from log_files import COMPRESS
from rapidsse.cli import main
from samples import completed, created, delta, sse

MEBIBYTE = 1 << 20
# Both above the memory that is allowed.
SIZE, BOMB = examples(3 << 26, deep=1 << 30), examples(3 << 26, deep=1 << 29)
STREAM = sse(created(), delta(), completed())
LIMIT = 8 * MEBIBYTE

linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads a process's memory as on Linux"
)


def decode(*argv: object, most: int) -> dict[str, Any]:
    """Runs `decode --json`, whose memory must stay below `most` bytes; returns the totals."""
    command = [sys.executable, "-m", "rapidsse", "decode", "--json", *map(str, argv)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) as process:
        status, peak = Path(f"/proc/{process.pid}/status"), 0
        while True:
            try:
                out, _ = process.communicate(timeout=0.01)
                break
            except subprocess.TimeoutExpired:
                lines = (line.split() for line in status.read_text().splitlines())
                peak = max([peak, *(int(line[1]) << 10 for line in lines if "RssAnon:" in line)])
    assert process.returncode in (0, 1)
    assert 0 < peak < most
    totals: dict[str, Any] = json.loads(out)["totals"]
    parts = [totals[f"{name}_bytes"] for name in ("event", "failure", "other")]
    assert sum(parts) == totals["body_bytes"] == totals["content_bytes"]
    return totals


@linux
@pytest.mark.deep
@pytest.mark.parametrize("before", [b"data: ", b"unknown: "])
def test_a_line_larger_than_the_memory(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "log.sse"
    with path.open("wb") as file:
        file.write(STREAM + before)
        # Zeros that take no room on the disk.
        file.seek(SIZE, 1)
        file.write(b"\n\n" + STREAM)
    totals = decode(path, "-o", tmp_path / "out", "--max-event-size", LIMIT, most=160 * MEBIBYTE)
    failed = before == b"data: "
    assert (totals["events"], totals["failures"], totals["streams"]) == (6, failed, 2)
    assert totals["input_bytes"] == 2 * len(STREAM) + len(before) + SIZE + 2


@linux
@pytest.mark.deep
@pytest.mark.parametrize(
    ("begins", "failures"),
    [
        (b"data: ", 1),
        pytest.param(b": ", 0, marks=pytest.mark.once),
        pytest.param(b"unknown: ", 0, marks=pytest.mark.once),
        (b"", 0),
    ],
)
def test_a_decompression_bomb(tmp_path: Path, begins: bytes, failures: int) -> None:
    path = tmp_path / "log.gz"
    # Lines of a mebibyte, or one line without an end.
    line = (begins.ljust(MEBIBYTE - 1, b"x") + (b"\n" if begins else b"x")) * 16
    bomb = gzip.compress(line) * (BOMB // len(line))
    path.write_bytes(gzip.compress(STREAM) + bomb + gzip.compress(b"\n\n" + STREAM))
    assert path.stat().st_size < 3 * MEBIBYTE
    totals = decode(path, "-o", tmp_path / "out", "--max-event-size", LIMIT, most=160 * MEBIBYTE)
    assert (totals["events"], totals["failures"]) == (6, failures)
    assert totals["content_bytes"] == BOMB + 2 + 2 * len(STREAM)


@pytest.mark.once
@pytest.mark.parametrize(
    "tag",
    [
        '!!python/object/apply:os.system ["touch {}"]',
        "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path [{}]]",
        "!!python/name:os.system",
        "!custom x",
    ],
)
@pytest.mark.parametrize("packed", ["none", "gzip"])
def test_tags_in_a_cassette(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tag: str, packed: str
) -> None:
    touched, path = tmp_path / "touched", tmp_path / "log.yaml"
    cassette = "interactions:\n- response:\n    body:\n      string: " + tag.format(touched)
    path.write_bytes(COMPRESS[packed](cassette.encode()))
    assert main(["decode", str(path), "-o", str(tmp_path / "out")]) == 2
    assert f"its YAML has the tag {tag.split()[0]} in line 4" in capsys.readouterr().err
    assert not touched.exists()
