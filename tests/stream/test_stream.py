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
from rapidsse import EventTooLarge, Parser, aiter_sse, iter_sse
from stream_reading import fields

STREAM = b"event: a\ndata: 1\n\ndata: 2\nid: 7\n\n"
EVENTS = [("a", "1", "", None), ("message", "2", "7", None)]


async def chunks_of(*chunks: Any) -> AsyncIterator[Any]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def collect(source: Any, **options: Any) -> list[tuple[Any, ...]]:
    """The events of `aiter_sse`, with those errors that it can go on after."""

    async def run() -> list[tuple[Any, ...]]:
        events = aiter_sse(source, **options)
        found: list[tuple[Any, ...]] = []
        while True:
            try:
                found.append(fields(await anext(events)))
            except StopAsyncIteration:
                return found
            except EventTooLarge as error:
                found.append((error.offset, error.index))

    return asyncio.run(run())


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


# Limits.


def test_too_large_is_raised_in_the_place_of_the_event() -> None:
    stream = b": c\n\ndata: 1\n\n: c\nevent: e\ndata: 123456\nid: 9\n\ndata: 2\n\n"
    for size in (1, 2, 3, 7, 64):
        chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
        events = iter_sse(chunks, max_event_size=6)
        assert next(events).data == "1"
        with pytest.raises(EventTooLarge, match="event 1 at byte 18") as caught:
            next(events)
        assert (caught.value.limit, caught.value.offset, caught.value.index) == (6, 18, 1)
        (event,) = events
        assert fields(event) == ("message", "2", "", None)
        assert collect(chunks_of(*chunks), max_event_size=6) == [
            ("message", "1", "", None),
            (18, 1),
            ("message", "2", "", None),
        ]


@pytest.mark.parametrize(
    ("block", "size"),
    [
        (b"data: 12345\n", 5),
        (b"data: 1\ndata: 2\n", 3),
        (b"data\ndata\n", 1),
        (b"data:\n", 0),
        (b"event: abc\ndata: 12\n", 5),
        (b"event: abc\nevent: a\ndata: 12345\n", 6),
        (b"id: abc\ndata: 12\n", 5),
        (b"id: 123\nid: 1\ndata: 12\n", 3),
        (b"retry: 123456\n: comment\nunknown: field\ndata: 12\n", 2),
        (b"data: \xff\xff\n", 2),
        ("event: é\ndata: €\n".encode(), 5),
    ],
)
def test_what_counts_as_size(block: bytes, size: int) -> None:
    stream = block + b"\ndata:\n\n"
    for at in range(len(stream)):
        chunks = [stream[:at], stream[at:]]
        assert len(list(iter_sse(chunks, max_event_size=size))) == 2
        if size:
            events = iter_sse(chunks, max_event_size=size - 1)
            with pytest.raises(EventTooLarge):
                next(events)
            assert next(events).data == ""


def test_id_with_nul_counts_while_its_line_lasts() -> None:
    stream = b"id: 12345\0\ndata: 123456\n\n"
    for at in range(len(stream)):
        chunks = [stream[:at], stream[at:]]
        assert [event.data for event in iter_sse(chunks, max_event_size=6)] == ["123456"]
        with pytest.raises(EventTooLarge):
            next(iter_sse(chunks, max_event_size=5))


def test_fields_of_a_dropped_event_mean_nothing() -> None:
    stream = b"retry: 1\nid: 5\nevent: e\ndata: 123456\nretry: 2\nid: 6\ndata: 7\n\ndata: x\n\n"
    reader = iter_sse(stream, max_event_size=6)
    with pytest.raises(EventTooLarge):
        next(reader)
    assert fields(next(reader)) == ("message", "x", "", None)
    parser = Parser(max_event_size=6)
    with pytest.raises(EventTooLarge):
        parser.feed(stream)
    assert fields(parser.feed(b"")[0]) == ("message", "x", "", None)
    assert (parser.retry, parser.last_event_id) == (1, "")


def test_unfinished_event_that_was_too_large() -> None:
    for eof in ("discard", "dispatch"):
        events = iter_sse(b"data: 123456\ndata: 7", max_event_size=3, eof=eof)
        with pytest.raises(EventTooLarge):
            next(events)
        assert list(events) == []


def test_end_of_the_stream_can_make_an_event_too_large() -> None:
    for stream in (b"data\ndata", b"data: x\ndata"):
        events = iter_sse(stream, max_event_size=stream.count(b"x"), eof="dispatch")
        with pytest.raises(EventTooLarge):
            next(events)
        assert list(events) == []


def test_parser_defers_an_error_behind_events() -> None:
    parser = Parser(max_event_size=3)
    stream = b"data: 1\n\ndata: 2\n\ndata: 1234\n\ndata: 3\n\ndata: 1234\n\ndata: 4\n\n"
    assert [event.data for event in parser.feed(stream)] == ["1", "2"]
    with pytest.raises(EventTooLarge) as caught:
        parser.feed(b"data: 5\n\n")
    assert caught.value.index == 2
    assert [event.data for event in parser.feed(b"data: 6")] == ["3"]
    with pytest.raises(EventTooLarge) as caught:
        parser.close()
    assert caught.value.index == 4
    assert [event.data for event in parser.close()] == ["4", "5"]
    assert parser.close() == []


def test_parser_raises_at_once_without_events_before() -> None:
    parser = Parser(max_event_size=3)
    with pytest.raises(EventTooLarge):
        parser.feed(b"data: 1234")
    assert parser.pending == 0
    assert parser.feed(b"5678\ndata: 9") == []
    assert parser.pending == 0
    assert [event.data for event in parser.feed(b"\n\ndata: x\n\n")] == ["x"]


def test_too_large_is_raised_before_more_is_held() -> None:
    parser = Parser(max_event_size=1000)
    parser.feed(b"data: ")
    for _ in range(10):
        assert parser.feed(b"x" * 100) == []
    assert parser.pending == 1000
    with pytest.raises(EventTooLarge):
        parser.feed(b"x")


# Memory and time.


@pytest.mark.parametrize(
    ("stream", "pending"),
    [
        (b"data: abc", 3),
        (b"data:", 0),
        (b"data: ", 0),
        (b"data:  ", 1),
        (b"data: abc\n", 3),
        (b"data: a\ndata: b", 3),
        (b"data: a\ndata", 5),
        (b"data: a\ndata:", 2),
        (b"da", 2),
        (b"event: abc", 3),
        (b"event: abc\nevent: d", 1),
        (b"id: abc", 3),
        (b"id: abc\nid: x\0", 2),
        (b"id: abc\nid: x\0\n", 3),
        (b"retr", 4),
        (b"retry: 123", 0),
        (b"retry: 123\n", 0),
        (b": comment", 0),
        (b"unknown: field", 0),
        (b"unknown", 0),
        (b"data: abc\n\n", 0),
        (b"event: abc\n\n", 0),
    ],
)
def test_pending(stream: bytes, pending: int) -> None:
    parser = Parser()
    parser.feed(stream)
    assert parser.pending == pending
    parser = Parser()
    for at in range(len(stream)):
        parser.feed(stream[at : at + 1])
    assert parser.pending == pending
    parser.close()
    assert parser.pending == 0


def resident() -> int:
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        pytest.skip("needs /proc to see how much memory is used")
    return int(pages) * mmap.PAGESIZE


@pytest.mark.parametrize(
    "start", [b": ", b"unknown: ", b"dataset", b"retry: ", b"data: 12345\ndata: "]
)
def test_meaningless_lines_are_never_held(start: bytes) -> None:
    parser = Parser(max_event_size=4)
    chunk = b"0" * (1 << 20)
    try:
        parser.feed(start)
        parser.feed(chunk)
    except EventTooLarge:
        assert start.startswith(b"data: ")
    before = resident()
    for _ in range(128):
        parser.feed(chunk)
        assert parser.pending == 0
    assert resident() - before < 16 << 20
    assert [event.data for event in parser.feed(b"\n\ndata: x\n\n")] == ["x"]


def test_endless_blocks_without_data_are_not_held() -> None:
    parser = Parser()
    for _ in range(20):
        parser.feed(b": comment\nunknown: x\nretry: 1\nid: 1\nevent: e\n" * 200)
        assert parser.pending == 2


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_one_event_in_many_chunks(size: int) -> None:
    data = bytes(range(32, 127)) * 200
    stream = b"data: " + data + b"\n\n"
    parser = Parser()
    assert parser.feed(b"data: ") == []
    held = 0
    events = []
    for at in range(len(b"data: "), len(stream), size):
        events += parser.feed(stream[at : at + size])
        assert events or parser.pending >= held
        held = parser.pending
    (event,) = events
    assert event.data_bytes.tobytes() == data


@pytest.mark.parametrize("eol", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("size", [1, 500, 1 << 30])
def test_pure_engine_searches_each_byte_a_bounded_number_of_times(
    eol: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted and not timed: the bytes that `find` is let loose on."""
    from rapidsse._pure import FrameReader, _chunks

    searched = 0

    class Counting:
        def __init__(self, view: memoryview) -> None:
            self.chunk = view.tobytes()

        def find(self, sub: bytes, start: int, end: int) -> int:
            nonlocal searched
            found = self.chunk.find(sub, start, end)
            searched += (end if found < 0 else found + 1) - start
            return found

        def __getitem__(self, key: Any) -> Any:
            return self.chunk[key]

    monkeypatch.setattr(_chunks, "searchable", Counting)
    line = b"data: " + b"x" * 2000 + eol
    stream = (line * 20 + eol) * 2
    reader = FrameReader()
    for at in range(0, len(stream), size):
        reader.push(memoryview(stream)[at : at + size])
    assert len(list(reader)) == 2
    assert len(stream) <= searched < 8 * len(stream)


@pytest.mark.parametrize("line", [b":", b": comment", b"unknown", b"unknown: field"])
def test_an_ignored_line_is_not_buffered(line: bytes) -> None:
    parser = Parser()
    for start in range(1, len(line) + 1):
        parser.reset()
        parser.feed(b"data: x\n" + line[:start])
        # As much of a line as may yet become a field's name is held.
        assert parser.pending == 1 + (start if b":" not in line[:start] and start <= 5 else 0)


@pytest.mark.parametrize("size", [1000, 65_536, 1 << 30])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
def test_a_limit_among_large_events(size: int, eol: bytes) -> None:
    """The limit holds for events that are read faster than line by line, too."""
    sizes = [10, 17_000, 25_000, 15_000, 20_000, 20_001, 10]
    blocks = [b"data: " + b"x" * length + eol + eol for length in sizes]
    stream = b"".join(blocks)
    events = iter_sse(
        (stream[at : at + size] for at in range(0, len(stream), size)), max_event_size=20_000
    )
    found: list[int | tuple[int, int]] = []
    for _ in sizes:
        try:
            found.append(len(next(events).data_bytes))
        except EventTooLarge as error:
            found.append((error.index, error.offset))
    offsets = [sum(map(len, blocks[:index])) for index in range(len(blocks))]
    assert found == [10, 17_000, (2, offsets[2]), 15_000, 20_000, (5, offsets[5]), 10]
    assert next(events, None) is None
