"""A job's splits are put in place while the next ones are read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs import log, tree
from rapidsse import _threads
from rapidsse.job import FolderError, JobOptions, OutputError, run_job
from rapidsse.job import _workers as workers
from rapidsse.job._folder import Outputs, RunFolder
from rapidsse.job._outcome import Result
from rapidsse.job._split_reader import SplitReader

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("small_splits")]

Finish = Callable[[RunFolder, int, Outputs, Result], None]
_LONG = 60


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released by each split whose reading begins."""
    begun = threading.Semaphore(0)
    real: Callable[[SplitReader, threading.Event], Result] = SplitReader.read

    def read(reader: SplitReader, stop: threading.Event) -> Result:
        begun.release()
        return real(reader, stop)

    monkeypatch.setattr(SplitReader, "read", read)
    return begun


def change_finish(monkeypatch: pytest.MonkeyPatch, change: Callable[[int], object]) -> None:
    """`change` is called with the number of each split before its files are put in place."""
    real: Finish = RunFolder.finish

    def finish(folder: RunFolder, split: int, outputs: Outputs, result: Result) -> None:
        change(split)
        real(folder, split, outputs, result)

    monkeypatch.setattr(RunFolder, "finish", finish)


def expected(tmp_path: Path, logs: Path) -> dict[str, str]:
    run_job([str(logs)], JobOptions(), out=tmp_path / "undisturbed")
    return tree(tmp_path / "undisturbed")


def test_the_next_split_is_read_meanwhile(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch, reads: threading.Semaphore
) -> None:
    before = expected(tmp_path, logs)
    while reads.acquire(blocking=False):
        pass
    met: list[bool] = []

    def wait(split: int) -> None:
        if split == 0:
            met.extend(reads.acquire(timeout=_LONG) for _ in range(2))

    change_finish(monkeypatch, wait)
    run_job([str(logs)], JobOptions(), out=tmp_path / "out", workers=1)
    assert met == [True, True]
    assert tree(tmp_path / "out") == before


def test_few_splits_wait_for_a_slow_disk(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch, reads: threading.Semaphore
) -> None:
    more: list[bool] = []

    def wait(split: int) -> None:
        if split == 0:
            # Itself, and the next one, which then waits.
            assert reads.acquire(timeout=_LONG)
            assert reads.acquire(timeout=_LONG)
            more.append(reads.acquire(timeout=0.3))

    change_finish(monkeypatch, wait)
    run_job([str(logs)], JobOptions(), out=tmp_path / "out", workers=1)
    assert more == [False]


def test_few_splits_are_handed_to_the_workers_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: 1 TB has 16,000."""
    path = tmp_path / "log.sse"
    path.write_bytes(log(120))
    counting = threading.Lock()
    waiting: list[int] = []
    all_of_them, most = 0, 0
    real = _threads.Pool.submit

    def end(_: object) -> None:
        with counting:
            waiting.pop()

    def submit(pool: _threads.Pool, call: Any, *args: Any) -> Any:
        nonlocal all_of_them, most
        if pool._name == "rapidsse-worker":
            with counting:
                waiting.append(1)
                all_of_them, most = all_of_them + 1, max(most, len(waiting))
        future = real(pool, call, *args)
        if pool._name == "rapidsse-worker":
            future.add_done_callback(end)
        return future

    monkeypatch.setattr(_threads.Pool, "submit", submit)
    run_job([str(path)], JobOptions(), out=tmp_path / "out", workers=2)
    assert waiting == []
    assert all_of_them >= 20
    assert 2 < most <= 8


def test_a_split_that_cannot_be_put_in_place(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, out = expected(tmp_path, logs), tmp_path / "out"

    def fail(split: int) -> None:
        if split == 1:
            raise OutputError(Path("part"), "No space left on device")

    with monkeypatch.context() as patch:
        change_finish(patch, fail)
        with pytest.raises(OutputError, match="No space left on device"):
            run_job([str(logs)], JobOptions(), out=out, workers=1)
    assert [path for path in tree(out) if path.startswith("events/")] == [
        "events/part-00000.parquet"
    ]
    assert not workers.workers_are_left()
    run_job([str(logs)], JobOptions(), out=out)
    assert tree(out) == before


def test_a_run_that_failed_holds_its_folder_until_its_files_are_in_place(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    monkeypatch.setattr(workers, "_PATIENCE", 0.05)
    before, out = expected(tmp_path, logs), tmp_path / "out"
    is_stuck, go_on = threading.Event(), threading.Event()

    def change(split: int) -> None:
        if split == 0:
            is_stuck.set()
            assert go_on.wait(_LONG)
        elif split == 1:
            assert is_stuck.wait(_LONG)
            raise OutputError(Path("part"), "No space left on device")

    try:
        with monkeypatch.context() as patch:
            change_finish(patch, change)
            with pytest.raises(OutputError, match="No space left"):
                run_job([str(logs)], JobOptions(), out=out, workers=2)
        with pytest.raises(FolderError, match="another run is at work"):
            run_job([str(logs)], JobOptions(), out=out)
    finally:
        go_on.set()
    end = time.monotonic() + _LONG
    while workers.workers_are_left() and time.monotonic() < end:
        time.sleep(0.01)
    assert "events/part-00000.parquet" in tree(out)
    assert not (out / ".rapidsse" / "tmp").exists()
    run_job([str(logs)], JobOptions(), out=out)
    assert tree(out) == before


def test_without_another_thread_a_worker_does_it(
    tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = expected(tmp_path, logs)
    real, refused = _threads.start, list[str]()

    def start(thread: threading.Thread) -> None:
        if "finishing" in thread.name:
            refused.append(thread.name)
            raise OSError(11, "the system has no more threads")
        real(thread)

    monkeypatch.setattr(_threads, "start", start)
    run_job([str(logs)], JobOptions(), out=tmp_path / "out")
    assert refused
    assert tree(tmp_path / "out") == before
