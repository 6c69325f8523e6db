"""Recorded streams: logs as files, read event by event, or into tables.

Names are imported when they are first used; the tables need pyarrow (`rapidsse[batch]`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from ._bodies import Compression, Format
    from ._open import Log, LogEvent, LogFailure, open_log
    from ._scan import Scan, scan
    from .listing._paths import expand
    from .tables._schemas import SCHEMA_VERSION, schema

__all__ = [
    "SCHEMA_VERSION",
    "Compression",
    "Format",
    "Log",
    "LogEvent",
    "LogFailure",
    "Scan",
    "expand",
    "open_log",
    "scan",
    "schema",
]

_MODULES = {
    "SCHEMA_VERSION": "tables._schemas",
    "Compression": "_bodies",
    "Format": "_bodies",
    "Log": "_open",
    "LogEvent": "_open",
    "LogFailure": "_open",
    "Scan": "_scan",
    "expand": "listing._paths",
    "open_log": "_open",
    "scan": "_scan",
    "schema": "tables._schemas",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy(__name__, _MODULES)
