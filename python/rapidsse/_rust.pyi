"""The interface of an engine: `_rust` is compiled, `_pure` is its readable twin.

Everything here behaves the same on both. Only `ServerSentEvent` is public.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, Protocol, Self, TypeAlias, final, type_check_only

from typing_extensions import Buffer, disjoint_base

__all__ = [
    "Deferred",
    "Event",
    "Failure",
    "FrameReader",
    "LogCounts",
    "LogReader",
    "Picture",
    "Piece",
    "Place",
    "ServerSentEvent",
    "Span",
    "StreamEnd",
    "Text",
    "TypedReader",
    "base64_decode",
    "base64_decode_into",
    "engine",
    "find_spans",
]

engine: Final[str]
"""The engine at work: `rust` or `python`."""

@disjoint_base
class ServerSentEvent:
    """One dispatched event of an event stream (WHATWG HTML, section 9.2).

    Immutable, hashable, picklable; equal when its four fields are equal. `_is_named` and
    `_sets_id` tell whether lines of its own gave it a name that is not empty, and a valid id.
    """

    __match_args__: Final = ("event", "data", "id", "retry")
    def __new__(
        cls,
        event: str = "message",
        data: str | Buffer = b"",
        id: str = "",
        retry: int | None = None,
    ) -> Self: ...
    @property
    def event(self) -> str:
        """The event's name, `"message"` if the stream gave none."""
    @property
    def data(self) -> str:
        """The data, lines joined by LF, decoded as UTF-8 (U+FFFD for what is invalid)."""
    @property
    def data_bytes(self) -> memoryview:
        """The data's bytes, read-only; in place when the event has one `data` line and lay
        within one chunk."""
    @property
    def id(self) -> str:
        """The last event id when the event was dispatched, `""` if none."""
    @property
    def retry(self) -> int | None:
        """The reconnection time in milliseconds that the event's own lines set, if any."""
    @property
    def _is_named(self) -> bool: ...
    @property
    def _sets_id(self) -> bool: ...
    def json(self) -> Any:
        """The decoded JSON of `data`.

        Raises `DecodeError` of kind `"json"` or `"utf8"`.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@type_check_only
class Segments:
    """A payload that lies in several chunks, as the compiled engine gives it.

    A slice is a view of its chunk, or a `Segments` where it takes several. As a buffer it is put
    together when one is first asked for.
    """

    def __len__(self) -> int: ...
    def __getitem__(self, slice: slice, /) -> memoryview | Segments: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

_Payload: TypeAlias = bytes | memoryview | Segments

@final
class Deferred:
    """An event whose payload `decode` was not given, or did not decode."""

    __match_args__: Final = ("payload", "spans", "offset", "index", "name", "complete")
    def __new__(
        cls,
        payload: _Payload,
        spans: tuple[tuple[int, int], ...],
        offset: int | None,
        index: int | None,
        name: str,
        complete: bool,
    ) -> Deferred: ...
    @property
    def payload(self) -> _Payload: ...
    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """What `find_spans` finds in the payload."""
    @property
    def offset(self) -> int | None:
        """Where the event begins in its stream, in bytes; `None` if it comes from none."""
    @property
    def index(self) -> int | None:
        """The event's number in its stream, from 0."""
    @property
    def name(self) -> str:
        """The value of its `event` line, else `message`."""
    @property
    def complete(self) -> bool:
        """Whether its blank line is there; without it, the stream ended in the event."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@type_check_only
class PayloadHandler(Protocol):
    """Decodes what `TypedReader` does not, and decides about the mark that ends a stream: each
    method returns the value to deliver, raises, or returns `NotImplemented` to deliver nothing."""

    def deferred(self, event: Deferred, /) -> Any: ...
    def too_large(self, error: Any) -> Any: ...
    def done(self) -> Any: ...

class _Prototype(Protocol):
    """What other values are made of: see `_typed/_prototype.py`."""

    @property
    def type(self) -> type[Any]: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def values(self) -> tuple[Any, ...]: ...
    @property
    def places(self) -> tuple[int | None, ...]: ...
    @property
    def parts(self) -> tuple[tuple[int, tuple[Any, ...]], ...]: ...
    @property
    def item(self) -> int | None: ...

_Hook: TypeAlias = Callable[[Any, Any], Any]

_NewHook: TypeAlias = Callable[[type[Any], str, str], _Hook]
"""Makes a hook for a class, with its attribute that is a view of the text, and one that is None."""

_CutDecoder: TypeAlias = tuple[_Hook, Callable[[bytes], Any]]
"""A hook, and a decoder with it."""

_Members: TypeAlias = tuple[tuple[tuple[bytes | int, ...], type], ...]

@type_check_only
class FrameHandler(Protocol):
    """Says what the events of a `FrameReader` become.

    Where an event is like the one before it, an engine may give `event` the members that differ,
    and ask for what the next ones are made of, if they differ in the same. It then does without
    `event` for these.
    """

    def event(self, frame: ServerSentEvent, members: _Members | None, /) -> Any:
        """Returns the value to deliver, or `NotImplemented` to deliver nothing."""
    def prototype(self, value: Any, /) -> _Prototype | None: ...

@final
class FrameReader:
    """Splits pushed chunks, or those of `source`, into events; iterate to take them.

    With `dataless`, an event without data is dispatched with empty data if a line of its own
    gave it a name, an id or a `retry`. The specification drops it; other parsers do not.
    `event_type` is the class of the events, a subclass that adds methods only; `handler` says what
    they become.
    """

    def __new__(
        cls,
        source: Iterator[Buffer] | None = None,
        *,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "discard",
        dataless: bool = False,
        event_type: type[ServerSentEvent] = ...,
        handler: FrameHandler | None = None,
    ) -> FrameReader: ...
    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def close(self) -> None:
        """Ends the events, and lets go of `source` and of every chunk, also of an unfinished event.
        The reader is as one that has read an empty stream."""
    def __iter__(self) -> FrameReader: ...
    def __next__(self) -> Any: ...
    def items(self) -> Iterator[Any]:
        """Yields the items of the next events, without these: of those that are made of another one,
        lie whole in the current chunk, and have an item, as their `FrameHandler.prototype` says.
        Ends before any other event, and goes on after it. Never asks `source` for a chunk. An
        engine that makes no event of another one yields nothing."""
    @property
    def last_event_id(self) -> str: ...
    @property
    def retry(self) -> int | None: ...
    @property
    def pending(self) -> int: ...

@final
class TypedReader:
    """Splits chunks into events and decodes each payload as soon as it is asked for.

    With `decode_lines`, which decodes payloads joined by LF, an engine may decode the next few of
    a chunk together; it decodes them one by one where that fails. With `prototype`, too, it may
    make the value of an event from another one's, where the events differ in a few members alone.
    With `decode_cut`, it may decode payloads without their long base64: the function is called once,
    with what makes a hook. It returns one for the class that stands for base64, and what decodes with
    it. A value counts if the hook was asked for each placeholder once, and for nothing else; otherwise
    the payload goes to the handler.
    Payloads that contain `defer_if_contains` go to the handler undecoded. `dataless` is that of
    `FrameReader`.
    """

    def __new__(
        cls,
        source: Iterator[Buffer] | None = None,
        *,
        decode: Callable[[bytes], Any],
        decode_lines: Callable[[bytes], list[Any]] | None = None,
        prototype: Callable[[Any, _Members], _Prototype | None] | None = None,
        decode_cut: Callable[[_NewHook], _CutDecoder] | None = None,
        handler: PayloadHandler,
        keys: AbstractSet[str] | None,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "dispatch",
        defer_if_contains: bytes | None = None,
        dataless: bool = False,
    ) -> TypedReader: ...
    def another(self, source: Iterator[Buffer] | None = None) -> TypedReader:
        """A reader of another stream, with the same keywords, in a quarter of the instructions that it
        takes to check them again."""
    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def __iter__(self) -> TypedReader: ...
    def __next__(self) -> Any: ...

_Column: TypeAlias = (
    list[Any] | tuple[Buffer | None, Buffer, int] | tuple[Buffer | None, Buffer, Buffer, int]
)

_FailureKind: TypeAlias = Literal["json", "utf8", "schema", "depth", "truncated", "too_large"]

@final
class Place:
    """Where an event lies in a log."""

    __match_args__: Final = ("stream", "offset", "length", "index")
    def __new__(cls, stream: int, offset: int, length: int, index: int) -> Place: ...
    @property
    def stream(self) -> int:
        """The offset at which the event's stream begins."""
    @property
    def offset(self) -> int:
        """The offset at which the event begins."""
    @property
    def length(self) -> int:
        """The bytes of the event's lines."""
    @property
    def index(self) -> int:
        """The event's number in its stream, from 0."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Span:
    """A base64 field of an event's payload."""

    __match_args__: Final = ("start", "end", "content")
    def __new__(cls, start: int, end: int, content: int) -> Span: ...
    @property
    def start(self) -> int:
        """The index of its first byte in the payload."""
    @property
    def end(self) -> int:
        """The index past its last byte."""
    @property
    def content(self) -> int:
        """A number that fields of the log share which hold the same text; 0 says nothing."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Picture:
    """Base64 in an event: an image, or a data URL of one."""

    __match_args__: Final = ("item_id", "kind", "partial", "data", "content")
    def __new__(
        cls,
        item_id: str | None,
        kind: str,
        partial: int | None,
        data: bytes | memoryview,
        content: int,
    ) -> Picture: ...
    @property
    def item_id(self) -> str | None:
        """The id of the item that it belongs to."""
    @property
    def kind(self) -> str:
        """`partial` or `final`."""
    @property
    def partial(self) -> int | None:
        """Its index among the partial ones, if it has one."""
    @property
    def data(self) -> bytes | memoryview:
        """Its text: a view of the payload where that is read in place."""
    @property
    def content(self) -> int:
        """A number that pictures of the log share which are the same text; 0 says nothing. If `deliver`
        has `contents`, two that follow on each other share it also under different keys."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Event:
    """An event that `LogReader` was asked to deliver."""

    __match_args__: Final = (
        "place",
        "name",
        "response_id",
        "payload",
        "spans",
        "pictures",
    )
    def __new__(
        cls,
        place: Place,
        name: str,
        response_id: str | None,
        payload: bytes | memoryview,
        spans: tuple[Span, ...],
        pictures: tuple[Picture, ...],
    ) -> Event: ...
    @property
    def place(self) -> Place: ...
    @property
    def name(self) -> str:
        """That of its `event` line, else its payload's `type`, else `message`."""
    @property
    def response_id(self) -> str | None:
        """The id of the response that it belongs to, if it is known."""
    @property
    def payload(self) -> bytes | memoryview: ...
    @property
    def spans(self) -> tuple[Span, ...]:
        """The base64 fields of the payload."""
    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures in it, in their order, if `deliver` has `images`."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Failure:
    """An event that did not decode."""

    __match_args__: Final = ("place", "name", "kind", "payload")
    def __new__(
        cls,
        place: Place,
        name: str,
        kind: _FailureKind,
        payload: bytes | memoryview | None,
    ) -> Failure: ...
    @property
    def place(self) -> Place: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> _FailureKind: ...
    @property
    def payload(self) -> bytes | memoryview | None:
        """`None` for `too_large`, whose payload is not kept."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Text:
    """The text of a part of a stream's output, put together from its deltas."""

    __match_args__: Final = ("number", "part", "text")
    def __new__(cls, number: int, part: int, text: str) -> Text: ...
    @property
    def number(self) -> int:
        """`output_index`, or the number of the choice."""
    @property
    def part(self) -> int:
        """`content_index`, or 0."""
    @property
    def text(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Piece:
    """A piece of an item of a stream's output, put together from what its events add."""

    __match_args__: Final = ("item", "column", "number", "item_id", "part", "text")
    def __new__(
        cls,
        item: str,
        column: str,
        number: int | None,
        item_id: str | None,
        part: int,
        text: str,
    ) -> Piece: ...
    @property
    def item(self) -> str:
        """The type of the item; empty if the piece does not tell it."""
    @property
    def column(self) -> str:
        """What of the item it is, such as `text` or `arguments`: see `_api_items.py`."""
    @property
    def number(self) -> int | None:
        """The number of the item in the output; or of the choice or candidate whose item it is."""
    @property
    def item_id(self) -> str | None:
        """The id of the item, where it has no number."""
    @property
    def part(self) -> int:
        """The number of the part of the item; or of the item in its choice or candidate."""
    @property
    def text(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class StreamEnd:
    """A stream that has ended."""

    __match_args__: Final = (
        "stream",
        "api",
        "response_id",
        "events",
        "failures",
        "missing",
        "duplicates",
        "complete",
        "texts",
        "texts_whole",
        "pieces",
        "pieces_whole",
    )
    def __new__(
        cls,
        stream: int,
        api: str,
        response_id: str | None,
        events: int,
        failures: int,
        missing: int,
        duplicates: int,
        complete: bool,
        texts: tuple[Text, ...],
        texts_whole: bool,
        pieces: tuple[Piece, ...],
        pieces_whole: bool,
    ) -> StreamEnd: ...
    @property
    def stream(self) -> int:
        """The offset at which it began."""
    @property
    def api(self) -> str:
        """The API whose events it holds; empty if none is known."""
    @property
    def response_id(self) -> str | None: ...
    @property
    def events(self) -> int:
        """The events that decoded."""
    @property
    def failures(self) -> int:
        """The events that did not."""
    @property
    def missing(self) -> int:
        """Sequence numbers that never came."""
    @property
    def duplicates(self) -> int:
        """Sequence numbers that had come before."""
    @property
    def complete(self) -> bool:
        """Whether the event that ends it came."""
    @property
    def texts(self) -> tuple[Text, ...]:
        """Its text deltas, joined for each part of the output. Kept if `deliver` has `all`, `state`
        or `texts`."""
    @property
    def texts_whole(self) -> bool:
        """Whether `texts` has all of them: there is a limit."""
    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of the items of its output, in the order in which they began. Kept if
        `deliver` has `items`."""
    @property
    def pieces_whole(self) -> bool:
        """Whether `pieces` has all of them: there is a limit."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class LogCounts:
    """What a log has, counted."""

    __match_args__: Final = (
        "events",
        "failures",
        "event_bytes",
        "failure_bytes",
        "other_bytes",
        "nonstandard",
        "unknown_lines",
    )
    def __new__(
        cls,
        events: int,
        failures: int,
        event_bytes: int,
        failure_bytes: int,
        other_bytes: int,
        nonstandard: int,
        unknown_lines: int,
    ) -> LogCounts: ...
    @property
    def events(self) -> int:
        """The events that decoded."""
    @property
    def failures(self) -> int:
        """The events that did not."""
    @property
    def event_bytes(self) -> int:
        """The bytes of the events' lines."""
    @property
    def failure_bytes(self) -> int:
        """The bytes of the failures' lines."""
    @property
    def other_bytes(self) -> int:
        """The bytes of the rest: comments, blank lines, marks, and empty events."""
    @property
    def nonstandard(self) -> int:
        """The events that are JSON only as the SDKs read it: with `NaN`, `Infinity`, a float out of
        range, or a surrogate that is not paired."""
    @property
    def unknown_lines(self) -> int:
        """The lines of event streams that are no comment and no field."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@type_check_only
class LogHandler(Protocol):
    """Takes what `LogReader` finds and does not put into columns, in the log's order."""

    def event(self, event: Event, /) -> object: ...
    def failure(self, failure: Failure, /) -> object: ...
    def stream(self, end: StreamEnd, /) -> object: ...

@final
class LogReader:
    """Reads a log's bodies: their events' JSON, the streams that they belong to, and the columns
    of the events table, without an object for each event.

    A column is a list, or Arrow's buffers and the number of nulls: validity and values, or
    validity, 32-bit offsets and bytes.
    """

    def __new__(
        cls,
        handler: LogHandler,
        *,
        framing: Literal["sse", "lines"] = "sse",
        columns: Sequence[str] = (),
        deliver: AbstractSet[str] = ...,
        max_event_size: int | None = None,
        batch_rows: int = 16384,
        batch_bytes: int = 4194304,
    ) -> LogReader: ...
    def begin(self, offset: int, *, one_response: bool = False) -> None:
        """A body begins, whose first byte has this offset. `one_response`: it is what one request
        was answered with, so that nothing is guessed about where a stream ends."""
    def push(self, chunk: Buffer) -> None:
        """The next bytes of the body, which must not change as long as they are referred to: by the
        reader, or by what it has delivered."""
    def finish(self) -> None:
        """The body ends; `advance` delivers what is left."""
    def advance(self) -> bool:
        """Goes on until what was pushed is used up (False), or a batch is full, or much was read or
        delivered (True): then what there is can be taken, and there is more."""
    def take(self) -> tuple[int, dict[str, _Column]]:
        """The rows since the last call: their number and their columns."""
    @property
    def rows(self) -> int: ...
    @property
    def position(self) -> int: ...
    def totals(self) -> LogCounts:
        """The counts of all bodies so far."""
    def types(self) -> dict[str, tuple[int, int]]:
        """The decoded events and their bytes by the events' names."""

def find_spans(payload: Buffer, keys: AbstractSet[str] | None) -> list[tuple[int, int]]:
    """The clean string values of a JSON payload under one of `keys` (`None`: any key)."""

def base64_decode(data: Buffer) -> bytes:
    """Decodes strict base64. Raises `Base64Error`."""

def base64_decode_into(data: Buffer, out: Buffer) -> int:
    """Decodes strict base64 into `out` and returns the bytes written."""
