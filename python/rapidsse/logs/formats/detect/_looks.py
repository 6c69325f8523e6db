"""What a log looks like in which no event was found, or none of a known API."""

from __future__ import annotations

import re
from codecs import BOM_UTF8

from ...._engine import FrameReader
from ..lines._envelope import envelope_of
from ..values._json import record_or_none
from ..values._streams import HEAD

__all__ = ["BEGINS", "looks_like", "member_with_event"]

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


def member_with_event(head: bytes) -> str | None:
    """The member, by keys joined with dots, in which the first events of an event stream that begins
    with `head` hold an event of a known API."""
    reader = FrameReader()
    reader.push(head[:HEAD])
    for event in reader:
        envelope = envelope_of(record_or_none(event.data_bytes))
        if envelope is not None and envelope.path:
            return ".".join(map(str, envelope.path))
    return None
