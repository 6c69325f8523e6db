"""Any logs, whole or cut: what `decode` counts adds up to their bytes."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import log_strategies
from examples import examples
from log_files import COMPRESS
from rapidsse.cli import main
from rapidsse.job import _run
from rapidsse.splits import _plan

BODIES = {
    "sse": log_strategies.damaged(log_strategies.bodies()),
    "jsonl": log_strategies.damaged(log_strategies.line_bodies()),
}


def decode(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit status and what `--json` says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        status = main(["decode", "--json", *arguments])
    return status, json.loads(said.getvalue())


def check(folder: str, format: str) -> tuple[int, dict[str, Any]]:
    """Decodes a folder's logs and adds up."""
    status, found = decode(folder, "--log-format", format)
    totals = found["totals"]
    parts = (totals[name] for name in ("event_bytes", "failure_bytes", "other_bytes"))
    assert sum(parts) == totals["body_bytes"] == totals["content_bytes"]
    assert totals["input_bytes"] == sum(path.stat().st_size for path in Path(folder).iterdir())
    assert sum(events for events, _ in totals["types"].values()) == totals["events"]
    assert sum(nbytes for _, nbytes in totals["types"].values()) == totals["event_bytes"]
    assert sum(counts[0] for counts in totals["models"].values()) == totals["responses"]
    assert status == (2 if found["errors"] else bool(totals["failures"] or not totals["events"]))
    return status, totals


@pytest.mark.parametrize("format", BODIES)
@given(st.data())
@settings(max_examples=examples(20, deep=1000))
def test_whole_logs(format: str, data: st.DataObject) -> None:
    bodies = data.draw(st.lists(BODIES[format], min_size=1, max_size=3))
    packed = data.draw(st.lists(st.sampled_from(sorted(COMPRESS)), min_size=3, max_size=3))
    with tempfile.TemporaryDirectory() as folder:
        for number, (body, compression) in enumerate(zip(bodies, packed, strict=False)):
            # What a body begins with does not matter, but for what tells the compression.
            content = b"\n" + body
            Path(folder, f"{number}").write_bytes(COMPRESS[compression](content))
        status, totals = check(folder, format)
        assert status < 2
        assert totals["content_bytes"] == sum(len(body) + 1 for body in bodies)
        # In pieces they are the same.
        with (
            mock.patch.object(_run, "SPLIT_BYTES", 64),
            mock.patch.object(_plan, "OPEN_COST", 1),
        ):
            assert check(folder, format) == (status, totals)


@pytest.mark.parametrize("compression", sorted(set(COMPRESS) - {"none"}))
@given(st.data())
@settings(max_examples=examples(15, deep=500))
def test_archives_that_are_cut(compression: str, data: st.DataObject) -> None:
    archive = COMPRESS[compression](b"\n" + data.draw(BODIES["sse"]))
    with tempfile.TemporaryDirectory() as folder:
        for number, place in enumerate(data.draw(st.lists(st.floats(0, 1), max_size=2))):
            at = max(6, int(place * len(archive)))
            Path(folder, f"{number}").write_bytes(archive[:at])
        Path(folder, "whole").write_bytes(archive)
        _, totals = check(folder, "sse")
        assert totals["inputs"] == len(list(Path(folder).iterdir()))
