"""A local Spark with two workers for the tests, and the tables that it reads."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

__all__ = ["SPARK_WARNINGS", "read", "spark_session", "table", "without_spark"]

SPARK_WARNINGS = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    # PySpark 4.0 leaves those it has read from to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]


def without_spark() -> str | None:
    """Why there is no Spark here, if there is none."""
    try:
        import pyspark  # noqa: F401
    except ModuleNotFoundError:
        return "needs PySpark"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and shutil.which("java", path=f"{home}/bin")):
        return "needs Java 17 or newer, which Spark runs on"
    return None


@contextmanager
def spark_session(folder: Path) -> Iterator[Any]:
    """A session that knows the source, with its workers in `folder`; a task that fails is tried
    four times.

    Without Spark the tests are skipped, unless `RAPIDSSE_SPARK=required`.
    """
    if reason := without_spark():
        if os.environ.get("RAPIDSSE_SPARK") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from pyspark.sql import SparkSession

    from rapidsse.spark import SSEDataSource

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYSPARK_DRIVER_PYTHON", sys.executable)
        builder: Any = SparkSession.builder
        builder = (
            builder.master("local[2,4]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.log.level", "OFF")
            .config("spark.driver.memory", "1g")
            # A session of a minute earns back no second compilation.
            .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
        )
        with pytest.MonkeyPatch.context() as inside:
            inside.chdir(folder)
            session = builder.getOrCreate()
        session.dataSource.register(SSEDataSource)
        yield session
        session.stop()


def read(spark: Any, paths: Any, *, source: str = "rapidsse", **options: Any) -> Any:
    """Logs as a DataFrame."""
    reader = spark.read.format(source).options(**options)
    several = isinstance(paths, list)
    return reader.load([str(path) for path in paths] if several else str(paths))


def table(frame: Any) -> pa.Table:
    """The rows of a DataFrame."""
    rows: pa.Table = frame.toArrow()
    return rows
