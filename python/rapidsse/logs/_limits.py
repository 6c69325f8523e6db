"""What bounds the memory that a recording takes, whatever it holds.

A line is bounded by `LINE_LIMIT` and a document by `WHOLE_LIMIT` (`sources/_content.py`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_ID", "MAX_INFLATED", "MAX_VALUES"]

MAX_VALUES: Final = 5_000_000
"""Values in a document: each takes about a hundred bytes, however short its text is."""

MAX_INFLATED: Final = 256 << 20
"""Bytes of a compressed body that stands in a record as base64."""

MAX_ID: Final = 200
"""The most characters of an id that are kept: it distinguishes streams, or items."""
