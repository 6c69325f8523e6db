"""`scripts/differential.py` compares the engines, and finds where they differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from child_python import environment

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "differential.py"
# Makes the pure engine take the id 7 for an unknown field.
BROKEN = """
import rapidsse._pure._fields as fields
from rapidsse._pure import _frames
right = fields.field_of
def wrong(head, *, is_ended):
    return fields.UNKNOWN if head.startswith(b"id: 7") else right(head, is_ended=is_ended)
fields.field_of = _frames.field_of = wrong
"""

pytest.importorskip("rapidsse._rust", reason="the compiled engine is not built")
pytest.importorskip("pyarrow")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--seconds", "0", "--seed", "1", *arguments]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env=environment(**variables),
        timeout=300,
    )


def test_the_engines_agree_on_every_subject() -> None:
    done = run("--inputs", "10")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "90 inputs, 0 differences" in done.stdout


def test_a_difference_is_found(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    path = f"{tmp_path}:{environment()['PYTHONPATH']}"
    done = run("--inputs", "300", "frames", PYTHONPATH=path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "subject: frames" in done.stdout
    assert "1 differences" in done.stdout
