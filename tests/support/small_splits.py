"""Splits of few bytes, so that small logs take many."""

from __future__ import annotations

from collections.abc import Callable

from rapidsse.job import _run
from rapidsse.splits import _plan

__all__ = ["SMALL", "make_splits_small"]

SMALL = 1 << 14
"""Bytes of a split."""


def make_splits_small(set: Callable[[object, str, object], None] = setattr) -> None:
    """Makes jobs plan splits of `SMALL` bytes, of which several logs may share one."""
    set(_run, "SPLIT_BYTES", SMALL)
    set(_plan, "OPEN_COST", 1)
