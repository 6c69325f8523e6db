"""What counts as the size of an event, and when one that is too large is refused."""

from __future__ import annotations

import pytest

from rapidsse import EventTooLarge, Parser, iter_sse
from stream_reading import chunks_of, collect, fields


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
