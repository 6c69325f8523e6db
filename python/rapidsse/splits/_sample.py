"""How large a table is for the size of its logs, reckoned from a log's beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .._errors import InputError
from ..logs._schemas import Table, chosen
from ._read import open_piece
from ._split import Split

if TYPE_CHECKING:
    from ..logs._log import Log
    from ..logs._tables import LogTables

__all__ = ["table_ratio"]

_SAMPLE = 4 << 20
_BATCH_ROWS = 4096

_USUAL = {"events": 1.0, "images": 0.7, "responses": 0.02, "failures": 0.001}
"""Where there is nothing to read."""


def table_ratio(splits: Iterable[Split], table: str, columns: Sequence[str] | None = None) -> float:
    """Bytes of the table in memory for each byte of the logs as they lie there.

    About 4 MiB of the first log of each split are read. Logs that cannot be read, and parts in
    which no stream begins, do not count; without any other, an ordinary log is assumed.
    """
    name, names = chosen(table, columns)
    size = read = 0
    for split in splits:
        table_bytes, log_bytes = _sample(split, name, names)
        size, read = size + table_bytes, read + log_bytes
    return size / read if read else _USUAL[name]


def _sample(split: Split, table: Table, columns: Sequence[str]) -> tuple[int, int]:
    from ..logs._tables import LogTables

    tables = LogTables(
        {table: columns},
        max_event_size=split.reading.max_event_size,
        batch_rows=_BATCH_ROWS,
        count_all=False,
    )
    size = read = 0
    piece = split.pieces[0]
    if piece.stop is not None:
        piece = replace(piece, stop=min(piece.stop, piece.start + _SAMPLE))
    try:
        log = open_piece(piece, split.reading)
        if log is None:
            return 0, 0
        with log:
            for _, batch in tables.read(log):
                size += batch.nbytes
                read = _read(log, tables) - log.start
                if read >= _SAMPLE:
                    return size, read
            read = _read(log, tables) - log.start
    except InputError:
        return 0, 0
    return size, read


def _read(log: Log, tables: LogTables) -> int:
    """Where reading is, in the terms of the file."""
    # Of a remote log more has been fetched than was read.
    if log.mapped or log.compression != "none":
        return tables.position
    return log.start + log.content
