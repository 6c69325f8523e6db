"""The tables of `departures`: both columns of every row, and the rows of the pages in docs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from departures import PAGES as TABLES_OF_PAGES
from departures import TABLES, Row, Use

import frame_oracle
from peer_reading import PAIRS, Counted, Pair

PAGES = Path(__file__).parents[2] / "docs" / "compat"

ROWS = [(library, row) for library, table in TABLES.items() for row in table]


def cases() -> list[Any]:
    """Each row of a stream, with each pair of readers of its level."""
    return [
        pytest.param(row, pair, id=f"{library}-{way}-{row.name}")
        for library, row in ROWS
        if isinstance(row, Row)
        for way, pair in PAIRS[library][level(row)].items()
        if way in row.options.get("way", (way,))
    ]


def level(row: Row) -> str:
    return "frames" if row.level == "live" else row.level


@pytest.mark.parametrize(("row", "pair"), cases())
def test_both_sides_of_a_row(row: Row, pair: Pair) -> None:
    for reader, expected in ((pair.peer, row.peer), (pair.ours, row.ours)):
        chunks = Counted(row.chunks)
        options = {name: value for name, value in row.options.items() if name != "way"}
        if row.level == "live":
            options["item"] = lambda event, chunks=chunks: (chunks.taken, event.data)
        reading = reader(chunks, **options)
        assert reading == expected
        # `True == 1` and the like.
        assert repr(reading) == repr(expected)


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=f"{library}-{row.name}") for library, row in ROWS if type(row) is Use],
)
def test_both_sides_of_a_use(row: Use) -> None:
    peer, ours = row.modules
    assert row.use(peer) == row.peer
    assert row.use(ours) == row.ours


@pytest.mark.parametrize(
    ("library", "row"), [pytest.param(*r, id=f"{r[0]}-{r[1].name}") for r in ROWS]
)
def test_the_verdict_fits(library: str, row: Row | Use) -> None:
    assert (row.verdict == "kept") == (row.peer == row.ours)


FIXED_BEYOND_THE_GRAMMAR = {
    # Which dispatches it: the SDK would fail on it.
    "empty data",
}  # fmt: skip


# Whose rows show the JSON of the data, and not the data.
DATA_AS_JSON = ("mistralai", "langgraph")


def test_fixed_is_what_the_grammar_says() -> None:
    checked = 0
    for library, row in ROWS:
        if (
            library in DATA_AS_JSON
            or not isinstance(row, Row)
            or row.verdict != "fixed"
            or row.level != "frames"
        ):
            continue
        if row.options or row.name in FIXED_BEYOND_THE_GRAMMAR:
            continue
        expected = frame_oracle.read(b"".join(row.chunks)).events
        ours = [
            (event or "message", data, id or "", None if retry is None else int(retry))
            for event, data, id, retry in row.ours
        ]
        assert ours == expected, row.name
        checked += 1
    assert checked > 50


# The pages ----------------------------------------------------------------------------------------


def page_rows(library: str) -> list[tuple[str, str]]:
    """The names and the verdicts in the tables of a page: their first and last columns."""
    lines = (PAGES / f"{library}.md").read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"
    ]
    return [(row[0], row[-1]) for row in cells if len(row) == 4 and row[-1].strip("-") and row[0]]


@pytest.mark.parametrize("library", TABLES_OF_PAGES)
def test_the_page_has_the_same_rows(library: str) -> None:
    expected = [(row.name, row.verdict) for row in TABLES_OF_PAGES[library]]
    assert len({name for name, _ in expected}) == len(expected)
    assert sorted(page_rows(library)) == sorted(expected)
