"""Reads a log to its end with a given engine, and converts the results to plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any, NamedTuple

COLUMNS = (
    *("stream", "offset", "length", "index"),
    *("sequence_number", "output_index", "content_index"),
    *("item_id", "delta", "response_id", "event", "payload"),
)
INTEGERS = frozenset(COLUMNS[:7])


class Log(NamedTuple):
    """The handler's calls, in order; the events table; the totals; the counts by type."""

    calls: list[tuple[Any, ...]]
    rows: list[dict[str, Any]]
    totals: tuple[int, ...]
    types: dict[str, tuple[int, int]]
    nonstandard: int = 0
    unknown_lines: int = 0

    @property
    def streams(self) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == "stream"]

    @property
    def failures(self) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == "failure"]

    @property
    def events(self) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == "event"]


class Recorder:
    """A `LogHandler` that records what it gets as plain tuples, which are equal for both engines."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def event(self, event: Any) -> None:
        spans = [(span.start, span.end) for span in event.spans]
        rest = *place(event), event.name, event.response_id
        self.calls.append(("event", bytes(event.payload), spans, *rest))
        for found in event.pictures:
            at = found.item_id, found.kind, found.partial
            self.calls.append(("picture", *at, bytes(found.data)))

    def failure(self, failure: Any) -> None:
        payload = None if failure.payload is None else bytes(failure.payload)
        self.calls.append(("failure", payload, *place(failure), failure.name, failure.kind))

    def stream(self, end: Any) -> None:
        numbers = end.events, end.failures, end.missing, end.duplicates, end.complete
        texts = [(text.number, text.part, text.text) for text in end.texts], end.texts_whole
        self.calls.append(("stream", end.stream, end.api, end.response_id, *numbers, *texts))


def place(found: Any) -> tuple[int, int, int, int]:
    """Stream, offset, length and index of an event or a failure."""
    at = found.place
    return at.stream, at.offset, at.length, at.index


def values(column: Any, name: str, rows: int) -> list[Any]:
    """A column's values: it is a list of them, or Arrow's buffers and the number of nulls."""
    if isinstance(column, list):
        return column
    validity, *buffers, nulls = column
    bits = b"\xff" * (rows // 8 + 1) if validity is None else bytes(validity)
    is_valid = [bits[row // 8] >> row % 8 & 1 for row in range(rows)]
    assert is_valid.count(0) == nulls
    if name in INTEGERS:
        found: list[Any] = list(memoryview(bytes(buffers[0])).cast("q"))[:rows]
    else:
        ends = list(memoryview(bytes(buffers[0])).cast("i"))[: rows + 1]
        data = bytes(buffers[1])
        found = [data[ends[row] : ends[row + 1]].decode() for row in range(rows)]
    return [value if valid else None for value, valid in zip(found, is_valid, strict=True)]


def taken(reader: Any) -> list[dict[str, Any]]:
    """The rows of a batch."""
    before = reader.rows
    rows, columns = reader.take()
    assert rows == before
    assert reader.rows == 0
    plain = {name: values(column, name, rows) for name, column in columns.items()}
    assert all(len(column) == rows for column in plain.values())
    return [{name: column[row] for name, column in plain.items()} for row in range(rows)]


def read_log(
    engine: ModuleType,
    bodies: Iterable[tuple[int, Iterable[Any]]],
    *,
    columns: tuple[str, ...] = COLUMNS,
    one_response: bool = False,
    **options: Any,
) -> Log:
    """Reads bodies, each with its offset and its chunks."""
    recorder = Recorder()
    reader = engine.LogReader(recorder, columns=columns, **options)
    rows: list[dict[str, Any]] = []
    for offset, chunks in bodies:
        reader.begin(offset, one_response=one_response)
        end = offset
        for chunk in chunks:
            reader.push(chunk)
            end += len(chunk)
            while reader.advance():
                rows += taken(reader)
            assert offset <= reader.position <= end
        reader.finish()
        while reader.advance():
            rows += taken(reader)
        assert reader.position == end
    rows += taken(reader)
    counts = reader.totals()
    return Log(
        recorder.calls,
        rows,
        totals_of(reader),
        reader.types(),
        counts.nonstandard,
        counts.unknown_lines,
    )


def totals_of(reader: Any) -> tuple[int, int, int, int, int]:
    """Events, failures, and the bytes of events, of failures and of the rest."""
    counts = reader.totals()
    return (
        counts.events,
        counts.failures,
        counts.event_bytes,
        counts.failure_bytes,
        counts.other_bytes,
    )
