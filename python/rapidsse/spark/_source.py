"""`SSEDataSource`: splits as partitions of Spark, their rows as Arrow batches."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import StructType

from .._names import spelled
from ..splits import Split, read_split
from ..splits._plan import divide, log_files
from ..splits._split import Reading
from ._filters import Predicate, keep, predicate
from ._options import SparkOptions
from ._types import columns_of, plain, plain_schema, struct

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SSEDataSource"]

_PUSHDOWN = "pyspark.sql.worker.data_source_pushdown_filters"


class SSEDataSource(DataSource):
    """Logs as a DataFrame: `spark.read.format("rapidsse").load(paths)`.

    Register it first: `spark.dataSource.register(SSEDataSource)`. `paths` are those of
    `rapidsse.plan_splits`; every executor must reach them under these names. Options:
    `table` (`events`, `images`, `responses`, `items` or `failures`), `columns` (names, separated by
    commas), `targetBytes` (bytes of a partition, of the logs as stored), `logFormat`,
    `compression`, `bodyField`, `eventField` and `maxEventSize` (bytes), those of `open_log`,
    `batchRows` (the most rows passed to Spark at a time) and `onInputError` (`raise`, or
    `keep`: see `rapidsse.read_split`).

    Only the columns of `columns`, or of a schema given to the reader, are computed.

    With the option `pushFilters` `true`, and `spark.sql.python.filterPushdown.enabled`, filters
    on `event` and `source` are applied before rows reach Spark, those on `source` before logs
    are planned. Use such a DataFrame for one query, and load it again for another: Spark keeps
    the filters of one query for all others of the same `load()`, and for the other side of a
    join or union.
    """

    @classmethod
    def name(cls) -> str:
        """`"rapidsse"`."""
        return "rapidsse"

    def schema(self) -> StructType:
        """Returns the requested columns; by default all but those on request."""
        options = SparkOptions.parse(self.options)
        return struct(options.table, options.columns)

    def reader(self, schema: StructType) -> DataSourceReader:
        """Returns the reader of the columns in `schema`."""
        options = SparkOptions.parse(self.options)
        columns = columns_of(options.table, schema)
        kind = _FilteringReader if options.push_filters and _pushes_down() else _Reader
        return kind(options, columns)


def _pushes_down() -> bool:
    """Returns whether this process is the one that asks which filters the reader applies.

    Spark rejects a reader with `pushFilters` while pushdown is disabled, and does not say
    whether it is; but only with pushdown does it start this process. In doubt, Spark filters.
    """
    main = getattr(sys.modules["__main__"], "__spec__", None)
    return _PUSHDOWN in sys.modules or getattr(main, "name", None) == _PUSHDOWN


class _Partition(InputPartition):
    """One split; `None`: nothing to read."""

    def __init__(self, split: Split | None) -> None:
        super().__init__(split)


class _Reader(DataSourceReader):
    """Reads the splits of some logs, and filters their rows."""

    def __init__(self, options: SparkOptions, columns: tuple[str, ...]) -> None:
        self._options = options
        self._columns = columns
        self._pushed: list[Any] = []

    def partitions(self) -> list[InputPartition]:
        """Returns one partition per split."""
        options = self._options
        tests = self._tests("source")
        logs = (
            log
            for log in log_files(options.paths)
            if all(test(spelled(log.source)) for test in tests)
        )
        splits = divide(logs, options.target_bytes, Reading(options.reading, os.getcwd()))
        # For an empty list Spark makes a partition of its own, which depends on its version.
        return [_Partition(split) for split in splits] or [_Partition(None)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yields the rows of a partition."""
        split = partition.value
        if split is None:
            return
        options, columns = self._options, self._columns
        shape = plain_schema(options.table, columns)
        batches = read_split(
            split,
            table=options.table,
            columns=columns,
            batch_rows=options.batch_rows,
            on_input_error=options.on_input_error,
        )
        # The plan has applied the filters on `source`.
        tests = self._tests("event")
        for batch in batches:
            batch = keep(batch, "event", tests)
            if batch.num_rows:
                yield from plain(batch, shape)

    def _tests(self, column: str) -> list[Predicate]:
        found = (predicate(filter, column) for filter in self._pushed)
        return [test for test in found if test is not None]


_FILTERED = ("event", "source")


class _FilteringReader(_Reader):
    """A reader that applies filters itself."""

    def pushFilters(self, filters: list[Any]) -> Iterable[Any]:
        """Keeps the filters on `event` and `source`; yields the others, which Spark applies."""
        for filter in filters:
            if any(predicate(filter, column) is not None for column in _FILTERED):
                self._pushed.append(filter)
            else:
                yield filter
