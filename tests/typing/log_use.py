"""Typical uses of logs, for the type checkers: `make lint` checks this file, nothing runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import rapidsse
from rapidsse import InputError, openai
from rapidsse.logs import Format, Log, LogEvent, LogFailure, expand


def events(path: Path) -> list[str]:
    with rapidsse.open_log(path, max_event_size=2**20) as log:
        assert_type(log, Log[LogEvent])
        assert_type(log.size, int | None)
        for event in log:
            assert_type(event, LogEvent)
            assert_type(event.data_bytes, memoryview)
            assert_type(event.json(), Any)
            delta = event.decode(openai.ResponseTextDeltaEvent)
            assert_type(delta, openai.ResponseTextDeltaEvent)
    return expand([path, "s3://bucket/*.jsonl.zst"])


def failures(path: str, format: Format) -> Iterator[tuple[int, bytes | None]]:
    try:
        for found in rapidsse.open_log(path, format=format, on_error="yield"):
            assert_type(found, LogEvent | LogFailure)
            if isinstance(found, LogFailure):
                yield found.offset, found.data
    except InputError as error:
        assert_type(error.reason, str)
