"""Edges that readers share: each range is what it is for a reader of its own, and each edge is
searched once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapidsse.logs import _range
from rapidsse.logs._options import ReadOptions
from rapidsse.logs._range import Edges, open_streams
from samples import completed, created, delta, sse

OPTIONS = ReadOptions("sse", "none")
STREAMS = [
    sse(created(str(number)), *[delta("word" * number)] * number, completed(str(number)))
    for number in range(6)
]


def events_in(path: Path, start: int, stop: int, edges: Edges | None = None) -> list[Any] | None:
    log = open_streams(str(path), start, stop, OPTIONS, edges)
    if log is None:
        return None
    with log:
        return [(event.stream, event.offset, event.event) for event in log]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    streams=st.lists(st.sampled_from(STREAMS), max_size=6),
    cuts=st.lists(st.floats(0, 1), max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_ranges_are_the_same(
    tmp_path: Path, streams: Sequence[bytes], cuts: Sequence[float], order: Any
) -> None:
    content = b": begin\n\n" + b"".join(streams)
    path = tmp_path / "log.sse"
    path.write_bytes(content)
    places = sorted({0, len(content), *(round(cut * len(content)) for cut in cuts)})
    ranges = list(pairwise(places))
    order.shuffle(ranges)
    edges = Edges()
    for start, stop in ranges:
        assert events_in(path, start, stop, edges) == events_in(path, start, stop)


@pytest.mark.parametrize("reverse", [False, True])
def test_each_edge_is_searched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reverse: bool
) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(b"".join(STREAMS) * 10)
    size = path.stat().st_size
    ranges = list(pairwise(size * number // 5 for number in range(6)))
    searched: list[int] = []
    search = _range.next_boundary

    def counted(content: Any, cuts: Any, start: int, **options: Any) -> int | None:
        searched.append(start)
        return search(content, cuts, start, **options)

    monkeypatch.setattr(_range, "next_boundary", counted)
    edges = Edges()
    for start, stop in reversed(ranges) if reverse else ranges:
        assert events_in(path, start, stop, edges)
    assert sorted(searched) == [stop for _, stop in ranges]


def test_no_stream_begins_behind_an_edge(tmp_path: Path) -> None:
    """The place of an edge stands for the next one, too, if no stream begins between them."""
    path = tmp_path / "log.sse"
    content = STREAMS[5] * 2
    path.write_bytes(content)
    edges, whole = Edges(), len(STREAMS[5])
    places = [0, whole - 30, whole - 20, whole - 10, whole + 10, len(content)]
    found = [events_in(path, start, stop, edges) for start, stop in pairwise(places)]
    assert [None if events is None else len(events) for events in found] == [7, None, None, 7, None]
