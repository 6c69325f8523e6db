"""Tells an event stream by its beginning: what the formats that hold bodies look for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

__all__ = ["BODY", "HEAD", "is_stream", "stream_in"]

HEAD = 64 << 10
"""Bytes of a log, or characters of a body, that are looked at first."""

# Comments, blank lines and fields (each a line), up to the first `data` line.
_BEFORE_DATA = r"(?:(?::[^\r\n]*|(?:event|id|retry)(?::[^\r\n]*)?)?(?:\r\n|\n|\r))*+"
_STREAM = re.compile(rf"\ufeff?{_BEFORE_DATA}data:")
# What a string of JSON must be to be taken for a body without being named.
BODY = re.compile(rf"\ufeff?{_BEFORE_DATA}data: ?[{{\[]")


def is_stream(text: str) -> bool:
    """Whether a body begins as an event stream does."""
    return _STREAM.match(text, 0, HEAD) is not None


def stream_in(record: Any) -> str | None:
    """The first string of a JSON value, at any depth, that looks like an event stream."""
    stack = [record]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if BODY.match(value, 0, HEAD):
                return value
        elif isinstance(value, dict):
            stack.extend(reversed(cast("dict[str, Any]", value).values()))
        elif isinstance(value, list):
            stack.extend(reversed(cast("Sequence[Any]", value)))
    return None
