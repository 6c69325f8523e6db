"""The parallel tool calls of chat, however servers number them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_items import call, check, chunk, items, max_parts, sse

Row = dict[str, Any]


def calls(path: Path, *events: Row) -> list[tuple[Any, ...]]:
    rows = check(path, sse(*events))
    return [(row["call_id"], row["name"], row["arguments"]) for row in rows]


def test_all_calls_have_the_same_number(tmp_path: Path) -> None:
    log = (
        chunk(tool_calls=[call(0, "a", "f", "1"), call(0, "b", "f", "2")]),
        chunk(tool_calls=[call(0, "c", "g", "3")]),
        chunk(tool_calls=[call(0, text="4"), call(0, "a", text="5")]),
        # What follows without an id goes on with the last one.
        chunk(tool_calls=[call(0, text="6")]),
    )
    expected = [("a", "f", "156"), ("b", "f", "2"), ("c", "g", "34")]
    assert calls(tmp_path / "log", *log) == expected


@pytest.mark.parametrize("index", [None, 0])
def test_ids_by_turns(tmp_path: Path, index: int | None) -> None:
    log = [chunk(tool_calls=[call(index, id, "f", "<")]) for id in "abc"]
    log += [chunk(tool_calls=[call(index, id, text=">")]) for id in "cab"]
    assert calls(tmp_path / "log", *log) == [(id, "f", "<>") for id in "abc"]


def test_ids_that_change_from_chunk_to_chunk(tmp_path: Path) -> None:
    """Only the first chunk of a call has its name."""
    log = (
        chunk(tool_calls=[call(0, "a1", "f", "")]),
        chunk(tool_calls=[call(0, "a2", text="{")]),
        chunk(tool_calls=[call(1, "b1", "g", "[")]),
        chunk(tool_calls=[call(0, "a3", text="}"), call(1, "b2", text="]")]),
    )
    assert calls(tmp_path / "log", *log) == [("a1", "f", "{}"), ("b1", "g", "[]")]


def test_the_same_id_under_other_numbers(tmp_path: Path) -> None:
    log = (
        chunk(tool_calls=[call(0, "x", "f", "1"), call(1, "x", "g", "2")]),
        chunk(tool_calls=[call(1, "x", text="3"), call(0, text="4")]),
    )
    assert calls(tmp_path / "log", *log) == [("x", "f", "14"), ("x", "g", "23")]


def test_an_id_that_comes_later(tmp_path: Path) -> None:
    log = (
        chunk(tool_calls=[call(0, None, "f", "1")]),
        chunk(tool_calls=[call(0, "x", text="2"), call(0, "y", "f", "3")]),
        chunk(tool_calls=[call(0, "x", text="4")]),
    )
    assert calls(tmp_path / "log", *log) == [("x", "f", "124"), ("y", "f", "3")]


def test_custom_tools_without_numbers(tmp_path: Path) -> None:
    def custom(name: str, text: str) -> Row:
        return {"custom": {"name": name, "input": text}}

    log = (chunk(tool_calls=[custom("f", "a"), custom("g", "b")]), chunk(tool_calls=[call(None)]))
    assert calls(tmp_path / "log", *log) == [(None, "f", "a"), (None, "g", "b")]


def test_calls_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many calls as there may be pieces; of those beyond none is complete."""
    most = max_parts(monkeypatch)
    many = [call(0, f"c{n}", "f", "") for n in range(most + 400)]
    log = [chunk(tool_calls=many), chunk(0, "stop")]
    rows = items(sse(*log))
    assert len(rows) <= most
    assert not any(row["complete"] for row in rows)
