"""The thresholds of the streams, in bytes, as in `rust/core/src/limits.rs`. All but `MAX_VALUE`
change no result: they say from where on a way of doing it pays.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LONG_PAYLOAD", "MAX_COPY", "MAX_VALUE", "MIN_CUT"]

LONG_PAYLOAD: Final = 1 << 14
"""A payload of at least this length is searched for base64 before it is decoded; a shorter one only
where it does not decode as it is."""

MIN_CUT: Final = 512
"""Base64 of at least this length is cut out of its payload; reading shorter base64 costs less."""

MAX_COPY: Final = 1 << 20
"""A payload of at least this length is read in place; a shorter one is copied, because the buffer
protocol costs more."""

MAX_VALUE: Final = (1 << 31) - (128 << 20)
"""Larger events are no rows of a table, because Arrow's strings have offsets of 32 bits. What is left
of 2 GiB is more than a batch holds when one such event is added to it."""
