"""Logs that are in memory already: what a file of the same content gives."""

from __future__ import annotations

import gzip
import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rapidsse

pa = pytest.importorskip("pyarrow")

STREAM = (
    b'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1"}}\n\n'
    b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"a"}\n\n'
)


def mapped(content: bytes) -> mmap.mmap:
    memory = mmap.mmap(-1, len(content))
    memory.write(content)
    return memory


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, mapped])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_content_of_any_kind(
    tmp_path: Path, kind: Callable[[bytes], Any], pack: Callable[[bytes], bytes]
) -> None:
    content = pack(STREAM * 3)
    path = tmp_path / "log"
    path.write_bytes(content)
    with rapidsse.open_log(kind(content)) as log, rapidsse.open_log(path) as file:
        assert log.source == "<memory>"
        assert (log.size, log.format, log.compression) == (file.size, "sse", file.compression)
        fields = ("stream", "offset", "length", "index", "event", "data")
        events = [[getattr(event, name) for name in fields] for event in log]
        assert events == [[getattr(event, name) for name in fields] for event in file]
        assert len(events) == 6


def test_names_and_contents_in_one_scan(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(STREAM)
    table = pa.table(rapidsse.scan([path, STREAM, str(path), bytearray(STREAM)]))
    sources = table["source"].to_pylist()
    assert sources == [str(path)] * 2 + ["<memory>"] * 2 + [str(path)] * 2 + ["<memory>"] * 2
    assert table.select(["offset"]).column(0).to_pylist() == [0, 86] * 4


def test_one_content_alone() -> None:
    scan = rapidsse.scan(STREAM, table="responses", columns=["response_id", "output_text"])
    for _ in range(2):
        assert pa.table(scan).to_pylist() == [{"response_id": "resp_1", "output_text": "a"}]


def test_empty_content() -> None:
    assert list(rapidsse.open_log(b"")) == []
    assert pa.table(rapidsse.scan(b"")).num_rows == 0
