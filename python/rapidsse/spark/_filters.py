"""Filters that the source applies instead of Spark: on the columns `event` and `source`.

Only filters that give the result of SQL for any text, and for null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pyarrow as pa
import pyspark.sql.datasource as spark

__all__ = ["Predicate", "keep", "predicate"]

Predicate = Callable[[str], bool]

# PySpark has filters from 4.1 on.
_EQUAL: Any = getattr(spark, "EqualTo", ())
_IN: Any = getattr(spark, "In", ())
_NOT_NULL: Any = getattr(spark, "IsNotNull", ())
_STARTS: Any = getattr(spark, "StringStartsWith", ())
_ENDS: Any = getattr(spark, "StringEndsWith", ())
_CONTAINS: Any = getattr(spark, "StringContains", ())
_NOT: Any = getattr(spark, "Not", ())


def predicate(filter: Any, column: str) -> Predicate | None:
    """Returns the test of `filter` for a text of this column; `None` if Spark must apply it.

    A null never passes.
    """
    if isinstance(filter, _NOT):
        # Nulls pass `NOT (x IS NOT NULL)`.
        if isinstance(filter.child, (_NOT, _NOT_NULL)):
            return None
        test = predicate(filter.child, column)
        return None if test is None else lambda text: not test(text)
    if getattr(filter, "attribute", None) != (column,):
        return None
    if isinstance(filter, _NOT_NULL):
        return lambda text: True
    if isinstance(filter, _IN):
        values = filter.value
        # With a null among the values, SQL gives unknown for a text that is none of them.
        if not all(isinstance(value, str) for value in values):
            return None
        return frozenset(values).__contains__
    value = getattr(filter, "value", None)
    if not isinstance(value, str):
        return None
    if isinstance(filter, _EQUAL):
        return value.__eq__
    if isinstance(filter, _STARTS):
        return lambda text: text.startswith(value)
    if isinstance(filter, _ENDS):
        return lambda text: text.endswith(value)
    if isinstance(filter, _CONTAINS):
        return lambda text: value in text
    return None


def keep(batch: pa.RecordBatch, column: str, tests: Sequence[Predicate]) -> pa.RecordBatch:
    """Returns the rows whose `column` passes all tests. A test runs once per distinct text."""
    if not tests:
        return batch
    encoded: Any = cast(Any, batch).column(column).dictionary_encode()
    passes = pa.array(
        [all(test(text) for test in tests) for text in encoded.dictionary.to_pylist()], pa.bool_()
    )
    # A null index takes a null, which the filter drops.
    mask: Any = passes.take(encoded.indices)
    return batch.filter(mask)
