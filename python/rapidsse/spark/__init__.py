"""The tables of logs as a data source of Spark: `SSEDataSource`. Needs `rapidsse[spark]`."""

from __future__ import annotations

try:
    import pyspark.sql.datasource as _datasource
except ModuleNotFoundError as error:
    if error.name is None or not error.name.startswith("pyspark"):
        raise
    raise ImportError(
        'rapidsse.spark needs PySpark 4.0 or newer: pip install "rapidsse[spark]"'
    ) from error

from ._source import SSEDataSource

del _datasource

__all__ = ["SSEDataSource"]
