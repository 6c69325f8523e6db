"""Buffers of the size of an image, which are freed and allocated again for each event."""

from __future__ import annotations

import ctypes
import sys

import pytest

from child_python import run_code

FAULTS = """
import resource
from rapidsse.compat._heap import keep_freed

def event():
    return [b"x" * SIZE, b"y" * SIZE, b"z" * SIZE]

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    event()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if KEPT:
    keep_freed(SIZE)
event()
event()
print(min(faults() for _ in range(3)))
"""
"""Prints how many pages three buffers take from the system, when others were freed before."""


def faults(size: int, *, kept: bool) -> int:
    return int(run_code(f"SIZE = {size}\nKEPT = {kept}\n{FAULTS}").stdout)


@pytest.mark.once
@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc"
)
@pytest.mark.parametrize("size", [2_000_000, 10_000_000])
def test_freed_buffers_are_allocated_again(size: int) -> None:
    pages = 3 * size // 4096
    assert faults(size, kept=False) > pages // 2
    assert faults(size, kept=True) < pages // 20
