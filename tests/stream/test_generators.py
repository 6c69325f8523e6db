"""The generated streams find the fault that they were made for, and soon."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

import stream_strategies
from rapidsse import _pure
from rapidsse._pure import _stream
from stream_reading import read

pytestmark = pytest.mark.once

EXAMPLES = 100
_opening = re.compile(rb"(?:event: ([^\r\n]*+)\r?\n)?data: ").match


def loses(window: bytes) -> bool:
    """Whether the pure engine once lost what follows, from here to the end of the chunk.

    It counted the line ends of a run, which should be those of the first event. Where other ones
    stood beside the names only, the count was wrong, and yet no event had a line end inside.
    """
    opening = _opening(window)
    data_end = -1 if opening is None else window.find(b"\n", opening.end())
    if opening is None or data_end < 0:
        return False
    eol = b"\r\n" if window[data_end - 1 : data_end] == b"\r" else b"\n"
    separator = eol + eol + opening[0]
    run = window[opening.end() :].split(separator)
    between = (len(run) - 1) * separator.count(b"\n")
    counted = between, between if eol == b"\r\n" else 0
    window = window[opening.end() :]
    return (
        len(run) > 1
        and (window.count(b"\n"), window.count(b"\r")) != counted
        and not any(b"\n" in data or b"\r" in data for data in run)
    )


def test_runs_that_are_lost_are_found_within_a_hundred_streams(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = _stream.run

    def run(chunk: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
        if loses(bytes(chunk.buf[chunk.pos : chunk.pos + 2048])):
            chunk.pos = chunk.end
            return
        yield from real(chunk, *arguments, **options)

    def is_cut_otherwise(case: tuple[bytes, list[int]]) -> bool:
        stream, places = case
        whole = read(_pure, [stream])
        return any(
            read(_pure, chunks) != whole for chunks in stream_strategies.cuts(stream, places)
        )

    case = st.tuples(stream_strategies.streams(), stream_strategies.places())
    generated = settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    monkeypatch.setattr(_stream, "run", run)
    # It raises `NoSuchExample` if there is none.
    found = find(case, is_cut_otherwise, settings=generated, random=random.Random(0))
    monkeypatch.undo()
    assert not is_cut_otherwise(found)
