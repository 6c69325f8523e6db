"""The stand-ins of `rapidsse.compat` yield the same events as their libraries, except for the rows
of `departures`, which `normal_streams` removes from recorded and generated streams.

The tests compare the four fields with their types, the result of `json()`, the error of a broken
connection, and that no event is delivered later than by the library.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from departures import TABLES, Row
from hypothesis import example, given, settings
from hypothesis import strategies as st

import stream_strategies
from examples import examples
from normal_streams import NORMAL as NORMAL_PEERS
from normal_swaps import NORMAL_SWAPS
from peer_reading import PAIRS, Chunks, Counted, Pair, Reader, frame

NORMAL = NORMAL_PEERS | NORMAL_SWAPS
LIBRARIES = [library for library, levels in PAIRS.items() if "frames" in levels]
ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("RAPIDSSE_CORPUS", ROOT.parent / "shared" / "corpus"))
# The largest streams that are read byte by byte, by a few bytes, and by the kilobyte.
SMALL = examples(5100, deep=10_000)
MEDIUM = examples(10_000, deep=1_000_000)
LARGE = examples(110_000, deep=1_000_000)
MANY = examples(500, deep=2000)


class Broken(Exception):
    pass


class Breaking(Counted):
    """A connection that breaks after the last chunk."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise Broken


def json_of(event: Any) -> str:
    """What `json()` gives or raises; as text, for `NaN` does not equal itself."""
    try:
        return repr(event.json())
    except Exception as error:  # noqa: BLE001
        return type(error).__name__


class Item(NamedTuple):
    """An event, and when it came: how many chunks had been taken by then."""

    fields: tuple[Any, ...]
    json: str
    taken: int


def items(reader: Reader, chunks: Chunks, broken: bool, json: bool) -> tuple[list[Item], Any]:
    """The events of a stream, and the error that ended it, if one did."""
    counted = Breaking(chunks) if broken else Counted(chunks)

    def item(event: Any) -> Item:
        value = json_of(event) if json and hasattr(event, "json") else ""
        return Item(frame(event), value, counted.taken)

    reading = reader(counted, item=item)
    error = reading.pop() if reading and isinstance(reading[-1], str) else None
    return reading, error


def check(library: str, pair: Pair, chunks: Chunks, broken: bool, json: bool) -> None:
    theirs, their_error = items(pair.peer, chunks, broken, json)
    ours, our_error = items(pair.ours, chunks, broken, json)
    assert our_error == their_error
    if library == "openai":
        # Its decoder delivers events without data, on which its streams fail.
        theirs = [item for item in theirs if item.fields[1] != ""]
    assert [item.fields for item in ours] == [item.fields for item in theirs]
    assert [list(map(type, item.fields)) for item in ours] == [
        list(map(type, item.fields)) for item in theirs
    ]
    assert [item.json for item in ours] == [item.json for item in theirs]
    assert all(our.taken <= their.taken for our, their in zip(ours, theirs, strict=True))


def check_each_way(library: str, chunks: Chunks, broken: bool = False, json: bool = True) -> None:
    pairs = list(PAIRS[library]["frames"].values())
    # Thousands of chunks take their time. Then one way is enough: the ways differ in how chunks
    # come and not in what becomes of them.
    for pair in pairs if len(chunks) < MANY else pairs[:1]:
        check(library, pair, chunks, broken, json)


# Recorded streams ---------------------------------------------------------------------------------


def corpus_files() -> list[Any]:
    files = sorted(CORPUS.glob("**/*.sse"))
    if files:
        return [pytest.param(path, id=path.name) for path in files]
    reason = f"recorded streams are not in {CORPUS}: set RAPIDSSE_CORPUS to their folder"
    return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="corpus")]


def chunks_of(stream: bytes, size: int) -> Chunks:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


@pytest.mark.deep
@pytest.mark.parametrize("path", corpus_files())
@pytest.mark.parametrize("library", LIBRARIES)
def test_recorded_streams(library: str, path: Path) -> None:
    stream = NORMAL[library](path.read_bytes())
    largest = {65536: len(stream), 1024: LARGE, 7: MEDIUM, 1: SMALL}
    check_each_way(library, [stream])
    for size, most in largest.items():
        if size < len(stream) <= most:
            check_each_way(library, chunks_of(stream, size), json=False)


@pytest.mark.parametrize("path", corpus_files())
@pytest.mark.parametrize("library", LIBRARIES)
def test_recorded_streams_are_normal(library: str, path: Path) -> None:
    stream = path.read_bytes()
    if library == "langfuse" and not stream.isascii():
        pytest.skip("its rows show that it breaks characters beyond ASCII")
    if library == "langgraph" and b"[DONE]" in stream:
        pytest.skip("it reads JSON alone")
    if stream.endswith((b"\n\n", b"\r\n\r\n")):
        assert NORMAL[library](stream) == stream


# Generated streams --------------------------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
@settings(max_examples=examples(100, deep=5000))
@given(stream_strategies.streams(), stream_strategies.places(), st.booleans())
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", [8, 10, 11, 20], False)
@example(b'data: {"a":1}\rdata: \r\rdata: [1,2]\r\r', [1, 13, 14, 23], True)
def test_generated_streams(library: str, stream: bytes, places: list[int], broken: bool) -> None:
    if broken:
        # Libraries that see the end of an event late lose it when the connection breaks.
        stream += b"\ndata: last\n\n"
    check_each_way(library, stream_strategies.cut(NORMAL[library](stream), places), broken)


@pytest.mark.parametrize("library", LIBRARIES)
@given(stream_strategies.streams())
def test_a_normal_stream_stays_as_it_is(library: str, stream: bytes) -> None:
    normal = NORMAL[library](stream)
    assert NORMAL[library](normal) == normal


def rows(library: str) -> list[Row]:
    return [row for row in TABLES[library] if isinstance(row, Row) and not row.options]


@pytest.mark.parametrize(
    ("library", "row"),
    [
        pytest.param(library, row, id=f"{library}-{row.name}")
        for library in LIBRARIES
        for row in rows(library)
        if row.level == "frames"
        and row.verdict != "kept"
        # Neither recorded nor generated streams have lines of that length.
        and row.name != "line above 1 MiB"
    ],
)
def test_what_is_taken_out_are_the_rows(library: str, row: Row) -> None:
    """Without it the two differ, with it they do not."""
    stream = b"".join(row.chunks)
    normal = NORMAL[library](stream)
    if library != "openai" or "" not in [event[1] for event in row.peer if event[1:]]:
        assert normal != stream
        with pytest.raises(AssertionError):
            check_each_way(library, row.chunks)
    check_each_way(library, [normal])
