"""Which engine runs: the environment decides, and what is broken is never hidden."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import rapidsse

pytestmark = pytest.mark.once

PACKAGE = Path(rapidsse.__file__).parent
HAS_RUST = importlib.util.find_spec("rapidsse._rust") is not None
needs_rust = pytest.mark.skipif(not HAS_RUST, reason="the compiled engine is not built")


def engine_of(path: Path, choice: str | None) -> subprocess.CompletedProcess[str]:
    """Runs `import rapidsse` from `path` in an interpreter of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "RAPIDSSE_ENGINE"}
    environment["PYTHONPATH"] = str(path)
    if choice is not None:
        environment["RAPIDSSE_ENGINE"] = choice
    return subprocess.run(
        [sys.executable, "-c", "import rapidsse; print(rapidsse.__file__, rapidsse.engine)"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def without_rust(tmp_path: Path) -> Path:
    """A folder with a copy of the package that lacks the compiled module."""
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    shutil.copytree(PACKAGE, tmp_path / "rapidsse", ignore=ignored)
    return tmp_path


def check(run: subprocess.CompletedProcess[str], path: Path, engine: str) -> None:
    assert run.stderr == ""
    assert run.stdout.split() == [str(path / "rapidsse" / "__init__.py"), engine]


def test_engine_has_a_name() -> None:
    assert rapidsse.engine in ("rust", "python")
    expected = "rapidsse._rust" if rapidsse.engine == "rust" else "rapidsse._pure"
    assert rapidsse._engine.FrameReader.__module__.startswith(expected)
    chosen = os.environ.get("RAPIDSSE_ENGINE")
    assert rapidsse.engine == (chosen or ("rust" if HAS_RUST else "python"))


def test_python_can_be_chosen() -> None:
    check(engine_of(PACKAGE.parent, "python"), PACKAGE.parent, "python")


@needs_rust
@pytest.mark.parametrize("choice", ["rust", "", None])
def test_rust_is_the_first_choice(choice: str | None) -> None:
    check(engine_of(PACKAGE.parent, choice), PACKAGE.parent, "rust")


def test_unknown_choice_is_refused() -> None:
    run = engine_of(PACKAGE.parent, "fast")
    assert run.returncode == 1
    assert "ImportError: RAPIDSSE_ENGINE is 'fast': set it to 'rust' or 'python'" in run.stderr


def test_the_pure_engine_that_is_chosen_warns_of_nothing(without_rust: Path) -> None:
    check(engine_of(without_rust, "python"), without_rust, "python")


@pytest.mark.parametrize("choice", ["", None])
def test_pure_engine_is_taken_where_the_compiled_is_absent(
    without_rust: Path, choice: str | None
) -> None:
    run = engine_of(without_rust, choice)
    if sys.implementation.name == "cpython":
        assert run.stderr.count("Warning") == 1
        # The line is that of the import.
        assert run.stderr.startswith("<string>:1: RuntimeWarning: rapidsse runs on its pure-Python")
        assert "RAPIDSSE_ENGINE=python silences" in run.stderr
        run.stderr = ""
    check(run, without_rust, "python")


def test_absent_engine_that_was_chosen_is_an_error(without_rust: Path) -> None:
    run = engine_of(without_rust, "rust")
    assert run.returncode == 1
    assert "ModuleNotFoundError: No module named 'rapidsse._rust'" in run.stderr


@pytest.mark.parametrize("choice", ["rust", "", None])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ImportError('symbol not found')", "ImportError: symbol not found"),
        ("import no_such_module", "No module named 'no_such_module'"),
        ("import rapidsse._no_such_module", "No module named 'rapidsse._no_such_module'"),
        ("1 / 0", "ZeroDivisionError"),
        ("", "AttributeError"),
    ],
)
def test_broken_engine_is_an_error(
    without_rust: Path, choice: str | None, code: str, message: str
) -> None:
    (without_rust / "rapidsse" / "_rust.py").write_text(code)
    run = engine_of(without_rust, choice)
    assert run.returncode == 1
    assert message in run.stderr
    check(engine_of(without_rust, "python"), without_rust, "python")


def test_broken_shared_object_is_an_error(without_rust: Path) -> None:
    (without_rust / "rapidsse" / f"_rust{EXTENSION_SUFFIXES[0]}").write_bytes(b"no library")
    run = engine_of(without_rust, None)
    assert run.returncode == 1
    assert "ImportError" in run.stderr
    assert "ModuleNotFoundError" not in run.stderr
