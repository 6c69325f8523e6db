"""What a process sets up that runs nothing but a job."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from child_python import run_code
from jobs import stream

MAPPED = """
import ctypes
from rapidsse.job import prepare_process

class Counts(ctypes.Structure):
    _fields_ = [(f"count_{n}", ctypes.c_size_t) for n in range(10)]

if IS_JOB:
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
"""With `IS_JOB`, prints how many bytes of a block are pages of its own, once a larger one was freed."""


def mapped(*, is_job: bool) -> int:
    return int(run_code(f"IS_JOB = {is_job}\n{MAPPED}").stdout)


@pytest.mark.once
@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc"
)
def test_freed_blocks_go_back_to_the_system() -> None:
    assert mapped(is_job=False) == 0
    assert mapped(is_job=True) >= 4 << 20


MOST_OF_ARROW = """
import io
from rapidsse.job import prepare_process

prepare_process(writes=True)
import pyarrow as pa
from pyarrow import parquet

table = pa.table({"a": [str(n) for n in range(10_000)]})
pools = [pa.system_memory_pool(), pa.mimalloc_memory_pool()]
before = [pool.max_memory() for pool in pools]
parquet.write_table(table, io.BytesIO())
print([pool.max_memory() > most for pool, most in zip(pools, before)])
"""


@pytest.mark.once
def test_parquet_is_written_with_memory_that_is_given_back() -> None:
    if "mimalloc" not in pa.supported_memory_backends():
        pytest.skip("needs Arrow with a pool of its own")
    assert run_code(MOST_OF_ARROW).stdout.strip() == "[True, False]"


PANDAS = """
import sys
from rapidsse import cli

sys.argv = ["rapidsse", "decode", LOG, "-o", OUT, "--json"]
try:
    cli.main() if IS_MAIN else cli.command()
except SystemExit as end:
    assert end.code == 0, end.code
print("pandas" in sys.modules)
import pandas
import pyarrow as pa

print(pa.array(pandas.Series([1.0, float("nan")])).null_count)
"""


@pytest.mark.once
@pytest.mark.parametrize("is_main", [False, True])
def test_pandas_is_not_imported_for_arrow_where_the_process_ends(
    tmp_path: Path, is_main: bool
) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "log.sse").write_bytes(stream(1))
    where = f"LOG, OUT = {str(tmp_path / 'log.sse')!r}, {str(tmp_path / 'out')!r}"
    printed = run_code(f"IS_MAIN = {is_main}\n{where}\n{PANDAS}").stdout.split("\n")
    # Whoever calls `main` may go on with pandas: Arrow must know it.
    assert printed[-3:-1] == (["True", "1"] if is_main else ["False", "0"])
