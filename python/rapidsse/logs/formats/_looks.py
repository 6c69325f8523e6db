"""What a log looks like in which no event was found."""

from __future__ import annotations

import re
from codecs import BOM_UTF8

__all__ = ["BEGINS", "looks_like"]

BEGINS = 28
"""Bytes that are quoted."""

_KINDS = {
    "HTML or XML": re.compile(rb"<[!?/A-Za-z]"),
    "JSON without an event": re.compile(rb"[{\[]"),
    "an HTTP response": re.compile(rb"HTTP/\d"),
}


def looks_like(head: bytes) -> str:
    """A clause about content that begins with `head`, without events."""
    text = head.removeprefix(BOM_UTF8).strip()
    if not text:
        return "it is empty"
    kind = next((name for name, begin in _KINDS.items() if begin.match(text)), "text")
    rest = "..." if len(text) > BEGINS else ""
    return (
        f"it looks like {kind} and begins: {text[:BEGINS].decode(errors='backslashreplace')}{rest}"
    )
