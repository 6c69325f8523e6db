"""The content of the page as plain data: bounded lists, and the number of omitted rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..logs.tables._totals import Totals
from ._thumbnails import Thumbnail

__all__ = ["Failure", "FirstRows", "Item", "LogRow", "Page", "Picture", "Response"]

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the gallery. `partial` is its index, -1 if unknown, or `None` if it is final."""

    partial: int | None
    media_type: str | None
    width: int | None
    height: int | None
    size: int | None
    sha256: str | None
    thumbnail: Thumbnail

    @property
    def name(self) -> str:
        """`Final`, `Partial`, or `Partial` with its index."""
        if self.partial is None:
            return "Final"
        return "Partial" if self.partial < 0 else f"Partial {self.partial}"


@dataclass(slots=True)
class Item:
    """The images of one item, from partial to final."""

    source: str
    stream: int
    response_id: str | None
    item_id: str | None
    pictures: list[Picture] = field(default_factory=list[Picture])

    def ordered(self) -> list[Picture]:
        """Returns the partial images by index, then the final one."""
        return sorted(
            self.pictures, key=lambda each: (each.partial is None, max(each.partial or 0, 0))
        )


@dataclass(frozen=True, slots=True)
class Response:
    """A response that failed, is incomplete, is cut short, or lacks events."""

    source: str
    stream: int
    response_id: str | None
    model: str | None
    problems: tuple[str, ...]
    error_code: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """An event or a record that does not decode; `data` is its beginning."""

    source: str
    offset: int | None
    length: int | None
    event: str | None
    kind: str
    message: str | None
    data: str | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log; `error` is the reason if it cannot be read to its end, `looks_like` says what it
    looks like if no event was found."""

    source: str
    format: str
    compression: str
    totals: Totals
    error: str | None = None
    looks_like: str | None = None


@dataclass(slots=True)
class FirstRows(Generic[Row]):
    """The first rows of a list, and the number of all rows."""

    limit: int
    rows: list[Row] = field(default_factory=list[Row])
    count: int = 0

    def add(self, row: Row) -> None:
        """Counts a row, and keeps it if there is room."""
        self.count += 1
        if len(self.rows) < self.limit:
            self.rows.append(row)

    @property
    def left_out(self) -> int:
        """The number of rows that are counted but not kept."""
        return self.count - len(self.rows)


@dataclass(slots=True)
class Page:
    """The content of the page.

    `items` has `images_shown` of all images. All logs are in or below `folder`, which ends in a
    separator or is empty.
    """

    made: str
    version: str
    totals: Totals
    logs: FirstRows[LogRow]
    unreadable: FirstRows[LogRow]
    items: list[Item]
    images_shown: int
    responses: FirstRows[Response]
    failures: FirstRows[Failure]
    failure_kinds: dict[str, int]
    folder: str
    empty: FirstRows[LogRow] = field(default_factory=lambda: FirstRows[LogRow](0))
    """The logs in which nothing was found."""
