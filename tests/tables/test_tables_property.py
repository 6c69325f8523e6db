"""Any log: the tables are those of the plain reading, and no byte is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

import log_strategies
from examples import examples
from log_oracle import text_ended
from table_oracle import expected_tables
from table_reading import assert_same, rows


@pytest.mark.parametrize("lines", [False, True])
@given(
    sse=log_strategies.damaged(log_strategies.bodies()),
    other=log_strategies.damaged(log_strategies.line_bodies()),
)
@settings(max_examples=examples(50, deep=1500))
def test_generated_logs(lines: bool, sse: bytes, other: bytes) -> None:
    body = other if lines else sse
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        path.write_bytes(body)
        found = rows(path, format="jsonl" if lines else "sse", compression="none")
        read = body if lines else text_ended(body)
        assert_same(found, expected_tables(str(path), [(0, read)], lines=lines))
