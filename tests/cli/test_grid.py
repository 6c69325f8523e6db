"""The tables of a summary: how they are laid out in a width."""

from __future__ import annotations

from rich.cells import cell_len

from rapidsse.cli.grid import Column, Grid


def lines(grid: Grid, width: int, *, ascii_only: bool = False) -> list[str]:
    return str(grid.text(width, ascii_only=ascii_only)).splitlines()


def test_cells_that_fit_are_shown_whole() -> None:
    grid = Grid([Column("name"), Column("n", "number")], [("a", "1"), ("bcd", "1,000")])
    grid.foot = ("all", "1,001")
    grid.note = "... and 1 more"
    assert lines(grid, 80) == [
        "name      n",
        "───────────",
        "a         1",
        "bcd   1,000",
        "───────────",
        "all   1,001",
        "... and 1 more",
    ]


def test_names_give_way_and_numbers_do_not() -> None:
    grid = Grid([Column("name"), Column("n", "number")], [("x" * 50, "1" * 10)])
    assert lines(grid, 20)[2] == "x" * 7 + "…  " + "1" * 10
    assert lines(grid, 20, ascii_only=True) == [
        "name               n",
        "-" * 20,
        "x" * 5 + "...  " + "1" * 10,
    ]
    assert lines(grid, 12)[2] == "… " + "1" * 10


def test_a_column_keeps_its_least_width() -> None:
    grid = Grid([Column("a"), Column("b", least=6)], [("x" * 20, "y" * 20)])
    assert lines(grid, 16)[2] == "x" * 6 + "…  " + "y" * 6 + "…"
    assert lines(grid, 10)[2] == "x…  " + "y" * 5 + "…"


def test_folded_cells_go_on_below_each_other() -> None:
    grid = Grid([Column("k", "stay"), Column("why", "fold")], [("abc", "one two three" + "4" * 12)])
    assert lines(grid, 15)[2:] == ["abc  one two", "     three44444", "     4444444"]


def test_wide_characters_take_two_cells() -> None:
    grid = Grid([Column("name"), Column("why", "fold")], [("東京東京東京", "東京東京東京")])
    made = lines(grid, 14)
    assert all(cell_len(line) <= 14 for line in made)
    assert "".join(line.split()[-1] for line in made[2:]) == "東京東京東京"


def test_styles_are_those_of_cells() -> None:
    grid = Grid([Column("a"), Column("b")], [("x", "y")], styles={(0, 1): "red"})
    text = grid.text(80, ascii_only=True)
    assert [str(text)[span.start : span.end] for span in text.spans if span.style == "red"] == ["y"]
