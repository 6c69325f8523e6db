"""The command line completes commands, options and choices in the shells that people have."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rapidsse.cli import main
from rapidsse.cli.completion import SHELLS

shtab = pytest.importorskip("shtab")


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", shell])
    assert ended.value.code == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    return output


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_every_command_and_option(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = script(shell, capsys)
    for word in ("decode", "verify", "report", "max-event-size", "overwrite", "json"):
        assert word in found


def test_no_shell_is_left_out() -> None:
    assert set(SHELLS) == set(shtab.SUPPORTED_SHELLS)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("rapidsse d", ["decode"]),
        ("rapidsse --v", ["--version"]),
        ("rapidsse decode --over", ["--overwrite"]),
        ("rapidsse decode --images f", ["files"]),
        ("rapidsse verify --log-format vc", ["vcr"]),
        ("rapidsse report a_l", ["a_log.sse"]),
        ("rapidsse decode x -o a_f", ["a_folder"]),
    ],
)
def test_bash_completes(
    line: str, completed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a_log.sse").touch()
    (tmp_path / "a_folder").mkdir()
    words = line.split()
    code = (
        f"{script('bash', capsys)}\n"
        f"COMP_WORDS=({line})\nCOMP_CWORD={len(words) - 1}\n"
        f"_shtab_rapidsse rapidsse {words[-1]} {words[-2]}\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.split() == completed


def test_without_the_library_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", "bash"])
    assert ended.value.code == 2
    message = 'rapidsse: error: --print-completion needs shtab: pip install "rapidsse[cli]"'
    assert capsys.readouterr().err.splitlines()[-1] == message
