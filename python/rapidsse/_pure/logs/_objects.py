"""`Place`, `Event` with its `Span`s and `Picture`s, `Failure`, and `StreamEnd` with its `Text`s and
`Piece`s, which `LogReader` passes to its handler, and `LogCounts`.

`_rust.pyi` says what their attributes are.
"""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

Kind = Literal["json", "utf8", "schema", "depth", "truncated", "too_large"]


class Place(Struct, frozen=True):
    """Where an event lies in a log."""

    stream: int
    offset: int
    length: int
    index: int


class Span(Struct, frozen=True):
    """A base64 field of a payload."""

    start: int
    end: int
    content: int


class Picture(Struct, frozen=True):
    """Base64 in an event."""

    item_id: str | None
    kind: str
    partial: int | None
    data: bytes | memoryview
    content: int


class Event(Struct, frozen=True):
    """An event that was asked for."""

    place: Place
    name: str
    response_id: str | None
    payload: bytes | memoryview
    spans: tuple[Span, ...]
    pictures: tuple[Picture, ...]


class Failure(Struct, frozen=True):
    """An event that did not decode."""

    place: Place
    name: str
    kind: Kind
    payload: bytes | memoryview | None


class Text(Struct, frozen=True):
    """The text of a part of a stream's output."""

    number: int
    part: int
    text: str


class Piece(Struct, frozen=True):
    """A piece of an item of a stream's output."""

    item: str
    column: str
    number: int | None
    item_id: str | None
    part: int
    text: str


class StreamEnd(Struct, frozen=True):
    """A stream that has ended."""

    stream: int
    api: str
    response_id: str | None
    events: int
    failures: int
    missing: int
    duplicates: int
    complete: bool
    texts: tuple[Text, ...]
    texts_whole: bool
    pieces: tuple[Piece, ...]
    pieces_whole: bool


class LogCounts(Struct, frozen=True):
    """What a log has, counted."""

    events: int
    failures: int
    event_bytes: int
    failure_bytes: int
    other_bytes: int
    nonstandard: int
    unknown_lines: int


class Handler(Protocol):
    """Takes what `LogReader` does not put into columns."""

    def event(self, event: Event, /) -> object: ...
    def failure(self, failure: Failure, /) -> object: ...
    def stream(self, end: StreamEnd, /) -> object: ...
