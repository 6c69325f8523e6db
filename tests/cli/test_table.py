"""The tables of a summary: how they are laid out in a width."""

from __future__ import annotations

import pytest

from rapidsse.cli.cells import cell_len, fitted
from rapidsse.cli.table import Column, Table


def lines(table: Table, width: int, *, ascii_only: bool = False) -> list[str]:
    return "".join(text for text, _ in table.parts(width, ascii_only=ascii_only)).splitlines()


def test_cells_that_fit_are_shown_whole() -> None:
    table = Table([Column("name"), Column("n", "number")], [("a", "1"), ("bcd", "1,000")])
    table.foot = ("all", "1,001")
    table.note = "... and 1 more"
    assert lines(table, 80) == [
        "name      n",
        "───────────",
        "a         1",
        "bcd   1,000",
        "───────────",
        "all   1,001",
        "... and 1 more",
    ]


def test_names_give_way_and_numbers_do_not() -> None:
    table = Table([Column("name"), Column("n", "number")], [("x" * 50, "1" * 10)])
    assert lines(table, 20)[2] == "x" * 7 + "…  " + "1" * 10
    assert lines(table, 20, ascii_only=True) == [
        "name               n",
        "-" * 20,
        "x" * 5 + "...  " + "1" * 10,
    ]
    assert lines(table, 12)[2] == "… " + "1" * 10


def test_a_column_keeps_its_least_width() -> None:
    table = Table([Column("a"), Column("b", least=6)], [("x" * 20, "y" * 20)])
    assert lines(table, 16)[2] == "x" * 6 + "…  " + "y" * 6 + "…"
    assert lines(table, 10)[2] == "x…  " + "y" * 5 + "…"


def test_folded_cells_go_on_below_each_other() -> None:
    table = Table(
        [Column("k", "stay"), Column("why", "fold")], [("abc", "one two three" + "4" * 12)]
    )
    assert lines(table, 15)[2:] == ["abc  one two", "     three44444", "     4444444"]


def test_wide_characters_take_two_cells() -> None:
    table = Table([Column("name"), Column("why", "fold")], [("東京東京東京", "東京東京東京")])
    made = lines(table, 14)
    assert all(cell_len(line) <= 14 for line in made)
    assert "".join(line.split()[-1] for line in made[2:]) == "東京東京東京"


def test_styles_are_those_of_cells() -> None:
    table = Table([Column("a"), Column("b")], [("x", "y")], styles={(0, 1): "red"})
    parts = table.parts(80, ascii_only=True)
    assert [text for text, style in parts if style == "red"] == ["y"]


def test_the_rows_left_out_are_counted() -> None:
    table = Table([Column("n", "number")], [("1",), ("2",)])
    table.cut_off(2)
    assert table.note is None
    table.cut_off(1002)
    assert lines(table, 80)[-1] == "... and 1,000 more (--rows)"


@pytest.mark.parametrize(
    "text", ["", "abc", "東京", "a東b京c", "é", "e\u0301", "한국어", "ﾊﾛｰ", "\uff21", "🖼️", "—…─"]
)
def test_texts_take_as_many_cells_as_rich_says(text: str) -> None:
    cells = pytest.importorskip("rich.cells")
    # A selector makes the picture before it wide, or does not, as the terminal likes.
    plain = text.replace("\ufe0f", "")
    assert cell_len(plain) == cells.cell_len(plain)
    for width in range(8):
        assert cells.cell_len(fitted(plain, width)) == width
