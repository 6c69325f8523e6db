"""Jobs for tests: logs of several splits, and the files that a run leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from rapidsse.job import _run
from rapidsse.splits import _plan
from samples import completed, created, delta, done, partial, png, sse, usage

SMALL = 1 << 14
"""Bytes of a split, so that small logs take many."""


def make_splits_small(set: Callable[[object, str, object], None] = setattr) -> None:
    """Makes jobs plan splits of `SMALL` bytes, of which several logs may share one."""
    for name in ("SMALLEST", "LARGEST"):
        set(_run, name, SMALL)
    set(_plan, "OPEN_COST", 1)


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
