"""Logs for the cluster engines, and the comparison of their tables with those of `scan`."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa

import rapidsse
from samples import completed, created, delta, done, partial, png, sse

__all__ = ["ENGINES", "TABLES", "same_rows", "streams", "write_logs"]

TABLES = ["events", "images", "responses", "items", "failures"]
ENGINES = [name for name in ("rust", "python") if name == "python" or find_spec("rapidsse._rust")]
"""Those that workers can have, whatever the engine of this process."""


def streams(count: int, *, json_only: bool = False) -> list[bytes]:
    """Streams of texts, pictures and failures, some without an end."""
    made: list[bytes] = []
    for number in range(count):
        name = f"resp_{number}"
        text = "long " * (number * 37 % 200)
        events: list[Any] = [created(name), delta(text), done(f"ig_{number}", png(grey=number))]
        if number % 3:
            events.append(completed(name))
        if number % 4 == 0:
            events.insert(1, {**partial("ig_0", b""), "partial_image_b64": "no base64"})
        if number % 5 == 0 and not json_only:
            events.insert(2, '{"type": "broken')
        made.append(sse(*events))
    return made


def write_logs(folder: Path) -> Path:
    """A folder of logs: one large enough to be cut, small ones, a compressed one."""
    folder.mkdir()
    (folder / "large.sse").write_bytes(b"".join(streams(30)))
    for number, stream in enumerate(streams(6)):
        (folder / f"small-{number}.sse").write_bytes(stream)
    (folder / "packed.sse.gz").write_bytes(gzip.compress(b"".join(streams(7))))
    return folder


def same_rows(got: pa.Table, paths: Any, table: str, columns: list[str] | None = None) -> bool:
    """Whether the table of an engine has exactly the rows of `scan`, in any order."""
    expected: pa.Table = pa.table(rapidsse.scan(paths, table=table, columns=columns))
    assert got.column_names == expected.column_names
    assert got.num_rows == expected.num_rows > 0
    rows = sorted(map(repr, got.cast(expected.schema).to_pylist()))
    return rows == sorted(map(repr, expected.to_pylist()))
