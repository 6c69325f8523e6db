"""Reads a body on the engine in use, cut anywhere."""

from __future__ import annotations

from typing import Any

import stream_strategies
from log_reading import Log, read_log
from rapidsse import _engine


def read_body(body: bytes, **options: Any) -> Log:
    """Reads a body whole, on the engine in use; cut between any two bytes it must be the same."""
    log = read_log(_engine, [(0, [body])], **options)
    if len(body) < 2000:
        bytewise = stream_strategies.cut(body, range(len(body)))
        assert read_log(_engine, [(0, bytewise)], **options) == log
    assert sum(log.totals[2:]) == len(body)
    return log
