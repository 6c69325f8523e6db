"""What bounds the memory that a recording takes, whatever it holds.

A line is bounded by `LINE_LIMIT` and a document by `WHOLE_LIMIT` (`sources/_content.py`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

__all__ = ["MAX_ID", "MAX_INFLATED", "MAX_VALUES", "shortened"]

MAX_VALUES: Final = 5_000_000
"""Values in a document: each takes about a hundred bytes, however short its text is."""

MAX_INFLATED: Final = 256 << 20
"""Bytes of a compressed body that stands in a record as base64."""

MAX_ID: Final = 200
"""The most characters of an id that are kept: it distinguishes streams, or items."""


def shortened(id: str, most: int = MAX_ID) -> str:
    """What stands for an id of any length, in `most` characters: of a longer one its beginning, and
    a digest of all of it."""
    if len(id) <= most:
        return id
    end = f"...{sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    return id[: most - len(end)] + end
