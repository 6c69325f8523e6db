"""`LogTables`: the tables of a log, as record batches, in one pass over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ._images import ImageSink
from ._totals import Totals

if TYPE_CHECKING:
    import pyarrow as pa

    from ._log import Log

__all__ = ["LogTables"]


class LogTables:
    """Reads logs one after another; `totals` adds up over them."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[str] | None],
        *,
        sink: ImageSink | None = None,
        max_event_size: int | None = None,
        batch_rows: int = 16384,
        views: bool = False,
        count_all: bool = True,
    ) -> None:
        self.totals = Totals()
        self.position = 0

    def read(self, log: Log) -> Iterator[tuple[str, pa.RecordBatch]]:
        raise NotImplementedError
