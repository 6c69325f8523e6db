"""Runs the blocks of docs/typed.md."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from samples import DEMO, ROOT

PAGE = ROOT / "docs" / "typed.md"


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(DEMO, tmp_path / "stream.sse")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    names: dict[str, Any] = {}
    for block in blocks:
        # Without the future statement of this module.
        code = compile(block, str(PAGE), "exec", dont_inherit=True)
        exec(code, names)  # noqa: S102 (our own page)
    assert (tmp_path / "partial.png").read_bytes()[:4] == b"\x89PNG"
    assert capsys.readouterr().out

    def response() -> httpx.Response:
        return httpx.Response(200, content=(tmp_path / "stream.sse").read_bytes())

    names["read"](response())
    printed = capsys.readouterr().out
    asyncio.run(names["aread"](response()))
    assert capsys.readouterr().out == printed
    assert printed.count("ResponseTextDeltaEvent(") == 24
