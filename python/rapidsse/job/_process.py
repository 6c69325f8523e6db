"""Settings of the whole process that make a job take less memory and time."""

from __future__ import annotations

import ctypes
import os
import sys
from types import ModuleType

from ..logs.tables._schemas import import_pyarrow

__all__ = ["prepare_process"]

_SWITCH_INTERVAL = 0.0005
"""Seconds. A worker holds the interpreter's lock for moments; by default the others wait 5 ms."""
_BLOCK = 256 << 10
"""Bytes. A block of memory this large goes back to the system when it is freed."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of glibc's malloc.h."""


def prepare_process(*, writes: bool, owns_process: bool = False) -> None:
    """Prepares a process for a job; `owns_process` says that it runs nothing else and ends with it.

    Raises `ImportError` without pyarrow, which a job that writes tables needs.
    """
    if writes:
        # Arrow's own pool keeps much of the memory that was freed, and more on several threads.
        # The writer of Parquet takes the pool that the environment names, others the one set.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        arrow = import_pyarrow()
        arrow.set_memory_pool(arrow.system_memory_pool())
        if owns_process:
            _leave_out_pandas(arrow)
        _give_back_blocks()
    sys.setswitchinterval(_SWITCH_INTERVAL)


class _NoPandas:
    """A finder of modules that finds no pandas."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("left out", name=name)


def _leave_out_pandas(arrow: ModuleType) -> None:
    """Keeps Arrow from importing pandas.

    Before it converts its first list, Arrow imports pandas if it is installed, to check whether the
    list is one of pandas' objects. It checks only once: later it does not recognise objects of pandas.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        arrow.array([0])
    finally:
        sys.meta_path.remove(_NoPandas)


def _give_back_blocks() -> None:
    """By default glibc raises the bound up to 32 MiB as blocks are freed, and each thread keeps
    what it freed below that."""
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return  # Another C library, which has no such bound.
    mallopt(_M_MMAP_THRESHOLD, _BLOCK)
    mallopt(_M_TRIM_THRESHOLD, _BLOCK)
