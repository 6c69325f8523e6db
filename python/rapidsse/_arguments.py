"""The arguments that readers share, checked with the messages of the compiled engine."""

from __future__ import annotations

from operator import index
from typing import TypeVar

__all__ = ["check_eof", "check_max_event_size", "check_source"]

SourceT = TypeVar("SourceT")


def check_source(source: SourceT) -> SourceT:
    """The source of chunks: an iterator, or `None`."""
    if source is not None and not hasattr(type(source), "__next__"):
        name = type(source).__name__
        raise TypeError(f"source must be an iterator of buffers, not {name}")
    return source


def check_eof(eof: str) -> None:
    """Refuses what says nothing about an event whose blank line is missing."""
    if eof not in ("discard", "dispatch"):
        raise ValueError(f"eof must be 'discard' or 'dispatch', not {eof!r}")


def check_max_event_size(size: int | None) -> int | None:
    """The most bytes that an event may hold; `None` means no limit."""
    if size is None:
        return None
    try:
        limit = index(size)
    except TypeError:
        name = type(size).__name__
        raise TypeError(f"max_event_size must be an int or None, not {name}") from None
    if limit < 0:
        raise ValueError(f"max_event_size must not be negative, not {size!r}")
    return limit
