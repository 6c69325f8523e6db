"""Very many logs with few descriptors, and very many events: neither takes more and more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from child_python import environment
from examples import examples

pytest.importorskip("resource")
pytest.importorskip("pyarrow")
pytest.importorskip("jinja2")
pytestmark = pytest.mark.deep

LOGS, DESCRIPTORS = examples(1000), 64
EVENTS = examples(100_000)
MIB = 1 << 20

STREAM = (
    b'data: {"type":"response.created","response":{"id":"r"}}\n\n'
    b'data: {"type":"response.completed","response":{"id":"r"}}\n\n'
)
EVENT = b'data: {"type":"response.output_text.delta","delta":"a"}\n\n'

# The programs have the name of a log, or of a folder of logs, and of an output.
PROGRAMS = {
    "open_log": "for name in logs.expand(name): count += sum(1 for _ in rapidsse.open_log(name))",
    "open_log, left early": "for name in logs.expand(name): count += bool(next(iter(rapidsse.open_log(name))))",
    "scan": "count = sum(batch.num_rows for batch in rapidsse.scan(name))",
    "splits": "count = sum(batch.num_rows for split in rapidsse.plan_splits(name) for batch in rapidsse.read_split(split))",
    "verify": "count = -main(['verify', name, '--rows', '0'])",
    "report": "count = -main(['report', name, '-o', out])",
    "decode": "count = -main(['decode', name, '-o', out, '--workers', '2'])",
}


def run(reader: str, name: Path, out: Path, *, limit: bool) -> tuple[int, int]:
    """The count of a program, and the most memory it had, in bytes."""
    limited = f"resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS}))\n"
    code = (
        "import resource, sys, rapidsse\n"
        "from rapidsse import logs\n"
        "from rapidsse.cli import main\n"
        f"{limited if limit else ''}"
        "_, name, out = sys.argv\n"
        "count = 0\n"
        f"{PROGRAMS[reader]}\n"
        "print()\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(name), str(out)],
        check=False,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    count, peak = done.stdout.splitlines()[-1].split()
    return int(count), int(peak)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for number in range(LOGS):
        (folder / f"{number:05}.sse").write_bytes(STREAM)
    return folder


@pytest.mark.parametrize("reader", PROGRAMS)
def test_more_logs_than_descriptors(reader: str, folder: Path, tmp_path: Path) -> None:
    counts = {"open_log, left early": LOGS, "verify": 0, "report": 0, "decode": 0}
    count, _ = run(reader, folder, tmp_path / "out", limit=True)
    assert count == counts.get(reader, 2 * LOGS)


@pytest.mark.parametrize("reader", [name for name in PROGRAMS if "early" not in name])
def test_many_events_take_no_more_memory(reader: str, tmp_path: Path) -> None:
    peaks = list[int]()
    for number, events in enumerate((EVENTS // 4, EVENTS)):
        log = tmp_path / f"{number}.sse"
        log.write_bytes(STREAM.replace(b"\n\n", b"\n\n" + EVENT * events, 1))
        count, peak = run(reader, log, tmp_path / str(number), limit=False)
        assert count in (0, events + 2)
        peaks.append(peak)
    # Row groups and buffers are filled once; a kept event would take hundreds of bytes.
    assert peaks[1] - peaks[0] < 100 * EVENTS + 16 * MIB, peaks
