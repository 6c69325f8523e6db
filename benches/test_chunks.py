"""One 16 MiB event in chunks of 1 KiB: the time must not grow with the number of chunks."""

from __future__ import annotations

import logs
import rapidsse
from conftest import Compare, cut, drain
from rapidsse import Decoder, openai
from rows import Row


def test_frames(compare: Compare) -> None:
    data = logs.big_event()
    small, large = cut(data, 1024), cut(data)
    (event,) = rapidsse.iter_sse(small)
    assert [event] == list(rapidsse.iter_sse(large))
    compare(
        Row("one 16 MiB event, frames, in 1 KiB chunks", "64 KiB chunks", "× its time", 1.5, 3),
        lambda: drain(rapidsse.iter_sse(small)),
        lambda: drain(rapidsse.iter_sse(large)),
        bytes=len(data),
    )


def test_typed(compare: Compare) -> None:
    data = logs.big_event()
    small, large = cut(data, 1024), cut(data)
    decoder = Decoder(openai.ResponseStreamEvent)
    assert list(decoder.iter(small)) == list(decoder.iter(large))
    compare(
        Row("one 16 MiB event, typed, in 1 KiB chunks", "64 KiB chunks", "× its time", 1.5, 3),
        lambda: drain(decoder.iter(small)),
        lambda: drain(decoder.iter(large)),
        bytes=len(data),
    )
