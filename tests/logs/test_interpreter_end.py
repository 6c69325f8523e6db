"""A program ends although a log that it read in part is still open, and a thread reads ahead."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from child_python import run_code
from log_files import COMPRESS
from samples import created, delta, sse
from stalling_server import StallingServer

_RANDOM = random.Random(1)
CONTENT = sse(created(), *[delta(_RANDOM.randbytes(400).hex()) for _ in range(10_000)])

_READ = "log = rapidsse.open_log(path); events = iter(log); next(events); "
ENDS = {
    "global": _READ,
    "exit": f"{_READ} sys.exit(3)",
    "raise": f"{_READ} raise KeyError(1)",
    "cycle": f"{_READ} log.itself = log",
    "class": f"{_READ}\nclass Reader: pass\nReader.log, Reader.events = log, events",
    "scan": "batches = iter(rapidsse.scan(path, batch_rows=1)); next(batches)",
    "reader": "reader = rapidsse.scan(path, batch_rows=1).to_reader(); reader.read_next_batch()",
}
STATUS = {"exit": 3, "raise": 1}


def end(how: str, path: object) -> None:
    if how in ("scan", "reader"):
        pytest.importorskip("pyarrow")
    done = run_code(f"import sys, rapidsse; path = {str(path)!r}\n{ENDS[how]}")
    assert done.returncode == STATUS.get(how, 0), done.stderr
    # On Python 3.13 a thread that is joined at the end is waited for, for ever.
    errors = done.stderr.rstrip()
    assert not errors or (how == "raise" and errors.endswith("KeyError: 1"))


@pytest.fixture(scope="module")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compressed") / "log.gz"
    path.write_bytes(COMPRESS["gzip"](CONTENT))
    return path


# The thread is not of the engine.
@pytest.mark.parametrize(
    "how",
    [
        how if how in ("global", "scan") else pytest.param(how, marks=pytest.mark.once)
        for how in ENDS
    ],
)
def test_a_compressed_log(how: str, compressed: Path) -> None:
    end(how, compressed)


@pytest.mark.once
@pytest.mark.parametrize("how", ["global", "raise", "scan"])
def test_a_log_on_a_server_that_stalls(how: str) -> None:
    pytest.importorskip("aiohttp")
    pytest.importorskip("fsspec.implementations.http")
    with StallingServer(CONTENT, 5 << 20) as server:
        end(how, server.url("log"))


@pytest.mark.once
def test_a_log_that_is_closed_while_its_server_stalls() -> None:
    """Closing waits for a moment, and leaves the rest to the thread that waits."""
    pytest.importorskip("aiohttp")
    pytest.importorskip("fsspec.implementations.http")
    code = (
        "import sys, rapidsse\n"
        "with rapidsse.open_log(sys.argv[1]) as log: next(iter(log))\n"
        "try: next(iter(log))\n"
        "except ValueError as error: assert 'was closed' in str(error)\n"
        "else: assert False\n"
    )
    with StallingServer(CONTENT, 5 << 20) as server:
        done = run_code(code.replace("sys.argv[1]", repr(server.url("log"))))
    assert (done.returncode, done.stderr) == (0, "")
