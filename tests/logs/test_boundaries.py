"""Where a log can be cut: reading the ranges gives what reading the whole does."""

from __future__ import annotations

import json
import mmap
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from log_reading import totals_of
from rapidsse._engine import LogReader
from rapidsse.logs.formats import _boundaries
from rapidsse.logs.formats._boundaries import boundaries, next_boundary
from samples import chunk, completed, corpus, created, delta, sse

Framing = Literal["sse", "lines"]

COLUMNS = ("stream", "offset", "length", "index", "response_id", "event", "delta")


class Types:
    """A handler that keeps everything, and what it all came to."""

    def __init__(self) -> None:
        self.met: list[Any] = []

    def event(self, event: Any) -> None:
        self.met.append((event.place, event.name, event.response_id, bytes(event.payload)))

    def failure(self, failure: Any) -> None:
        self.met.append(failure)

    def stream(self, end: Any) -> None:
        self.met.append(end)


def read(
    content: bytes, edges: list[int], framing: Framing, max_event_size: int | None
) -> tuple[list[Any], list[int]]:
    """What the ranges between the edges hold, and their totals."""
    found = Types()
    totals = [0] * 5
    for start, stop in pairwise(edges):
        reader = LogReader(
            found, framing=framing, deliver=frozenset({"all"}), max_event_size=max_event_size
        )
        reader.begin(start)
        reader.push(content[start:stop])
        while reader.advance():
            pass
        reader.finish()
        while reader.advance():
            pass
        totals = [sum(pair) for pair in zip(totals, totals_of(reader), strict=True)]
    return found.met, totals


def check(content: bytes, framing: Framing, max_event_size: int | None = None) -> list[int]:
    """Cuts at every boundary, all at once and each alone; returns the boundaries."""
    found = list(boundaries(content, framing, max_event_size=max_event_size))
    assert found == sorted(set(found))
    assert all(0 < at < len(content) for at in found)
    whole = read(content, [0, len(content)], framing, max_event_size)
    assert read(content, [0, *found, len(content)], framing, max_event_size) == whole
    for at in found:
        assert read(content, [0, at, len(content)], framing, max_event_size) == whole
    return found


def named(*events: dict[str, Any]) -> bytes:
    """Events with their names, as the Responses API sends them."""
    return b"".join(b"event: " + event["type"].encode() + b"\n" + sse(event) for event in events)


def test_before_a_response_and_behind_the_mark_of_an_end() -> None:
    one = named(created("a"), delta(), completed("a"))
    chat = sse(chunk("x"), chunk("x")) + b"data: [DONE]\n\n"
    assert check(one + one + chat + chat + one, "sse") == [
        len(one),
        2 * len(one) + len(chat),
        2 * len(one) + 2 * len(chat),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends(end: str) -> None:
    one = named(created("a"), delta(), completed("a")) + sse(chunk()) + b"data: [DONE]\n\n"
    content = one.replace(b"\n", end.encode())
    assert check(content * 3, "sse") == [at for n in (1, 2) for at in (n * len(content),)]


@pytest.mark.parametrize("blank", ["\n\r\n", "\n\r", "\r\n\n", "\r\n\r"])
def test_a_mark_in_one_block_with_a_beginning(blank: str) -> None:
    """The blank line between them has two kinds of line ends, which is overlooked."""
    chat, response = sse(chunk("x")), sse(created("a"))
    content = chat + b"data: [DONE]" + blank.encode() + response + chat
    assert set(check(content, "sse")) <= {len(content) - len(chat) - len(response)}


def test_texts_that_look_like_boundaries() -> None:
    fake = named(created("b")).decode()
    events = [
        created("a"),
        delta(fake),
        {"type": "response.output_text.delta", "delta": "[DONE]"},
        {"type": "response.output_text.done", "text": "response.created"},
        {"type": "x", "response": {"type": "response.created"}},
        completed("a"),
    ]
    content = named(*events) + b": [DONE]\n\n" + b": event: response.created\n\n"
    content += b'event: response.created\ndata: {"type": "other"}\n\n'
    content += b'event: response.created\ndata: {"type": "response.created"\n\n'
    content += b'data: {"type": "response.created"\n\ndata: x [DONE]\n\n'
    assert check(content + named(delta()), "sse") == []


@pytest.mark.parametrize(
    "between",
    [b"", b": ping\n\n", b": ping\n", b"\n\n\n", b"\r\n", b"\r", b"id: 7\n", b"id: 7\n\n"],
)
def test_what_stands_before_a_response(between: bytes) -> None:
    content = named(created("a"), delta()) + between + named(created("b"), delta())
    assert len(check(content, "sse")) == 1


def test_a_mark_of_byte_order_is_no_place_to_cut_at() -> None:
    one = named(created("a"), delta())
    assert check(b"\xef\xbb\xbf" + one + b"\xef\xbb\xbf" + one, "sse") == []
    assert len(check(b"\xef\xbb\xbf" + one + one, "sse")) == 1


def test_what_the_reader_would_drop_begins_nothing() -> None:
    large = created("b")
    large["response"]["instructions"] = "x" * 5000
    content = named(created("a"), delta()) + named(large, delta())
    assert len(check(content, "sse")) == 1
    assert check(content, "sse", 4096) == []


def test_a_response_whose_block_is_long() -> None:
    long = {"response": {"id": "b", "instructions": "y" * 700_000}, "type": "response.created"}
    content = named(created("a"), delta("z" * 100_000), long, delta(), created("c"))
    assert len(check(content, "sse")) == 2


def test_json_lines_of_events() -> None:
    events = [created("a"), delta("response.created"), completed("a"), created("b"), delta()]
    lines = [json.dumps(event).encode() + b"\n" for event in events]
    content = b"".join(lines) + b"{response.created\n"
    assert check(content, "lines") == [len(b"".join(lines[:3]))]


def test_lines_of_requests_can_be_cut_anywhere() -> None:
    content = b'{"body": "a"}\n{"body": "b"}\r\n\n\xef\xbb\xbf{}\n{"body": "c"}'
    assert list(boundaries(content, "records")) == [14, 29, 36]
    assert next_boundary(content, "records", 14) == 14
    assert next_boundary(content, "records", 15) == 29
    assert next_boundary(content, "records", 37) is None


def test_the_next_boundary_is_the_first_at_or_after_a_place() -> None:
    one = named(created("a"), delta(), completed("a")) + b"data: [DONE]\n\n"
    content = one * 4
    expected = [len(one) * n for n in (1, 2, 3)]
    for start in range(len(content) + 1):
        rest = [at for at in expected if at >= start]
        assert next_boundary(content, "sse", start) == (rest[0] if rest else None)


def test_an_unfinished_event_ends_the_search() -> None:
    content = named(created("a"), delta()) + b'data: {"type": "response.created"}'
    assert check(content, "sse") == []
    assert check(content + b"\n", "sse") == []


def pieces() -> st.SearchStrategy[bytes]:
    events = [
        created("a"), created("b"), delta(), delta("response.created"), completed("a"),
        {"type": "error"}, chunk("x"), {"type": "image_generation.completed"}, {"type": "ping"},
    ]  # fmt: skip
    ends = st.sampled_from(
        [b"\n\n", b"\n\n", b"\r\n\r\n", b"\r\r", b"\n", b"\n\r\n", b"\r\n\n", b""]
    )
    heads = st.sampled_from(
        [b"", b"event: response.created\n", b": c\n", b"\xef\xbb\xbf", b": c\n\n", b"\r", b"\n"]
    )
    payload = st.one_of(
        st.sampled_from([json.dumps(event).encode() for event in events]),
        st.sampled_from(
            [b"[DONE]", b" [DONE] ", b'{"type": "response.created"', b"response.created"]
        ),
        st.sampled_from(
            [b'{"type":\ndata: "response.created"}', b'{"type": "response.created", "x": "\xff"}']
        ),
    )
    return st.tuples(heads, payload, ends).map(
        lambda parts: parts[0] + b"data: " + parts[1] + parts[2]
    )


@given(st.lists(pieces(), max_size=12).map(b"".join), st.sampled_from([None, 60, 100]))
def test_any_stream(content: bytes, limit: int | None) -> None:
    check(content, "sse", limit)


@given(st.lists(pieces(), max_size=12).map(b"".join))
def test_any_lines(content: bytes) -> None:
    lines = content.replace(b"data: ", b"")
    check(lines, "lines")


@given(
    st.lists(pieces(), max_size=12).map(b"".join),
    st.sampled_from([None, 60, 100]),
    st.sampled_from(["sse", "lines", "records"]),
    st.sampled_from([(16, 24, 32), (32, 64, 64), (64, 32, 256), (1 << 16, 1 << 14, 1 << 20)]),
)
def test_a_search_finds_the_same_places_wherever_it_begins_and_ends(
    content: bytes, limit: int | None, cuts: Any, sizes: tuple[int, int, int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, size in zip(("_WINDOW", "_NEAR", "_REACH"), sizes, strict=True):
            patch.setattr(_boundaries, name, size)
        whole = list(boundaries(content, cuts, max_event_size=limit))
        for start in range(0, len(content) + 1, 7):
            rest = [at for at in whole if at >= start]
            assert list(boundaries(content, cuts, start, max_event_size=limit)) == rest
            for before in (start, start + 20, start + 90):
                part = [at for at in rest if at < before]
                found = boundaries(content, cuts, start, before=before, max_event_size=limit)
                assert list(found) == part


@pytest.mark.parametrize("number", [2, 3, 7, 30, 200])
def test_the_corpus_in_ranges(number: int) -> None:
    content = b"".join(path.read_bytes() for path in sorted(corpus().rglob("*.sse")))
    size = len(content)
    found = [next_boundary(content, "sse", size * part // number) for part in range(1, number)]
    edges = sorted({0, *(each for each in found if each is not None), size})
    assert 1 < len(edges) - 1 <= number
    assert read(content, edges, "sse", None) == read(content, [0, size], "sse", None)


def test_a_mapped_file_is_searched_like_bytes(tmp_path: Path) -> None:
    content = named(created("a"), delta("x" * 3_000_000), completed("a")) * 3
    (tmp_path / "log").write_bytes(content)
    with open(tmp_path / "log", "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        expected = list(boundaries(content, "sse"))
        assert len(expected) == 2
        assert list(boundaries(mapped, "sse")) == expected
        mapped.close()
