"""`Parser`, `iter_sse` and `aiter_sse`: sources, laziness, limits, errors, memory."""

from __future__ import annotations

import array
import asyncio
import gc
import io
import mmap
import tempfile
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse import Parser, aiter_sse, iter_sse
from stream_reading import chunks_of, collect, fields

STREAM = b"event: a\ndata: 1\n\ndata: 2\nid: 7\n\n"
EVENTS = [("a", "1", "", None), ("message", "2", "7", None)]


# Sources.


def test_buffers(tmp_path: Path) -> None:
    path = tmp_path / "stream.sse"
    path.write_bytes(STREAM)
    padded = b"xx" + STREAM + b"xx"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        sources: list[Any] = [
            STREAM,
            bytearray(STREAM),
            memoryview(STREAM),
            memoryview(padded)[2:-2],
            array.array("B", STREAM),
            memoryview(bytearray(STREAM)).cast("c"),
        ]
        for source in sources:
            assert [fields(event) for event in iter_sse(source)] == EVENTS
            assert collect(source) == EVENTS
            assert [fields(event) for event in Parser().feed(source)] == EVENTS
            assert [fields(event) for event in iter_sse([source])] == EVENTS
            assert collect(chunks_of(source)) == EVENTS
        assert [fields(event) for event in iter_sse(mapped)] == EVENTS
        gc.collect()


def test_iterables() -> None:
    assert [fields(event) for event in iter_sse([STREAM[:5], STREAM[5:]])] == EVENTS
    assert [fields(event) for event in iter_sse(io.BytesIO(STREAM))] == EVENTS
    assert [fields(event) for event in iter_sse(STREAM[i : i + 1] for i in range(40))] == EVENTS
    assert list(iter_sse([])) == []
    assert list(iter_sse([b"", b""])) == []
    assert list(iter_sse(b"")) == []
    assert collect(chunks_of(STREAM[:5], b"", STREAM[5:])) == EVENTS
    assert collect(chunks_of()) == []


def test_iterators_are_their_own() -> None:
    events = iter_sse(STREAM)
    assert iter(events) is events
    assert fields(next(events)) == EVENTS[0]
    assert [fields(event) for event in events] == EVENTS[1:]
    assert list(events) == []
    with pytest.raises(StopIteration):
        next(events)

    async def run() -> None:
        async_events = aiter_sse(STREAM)
        assert aiter(async_events) is async_events
        assert [fields(event) async for event in async_events] == EVENTS
        with pytest.raises(StopAsyncIteration):
            await anext(async_events)

    asyncio.run(run())


def test_text_is_refused() -> None:
    for wrong in ("data: x\n\n", ["data: x\n\n"], io.StringIO("data: x\n\n")):
        with pytest.raises(TypeError, match=r"text.*encode"):
            list(iter_sse(wrong))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"text.*encode"):
        aiter_sse("data: x\n\n")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"text.*encode"):
        collect(chunks_of("data: x\n\n"))
    with pytest.raises(TypeError, match=r"text.*encode"):
        Parser().feed("data: x\n\n")  # type: ignore[arg-type]


def test_other_objects_are_refused_by_name() -> None:
    for wrong in (1, None, 1.5):
        with pytest.raises(TypeError, match=type(wrong).__name__):
            iter_sse(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=type(wrong).__name__):
            aiter_sse(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=type(wrong).__name__):
            list(iter_sse([wrong]))  # type: ignore[list-item]
        with pytest.raises(TypeError, match=type(wrong).__name__):
            collect(chunks_of(wrong))
        with pytest.raises(TypeError, match=type(wrong).__name__):
            Parser().feed(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="iter_sse"):
        aiter_sse([b"data: x\n\n"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="contiguous"):
        iter_sse(memoryview(STREAM)[::2])


def test_wrong_chunk_costs_only_itself() -> None:
    events = iter_sse([b"data: 1\n\nda", None, b"ta: 2\n\n"])  # type: ignore[list-item]
    assert next(events).data == "1"
    with pytest.raises(TypeError):
        next(events)
    assert next(events).data == "2"

    parser = Parser()
    assert parser.feed(b"da") == []
    with pytest.raises(TypeError):
        parser.feed(None)  # type: ignore[arg-type]
    assert [event.data for event in parser.feed(b"ta: 2\n\n")] == ["2"]


@pytest.mark.parametrize("options", [{"eof": "drop"}, {"eof": None}, {"max_event_size": -1}])
def test_wrong_options(options: dict[str, Any]) -> None:
    name = next(iter(options))
    with pytest.raises(ValueError, match=name):
        iter_sse(b"", **options)
    with pytest.raises(ValueError, match=name):
        iter_sse([], **options)
    with pytest.raises(ValueError, match=name):
        aiter_sse(b"", **options)
    with pytest.raises(ValueError, match=name):
        Parser(**options)


@pytest.mark.parametrize("size", [2**63, 2**64, 2**200])
def test_a_limit_that_nothing_reaches(size: int) -> None:
    data = b"data: 1\n\n"
    assert [event.data for event in iter_sse(data, max_event_size=size)] == ["1"]


def test_closed_file() -> None:
    file = io.BytesIO(STREAM)
    file.close()
    with pytest.raises(ValueError, match="closed"):
        list(iter_sse(file))


class Broken(Exception):
    pass


def test_source_that_raises_halfway() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"data: 1\n\ndata: 2"
        raise Broken

    events = iter_sse(chunks(), eof="dispatch")
    assert next(events).data == "1"
    with pytest.raises(Broken):
        next(events)
    assert [event.data for event in events] == ["2"]

    async def run() -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"data: 1\n\ndata: 2"
            raise Broken

        events = aiter_sse(chunks(), eof="dispatch")
        assert (await anext(events)).data == "1"
        with pytest.raises(Broken):
            await anext(events)
        assert [event.data async for event in events] == ["2"]

    asyncio.run(run())


# Laziness.


def test_iter_sse_pulls_a_chunk_only_when_the_ones_before_are_used_up() -> None:
    pulled: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            pulled.append(number)
            yield b"data: a\n\ndata: b\n\n"

    events = iter_sse(chunks())
    assert pulled == []
    for expected in ([0], [0], [0, 1], [0, 1], [0, 1, 2]):
        next(events)
        assert pulled == expected


def test_event_is_given_as_soon_as_its_blank_line_begins() -> None:
    parser = Parser()
    assert len(parser.feed(b"data: a\r\n\r")) == 1
    assert parser.feed(b"\n") == []
    assert len(parser.feed(b"data: b\n\n")) == 1


# In place.


def in_place_sources() -> Iterator[Any]:
    yield STREAM
    yield bytearray(STREAM)
    yield array.array("B", STREAM)
    with tempfile.TemporaryFile() as file:
        file.write(STREAM)
        file.flush()
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def test_whole_buffers_are_referred_to_in_place() -> None:
    for source in in_place_sources():
        for event in iter_sse(source):
            assert event.data_bytes.obj is source
            assert event.data_bytes.readonly
    (event,) = iter_sse(memoryview(bytearray(b"data: x\n\n")))
    assert isinstance(event.data_bytes.obj, bytearray)


def test_only_bytes_chunks_are_referred_to_in_place() -> None:
    chunk = b"data: x\n\n"
    (event,) = iter_sse([chunk])
    assert event.data_bytes.obj is chunk
    (event,) = Parser().feed(chunk)
    assert event.data_bytes.obj is chunk

    reused = bytearray(b"data: x\n\n")

    def chunks() -> Iterator[bytearray]:
        for letter in b"ab":
            reused[6] = letter
            yield reused

    assert [event.data_bytes.tobytes() for event in list(iter_sse(chunks()))] == [b"a", b"b"]
    parser = Parser()
    (event,) = parser.feed(reused)
    reused[6] = 0
    assert event.data == "b"
    # No export is left that would keep the buffer from being resized.
    reused.clear()


def test_several_lines_and_straddling_events_are_joined() -> None:
    (event,) = iter_sse(b"data: a\ndata: b\n\n")
    assert event.data_bytes.tobytes() == b"a\nb"
    (event,) = iter_sse([b"data: a", b"b\n\n"])
    assert event.data_bytes.tobytes() == b"ab"
    (event,) = iter_sse([b"data: ab\n", b"\n"])
    assert event.data_bytes.tobytes() == b"ab"


class Chunk(bytearray):
    """A buffer that can be referred to weakly."""


def test_chunks_that_are_used_up_are_let_go() -> None:
    chunk = Chunk(b"data: a\n\ndata: b")
    alive = weakref.ref(chunk)
    reader = rapidsse._engine.FrameReader()
    reader.push(chunk)
    event = next(reader)
    del chunk
    with pytest.raises(StopIteration):
        next(reader)
    assert alive() is not None
    assert event.data == "a"
    del event
    gc.collect()
    assert alive() is None
    reader.push(b"\n\n")
    assert next(reader).data == "b"


# Parser.


def test_parser_state() -> None:
    parser = Parser()
    assert (parser.last_event_id, parser.retry, parser.pending) == ("", None, 0)
    assert parser.feed(b"id: 1\nretry: 5\ndata: ab") == []
    assert (parser.last_event_id, parser.retry, parser.pending) == ("", 5, 3)
    (event,) = parser.feed(b"\n\n")
    assert (event.id, event.retry) == ("1", 5)
    assert (parser.last_event_id, parser.retry, parser.pending) == ("1", 5, 0)
    (event,) = parser.feed(b"data: x\n\n")
    assert (event.id, event.retry) == ("1", None)
    assert parser.retry == 5


def test_parser_close_and_reset() -> None:
    parser = Parser(eof="dispatch")
    parser.feed(b"\xef\xbb\xbfid: 1\nretry: 5\ndata: x\n\ndata: y")
    assert [event.data for event in parser.close()] == ["y"]
    assert parser.close() == []
    with pytest.raises(ValueError, match=r"reset\(\)"):
        parser.feed(b"data: z\n\n")
    assert parser.last_event_id == "1"
    parser.reset()
    assert (parser.last_event_id, parser.retry, parser.pending) == ("", None, 0)
    # The BOM is that of a new stream, and the options are those of before.
    (event,) = parser.feed(b"\xef\xbb\xbfdata: z\n\ndata: w")
    assert fields(event) == ("message", "z", "", None)
    assert [event.data for event in parser.close()] == ["w"]


def test_reset_drops_the_unfinished_event() -> None:
    parser = Parser(max_event_size=5)
    assert len(parser.feed(b"data: a\n\ndata: 123456\n\n")) == 1
    parser.reset()
    assert parser.feed(b"b\n\ndata: x\n\n")[0].data == "x"
