"""Standard streams that are closed, full or broken, as in a daemon: a status, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from child_python import environment
from samples import DEMO

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and a shell"),
]


def run(redirection: str, *argv: object) -> tuple[int, str, str]:
    """Runs a command by the shell; its status, and what it printed on either stream."""
    command = f'exec "$0" -m rapidsse "$@" {redirection}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, *map(str, argv)],
        check=False,
        # Buffered, as for most users: what is not yet written fails at the end.
        env=environment(PYTHONUNBUFFERED=""),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_all_closed(tmp_path: Path) -> None:
    """The results are in the folder, and none of its files took the number of a stream."""
    out, whole = tmp_path / "out", tmp_path / "whole"
    assert run("<&- >&- 2>&-", "decode", DEMO, "-o", out) == (0, "", "")
    assert run("", "decode", DEMO, "-o", whole)[0] == 0
    files = [path.relative_to(whole) for path in whole.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert (out / path).read_bytes() == (whole / path).read_bytes()


@pytest.mark.parametrize("command", ["decode", "verify"])
def test_standard_input_that_is_closed(command: str) -> None:
    status, output, errors = run("<&-", command, "-")
    assert status == 2
    assert "it is closed" in output + errors
    assert "Traceback" not in output + errors


@pytest.mark.parametrize("argv", [["decode"], ["decode", "--json"], ["verify"]])
def test_standard_output_that_is_closed(argv: list[str]) -> None:
    assert run(">&-", *argv, DEMO) == (0, "", "")


@pytest.mark.parametrize(
    "argv",
    [
        ["decode", DEMO],
        ["decode", "--json", DEMO],
        ["verify", DEMO],
        ["report", DEMO, "-o", "-"],
        ["--help"],
    ],
)
def test_standard_output_that_is_full(argv: list[object]) -> None:
    said = "rapidsse: cannot write standard output: No space left on device\n"
    assert run(">/dev/full", *argv) == (2, "", said)


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_standard_error_that_cannot_be_written(tmp_path: Path, redirection: str) -> None:
    status, output, _ = run(redirection, "decode", DEMO)
    assert (status, output[:8]) == (0, "1 input,")
    assert run(redirection, "decode", tmp_path / "absent")[0] == 2
    assert run(redirection, "decode")[0] == 2


def test_a_size_past_every_limit(tmp_path: Path) -> None:
    out = tmp_path / "out"
    argv = ["decode", DEMO, "-o", out, "--max-event-size"]
    assert run("", *argv, "999999999999999999GiB")[0] == 0
    status, output, errors = run("", *argv, "9" * 40)
    assert (status, output) == (2, "")
    assert errors.splitlines()[-1].endswith(
        f"not a size: '{'9' * 40}'; give bytes, or KiB, MiB or GiB, such as 256MiB"
    )


def test_a_run_that_failed_does_not_wait_for_a_worker_that_is_stuck(tmp_path: Path) -> None:
    """One worker waits for the writer of a pipe, the other cannot write its part."""
    os.mkfifo(tmp_path / "pipe")
    script = tmp_path / "stuck.py"
    script.write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from rapidsse.cli import main\n"
        "from rapidsse.job import OutputError, _split_reader, _workers\n"
        "_workers._PATIENCE = 0.1\n"
        "real = _split_reader.SplitReader.read\n"
        "def read(reader, stop):\n"
        "    if not reader._split.ranges[0].source.endswith('pipe'):\n"
        "        time.sleep(0.2)\n"
        "        raise OutputError(Path('part'), 'No space left on device')\n"
        "    return real(reader, stop)\n"
        "_split_reader.SplitReader.read = read\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [
            *(sys.executable, script, "decode", tmp_path / "pipe", DEMO),
            *("-o", tmp_path / "out", "--workers", "2"),
        ],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "rapidsse: cannot write part: No space left on device\n"
