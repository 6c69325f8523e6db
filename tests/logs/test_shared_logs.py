"""A log whose events several threads take: the reader is used by one of them at a time."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rapidsse import open_log
from rapidsse.logs import _events

READER = _events.LogReader


class Slow:
    """A `LogReader` whose methods take a while, and note which of them were called meanwhile."""

    overlaps: ClassVar[list[tuple[str, ...]]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        self._reader = READER(*args, **options)
        self._inside: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._reader, name)

        def call(*args: Any, **options: Any) -> Any:
            if self._inside:
                self.overlaps.append((*self._inside, name))
            self._inside.append(name)
            time.sleep(0.002)
            self._inside.remove(name)
            return method(*args, **options)

        return call


def test_a_full_batch_is_taken_while_no_other_thread_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiled reader would refuse it: "Already borrowed"."""
    path = tmp_path / "log.sse"
    path.write_bytes(b"data: {}\n\n" * 2000)
    Slow.overlaps.clear()
    monkeypatch.setattr(_events, "LogReader", Slow)
    events = iter(open_log(path))
    found: list[int] = []

    def work() -> None:
        while len(found) < 2000:
            try:
                found.append(next(events).index)
            except StopIteration:
                return
            except ValueError:
                # The generator is executing, in another thread.
                time.sleep(0.001)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert Slow.overlaps == []
    assert sorted(found) == list(range(2000))
