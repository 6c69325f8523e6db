"""Reads logs into a `Page`.

The limits bound the memory: an image becomes a thumbnail as soon as it is read, and what exceeds
a limit is only counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from .._apis import FAILED
from .._errors import InputError
from .._names import spelled
from .._version import __version__
from ..logs._open import Log
from ..logs.tables._tables import LogTables
from ..logs.tables._totals import Totals
from ._page import Failure, FirstRows, Item, LogRow, Page, Picture, Response
from ._thumbnails import Thumbnail, thumbnail

if TYPE_CHECKING:
    import pyarrow as pa

    from ..logs._options import ReadOptions

__all__ = ["Gatherer"]

BATCH_ROWS = 1024
BEGINNING = 200
"""The number of bytes that the page shows of what does not decode."""

_RESPONSES = (
    "stream",
    "response_id",
    "model",
    "status",
    "error_code",
    "error_message",
    "complete",
    "missing",
    "duplicates",
)
_FAILURES = ("offset", "length", "event", "kind", "message", "data")
_IMAGES = (
    "stream",
    "response_id",
    "item_id",
    "kind",
    "partial_image_index",
    "media_type",
    "width",
    "height",
    "size",
    "sha256",
)
_FOLDERS = re.compile(r"[^/\\]*[/\\]")


class Gatherer:
    """Gathers what the page shows.

    `images` is the maximum number of thumbnails, `rows` that of responses, of failures and of logs.
    """

    def __init__(self, *, options: ReadOptions, images: int, rows: int) -> None:
        """Raises `ImportError` without pyarrow."""
        self._images = images
        self._options = options
        self._folders: list[str] | None = None
        self._items: dict[tuple[int, int, str | None], Item] = {}
        self.page = Page(
            made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            version=__version__,
            totals=Totals(),
            logs=FirstRows(rows),
            unreadable=FirstRows(rows),
            empty=FirstRows(rows),
            items=[],
            images_shown=0,
            responses=FirstRows(rows),
            failures=FirstRows(rows),
            failure_kinds={},
            folder="",
        )
        self._tables()

    def read(self, source: str) -> None:
        """Reads a log. The page names a log that cannot be read to its end."""
        name = self._name(source)
        try:
            with Log(source, self._options) as log:
                tables, error = self._tables(), None
                try:
                    for table, batch in tables.read(log):
                        self._add(table, batch, name)
                except InputError as broken:
                    error = broken.reason
                totals = tables.totals
                looks = None if totals.found_or_failed else log.looks_like
                row = LogRow(name, log.format, log.compression, totals, error, looks)
        except InputError as broken:
            self._unreadable(name, broken.reason)
            return
        self.page.totals += row.totals
        self.page.logs.add(row)
        if looks is not None and error is None:
            self.page.empty.add(row)
        if error is not None:
            self.page.unreadable.add(row)

    def unreadable(self, source: str, reason: str) -> None:
        """Makes the page say that a log cannot be opened."""
        self._unreadable(self._name(source), reason)

    def _name(self, source: str) -> str:
        """Returns the name of a log as the page shows it, below the common folder of all."""
        if source != "-":
            self._folders = _common(_FOLDERS.findall(source), self._folders)
            self.page.folder = spelled("".join(self._folders))
        return spelled(source)

    def _unreadable(self, source: str, reason: str) -> None:
        self.page.totals.of_logs.inputs += 1
        self.page.unreadable.add(LogRow(source, "", "", Totals(), reason))

    def _tables(self) -> LogTables:
        columns: dict[str, tuple[str, ...]] = {
            "responses": _RESPONSES,
            "failures": _FAILURES,
            # These are only counted.
            "items": ("kind",),
        }
        if self.page.images_shown < self._images:
            columns["images"] = (*_IMAGES, "bytes")
        return LogTables(
            columns, max_event_size=self._options.max_event_size, batch_rows=BATCH_ROWS
        )

    def _add(self, table: str, batch: pa.RecordBatch, source: str) -> None:
        add = {"images": self._image, "responses": self._response, "failures": self._failure}
        if table not in add:
            return
        names = [name for name in batch.schema.names if name not in ("bytes", "data")]
        for number, row in enumerate(batch.select(names).to_pylist()):
            add[table](row, batch, number, source)

    def _image(self, row: dict[str, Any], batch: pa.RecordBatch, number: int, source: str) -> None:
        if self.page.images_shown >= self._images:
            return
        self.page.images_shown += 1
        content = _bytes(batch, "bytes", number)
        partial = None
        if row["kind"] == "partial":
            index = row["partial_image_index"]
            partial = -1 if index is None else max(index, -1)
        picture = Picture(
            partial=partial,
            media_type=row["media_type"],
            width=row["width"],
            height=row["height"],
            size=row["size"],
            sha256=row["sha256"],
            thumbnail=(
                Thumbnail(refused="not valid base64") if content is None else thumbnail(content)
            ),
        )
        item = Item(source, row["stream"], row["response_id"], row["item_id"])
        key = (self.page.logs.count, row["stream"], row["item_id"])
        if key not in self._items:
            self._items[key] = item
            self.page.items.append(item)
        self._items[key].pictures.append(picture)

    def _response(
        self, row: dict[str, Any], batch: pa.RecordBatch, number: int, source: str
    ) -> None:
        if problems := tuple(_problems(row)):
            self.page.responses.add(
                Response(
                    source=source,
                    stream=row["stream"],
                    response_id=row["response_id"],
                    model=row["model"],
                    problems=problems,
                    error_code=row["error_code"],
                    error_message=row["error_message"],
                )
            )

    def _failure(
        self, row: dict[str, Any], batch: pa.RecordBatch, number: int, source: str
    ) -> None:
        kinds, kind = self.page.failure_kinds, row["kind"]
        kinds[kind] = kinds.get(kind, 0) + 1
        data = _bytes(batch, "data", number)
        self.page.failures.add(
            Failure(
                source=source,
                offset=row["offset"],
                length=row["length"],
                event=row["event"],
                kind=kind,
                message=row["message"],
                data=None if data is None else _beginning(data),
            )
        )


def _problems(row: dict[str, Any]) -> Iterable[str]:
    status = row["status"]
    if status in FAILED:
        yield status
    elif row["error_code"] or row["error_message"]:
        yield "error"
    if not row["complete"]:
        yield "cut short"
    if row["missing"]:
        yield f"{row['missing']:,} missing"
    if row["duplicates"]:
        yield f"{row['duplicates']:,} twice"


def _common(one: list[str], other: list[str] | None) -> list[str]:
    """Returns the folders that two paths have in common."""
    if other is None:
        return one
    return [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


def _bytes(batch: Any, column: str, number: int) -> memoryview | None:
    """Returns a cell without copying it."""
    buffer = batch.column(column)[number].as_buffer()
    return None if buffer is None else memoryview(buffer)


def _beginning(data: memoryview) -> str:
    rest = "..." if len(data) > BEGINNING else ""
    return bytes(data[:BEGINNING]).decode(errors="backslashreplace") + rest
