"""What a process sets up that runs nothing but a job."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

MAPPED = """
import ctypes, sys
from rapidsse.job import prepare_process

class Counts(ctypes.Structure):
    _fields_ = [(f"count_{n}", ctypes.c_size_t) for n in range(10)]

if sys.argv[1] == "job":
    prepare_process(writes=True)
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
libc.mallinfo2.restype = Counts
libc.free(libc.malloc(8 << 20))
before = libc.mallinfo2().count_4
block = libc.malloc(4 << 20)
print(libc.mallinfo2().count_4 - before)
"""
"""Prints how many bytes of a block are pages of its own, once a larger one was freed."""


def mapped(process: str) -> int:
    return int(subprocess.check_output([sys.executable, "-c", MAPPED, process], text=True))


@pytest.mark.once
@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc"
)
def test_freed_blocks_go_back_to_the_system() -> None:
    assert mapped("other") == 0
    assert mapped("job") >= 4 << 20
