"""The five tables' columns, types and order, and the version of it all.

`docs/tables.md` says what each column means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..._limits import MAX_VALUE
from ..._text import suggestion

if TYPE_CHECKING:
    from pyarrow import Schema

__all__ = ["MAX_EVENT", "SCHEMA_VERSION", "TABLES", "Table", "chosen", "import_pyarrow", "schema"]

SCHEMA_VERSION = 1
"""Goes up when a column is renamed, dropped, or changes its type or meaning."""

MAX_EVENT = MAX_VALUE
"""A larger event is a failure."""

Table = Literal["events", "images", "responses", "items", "failures"]

TABLES: tuple[Table, ...] = get_args(Table)

_TYPES: dict[Table, dict[str, str]] = {
    "events": {
        "source": "string",
        "stream": "int64",
        "response_id": "string",
        "offset": "int64",
        "length": "int64",
        "index": "int64",
        "event": "string",
        "sequence_number": "int64",
        "output_index": "int64",
        "content_index": "int64",
        "item_id": "string",
        "delta": "string",
        "payload": "string",
    },
    "images": {
        "source": "string",
        "stream": "int64",
        "response_id": "string",
        "item_id": "string",
        "kind": "string",
        "partial_image_index": "int64",
        "media_type": "string",
        "width": "int64",
        "height": "int64",
        "size": "int64",
        "sha256": "string",
        "bytes": "large_binary",
        "path": "string",
    },
    "responses": {
        "source": "string",
        "stream": "int64",
        "response_id": "string",
        "model": "string",
        "status": "string",
        "created_at": "timestamp",
        "completed_at": "timestamp",
        "input_tokens": "int64",
        "cached_tokens": "int64",
        "cache_write_tokens": "int64",
        "output_tokens": "int64",
        "reasoning_tokens": "int64",
        "total_tokens": "int64",
        "output_text": "string",
        "n_events": "int64",
        "n_images": "int64",
        "error_code": "string",
        "error_message": "string",
        "complete": "bool",
        "missing": "int64",
        "duplicates": "int64",
        "custom_id": "string",
    },
    "items": {
        "source": "string",
        "stream": "int64",
        "response_id": "string",
        "choice": "int64",
        "index": "int64",
        "kind": "string",
        "type": "string",
        "item_id": "string",
        "call_id": "string",
        "name": "string",
        "text": "string",
        "refusal": "string",
        "arguments": "string",
        "result": "string",
        "status": "string",
        "complete": "bool",
        "assembled": "bool",
        "custom_id": "string",
    },
    "failures": {
        "source": "string",
        "stream": "int64",
        "offset": "int64",
        "length": "int64",
        "index": "int64",
        "event": "string",
        "kind": "string",
        "message": "string",
        "data": "large_binary",
    },
}

# Those that take the most, and one that only a run that writes files can fill.
_ON_REQUEST = frozenset([("events", "payload"), ("images", "path")])


def import_pyarrow() -> Any:
    """The module `pyarrow`. Raises `ImportError` with what to install."""
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise ImportError('tables need pyarrow: pip install "rapidsse[batch]"') from error
    return pyarrow


def chosen(table: str, columns: Sequence[str] | None = None) -> tuple[Table, tuple[str, ...]]:
    """The table and its columns in the order asked for; `None`: all but those on request.

    Raises `ValueError` for a name that is not known or comes twice, and for no column at all.
    """
    if not isinstance(table, str) or table not in _TYPES:
        similar = suggestion(table, TABLES) if isinstance(table, str) else ""
        raise ValueError(f"unknown table {table!r}{similar}; the tables are {', '.join(TABLES)}")
    known = _TYPES[table]
    if columns is None:
        return table, tuple(name for name in known if (table, name) not in _ON_REQUEST)
    if isinstance(columns, str):
        raise TypeError(f"columns are a sequence of names: write [{columns!r}]")
    if not isinstance(columns, Iterable):
        raise TypeError(f"columns are a sequence of names, not {type(columns).__name__}")
    names = tuple(columns)
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown:
        raise ValueError(
            f"the {table} table has no column "
            + ", ".join(f"{name!r}{suggestion(str(name), known)}" for name in unknown)
            + f"; its columns are {', '.join(known)}"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the {table} table's column {', '.join(twice)} is asked for twice")
    if not names:
        raise ValueError(f"no column of the {table} table is asked for: name one, or pass None")
    return table, names


def schema(table: str, columns: Sequence[str] | None = None, *, views: bool = False) -> Schema:
    """The schema of a table, or of the named columns in the order asked for.

    `views` gives `string_view` and `binary_view` for `string` and `large_binary`. The
    metadata names the table (`rapidsse.table`) and `SCHEMA_VERSION` (`rapidsse.schema_version`).
    Raises `ValueError` for an unknown table or column, `ImportError` without pyarrow.
    """
    pa = import_pyarrow()
    name, names = chosen(table, columns)
    types = {
        "string": pa.string_view() if views else pa.string(),
        "large_binary": pa.binary_view() if views else pa.large_binary(),
        "int64": pa.int64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    fields = [pa.field(column, types[_TYPES[name][column]]) for column in names]
    metadata = {"rapidsse.table": name, "rapidsse.schema_version": str(SCHEMA_VERSION)}
    made: Schema = pa.schema(fields, metadata=metadata)
    return made
