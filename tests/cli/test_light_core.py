"""The package beside msgspec and nothing else: import, decode, verify."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import rapidsse
from child_python import environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "image_generation.sse"

# `_missing_stdlib_info` is Python 3.15's own list of what a distribution leaves out.
MAIN = """\
import sys
sys.path.insert(0, {folder!r})
from rapidsse.cli import main
status = main({arguments!r})
found = {{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
found -= {{"__main__", "_distutils_hack", "__mp_main__", "_missing_stdlib_info"}}
print(*sorted(found), file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two packages."""
    folder = tmp_path_factory.mktemp("installed")
    for package in (rapidsse, msgspec):
        (source,) = package.__path__
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, folder / Path(source).name, ignore=ignore)
    return folder


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the command line where no other package can be imported."""
    code = MAIN.format(folder=str(folder), arguments=[*map(str, arguments)])
    # -I and -S: neither site-packages nor the tests' own folders are on the path.
    command = [sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=environment(), check=False
    )


def test_decode_prints_a_summary(folder: Path) -> None:
    done = run(folder, "decode", EXAMPLE, "--json")
    assert (done.returncode, done.stderr.split()) == (0, ["msgspec", "rapidsse"])
    totals = json.loads(done.stdout)["totals"]
    assert (totals["events"], totals["images"], totals["failures"]) == (41, 3, 0)

    done = run(folder, "decode", EXAMPLE)
    assert (done.returncode, done.stderr.split()) == (0, ["msgspec", "rapidsse"])
    assert "1 stream, 41 events, 3 images, 0 failed" in done.stdout
    assert "where the bytes are" in done.stdout


def test_verify_checks_a_log(folder: Path) -> None:
    done = run(folder, "verify", EXAMPLE)
    assert (done.returncode, done.stderr.split()) == (0, ["msgspec", "rapidsse"])
    assert done.stdout == "1 log, 1 stream, 41 events: all is well\n"


@pytest.mark.parametrize("command", ["decode", "report"])
def test_what_needs_an_extra_says_which(command: str, folder: Path, tmp_path: Path) -> None:
    done = run(folder, command, EXAMPLE, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert 'pip install "rapidsse[' in done.stderr
    assert not (tmp_path / "out").exists()
