"""The tables in the types of Spark, and record batches of exactly these types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pyarrow as pa
from pyspark.sql.types import (
    BinaryType,
    BooleanType,
    DataType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from ..logs.tables._arrow import batch as make_batch
from ..logs.tables._arrow import types
from ..logs.tables._schemas import Table, schema

__all__ = ["MAX_BATCH_BYTES", "columns_of", "plain", "plain_schema", "struct"]

MAX_BATCH_BYTES = 1 << 30
"""A column of `string` or `binary` holds less than 2 GiB."""

_SPARK: dict[pa.DataType, DataType] = {
    pa.string(): StringType(),
    pa.large_binary(): BinaryType(),
    pa.int64(): LongType(),
    pa.bool_(): BooleanType(),
    pa.timestamp("us", tz="UTC"): TimestampType(),
}


def struct(table: Table, columns: Sequence[str]) -> StructType:
    """Returns the columns as Spark declares them."""
    made = types(schema(table, columns))
    return StructType([StructField(name, _SPARK[type]) for name, type in made.items()])


def columns_of(table: Table, wanted: StructType) -> tuple[str, ...]:
    """Returns the names of a user's schema.

    Raises `ValueError` for a column that the table lacks, of another type, or `NOT NULL`.
    """
    names = tuple(field.name for field in wanted)
    for field, ours in zip(wanted, struct(table, names), strict=True):
        if field.dataType != ours.dataType:
            raise ValueError(
                f"the {table} table's column {field.name} is {ours.dataType.simpleString()}, "
                f"not {field.dataType.simpleString()}"
            )
        if not field.nullable:
            raise ValueError(f"the {table} table's column {field.name} is not declared NOT NULL")
    return names


def plain_schema(table: Table, columns: Sequence[str]) -> pa.Schema:
    """Returns the columns with `binary` for `large_binary`, which Spark does not read."""
    made = types(schema(table, columns))
    return pa.schema(
        [
            pa.field(name, pa.binary() if type == pa.large_binary() else type)
            for name, type in made.items()
        ]
    )


def plain(batch: pa.RecordBatch, shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yields the batch in a schema of `plain_schema`, in batches of at most `MAX_BATCH_BYTES`."""
    if batch.nbytes > MAX_BATCH_BYTES and batch.num_rows > 1:
        middle = batch.num_rows // 2
        yield from plain(batch.slice(0, middle), shape)
        yield from plain(batch.slice(middle), shape)
        return
    arrays: list[Any] = cast(Any, batch).columns
    yield make_batch(
        [
            array if array.type == type else array.cast(type)
            for array, type in zip(arrays, types(shape).values(), strict=True)
        ],
        shape,
    )
