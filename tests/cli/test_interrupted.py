"""Ctrl-C ends a command that waits for a server, and a program that reads a log from one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from child_python import environment
from log_files import COMPRESS
from samples import created, delta, sse
from stalling_server import StallingServer

pytest.importorskip("aiohttp", reason="fsspec reads http with aiohttp")
pytest.importorskip("fsspec.implementations.http")
pytest.importorskip("pyarrow")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")

MIB = 1 << 20
_RANDOM = random.Random(1)
# More than is asked for at a time, also compressed.
CONTENT = sse(created(), *[delta(_RANDOM.randbytes(400).hex()) for _ in range(14_000)])
CONTENTS = {"plain": CONTENT, "gzip": COMPRESS["gzip"](CONTENT)}

# A file system whose one connection blocks, in a thread of ours.
_BLOCKING = """
import io, sys, threading
import fsspec

log = sys.argv[1]

class File(io.FileIO):
    def read(self, size=-1):
        if self.tell() > 1 << 20:
            open(log + "-stalled", "w").close()
            threading.Event().wait()
        return super().read(size)

class Blocking(fsspec.AbstractFileSystem):
    protocol = "blocking"

    def info(self, path, **_):
        return {"name": path, "size": 10_000_000, "type": "file"}

    def _open(self, path, mode="rb", **_):
        file = File(log)
        file.size = 10_000_000
        return file

fsspec.register_implementation("blocking", Blocking)
"""


def interrupt(program: subprocess.Popen[str]) -> tuple[int, str]:
    """Its status, and what it wrote to standard error."""
    program.send_signal(signal.SIGINT)
    try:
        # It ends within a second, on a machine that has nothing else to do.
        errors = program.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        # It says where it hangs.
        program.send_signal(signal.SIGABRT)
        pytest.fail(f"it stays after Ctrl-C:\n{program.communicate()[1]}")
    return program.returncode, errors


def start(*argv: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, argv)],
        env=environment(PYTHONFAULTHANDLER="1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[StallingServer]:
    content = CONTENTS[getattr(request, "param", "plain")]
    assert len(content) > 6 * MIB
    with StallingServer(content, 5 * MIB) as running:
        yield running


COMMANDS = {
    "verify": [],
    "report": ["-o", "page.html"],
    "decode": ["-o", "out", "--workers", "2"],
}


def options(command: str, folder: Path) -> list[object]:
    return [each if each[0] == "-" or each == "2" else folder / each for each in COMMANDS[command]]


BOTH = pytest.mark.parametrize("server", CONTENTS, indirect=True)


@pytest.mark.once
@BOTH
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(command: str, server: StallingServer, tmp_path: Path) -> None:
    program = start("-m", "rapidsse", command, server.url("log"), *options(command, tmp_path))
    assert server.stalled.wait(60)
    assert interrupt(program) == (130, "rapidsse: interrupted\n")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.once
@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_never_answers(command: str, server: StallingServer, tmp_path: Path) -> None:
    program = start("-m", "rapidsse", command, server.url("silent"), *options(command, tmp_path))
    assert server.stalled.wait(60)
    assert interrupt(program) == (130, "rapidsse: interrupted\n")


@pytest.mark.once
def test_a_command_that_looks_into_many_large_logs(server: StallingServer, tmp_path: Path) -> None:
    """They are probed on several threads."""
    code = (
        "import sys; from rapidsse.job import _run; from rapidsse.cli import command\n"
        "_run.SPLIT_BYTES = 1 << 20; command()"
    )
    server.good = 100
    urls = [server.url(f"{number}.sse") for number in range(20)]
    program = start("-c", code, "decode", *urls, "-o", tmp_path / "out")
    assert server.stalled.wait(60)
    assert interrupt(program) == (130, "rapidsse: interrupted\n")


READERS = {
    "open_log": "for event in rapidsse.open_log(sys.argv[-1]): pass",
    "with": "with rapidsse.open_log(sys.argv[-1]) as log: list(log)",
    "scan": "for batch in rapidsse.scan(sys.argv[-1]): pass",
    "splits": "for split in rapidsse.plan_splits(sys.argv[-1], target_bytes=1 << 20):\n"
    "    for batch in rapidsse.read_split(split): pass",
}


@pytest.mark.parametrize("reader", READERS)
def test_a_program(reader: str, server: StallingServer) -> None:
    program = start("-c", f"import sys, rapidsse\n{READERS[reader]}", server.url("log"))
    assert server.stalled.wait(60)
    status, errors = interrupt(program)
    assert status == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.once
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_system_that_blocks(command: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(CONTENT)
    argv = [command, "blocking:///log.sse", *options(command, tmp_path)]
    code = (
        f"{_BLOCKING}\nimport rapidsse.cli\n"
        f"sys.argv[1:] = {list(map(str, argv))}\nrapidsse.cli.command()"
    )
    program = start("-c", code, log)
    stalled = tmp_path / "log-stalled"
    while not stalled.exists():
        assert program.poll() is None, program.communicate()
        time.sleep(0.01)
    assert interrupt(program) == (130, "rapidsse: interrupted\n")
