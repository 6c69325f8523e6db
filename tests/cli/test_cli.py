"""The command line: arguments, exit status, and what it says to whom."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from child_python import environment
from rapidsse.cli import main
from rapidsse.cli.commands import COMMANDS
from rapidsse.job import _workers
from samples import (
    DEMO,
    ROOT,
    call,
    chunk,
    completed,
    corpus,
    created,
    delta,
    done,
    partial,
    png,
    sse,
    usage,
)

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables as in a pipe, whatever the terminal that the tests run in asks for."""
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def log(folder: Path, content: bytes, name: str = "log.sse") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def report(capsys: Capture, *argv: str, status: int = 0) -> str:
    """Runs `decode`; returns its output, which nothing on standard error may go with."""
    assert main(["decode", *argv]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    assert all(len(line) <= 80 for line in captured.out.splitlines() if "/" not in line)
    return captured.out


def rows(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def test_the_demo_stream(capsys: Capture) -> None:
    output = report(capsys, str(DEMO))
    table = rows(output)
    size = f"{DEMO.stat().st_size:,}"
    assert f"1 input, {size} bytes: 1 stream, 41 events, 3 images, 0 failed" in output
    assert ["response.output_text.delta", "24"] in [row[:2] for row in table]
    images = [row[1:] for row in table if row[:1] == ["ig_demo0001c0ffee5eaf00d5ca1ab1e"]]
    assert [row[:-1] for row in images] == [
        ["partial", "0", "image/png", "512x512"],
        ["partial", "1", "image/png", "512x512"],
        ["final", "image/png", "512x512"],
    ]
    assert ["gpt-5-nano-2025-08-07", "1", "1,874", "1,024", "412", "256", "2,286"] in table
    assert ["the", "inputs", size] in table
    assert "\x1b" not in output


def test_the_corpus_decodes_but_for_the_documented_pictures(capsys: Capture) -> None:
    files = sorted(map(str, corpus().rglob("*.sse")))
    assert len(files) > 30
    output = report(capsys, *files, status=1)
    assert f"{len(files)} inputs" in output
    assert f"{len(files)} streams" in output
    # Its base64 is abridged.
    assert "2 failed" in output
    assert output.count("image_generation_documented.sse") == 0
    assert output.count("invalid base64 character") == 2


def test_the_bytes_add_up(tmp_path: Path, capsys: Capture) -> None:
    content = (
        b"\xef\xbb\xbf: hello\n\n" + sse(created(), "{", delta()) + b"id: 7\n\ndata: [DONE]\n\n"
    )
    assert main(["decode", log(tmp_path, content), "--json"]) == 1
    totals = json.loads(capsys.readouterr().out)["totals"]
    parts = [totals[f"{name}_bytes"] for name in ("event", "failure", "other")]
    assert all(parts)
    assert sum(parts) == totals["body_bytes"] == totals["input_bytes"] == len(content)


def test_failures_have_their_kind_place_and_reason(tmp_path: Path, capsys: Capture) -> None:
    bad = [created(), '{"type": "response.created", oops}', "7", delta()]
    content = sse(*bad) + b'data: {"type": "response.output_te'
    output = report(capsys, log(tmp_path, content), status=1)
    table = rows(output)
    assert "1 stream, 2 events, 0 images, 3 failed" in output
    failed = [row[:3] for row in table[table.index(["failed", "at", "byte", "event", "reason"]) :]]
    offsets = [len(sse(*bad[:n])) for n in (1, 2, 4)]
    for kind, offset, index in zip(("json", "schema", "truncated"), offsets, "124", strict=True):
        assert [kind, f"{offset:,}", index] in failed


def test_failures_of_several_logs_say_which(tmp_path: Path, capsys: Capture) -> None:
    one, two = log(tmp_path, sse("{"), "one.sse"), log(tmp_path, sse("{"), "two.sse")
    output = "".join(report(capsys, one, two, status=1).split())
    assert "one.sse:" in output
    assert "two.sse:" in output


def test_an_event_past_the_limit_fails_and_the_others_are_read(
    tmp_path: Path, capsys: Capture
) -> None:
    path = log(tmp_path, sse(created(), delta("x" * 5000), delta()))
    output = report(capsys, path, "--max-event-size", "4KiB", status=1)
    assert "2 events, 0 images, 1 failed" in output
    assert "too_large" in output
    report(capsys, path, "--max-event-size", "1MiB")


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"", "it is empty"),
        (b"data: [DONE]\n\n", "it looks like text and begins: data: [DONE]"),
        (b": only a comment\n\n", "it looks like text and begins: : only a comment"),
        (b"<!DOCTYPE html>\n\n", "it looks like HTML or XML and begins: <!DOCTYPE html>"),
        (b'{\n "detail":\n 1}', "it looks like JSON without an event and begins: {"),
    ],
)
def test_a_log_without_events(tmp_path: Path, capsys: Capture, content: bytes, looks: str) -> None:
    path = log(tmp_path, content, "log.sse")
    output = report(capsys, path, status=1)
    assert "0 streams, 0 events, 0 images, 0 failed" in output
    assert f"No event was found:\n{looks}" in output
    assert main(["verify", path]) == 2
    assert "no event was found: " in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "looks"),
    [
        (["--log-format", "sse"], "it was read as sse, the format that was given"),
        (["--body-field", "a.c"], "no line has one in the field 'a.c'"),
        (["--event-field", "b"], "no line has one in the field 'b'"),
    ],
)
def test_what_was_asked_for_is_named_where_no_event_is(
    tmp_path: Path, capsys: Capture, arguments: list[str], looks: str
) -> None:
    path = log(tmp_path, b'{"a": {"b": "data: {}"}, "c": "some other text"}\n')
    assert f"{looks}\n" in report(capsys, path, *arguments, status=1)


def test_a_page_of_html_is_called_so(tmp_path: Path, capsys: Capture) -> None:
    output = report(capsys, log(tmp_path, b"<html>\n<p>502 Bad Gateway", "log.sse"), status=1)
    assert "No event was found:\nit looks like HTML or XML and begins: <html>" in output


def test_what_was_left_out_is_counted(tmp_path: Path, capsys: Capture) -> None:
    stream = sse(created(), completed()).decode()
    record = {"prompt": stream, "response": stream}
    path = log(tmp_path, b"".join(json.dumps(each).encode() + b"\n" for each in (record, {"a": 1})))
    output = report(capsys, path)
    assert "1 record without events\n1 other stream or event in records, passed over\n" in output


def test_unreadable_inputs_do_not_keep_the_others_from_being_read(
    tmp_path: Path, capsys: Capture
) -> None:
    absent = str(tmp_path / "absent.sse")
    packed = log(tmp_path, b"\x1f\x8b\x08\x00rest", "log.sse.gz")
    bad = log(tmp_path, sse("{"), "bad.sse")
    assert main(["decode", absent, packed, bad, str(DEMO)]) == 2
    captured = capsys.readouterr()
    errors = sorted(captured.err.splitlines())
    assert len(errors) == 2
    assert errors[0].startswith(f"rapidsse: cannot read {absent}: ")
    assert errors[1].startswith(f"rapidsse: cannot read {packed}: ")
    assert "41 events" in captured.out
    assert main(["decode", absent, str(DEMO), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert [error["source"] for error in found["errors"]] == [absent]
    assert found["totals"]["events"] == 41


def test_names_that_stand_for_no_input(tmp_path: Path, capsys: Capture) -> None:
    for name in (str(tmp_path), str(tmp_path / "*.sse")):
        assert main(["decode", name, "-o", str(tmp_path / "out")]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("rapidsse: ")
        assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_rows_bounds_the_lists_but_not_the_counts(tmp_path: Path, capsys: Capture) -> None:
    many = [
        event for n in range(50) for event in (created(f"r{n}"), "{", partial("ig", png(n + 1)))
    ]
    output = report(capsys, log(tmp_path, sse(*many)), "--rows", "3", status=1)
    assert "50 streams, 100 events, 50 images, 50 failed" in output
    assert output.count("... and 47 more (--rows)") == 3
    assert len(output.splitlines()) < 50


def test_text_of_a_log_is_escaped_for_the_terminal(tmp_path: Path, capsys: Capture) -> None:
    evil = "[red]\x1b[31m\x00\u202e[/red][link=x]"
    events = [
        created(evil),
        {"type": evil},
        partial(evil, png()),
        completed(evil, model=evil, usage=usage(1, 2), status=evil),
        '{"type": "' + evil.replace("\x00", "") + '"}',
    ]
    output = report(capsys, log(tmp_path, sse(*events)), status=1)
    assert not set(output) & set("\x1b\x00\u202e")
    assert "[red]\\x1b[31m\\x00\\u202e[/red]" in output


def test_long_names_keep_the_tables_in_shape(tmp_path: Path, capsys: Capture) -> None:
    long = "x" * 10_000
    end = completed(long, model=long, usage=usage(10**9, 10**9, 10**8, 10**8), status="failed")
    item = done(long, png(4000, 1))
    path = log(tmp_path, sse(created(long), {"type": long}, item, end))
    output = report(capsys, path)
    assert "2,000,000,000" in output
    assert "4000x1" in output
    assert len(output) < 6000


def test_a_narrow_terminal_loses_no_column(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = report(capsys, str(DEMO))
    monkeypatch.setenv("COLUMNS", "30")
    assert report(capsys, str(DEMO)) == wide


def test_usage_errors(tmp_path: Path, capsys: Capture) -> None:
    path = log(tmp_path, sse(delta()))
    for argv in (
        [],
        ["decode"],
        ["encode", path],
        ["decode", path, "--max-event-size", "0"],
        ["decode", path, "--max-event-size", "many"],
        ["decode", path, "--rows", "-1"],
        ["decode", path, "--workers", "0"],
        ["decode", path, "--tables", "events,pictures"],
        ["decode", path, "--tables", ""],
        ["decode", path, "--images", "maybe"],
        ["decode", path, "--format", "csv"],
        ["decode", path, "--log-format", "toml"],
    ):
        with pytest.raises(SystemExit) as stop:
            main(argv)
        assert stop.value.code == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "error: " in captured.err


def test_pictures_without_the_images_table_are_bad_usage(tmp_path: Path, capsys: Capture) -> None:
    argv = ["decode", str(DEMO), "-o", str(tmp_path / "out"), "--tables", "events"]
    assert main([*argv, "--images", "files"]) == 2
    assert "--tables leaves out" in capsys.readouterr().err
    assert main(argv) == 0


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    expected = f"rapidsse {rapidsse.__version__} ({rapidsse.engine} engine)\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_fits_80_columns(
    command: str | None, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stop:
        main([*filter(None, [command]), "--help"])
    assert stop.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert max(map(len, lines)) <= 80


def test_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(DEMO.read_bytes())

    monkeypatch.setattr(sys, "stdin", Input())
    assert "41 events, 3 images, 0 failed" in report(capsys, "-")


def test_an_input_that_fails_halfway_is_reported_up_to_there(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Halfway(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            chunk = super().read1(size)
            if not chunk:
                raise OSError(5, "Input/output error")
            return chunk

    class Input:
        buffer = Halfway(sse(created(), delta()))

    monkeypatch.setattr(sys, "stdin", Input())
    assert main(["decode", "-"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "rapidsse: cannot read standard input: Input/output error\n"
    assert "1 stream, 2 events, 0 images, 1 failed" in captured.out


def test_an_interrupt_ends_without_a_traceback(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = _workers.wait

    def interrupt(*_: object, **__: object) -> None:
        monkeypatch.setattr(_workers, "wait", wait)
        raise KeyboardInterrupt

    monkeypatch.setattr(_workers, "wait", interrupt)
    out = tmp_path / "out"
    assert main(["decode", str(DEMO), "-o", str(out)]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "rapidsse: interrupted\n")
    assert not (out / ".rapidsse" / "tmp").exists()
    monkeypatch.undo()
    assert main(["decode", str(DEMO), "-o", str(out)]) == 0


def run(*argv: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    env = environment(**options.pop("env", {}))
    command = [sys.executable, "-m", "rapidsse", *argv]
    return subprocess.run(command, check=False, env=env, timeout=120, **options)


def test_as_a_program() -> None:
    done = run("decode", "-", input=DEMO.read_bytes(), capture_output=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert "\x1b" not in done.stdout.decode()
    assert max(map(len, lines)) <= 80


@pytest.mark.once
def test_without_arrow_it_says_what_to_install(tmp_path: Path) -> None:
    # Found before the installed one, and as absent as a module can be made.
    (tmp_path / "pyarrow.py").write_text("raise ModuleNotFoundError('no', name='pyarrow')")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    argv = ["decode", str(DEMO), "-o", str(tmp_path / "out")]
    done = run(*argv, capture_output=True, env={"PYTHONPATH": path})
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b'rapidsse: tables need pyarrow: pip install "rapidsse[batch]"\n'
    assert not (tmp_path / "out").exists()


@pytest.mark.once
def test_an_output_in_ascii_shows_every_character(tmp_path: Path) -> None:
    path = log(tmp_path, sse(created("é" * 3)))
    done = run("decode", path, capture_output=True, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"\\xe9\\xe9\\xe9" in done.stdout


@pytest.mark.once
@pytest.mark.skipif(os.name == "nt", reason="Windows reports a closed pipe differently")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    path = log(tmp_path, sse(*[delta("x")] * 2000))
    command = [sys.executable, "-m", "rapidsse", "decode", path]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_the_picture_in_both_events_is_one_row(tmp_path: Path, capsys: Capture) -> None:
    end = completed(output=[call("ig_1", png()), call("ig_2", png(9, 9))])
    path = log(tmp_path, sse(created(), done("ig_1", png()), end, chunk()))
    output = report(capsys, path)
    assert "2 streams, 4 events, 2 images, 0 failed" in output


@pytest.mark.once
@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_the_progress_bar_is_for_terminals(tmp_path: Path) -> None:
    import pty

    path = log(tmp_path, sse(*[delta("x")] * 20_000))
    ours, theirs = pty.openpty()
    try:
        done = run("decode", path, stdout=subprocess.PIPE, stderr=theirs, env={"TERM": "xterm"})
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    finally:
        os.close(ours)
    assert done.returncode == 0
    assert b"events/s" in shown
    assert b"20,000 events" in done.stdout


@pytest.mark.once
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_an_interrupt_ends_what_waits_for_a_writer(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "rapidsse", "decode", str(pipe)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as child:
        writer = _writer(pipe)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
        os.close(writer)
    assert (child.returncode, errors) == (130, "rapidsse: interrupted\n")


def _writer(pipe: Path) -> int:
    """The end of a pipe that writes, as soon as somebody reads."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.05)
