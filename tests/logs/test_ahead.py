"""The thread that reads ahead of the decoder."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse.logs.sources import _ahead, _steps
from rapidsse.logs.sources._ahead import Ahead
from samples import delta, sse


class Chunks:
    """Numbers that count as bytes, and what was done to their generator."""

    def __init__(self, sizes: list[int]) -> None:
        self.given = 0
        self.fetched = threading.Semaphore(0)
        self.ended = threading.Event()
        self.sizes = sizes

    def __iter__(self) -> Generator[int, None, None]:
        try:
            for size in self.sizes:
                self.given += 1
                self.fetched.release()
                yield size
        finally:
            self.ended.set()


def ahead_of(chunks: Chunks) -> Ahead[int]:
    return Ahead(iter(chunks), lambda size: size, lambda: None, "a log")


def test_no_more_waits_than_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ahead, "_MOST", 100)
    chunks = Chunks([100] * 5)
    ahead = ahead_of(chunks)
    for taken in range(1, 6):
        # One large chunk waits, and the next is not begun before it is taken.
        assert chunks.fetched.acquire(timeout=10)
        assert not chunks.fetched.acquire(timeout=0.02)
        assert chunks.given == taken
        assert next(ahead) == 100
    assert list(ahead) == []


def test_small_ones_wait_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ahead, "_MOST", 100)
    chunks = Chunks([30] * 9)
    ahead = ahead_of(chunks)
    for _ in range(4):
        assert chunks.fetched.acquire(timeout=10)
    assert not chunks.fetched.acquire(timeout=0.02)
    assert list(ahead) == [30] * 9


def test_what_is_closed_early_ends_its_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ahead, "_MOST", 100)
    chunks = Chunks([100] * 5)
    ahead = ahead_of(chunks)
    assert next(ahead) == 100
    ahead.close()
    assert chunks.ended.wait(timeout=10)
    with pytest.raises(ValueError, match="closed"):
        next(ahead)


def test_a_small_compressed_log_needs_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = list[str]()

    class Seen(Ahead[object]):
        def __init__(self, *arguments: Any) -> None:
            begun.append(arguments[-1])
            super().__init__(*arguments)

    monkeypatch.setattr(_steps, "Ahead", Seen)
    small, large = tmp_path / "small.gz", tmp_path / "large.gz"
    small.write_bytes(gzip.compress(sse(delta("a"))))
    large.write_bytes(gzip.compress(sse(*[delta("a" * 1000)] * 3000)))
    for path, count in ((small, 1), (large, 3000)):
        with rapidsse.open_log(path) as log:
            assert sum(1 for _ in log) == count
    assert begun == [str(large)]
