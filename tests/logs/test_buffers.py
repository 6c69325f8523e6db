"""The buffers that local logs are read into."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapidsse
from rapidsse import InputError
from rapidsse.logs._bodies import Body, Format
from rapidsse.logs._open import Log
from rapidsse.logs._options import ReadOptions
from rapidsse.logs.sources import _buffers
from samples import delta, sse

ENDS = [b"\n\n", b"\r\n\r\n", b"\r\r", b"\n", b"\r\n"]


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    sizes = draw(st.lists(st.integers(0, 300), max_size=30))
    ends = st.sampled_from(ENDS)
    return b"".join(b'data: {"a": "' + b"x" * size + b'"}' + draw(ends) for size in sizes)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    set_sizes(monkeypatch, 64)


def set_sizes(patch: pytest.MonkeyPatch, step: int) -> None:
    patch.setattr(_buffers, "_STEP", step)
    patch.setattr(_buffers, "_BUFFER", 4 * step)
    patch.setattr(_buffers, "_SMALL", step // 8)
    patch.setattr(_buffers, "_REST", step // 8)
    patch.setattr(_buffers, "_pool", deque[Any]())


def fields(event: Any) -> tuple[Any, ...]:
    return (
        event.stream,
        event.offset,
        event.length,
        event.index,
        event.event,
        bytes(event.data_bytes),
    )


@given(contents(), st.integers(1, 64), st.sampled_from(["sse", "jsonl"]))
def test_what_is_read_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, step: int, format: Format
) -> None:
    path = tmp_path_factory.getbasetemp() / "log"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        set_sizes(patch, step)
        with Log(path, ReadOptions(format)) as log:
            (body,) = log.bodies()
            assert isinstance(body, Body)
            assert b"".join(map(bytes, body.chunks)) == content
        with (
            Log(path, ReadOptions(format), on_error="skip") as log,
            Log(content, ReadOptions(format), on_error="skip") as memory,
        ):
            # Events are kept while others are read into the buffers.
            found = list(log)
            assert list(map(fields, found)) == list(map(fields, memory))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("ending", "format"), [(b"\n\n", "sse"), (b"\r\n\r\n", "sse"), (b"\n", "jsonl")]
)
def test_every_event_lies_in_one_piece(ending: bytes, format: Format, tmp_path: Path) -> None:
    sizes = [10, 63, 64, 65, 1000, 3, 5000, 40, 41]
    begin = b"data: " if format == "sse" else b""
    content = b"".join(begin + b'{"a":"' + b"x" * size + b'"}' + ending for size in sizes * 3)
    path = tmp_path / "log"
    path.write_bytes(content)
    with Log(path, ReadOptions(format)) as log:
        (body,) = log.bodies()
        assert isinstance(body, Body)
        chunks = list(map(bytes, body.chunks))
    assert len(chunks) > len(sizes)
    assert all(chunk.endswith(ending) for chunk in chunks)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="nothing else counts references")
def test_buffers_are_filled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[int]()

    class Counted(_buffers._Buffer):
        def __init__(self, size: int) -> None:
            made.append(size)
            super().__init__(size)

    set_sizes(monkeypatch, 1 << 16)
    monkeypatch.setattr(_buffers, "_Buffer", Counted)
    path = tmp_path / "log.sse"
    path.write_bytes(sse(*[delta("a" * 50_000)] * 100))
    for _ in range(3):
        with rapidsse.open_log(path) as log:
            assert sum(1 for _ in log) == 100
    assert len(made) <= 4
    with rapidsse.open_log(path) as log:
        kept = list(log)
    assert len(made) > 15
    assert len({event.json()["delta"] for event in kept}) == 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_every_event_of_a_compressed_log_lies_in_one_piece(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    sizes = [10, 63, 64, 65, 1000, 3, 5000, 40, 41]
    content = b"".join(b'data: {"a":"' + b"x" * size + b'"}\n\n' for size in sizes * 3)
    path = tmp_path / "log"
    path.write_bytes(compress(content))
    with Log(path, ReadOptions("sse")) as log:
        (body,) = log.bodies()
        assert isinstance(body, Body)
        chunks = list(map(bytes, body.chunks))
    assert b"".join(chunks) == content
    assert len(chunks) > len(sizes)
    assert all(chunk.endswith(b"\n\n") for chunk in chunks)


@given(st.lists(st.binary(max_size=9)), st.integers(1, 20), st.booleans())
def test_steps_fill_a_buffer(steps: list[bytes], size: int, fails: bool) -> None:
    def produced() -> Iterator[bytes]:
        yield from filter(None, steps)
        if fails:
            raise InputError("a log", "it broke")

    into, read, room = _buffers.StepsInto(produced()), b"", bytearray(size)
    expected = b"".join(steps)
    while len(read) < len(expected):
        count = into.read_into(memoryview(room))
        assert count == min(size, len(expected) - len(read))
        read += room[:count]
    assert read == expected
    with pytest.raises(InputError) if fails else contextlib.nullcontext():
        assert into.read_into(memoryview(room)) == 0
    assert into.read_into(memoryview(room)) == 0


@pytest.mark.usefixtures("small")
def test_an_event_past_the_limit_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(sse(delta("a"), delta("b" * 100_000), delta("c")))
    with rapidsse.open_log(path, max_event_size=1000, on_error="yield") as log:
        first, failure, last = log
    assert (first.json()["delta"], last.json()["delta"]) == ("a", "c")
    assert failure.kind == "too_large"
    assert max(len(buffer.memory) for buffer in _buffers._pool) < 10_000


@pytest.mark.parametrize(
    "log",
    [
        b"data: {}\r\r" * 1000,
        b": keep-alive\n" * 1000 + b"data: {}\n\n" * 1000,
        b"data: {}\r\n\r\n" * 1000 + b": keep-alive\r\n" * 1000,
        b"data: {}\n\n" * 999 + b":" + b"x" * 20_000 + b"\ndata: {}\n\n",
        b"data: {}\n\n" * 999 + b"unknown: field\n" * 2000 + b"data: {}\n\n",
        b"data: {}\r\n\r\n" * 999 + b"datas\r\n: x\r\n" * 2000 + b"data: {}\r\n\r\n",
        b"data: {}\n\n" * 999 + b"unknown" * 3000 + b"\nx\ndata: {}\n\n",
    ],
    ids=[
        *("lines that end in CR", "comments", "comments, CRLF", "one comment"),
        *("unknown fields", "unknown fields and comments", "one unknown field"),
    ],
)
def test_what_is_no_event_is_not_kept_whole(
    log: bytes, small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(log)
    sizes = list[int]()
    take = _buffers._take

    def noted(size: int) -> Any:
        sizes.append(size)
        return take(size)

    monkeypatch.setattr(_buffers, "_take", noted)
    assert sum(1 for _ in rapidsse.open_log(path)) == 1000
    assert max(sizes) <= 16 * 64
