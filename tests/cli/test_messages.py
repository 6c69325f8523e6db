"""What the command line and the readers say of usual mistakes: what is wrong, and what to do."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse.cli import main
from rapidsse.job import IMAGES
from rapidsse.logs._bodies import FORMATS
from samples import DEMO

pytest.importorskip("pyarrow")

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, *argv: object) -> str:
    """The one line on standard error, of a command that does nothing but complain."""
    try:
        status = main(list(map(str, argv)))
    except SystemExit as exit:
        assert isinstance(exit.code, int)
        status = exit.code
    assert status == 2
    output, errors = capsys.readouterr()
    assert output == ""
    [line] = errors.splitlines()
    return line


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["decod", DEMO],
            (
                "rapidsse: error: no command 'decod' (did you mean decode?): "
                "there are decode, verify, report"
            ),
        ),
        (["x"], "rapidsse: error: no command 'x': there are decode, verify, report"),
        (
            [DEMO],
            (
                f"rapidsse: error: no command '{DEMO}' (to read this log: rapidsse decode {DEMO}): "
                "there are decode, verify, report"
            ),
        ),
        (
            ["--verison"],
            "rapidsse: error: no option '--verison' (did you mean --version?): --help lists them",
        ),
        (
            ["verify", DEMO, "--jsno"],
            "rapidsse verify: error: no option '--jsno' (did you mean --json?): --help lists them",
        ),
        (
            ["decode", DEMO, "--ouput=x"],
            "rapidsse decode: error: no option '--ouput' (did you mean --out?): --help lists them",
        ),
        (
            ["verify", DEMO, "--log-format", "sse", "--body-field", "x"],
            (
                "rapidsse: --body-field is for logs of format jsonl-body, not sse: leave out one "
                "of the two"
            ),
        ),
        (["decode", DEMO, "-z"], "rapidsse decode: error: no option '-z': --help lists them"),
        (
            ["decode", DEMO, "-o", "x", "y"],
            "rapidsse decode: error: 'y' stands apart from the other logs: name all in one place",
        ),
        (
            ["decode", DEMO, "--max-event-size", "5MB"],
            (
                "rapidsse decode: error: argument --max-event-size: not a size: '5MB'; "
                "give bytes, or KiB, MiB or GiB, such as 256MiB"
            ),
        ),
        (
            ["decode", DEMO, "--tables", "event"],
            (
                "rapidsse decode: error: argument --tables: no table 'event' (did you mean events?): "
                "there are events, images, responses, items, failures"
            ),
        ),
        (
            ["decode", DEMO, "--tables", ""],
            (
                "rapidsse decode: error: argument --tables: no table '': "
                "there are events, images, responses, items, failures"
            ),
        ),
        (
            ["verify", DEMO, "--log-format", "sse-mixd"],
            (
                "rapidsse verify: error: argument --log-format: no format 'sse-mixd' "
                f"(did you mean sse-mixed?): there are {', '.join(FORMATS)}"
            ),
        ),
        (
            ["decode", DEMO, "--format", "parket"],
            (
                "rapidsse decode: error: argument --format: no format 'parket' "
                "(did you mean parquet?): there are parquet, jsonl"
            ),
        ),
        (
            ["decode", DEMO, "--images", "maybe"],
            (
                "rapidsse decode: error: argument --images: no choice 'maybe': "
                f"there are {', '.join(IMAGES)}"
            ),
        ),
        (["decode", ""], "rapidsse: cannot read '': its name is empty: name a file"),
    ],
)
def test_arguments(argv: list[object], message: str, capsys: Capture) -> None:
    assert said(capsys, *argv) == message


@pytest.mark.parametrize(
    "option",
    [
        ["--payload"],
        ["--format", "jsonl"],
        ["--overwrite"],
        ["--images", "none"],
        ["--tables", "events"],
    ],
)
def test_options_of_an_output_that_is_not_named(option: list[str], capsys: Capture) -> None:
    message = f"rapidsse: {option[0]} is about what is written: name a folder with -o"
    assert said(capsys, "decode", DEMO, *option) == message


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        (["--format", "jsonl"], "--format parquet, not --format jsonl"),
        (["--payload"], "no --payload, not --payload"),
        (["--log-format", "sse"], "no --log-format, not --log-format sse"),
        (
            ["--tables", "events"],
            "--tables events,images,responses,items,failures, not --tables events",
        ),
    ],
)
def test_other_options_in_the_folder_of_a_run(
    options: list[str], difference: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert main(["decode", str(DEMO), "-o", str(out)]) == 0
    capsys.readouterr()
    assert said(capsys, "decode", DEMO, "-o", out, *options) == (
        f"rapidsse: cannot resume the run in {out}: it was started with {difference}; "
        "--overwrite starts anew"
    )


@pytest.mark.parametrize("command", ["decode", "report"])
def test_a_log_that_is_missing_comes_before_a_library_that_is(
    command: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "pyarrow" if command == "decode" else "jinja2"
    for name in [each for each in sys.modules if each.startswith("rapidsse.report")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    assert main([command, str(tmp_path / "absent"), "-o", str(tmp_path / "out")]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"rapidsse: cannot read {tmp_path / 'absent'}: No such file or directory"
    assert "rapidsse[" in second


def test_logs_that_are_missing_are_named_and_no_more(tmp_path: Path, capsys: Capture) -> None:
    logs = [tmp_path / "absent", tmp_path / "lost"]
    assert main(["decode", *map(str, logs)]) == 2
    printed, told = capsys.readouterr()
    # By workers side by side.
    assert sorted(told.splitlines()) == [
        f"rapidsse: cannot read {log}: No such file or directory" for log in logs
    ]
    assert not printed


@pytest.mark.parametrize("path", [None, 5, ["a"]])
def test_what_is_no_log(path: Any) -> None:
    message = f"^a log is a path, a URL or a buffer, not {type(path).__name__}$"
    with pytest.raises(TypeError, match=message):
        rapidsse.open_log(path)
    with pytest.raises(TypeError, match=message):
        rapidsse.scan([path])


def test_batch_rows_that_are_no_number() -> None:
    rows: Any = "3"
    message = "^batch_rows must be an int, not str$"
    with pytest.raises(TypeError, match=message):
        rapidsse.scan(DEMO, batch_rows=rows)
    (split,) = rapidsse.plan_splits(DEMO)
    with pytest.raises(TypeError, match=message):
        list(rapidsse.read_split(split, batch_rows=rows))


def test_a_system_without_memory(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("rapidsse.job.run_job", fails, raising=False)
    assert said(capsys, "decode", DEMO) == "rapidsse: cannot go on: there is not enough memory"


def test_a_system_without_threads(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one thread it goes on, and with none it says so."""
    real = threading.Thread.start
    started: list[str] = []

    def start(thread: threading.Thread) -> None:
        if len(started) == left:
            raise RuntimeError("can't start new thread")
        started.append(thread.name)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    left = 0
    no_thread = "[Errno 11] the system has no more threads"
    assert said(capsys, "decode", DEMO, "-o", tmp_path / "out") == (
        f"rapidsse: cannot go on: {no_thread}"
    )
    # A worker, one that puts its files in place, and one that flushes them to the disk.
    names = ["rapidsse-worker", "rapidsse-worker-finishing", "rapidsse-sync"]
    for left in (1, 2, 3):
        started.clear()
        assert main(["decode", str(DEMO), "-o", str(tmp_path / f"out-{left}")]) == 0
        assert [name.rpartition("_")[0] for name in started] == names[:left]


def test_an_error_of_the_system_is_not_one_of_standard_output(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("rapidsse.job.run_job", fails, raising=False)
    assert said(capsys, "decode", DEMO) == "rapidsse: cannot go on: [Errno 24] Too many open files"
