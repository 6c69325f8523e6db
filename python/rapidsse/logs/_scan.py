"""`scan`: logs as a stream of Arrow record batches, read while it is consumed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from .._errors import InputError
from .._limits import BATCH_ROWS
from ._options import MAX_EVENT_SIZE, ReadOptions, at_least_one
from .sources._source import InMemory
from .tables._schemas import chosen, import_pyarrow, schema

if TYPE_CHECKING:
    from pyarrow import RecordBatch, RecordBatchReader, Schema

    from ._bodies import Compression, Format
    from .tables._schemas import Table

    OneLog = str | os.PathLike[str] | InMemory
    Logs = OneLog | Iterable[OneLog]

__all__ = ["Scan", "scan"]


class Scan:
    """A table of some logs, which are read anew each time it is consumed.

    Anything that takes Arrow's PyCapsule interface takes it as it is: `polars.DataFrame(scan)`,
    `pyarrow.table(scan)`, `duckdb.from_arrow(scan)`. Iterating gives `pyarrow.RecordBatch`es.
    For a log that cannot be read, iterating raises `InputError` after the rows before the place
    where it broke; what reads through Arrow's interface raises its own error with that message.
    """

    __module__ = "rapidsse.logs"

    def __init__(
        self,
        paths: Logs,
        table: str,
        columns: Sequence[str] | None,
        options: ReadOptions,
        *,
        batch_rows: int,
        views: bool,
    ) -> None:
        import_pyarrow()
        self._table: Table
        self._table, self._columns = chosen(table, columns)
        if "path" in self._columns:
            raise ValueError("a scan writes no files, so it has no `path`: ask for `bytes`")
        # An open file gives its lines.
        is_file = hasattr(paths, "read") and not isinstance(paths, os.PathLike)
        is_named = isinstance(paths, str | os.PathLike | InMemory)
        is_one = is_named or is_file or not isinstance(paths, Iterable)
        # A generator could be read only once.
        self._logs: list[Any] = [paths] if is_one else list(cast("Iterable[Any]", paths))
        for log in self._logs:
            if not isinstance(log, str | os.PathLike | InMemory):
                raise TypeError(f"a log is a path, a URL or a buffer, not {type(log).__name__}")
        self._options = options
        self._batch_rows = at_least_one("batch_rows", batch_rows)
        self._views = views
        self._schema = schema(table, self._columns, views=views)

    @property
    def schema(self) -> Schema:
        """The columns asked for, with the table's name and version in the metadata."""
        return self._schema

    def __iter__(self) -> Iterator[RecordBatch]:
        # Imported here: they need pyarrow, and the readers of all formats.
        from ._open import Log
        from .tables._tables import LogTables

        tables = LogTables(
            {self._table: self._columns},
            max_event_size=self._options.max_event_size,
            batch_rows=self._batch_rows,
            views=self._views,
            count_all=False,
        )
        for each in _each(self._logs):
            with Log(each, self._options) as log:
                for _, batch in tables.read(log):
                    yield batch

    def to_reader(self) -> RecordBatchReader:
        """A `pyarrow.RecordBatchReader`, which reads the logs once."""
        reader: RecordBatchReader = import_pyarrow().RecordBatchReader.from_batches(
            self._schema, iter(self)
        )
        return reader

    def __arrow_c_schema__(self) -> object:
        return self._schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        reader: Any = self.to_reader()
        return reader.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Scan of {self._table}: {', '.join(self._columns)}>"


def _each(logs: Sequence[OneLog]) -> Iterator[str | InMemory]:
    """The logs meant by names, and those in memory, in their order. Raises `InputError` for folders
    without a file."""
    names = list[str | os.PathLike[str]]()
    for log in logs:
        if isinstance(log, InMemory):
            yield from _named(names)
            names.clear()
            yield log
        else:
            names.append(log)
    yield from _named(names)


def _named(names: Sequence[str | os.PathLike[str]]) -> Sequence[str]:
    from .listing._paths import expand

    found = expand(names)
    if names and not found:
        raise InputError(", ".join([os.fspath(name) for name in names]), "there are no files")
    return found


def scan(
    paths: Logs,
    *,
    table: str = "events",
    columns: Sequence[str] | None = None,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    event_field: str | None = None,
    max_event_size: int | None = MAX_EVENT_SIZE,
    batch_rows: int = BATCH_ROWS,
    views: bool = False,
) -> Scan:
    """Logs as one of the tables `events`, `images`, `responses`, `items` and `failures`.

    `paths` are files, folders (with all that is in them), globs, fsspec URLs, and the content
    of logs as `bytes` or another buffer; or one of these. Nothing is opened before the result is
    consumed, which anything does that takes Arrow's PyCapsule interface. `columns`: the names
    wanted, in their order; only they are computed. `None`: all of the table but those that
    `docs/tables.md` calls on request.
    `format`, `compression`, `body_field` and `event_field` are those of `open_log`. An event larger
    than `max_event_size` bytes is a failure; `None`: there is no limit. A batch has at most
    `batch_rows` rows, and fewer where they are large. `views` gives `string_view` and
    `binary_view` columns.

    Raises `ValueError` for an unknown table or column, and `ImportError` without pyarrow.
    """
    return Scan(
        paths,
        table,
        columns,
        ReadOptions(format, compression, body_field, max_event_size, event_field),
        batch_rows=batch_rows,
        views=views,
    )
