"""`read_split`: a table of one split as Arrow record batches."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, get_args

from .._errors import InputError
from .._limits import BATCH_ROWS
from ..logs._bodies import check
from ..logs.tables._schemas import Table, chosen, import_pyarrow
from ._open import open_ahead
from ._split import Split

if TYPE_CHECKING:
    import pyarrow as pa

    from ..logs.tables._tables import LogTables

__all__ = ["ON_INPUT_ERROR", "OnInputError", "read_split"]

OnInputError = Literal["raise", "keep"]
"""What `read_split` does about a log that cannot be read."""
ON_INPUT_ERROR: tuple[OnInputError, ...] = get_args(OnInputError)

_LOGGER = logging.getLogger("rapidsse")


def read_split(
    split: Split,
    *,
    table: str = "events",
    columns: Sequence[str] | None = None,
    batch_rows: int = BATCH_ROWS,
    views: bool = False,
    on_input_error: OnInputError = "raise",
) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a table that a split holds, as `scan` gives them; the same each time.

    `table`, `columns`, `batch_rows` and `views` are those of `scan`. `on_input_error` is for a
    log that cannot be read, or not to its end, or has changed since the split was planned:
    `"raise"` raises `InputError` after the rows before; `"keep"` keeps those rows, continues with
    the split's other logs, and logs a warning. The failures table then has a row of kind `input`
    for that log. Raises `ValueError` for an unknown table or column, or a value of a keyword that
    is not allowed, and `TypeError` for what is no split.
    """
    if not isinstance(split, Split):
        raise TypeError(f"expected a Split, as plan_splits yields them, not {type(split).__name__}")
    import_pyarrow()
    name, names = chosen(table, columns)
    if "path" in names:
        raise ValueError("a split writes no files, so it has no `path`: ask for `bytes`")
    check("on_input_error", on_input_error, ON_INPUT_ERROR)
    from ..logs.tables._tables import LogTables

    tables = LogTables(
        {name: names},
        max_event_size=split.reading.options.max_event_size,
        batch_rows=batch_rows,
        views=views,
        count_all=False,
    )
    return _batches(split, tables, name, keep=on_input_error == "keep")


def _batches(
    split: Split, tables: LogTables, table: Table, *, keep: bool
) -> Iterator[pa.RecordBatch]:
    for log_range, opening in open_ahead(split):
        was_opened = False
        try:
            log = opening()
            if log is None:
                continue
            with log:
                was_opened = True
                for _, batch in tables.read(log):
                    yield batch
        except InputError as error:
            # It names the file that was opened, the rows have the name that the user gave.
            named = InputError(log_range.source, error.reason)
            if not keep:
                raise named from error
            _LOGGER.warning("%s; the rest of it is left out", named)
            if not was_opened:
                for _, batch in tables.unreadable(named):
                    yield batch
