"""Sequence numbers that come late: right, and as cheap with many gaps open as with few."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from log_reading import Recorder
from rapidsse import _gaps, engine
from rapidsse._engine import LogReader
from rapidsse._gaps import Gaps
from rapidsse.logs.verify._sequence import Numbers

# Of the pure engine the rest costs more; its gaps are also those of `Numbers`.
MANY = {"rust": 120_000, "python": 12_000}


def events(numbers: Iterable[int]) -> bytes:
    event = b'data: {"type":"response.x","sequence_number":%d}\n\n'
    return b"".join(event % number for number in numbers)


@pytest.mark.parametrize("seed", range(20))
def test_gaps_are_the_numbers_that_lack(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_gaps, "_BLOCK", 4)
    rng = random.Random(seed)
    gaps, lacking, edge = Gaps(), set[int](), 0
    for _ in range(300):
        if rng.random() < 0.4:
            start, stop = edge + rng.randint(1, 3), edge + rng.randint(1, 9)
            gaps.open(start, stop)
            lacking |= set(range(start, stop))
            edge = max(edge, stop)
        else:
            number = rng.randint(-2, edge + 2)
            assert gaps.fill(number) == (number in lacking)
            lacking.discard(number)
        found = list(gaps)
        assert len(gaps) == len(found)
        assert [n for start, stop in found for n in range(start, stop)] == sorted(lacking)
        assert all(stop < start for (_, stop), (start, _) in pairwise(found))


def read(many: int, late: Sequence[int]) -> float:
    recorder: Any = Recorder()
    reader = LogReader(recorder)
    reader.begin(0)
    reader.push(events(range(0, many, 2)))
    while reader.advance():
        reader.take()
    reader.push(events(late))
    start = time.process_time()
    while reader.advance():
        reader.take()
    taken = time.process_time() - start
    reader.finish()
    assert not reader.advance()
    ((_, _, _, _, _, _, missing, duplicates, *_),) = recorder.calls
    assert (missing, duplicates) == (0, 0)
    return taken


def name(many: int, late: Sequence[int]) -> float:
    numbers = Numbers()
    numbers.add(range(0, many, 2))
    start = time.process_time()
    numbers.add(late)
    taken = time.process_time() - start
    assert (numbers.missing(), numbers.again()) == ("", "")
    return taken


@pytest.mark.parametrize(("cost", "many"), [(read, MANY[engine]), (name, MANY["rust"])])
def test_the_order_of_late_numbers_costs_little(
    cost: Callable[[int, Sequence[int]], float], many: int
) -> None:
    """The first of 60,000 gaps was removed from a list, which costs as many moves; the last none.
    So one order is measured by the other."""
    late = range(1, many - 1, 2)
    first, last = (min(cost(many, order) for _ in range(2)) for order in (late, late[::-1]))
    assert first < 3 * last
