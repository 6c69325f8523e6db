"""Very many logs with few descriptors, and very many events: neither takes more and more."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from child_python import PEAK, environment
from examples import examples

pytest.importorskip("resource")
pytest.importorskip("pyarrow")
pytest.importorskip("jinja2")
pytestmark = pytest.mark.deep

LOGS, DESCRIPTORS = examples(200, deep=10_000), 64
EVENTS = examples(12_000, deep=1_000_000)
MIB = 1 << 20

STREAM = (
    b'data: {"type":"response.created","response":{"id":"r"}}\n\n'
    b'data: {"type":"response.completed","response":{"id":"r"}}\n\n'
)
EVENT = b'data: {"type":"response.output_text.delta","delta":"a"}\n\n'

LOG_HELPERS = """
from rapidsse import logs
from rapidsse.cli import main
"""

STREAM_HELPERS = """
import asyncio

decoder = rapidsse.Decoder(dict)

def chunks(name):
    with open(name, "rb") as file:
        while chunk := file.read(4000):
            yield chunk

async def arriving(name):
    for chunk in chunks(name):
        yield chunk

async def counted(events):
    count = 0
    async for _ in events:
        count += 1
    return count
"""

# The programs have the name of a log, or of a folder of logs, and of an output.
PROGRAMS = {
    "open_log": "for name in logs.expand(name): count += sum(1 for _ in rapidsse.open_log(name))",
    "iter_sse": "count = sum(1 for _ in rapidsse.iter_sse(chunks(name)))",
    "aiter_sse": "count = asyncio.run(counted(rapidsse.aiter_sse(arriving(name))))",
    "Parser": "parser = rapidsse.Parser(); count = sum(len(parser.feed(chunk)) for chunk in chunks(name))",
    "Decoder.iter": "count = sum(1 for _ in decoder.iter(chunks(name)))",
    "Decoder.aiter": "count = asyncio.run(counted(decoder.aiter(arriving(name))))",
    "Decoder.feed": "count = sum(len(decoder.feed(chunk)) for chunk in chunks(name))",
    "open_log, left early": "for name in logs.expand(name): count += bool(next(iter(rapidsse.open_log(name))))",
    "scan": "count = sum(batch.num_rows for batch in rapidsse.scan(name))",
    "splits": "count = sum(batch.num_rows for split in rapidsse.plan_splits(name) for batch in rapidsse.read_split(split))",
    "verify": "count = -main(['verify', name, '--rows', '0'])",
    "report": "count = -main(['report', name, '-o', out])",
    "decode": "count = -main(['decode', name, '-o', out, '--workers', '2'])",
}

# Those that read a stream, and know no folders.
STREAMS = {"iter_sse", "aiter_sse", "Parser", "Decoder.iter", "Decoder.aiter", "Decoder.feed"}

# Those that fill batches and row groups, of thousands of events each.
BATCHES = {"scan", "splits", "decode"}


def run(reader: str, names: list[Path], out: Path, *, limit: bool) -> list[tuple[int, int]]:
    """The count of a program, for one name after another, and the most memory until then, in bytes."""
    limited = f"resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS}))\n"
    code = (
        "import resource, sys, rapidsse\n"
        f"{STREAM_HELPERS if reader in STREAMS else LOG_HELPERS}"
        f"{limited if limit else ''}"
        "_, out, *names = sys.argv\n"
        "found = []\n"
        f"{'' if limit else PEAK}"
        "for number, name in enumerate(names):\n"
        "    out, count = f'{out}{number}', 0\n"
        f"    {PROGRAMS[reader]}\n"
        f"    found.append((count, {0 if limit else 'peak()'}))\n"
        "print()\n"
        "print(found)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(out), *map(str, names)],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: list[tuple[int, int]] = ast.literal_eval(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for number in range(LOGS):
        (folder / f"{number:05}.sse").write_bytes(STREAM)
    return folder


@pytest.mark.once
@pytest.mark.parametrize("reader", [name for name in PROGRAMS if name not in STREAMS])
def test_more_logs_than_descriptors(reader: str, folder: Path, tmp_path: Path) -> None:
    counts = {"open_log, left early": LOGS, "verify": 0, "report": 0, "decode": 0}
    ((count, _),) = run(reader, [folder], tmp_path / "out", limit=True)
    assert count == counts.get(reader, 2 * LOGS)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
@pytest.mark.parametrize("reader", [name for name in PROGRAMS if "early" not in name])
def test_many_events_take_no_more_memory(reader: str, tmp_path: Path) -> None:
    logs = [tmp_path / "few.sse", tmp_path / "many.sse"]
    most = EVENTS * 3 if reader in BATCHES else EVENTS
    for log, events in zip(logs, (most // 4, most), strict=True):
        log.write_bytes(STREAM.replace(b"\n\n", b"\n\n" + EVENT * events, 1))
    (few, _), (many, _) = found = run(reader, logs, tmp_path / "out", limit=False)
    assert (few, many) in ((0, 0), (most // 4 + 2, most + 2))
    peaks = [peak for _, peak in found]
    # Batches and row groups are filled once; a kept event would take hundreds of bytes.
    once = (20 if reader in BATCHES else 1) * MIB
    assert peaks[1] - peaks[0] < 40 * most + once, peaks
