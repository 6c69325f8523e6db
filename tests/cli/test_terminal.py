"""The terminal with rich and without: the same characters, and styles only with it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from rapidsse.cli import main
from rapidsse.cli.progress import progress_bar
from rapidsse.cli.terminal import open_screen
from rapidsse.job import Progress

EXAMPLE = Path(__file__).parents[2] / "examples" / "image_generation.sse"
BROKEN = b'event: response.created\ndata: {"type": "\n\n'


@pytest.fixture
def without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports of rich fail, as they do where it is not installed."""
    for name in ("rich", *(name for name in sys.modules if name.startswith("rich."))):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "rapidsse.cli.rich_terminal", raising=False)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", ["decode", "verify"])
@pytest.mark.parametrize("is_broken", [False, True])
def test_both_forms_print_the_same_characters(
    command: str,
    is_broken: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    log = tmp_path / "Ein Протокол 東京.sse"
    log.write_bytes(EXAMPLE.read_bytes() + (BROKEN if is_broken else b""))
    status = main([command, str(log)])
    pretty = capsys.readouterr()
    request.getfixturevalue("without_rich")
    assert main([command, str(log)]) == status == is_broken
    assert capsys.readouterr() == pretty
    assert "\x1b" not in pretty.out
    assert ("──" in pretty.out) is (command == "decode" or is_broken)


def test_styles_reach_a_terminal_with_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    open_screen(terminal).print([("problem", "bold red"), (" [bold]1[/]\n", "")])
    assert terminal.getvalue() == "\x1b[1;31mproblem\x1b[0m [bold]1[/]\n"


@pytest.mark.usefixtures("without_rich")
def test_no_styles_reach_a_terminal_without_rich() -> None:
    terminal = Terminal()
    open_screen(terminal).print([("problem", "bold red"), (" [bold]1[/]\n", "")])
    assert terminal.getvalue() == "problem [bold]1[/]\n"


@pytest.mark.parametrize(("encoding", "ascii_only"), [("ascii", True), ("utf-8", False)])
@pytest.mark.parametrize("has_rich", [True, False])
def test_frames_are_ascii_where_the_encoding_is(
    encoding: str, ascii_only: bool, has_rich: bool, request: pytest.FixtureRequest
) -> None:
    if not has_rich:
        request.getfixturevalue("without_rich")
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert open_screen(file).ascii_only is ascii_only


@pytest.mark.parametrize("has_rich", [True, False])
def test_lines_are_as_wide_as_the_terminal(
    has_rich: bool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if not has_rich:
        request.getfixturevalue("without_rich")
    monkeypatch.setenv("COLUMNS", "120")
    assert open_screen(Terminal()).width == 120
    monkeypatch.setenv("COLUMNS", "20")
    assert open_screen(Terminal()).width == 80


@pytest.mark.usefixtures("without_rich")
def test_progress_without_rich_is_one_line_that_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar() as watch:
        assert watch is not None
        watch(Progress(3 << 20, 1 << 20))
    first, *_, last, end = terminal.getvalue().split("\r")[1:]
    assert first.startswith("1.0 of 3.0 MiB, 0 events/s")
    assert (last.strip(), end) == ("", "")


@pytest.mark.parametrize("has_rich", [True, False])
def test_a_terminal_that_is_gone_does_not_end_the_job(
    has_rich: bool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if has_rich:
        pytest.importorskip("rich")
    else:
        request.getfixturevalue("without_rich")
    writes: list[str] = []

    class Gone(Terminal):
        def write(self, text: str, /) -> int:
            writes.append(text)
            raise OSError(5, "Input/output error")

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Gone())
    with progress_bar() as watch:
        assert watch is not None
        watch(Progress(3 << 20, 1 << 20))
    assert len(writes) > 1


@pytest.mark.usefixtures("without_rich")
def test_a_broken_rich_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich" / "__init__.py").write_text("import a_module_that_rich_needs")
    monkeypatch.syspath_prepend(os.fspath(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_rich_needs"):
        open_screen(sys.stdout)
