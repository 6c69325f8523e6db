"""Logs written to files, and what `open_log` finds in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rapidsse
from samples import delta, sse

__all__ = ["MIB", "STREAM", "broken", "number_of_events", "write"]

MIB = 1 << 20
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
