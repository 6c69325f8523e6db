"""Logs written to files, and what `open_log` finds in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from log_files import Event
from rapidsse.logs import LogFailure
from samples import delta, sse

__all__ = [
    "MIB",
    "OTHER",
    "SHORT",
    "STREAM",
    "broken",
    "failures",
    "number_of_events",
    "read_events",
    "records",
    "write",
]

MIB = 1 << 20
SHORT = sse(delta("a"), delta("b"))
OTHER = sse(delta("c"), "[DONE]")
STREAM = sse(*(delta(str(number)) for number in range(2000)))


def write(folder: Path, content: bytes, name: str = "log") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def number_of_events(path: str | Path, **options: Any) -> int:
    with rapidsse.open_log(path, **options) as log:
        return sum(1 for _ in log)


def broken(path: str, **options: Any) -> tuple[int, rapidsse.InputError]:
    """How many events come before the error, and the error."""
    count = 0
    with (
        rapidsse.open_log(path, on_error="skip", **options) as log,
        pytest.raises(rapidsse.InputError) as caught,
    ):
        for _ in log:
            count += 1
    return count, caught.value


def read_events(path: str, **options: Any) -> list[Event]:
    with rapidsse.open_log(path, **options) as log:
        return [(event.event, bytes(event.data_bytes)) for event in log]


def failures(path: str, **options: Any) -> list[LogFailure]:
    with rapidsse.open_log(path, on_error="yield", **options) as log:
        return [found for found in log if isinstance(found, LogFailure)]


def records(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)
