"""Settings of the whole process that make a job take less memory and time."""

from __future__ import annotations

import sys

from ..logs.tables._schemas import import_pyarrow

__all__ = ["prepare_process"]

_SWITCH_INTERVAL = 0.0005
"""Seconds. A worker holds the interpreter's lock for moments; by default the others wait 5 ms."""


def prepare_process(*, writes: bool) -> None:
    """Prepares a process that runs nothing but a job.

    Raises `ImportError` without pyarrow, which a job that writes tables needs.
    """
    if writes:
        arrow = import_pyarrow()
        # Arrow's own pool keeps much of the memory that was freed, and more on several threads.
        arrow.set_memory_pool(arrow.system_memory_pool())
    sys.setswitchinterval(_SWITCH_INTERVAL)
