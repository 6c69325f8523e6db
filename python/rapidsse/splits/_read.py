"""`read_split`: one split as Arrow record batches of one table."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from .._errors import InputError
from ..logs._bodies import check
from ..logs._listing import look
from ..logs._log import Log
from ..logs._range import RemoteInput, open_streams
from ..logs._remote import is_url
from ..logs._remote_file import RemoteFile
from ..logs._schemas import Table, chosen, import_pyarrow
from ._split import Piece, Reading, Split

if TYPE_CHECKING:
    import pyarrow as pa

    from ..logs._tables import LogTables

__all__ = ["BATCH_ROWS", "OnInputError", "open_piece", "read_split"]

OnInputError = Literal["raise", "keep"]

BATCH_ROWS = 16384

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
    """The rows of a table that a split holds, as `scan` has them; the same each time it is read.

    `table`, `columns`, `batch_rows` and `views` are those of `scan`. `on_input_error` is for a
    log that cannot be read, or not to its end, or has changed since the split was planned:
    `"raise"` raises `InputError` after the rows before; `"keep"` leaves it at them, goes on
    with the split's other logs, and logs a warning: the failures table has a row of kind
    `input` for it. Raises `ValueError` for an unknown table, column or keyword's value.
    """
    import_pyarrow()
    name, names = chosen(table, columns)
    if "path" in names:
        raise ValueError("a split writes no files, so it has no `path`: ask for `bytes`")
    check("on_input_error", on_input_error, ("raise", "keep"))
    from ..logs._tables import LogTables

    tables = LogTables(
        {name: names},
        max_event_size=split.reading.max_event_size,
        batch_rows=batch_rows,
        views=views,
        count_all=False,
    )
    return _batches(split, tables, name, keep=on_input_error == "keep")


def _batches(
    split: Split, tables: LogTables, table: Table, *, keep: bool
) -> Iterator[pa.RecordBatch]:
    for piece in split.pieces:
        opened = False
        try:
            log = open_piece(piece, split.reading)
            if log is None:
                continue
            with log:
                opened = True
                for _, batch in tables.read(log):
                    yield batch
        except InputError as error:
            # It names the file that was opened; the rows have the name that was given.
            named = InputError(piece.source, error.reason)
            if not keep:
                raise named from error
            _LOGGER.warning("%s; the rest of it is left out", named)
            if not opened:
                for _, batch in tables.unreadable(named):
                    yield batch


def open_piece(piece: Piece, reading: Reading) -> Log | None:
    """The log, with what the piece has of it; `None` if no stream begins there."""
    if is_url(piece.source):
        log = _open_remote(piece, reading)
    else:
        log = _open_local(os.path.join(reading.folder, piece.source), piece, reading)
    if log is not None:
        log.source = piece.source
    return log


def _open_local(path: str, piece: Piece, reading: Reading) -> Log | None:
    now = look(path)
    _check(piece, now.size, now.mtime_ns, None)
    if piece.stop is None:
        return _open_whole(path, reading)
    return _open_part(path, piece, piece.stop, reading)


def _open_remote(piece: Piece, reading: Reading) -> Log | None:
    if piece.size is None:
        return _open_whole(piece.source, reading)
    file = RemoteFile(piece.source)
    size, tag = file.state
    _check(piece, size, None, tag)
    if piece.stop is not None:
        return _open_part(file, piece, piece.stop, reading)
    if not file.has_ranges:
        return _open_whole(piece.source, reading)
    return _open_whole(RemoteInput(file, file.read(0, len(file))), reading)


def _check(piece: Piece, size: int | None, mtime_ns: int | None, tag: str | None) -> None:
    # What is not there at all is said when it is opened, and some stores tell less in listings.
    pairs = (piece.size, size), (piece.mtime_ns, mtime_ns), (piece.tag, tag)
    if any(before != now for before, now in pairs if None not in (before, now)):
        raise InputError(
            piece.source,
            "it has changed since the splits were planned: plan them again when it is no longer "
            "written to",
        )


def _open_whole(log: str | RemoteInput, reading: Reading) -> Log:
    return Log(
        log,
        format=reading.format,
        compression=reading.compression,
        body_field=reading.body_field,
        max_event_size=reading.max_event_size,
    )


def _open_part(log: str | RemoteFile, piece: Piece, stop: int, reading: Reading) -> Log | None:
    assert reading.format is not None, "only a log whose format is known is cut"
    return open_streams(
        log,
        piece.start,
        stop,
        format=reading.format,
        body_field=reading.body_field,
        max_event_size=reading.max_event_size,
    )
