"""The fixtures: the logs, and `compare`, which measures a row's two sides in turns.

One run measures one engine (`RAPIDSSE_ENGINE` chooses) and every baseline of it in the same
process (the command `decode` in one of its own), and writes the figures to
build/bench/figures-ENGINE.json. Time is the process's CPU time, user and system, because every pass
is one busy thread, and other processes should not count.
A row that compares threads or processes says that its time is wall time.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import logs
import rapidsse
from rows import Figure, Row

CHUNK = 64 * 1024

_figures: list[Figure] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="run two rounds of each row")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.benchmark(timer=process_time))


def pytest_sessionfinish() -> None:
    if _figures:
        path = logs.FOLDER / f"figures-{rapidsse.engine}.json"
        path.write_text(json.dumps([asdict(figure) for figure in _figures]))


def drain(events: Iterable[Any]) -> None:
    """Takes every event and keeps none, as every timed pass does."""
    for _ in events:
        pass


def cut(data: bytes, size: int = CHUNK) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


def corpus() -> Path:
    default = Path(__file__).parent.parent.parent / "shared" / "corpus"
    path = Path(os.environ.get("RAPIDSSE_CORPUS", default))
    if not path.is_dir():
        pytest.skip(f"no corpus in {path} (RAPIDSSE_CORPUS names another folder)")
    return path


@pytest.fixture(scope="session")
def text() -> bytes:
    return logs.text_log().read_bytes()


@pytest.fixture(scope="session")
def images() -> Iterator[mmap.mmap]:
    with (
        logs.image_log().open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        yield mapped


@pytest.fixture
def record() -> Callable[[Figure], None]:
    """Takes a figure into the table."""
    return _figures.append


Compare = Callable[..., None]


@pytest.fixture
def compare(
    benchmark: BenchmarkFixture, request: pytest.FixtureRequest, record: Callable[[Figure], None]
) -> Compare:
    """Times the row's two sides by turns, baseline first, and keeps the ratio of each pair.

    `before` prepares both.

    The garbage collector stays on, as it is for users; a collection before each pass keeps
    one side's garbage out of the other's time.
    """

    def compare(
        row: Row,
        subject: Callable[[], object],
        baseline: Callable[[], object],
        *,
        rounds: int = 15,
        bytes: int | None = None,
        events: int | None = None,
        before: Callable[[], object] = lambda: None,
    ) -> None:
        baselines: list[float] = []
        marker = request.node.get_closest_marker("benchmark")
        clock = marker.kwargs["timer"]

        def first() -> None:
            before()
            gc.collect()
            start = clock()
            baseline()
            baselines.append(clock() - start)
            gc.collect()

        rounds = 2 if request.config.getoption("--quick") else rounds
        benchmark.name = f"{row.subject} against {row.baseline}"
        benchmark.pedantic(subject, setup=first, rounds=rounds, iterations=1)
        seconds: list[float] = benchmark.stats.stats.data
        pairs = zip(baselines, seconds, strict=True)
        if row.unit == "× its speed":
            ratios = [theirs / ours for theirs, ours in pairs]
        else:
            ratios = [ours / theirs for theirs, ours in pairs]
        figure = Figure(row, rapidsse.engine, ratios, benchmark.stats.stats.median, bytes, events)
        benchmark.extra_info["ratio"] = figure.median
        record(figure)

    return compare
