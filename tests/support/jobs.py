"""Jobs for tests: logs of several splits, and the files that a run leaves."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from child_python import environment
from rapidsse.cli import main
from samples import completed, created, delta, done, partial, png, sse, usage

Capture = pytest.CaptureFixture[str]


def stream(number: int, deltas: int = 20) -> bytes:
    """A stream of some kilobytes, with a picture that comes three times."""
    id, picture = f"resp_{number}", png(64, 64, number % 256)
    texts = [delta(f"word {number} {n} ") for n in range(deltas)]
    end = completed(id, usage=usage(number, deltas), output=[])
    return sse(
        created(id),
        *texts,
        partial(f"ig_{number}", picture),
        done(f"ig_{number}", picture),
        end,
    )


def log(streams: int, first: int = 0) -> bytes:
    """Streams one after another, with a failure and an end mark among them."""
    parts = [stream(number) for number in range(first, first + streams)]
    parts[streams // 2] += b"data: {\n\ndata: [DONE]\n\n"
    return b"".join(parts)


def write_logs(folder: Path, cut: int, packed: int, small: int) -> None:
    """Writes a log of so many streams that is cut, one that is packed, and small ones of one each."""
    folder.mkdir()
    (folder / "a.sse").write_bytes(log(cut))
    (folder / "b.sse.gz").write_bytes(gzip.compress(log(packed, cut), mtime=0))
    for number in range(small):
        (folder / f"c{number}.sse").write_bytes(log(1, cut + packed + number))


def tree(out: Path) -> dict[str, str]:
    """What a run made, its own notes left out: paths and digests."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".rapidsse" not in path.parts
    }


def table(out: Path, name: str) -> list[dict[str, Any]]:
    """A table's rows in their order, of either format."""
    parts = sorted((out / name).iterdir())
    assert parts
    if parts[0].suffix == ".jsonl":
        return [json.loads(line) for part in parts for line in part.read_bytes().splitlines()]
    return ds.dataset([str(part) for part in parts]).to_table().to_pylist()


def check_what_is_there(out: Path, expected: dict[str, str]) -> None:
    """Whatever a killed run left in sight is whole, and what it will be in the end."""
    found = tree(out) if out.exists() else {}
    assert found.items() <= expected.items()
    for path in found:
        if path.endswith(".parquet"):
            pq.ParquetFile(out / path).close()


class Jobs:
    """The other end of `killed_jobs.py`. `reads` is how many splits processes have been sent."""

    def __init__(self, *, processes: bool = False) -> None:
        """`processes` says whether they read the splits, and not threads."""
        self.reads = 0
        script = Path(__file__).with_name("killed_jobs.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), *["processes"] * processes],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(
        self, argv: list[str], seconds: float | None = None, most: int | None = None
    ) -> tuple[float, int]:
        """Runs a job for some seconds at most; how long it ran, and its exit status.

        `most` is the bytes that a file may have.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([seconds, most, argv]).encode() + b"\n")
        self.process.stdin.flush()
        ran, status, reads = json.loads(self.process.stdout.readline())
        self.reads += reads
        return ran, status

    def close(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(60) == 0


def decode(*argv: object, status: int = 1) -> None:
    assert main(["decode", *map(str, argv)]) == status


def errors(capsys: Capture) -> list[str]:
    return capsys.readouterr().err.splitlines()
