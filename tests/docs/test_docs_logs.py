"""Runs the blocks of docs/logs.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from log_files import compress_zstd
from rapidsse.logs._bodies import FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "logs.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    line = json.dumps({"type": "response.created", "response": {"id": "resp_1"}}).encode()
    (tmp_path / "logs" / "2026-11-25.jsonl.zst").write_bytes(compress_zstd(line + b"\n"))
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 4
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102


def test_every_format_is_listed() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|.*\|.*\|.*\|$", PAGE.read_text(), re.MULTILINE)
    assert tuple(rows[1 : len(FORMATS) + 1]) == FORMATS
