"""The costs of rapidsse besides the time per event: memory, import time, size on disk."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import logs
import rapidsse
from memory import memory_of
from rows import Figure, Row

Record = Callable[[Figure], None]

STREAMS_IN_1_GB = 167

TYPED_PASS = """
import mmap, sys
from rapidsse import Decoder, openai
decoder = Decoder(openai.ResponseStreamEvent)
with open(sys.argv[1], "rb") as file:
    source = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
print("ready", flush=True)
sys.stdin.readline()
count = 0
for _ in decoder.iter(source):
    count += 1
print(count, flush=True)
sys.stdin.readline()
"""


def anonymous_memory(pid: int) -> int:
    """Returns the resident memory of the process that no file backs, in bytes: heap and stacks."""
    return memory_of(pid, "status", "RssAnon")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_heap_growth(record: Record, request: pytest.FixtureRequest) -> None:
    streams = 20 if request.config.getoption("--quick") else STREAMS_IN_1_GB
    path = logs.image_log(streams)
    with subprocess.Popen(
        [sys.executable, "-c", TYPED_PASS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin and child.stdout
        assert child.stdout.readline() == "ready\n"
        before = peak = anonymous_memory(child.pid)
        child.stdin.write("\n")
        child.stdin.flush()
        # Watched from outside, so that what the pass allocates and frees within one event
        # is seen too.
        while not select.select([child.stdout], [], [], 0.0005)[0]:
            peak = max(peak, anonymous_memory(child.pid))
        peak = max(peak, anonymous_memory(child.pid))
        assert int(child.stdout.readline()) == streams * logs.EVENTS_PER_IMAGE_STREAM
        child.stdin.write("\n")
    record(
        Figure(
            Row("heap growth over a typed pass of a 1 GB image log", None, "MiB", 16, 16),
            rapidsse.engine,
            [(peak - before) / 2**20],
        )
    )


def import_time(module: str, after: str) -> float:
    """Returns the milliseconds that a fresh interpreter takes to import `module` after `after`."""
    code = (
        f"import time, {after}; start = time.process_time(); import {module}; "
        "print((time.process_time() - start) * 1000)"
    )
    environment = {**os.environ}
    # It would make every import compile its source again, which no installation does.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return float(subprocess.check_output([sys.executable, "-c", code], env=environment))


@pytest.mark.parametrize(
    ("row", "module", "after"),
    [
        (Row("import rapidsse, after import msgspec", None, "ms", 3, 3), "rapidsse", "msgspec"),
        (
            Row("import rapidsse.openai, after import msgspec", None, "ms"),
            "rapidsse.openai",
            "msgspec",
        ),
        (
            Row("import rapidsse.openai, msgspec included", None, "ms", 35, 35),
            # Named here, as rapidsse imports it with the first Struct.
            "msgspec, rapidsse.openai",
            "sys",
        ),
        (
            # What the imports above put off.
            Row(
                "import of Decoder and all Structs of openai's responses, all included", None, "ms"
            ),
            "rapidsse._typed._decoder, rapidsse.openai._events",
            "sys",
        ),
    ],
    ids=["rapidsse", "rapidsse.openai", "all", "used"],
)
def test_import_time(
    record: Record, request: pytest.FixtureRequest, row: Row, module: str, after: str
) -> None:
    rounds = 3 if request.config.getoption("--quick") else 25
    import_time(module, after)  # writes the byte code
    values = [import_time(module, after) for _ in range(rounds)]
    record(Figure(row, rapidsse.engine, values))


def test_wheel_size(record: Record) -> None:
    dist = logs.FOLDER.parent.parent / "dist"
    pure = [path for path in dist.glob("*.whl") if path.name.endswith("-none-any.whl")]
    wheels = pure if rapidsse.engine == "python" else sorted(set(dist.glob("*.whl")) - set(pure))
    if not wheels:
        pytest.skip("no wheel in dist/: run `make wheels` first")
    sizes = [path.stat().st_size / 1000 for path in wheels]
    record(Figure(Row("wheel", None, "kB", 800, 300), rapidsse.engine, sizes))
