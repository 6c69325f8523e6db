"""The options of a read, which Spark passes as strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from .._limits import BATCH_ROWS
from ..logs._bodies import COMPRESSIONS, FORMATS, check
from ..logs._options import MAX_EVENT_SIZE, ReadOptions
from ..logs.tables._schemas import Table, chosen
from ..splits import TARGET_BYTES
from ..splits._read import ON_INPUT_ERROR

if TYPE_CHECKING:
    from ..logs._bodies import Compression, Format
    from ..splits import OnInputError

__all__ = ["SparkOptions"]

# Spark passes them in lower case, and adds some of its own ("path", "paths").
_NAMES = {
    each.lower(): each
    for each in (
        "table", "columns", "targetBytes", "logFormat", "compression", "bodyField", "eventField",
        "maxEventSize", "batchRows", "onInputError", "pushFilters",
    )
}  # fmt: skip

_MAX_EVENT_SIZE = 1 << 30
"""Bytes. Spark holds no value of 2 GiB."""


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """Which table of which logs a DataFrame reads, and how."""

    paths: tuple[str, ...]
    table: Table
    columns: tuple[str, ...]
    target_bytes: int
    reading: ReadOptions
    batch_rows: int
    on_input_error: OnInputError
    push_filters: bool

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> SparkOptions:
        """Raises `ValueError` for an unknown option, or a value that is not allowed."""
        given = {name.lower(): value for name, value in options.items()}
        if "provider" in given:
            raise ValueError(
                "logs are not a table of the catalog: CREATE TEMPORARY VIEW ... USING rapidsse "
                "OPTIONS (path ...) makes a view of them"
            )
        paths = _paths(given.pop("path", None), given.pop("paths", None))
        if unknown := [name for name in given if name not in _NAMES]:
            raise ValueError(
                f"unknown option {', '.join(sorted(unknown))}; the options are "
                + ", ".join(_NAMES.values())
            )
        columns = given.get("columns")
        names = None if columns is None else [name.strip() for name in columns.split(",")]
        table, chosen_columns = chosen(given.get("table", "events"), names)
        if "path" in chosen_columns:
            raise ValueError("a DataFrame has no files, so it has no `path`: ask for `bytes`")
        log_format, compression = given.get("logformat"), given.get("compression")
        on_input_error = given.get("oninputerror", "raise")
        push_filters = given.get("pushfilters", "false").lower()
        check("logFormat", log_format, FORMATS)
        check("compression", compression, COMPRESSIONS)
        check("onInputError", on_input_error, ON_INPUT_ERROR)
        check("pushFilters", push_filters, ("true", "false"))
        return cls(
            paths,
            table,
            chosen_columns,
            _number("targetBytes", given, TARGET_BYTES),
            ReadOptions(
                cast("Format | None", log_format),
                cast("Compression | None", compression),
                given.get("bodyfield"),
                _number("maxEventSize", given, MAX_EVENT_SIZE, _MAX_EVENT_SIZE),
                given.get("eventfield"),
            ),
            _number("batchRows", given, BATCH_ROWS),
            cast("OnInputError", on_input_error),
            push_filters == "true",
        )


def _paths(one: str | None, several: str | None) -> tuple[str, ...]:
    if several is not None:
        return tuple(json.loads(several))
    if one is None:
        raise ValueError("no log is named: load(...) takes a path, or a list of paths")
    return (one,)


def _number(name: str, given: Mapping[str, str], default: int, most: int | None = None) -> int:
    value = given.get(name.lower())
    if value is None:
        return default
    if not value.strip().isdecimal() or int(value) < 1 or (most is not None and int(value) > most):
        allowed = "of at least 1" if most is None else f"from 1 to {most}"
        raise ValueError(f"{name} must be a number {allowed}, not {value!r}")
    return int(value)
