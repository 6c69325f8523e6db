"""One 16 MiB event in chunks of 1 KiB: the time must not grow with the number of chunks."""

from __future__ import annotations

import logs
import rapidsse
from conftest import Compare, cut, drain
from rapidsse import Decoder, openai
from rows import Row


def append(chunks: list[bytes]) -> None:
    joined = bytearray()
    for chunk in chunks:
        joined += chunk


def test_frames_against_appending(compare: Compare) -> None:
    data = logs.big_event()
    chunks = cut(data, 1024)
    compare(
        Row(
            "one 16 MiB event, frames, in 1 KiB chunks",
            "appending the chunks to a bytearray",
            "× its time",
            1.5,
        ),
        lambda: drain(rapidsse.iter_sse(chunks)),
        lambda: append(chunks),
        bytes=len(data),
    )


def test_typed_against_appending(compare: Compare) -> None:
    data = logs.big_event()
    chunks = cut(data, 1024)
    decoder = Decoder(openai.ResponseStreamEvent)
    compare(
        Row(
            "one 16 MiB event, typed, in 1 KiB chunks",
            "appending the chunks to a bytearray",
            "× its time",
            1.5,
        ),
        lambda: drain(decoder.iter(chunks)),
        lambda: append(chunks),
        bytes=len(data),
    )


def test_frames(compare: Compare) -> None:
    data = logs.big_event()
    small, large = cut(data, 1024), cut(data)
    (event,) = rapidsse.iter_sse(small)
    assert [event] == list(rapidsse.iter_sse(large))
    compare(
        Row("one 16 MiB event, frames, in 1 KiB chunks", "64 KiB chunks", "× its time"),
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
        Row("one 16 MiB event, typed, in 1 KiB chunks", "64 KiB chunks", "× its time"),
        lambda: drain(decoder.iter(small)),
        lambda: drain(decoder.iter(large)),
        bytes=len(data),
    )
