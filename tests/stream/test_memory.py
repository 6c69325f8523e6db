"""Memory does not grow with the number of events, in any way to read them."""

from __future__ import annotations

import sys

import pytest

from child_python import run_code

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/statm")

MANY = 15_000
# What an event may leave behind, in bytes: nothing. This much is the noise of an allocator.
LEFT = 40

COMMON = f"""
import asyncio, gc, os, tempfile
from typing import Any
import rapidsse
from rapidsse import Decoder, Parser, aiter_sse, iter_sse, open_log

def chunks(payload=b"1"):
    event = b"data: " + payload + b"\\n\\n"
    for _ in range({MANY} // 100):
        yield event * 100

async def achunks():
    for chunk in chunks():
        yield chunk

async def count(events):
    return sum([1 async for _ in events])

class Log:
    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile()
        self.file.writelines(chunks(b'{{"type":"x","sequence_number":1}}'))
        self.file.flush()
        return self.file.name
    def __exit__(self, *_):
        self.file.close()

def memory():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
"""
RUN = f"""
parser, decoder = Parser(), Decoder(int)
failing = Decoder(str, on_error="yield")
read(); read()
# What is kept grows each time; an allocator that takes another block does so once.
for _ in range(3):
    before = memory()
    read(); read()
    grown = memory() - before
    if grown < 2 * {MANY} * {LEFT}:
        break
else:
    raise AssertionError(grown)
"""
READ = {
    "iter_sse": "sum(1 for _ in iter_sse(chunks()))",
    "aiter_sse": "asyncio.run(count(aiter_sse(achunks())))",
    "Parser.feed": "sum(len(parser.feed(chunk)) for chunk in chunks())",
    "Decoder.iter": "sum(1 for _ in decoder.iter(chunks()))",
    "Decoder.aiter": "asyncio.run(count(decoder.aiter(achunks())))",
    "Decoder.feed": "sum(len(decoder.feed(chunk)) for chunk in chunks())",
    "Decoder.iter, failures": "sum(1 for _ in failing.iter(chunks()))",
    "open_log": "sum(1 for _ in open_log(name))",
    "scan": "sum(batch.num_rows for batch in rapidsse.scan(name, table='events'))",
}


@pytest.mark.parametrize("way", READ)
def test_memory_does_not_grow(way: str) -> None:
    if way == "scan":
        pytest.importorskip("pyarrow")
    read = f"def read():\n    assert {READ[way]} == {MANY}\n"
    if "name" in READ[way]:
        read = f"def read():\n    with Log() as name:\n        assert {READ[way]} == {MANY}\n"
    done = run_code(COMMON + read + RUN)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_stays_is_noticed() -> None:
    kept = f"kept = []\ndef read():\n    kept.extend(bytes(20) for _ in range({MANY}))\n"
    done = run_code(COMMON + kept + RUN)
    assert "AssertionError" in done.stderr
