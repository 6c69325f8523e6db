"""The interface of an engine: `_rust` is compiled, `_pure` is its readable twin.

Everything here behaves the same on both. Only `ServerSentEvent` is public.
"""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, Protocol, Self, TypeAlias, final, type_check_only

from typing_extensions import Buffer, disjoint_base

__all__ = [
    "FrameReader",
    "ServerSentEvent",
    "TypedReader",
    "base64_decode",
    "base64_decode_into",
    "engine",
    "find_spans",
]

engine: Final[str]

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
    def event(self) -> str: ...
    @property
    def data(self) -> str: ...
    @property
    def data_bytes(self) -> memoryview: ...
    @property
    def id(self) -> str: ...
    @property
    def retry(self) -> int | None: ...
    @property
    def _is_named(self) -> bool: ...
    @property
    def _sets_id(self) -> bool: ...
    def json(self) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@type_check_only
class Rope:
    """A payload that lies in several chunks, as the compiled engine gives it.

    A slice is a view of its chunk, or a `Rope` where it takes several. As a buffer it is put
    together when one is first asked for.
    """

    def __len__(self) -> int: ...
    def __getitem__(self, slice: slice, /) -> memoryview | Rope: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

_Payload: TypeAlias = bytes | memoryview | Rope

@type_check_only
class PayloadHandler(Protocol):
    """Decodes what `TypedReader` does not, and decides about the mark that ends a stream: each
    method returns the value to deliver, raises, or returns `NotImplemented` to deliver nothing."""

    def payload(
        self,
        payload: _Payload,
        spans: list[tuple[int, int]],
        offset: int,
        index: int,
        event: str,
        complete: bool,
    ) -> Any: ...
    def too_large(self, error: Any) -> Any: ...
    def done(self) -> Any: ...

@final
class FrameReader:
    """Splits pushed chunks, or those of `source`, into events; iterate to take them.

    With `dataless`, an event without data is dispatched with empty data if a line of its own
    gave it a name, an id or a `retry`. The specification drops it; other parsers do not.
    `event_type` is the class of the events, a subclass that adds methods only.
    """

    def __new__(
        cls,
        source: Iterator[Buffer] | None = None,
        *,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "discard",
        dataless: bool = False,
        event_type: type[ServerSentEvent] = ...,
    ) -> FrameReader: ...
    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def __iter__(self) -> FrameReader: ...
    def __next__(self) -> ServerSentEvent: ...
    @property
    def last_event_id(self) -> str: ...
    @property
    def retry(self) -> int | None: ...
    @property
    def pending(self) -> int: ...

@final
class TypedReader:
    """Splits chunks into events and decodes each payload as soon as it is asked for.

    With `decode_lines`, which decodes payloads joined by LF, an engine may decode the
    next few of a chunk together; it decodes them one by one where that fails. Payloads that
    contain `handed_over` go to the handler undecoded. `dataless` is `FrameReader`'s.
    """

    def __new__(
        cls,
        source: Iterator[Buffer] | None = None,
        *,
        decode: Callable[[bytes], Any],
        decode_lines: Callable[[bytes], list[Any]] | None = None,
        handler: PayloadHandler,
        keys: AbstractSet[str] | None,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "dispatch",
        handed_over: bytes | None = None,
        dataless: bool = False,
    ) -> TypedReader: ...
    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def __iter__(self) -> TypedReader: ...
    def __next__(self) -> Any: ...

def find_spans(payload: Buffer, keys: AbstractSet[str] | None) -> list[tuple[int, int]]:
    """The clean string values of a JSON payload under one of `keys` (`None`: any key)."""

def base64_decode(data: Buffer) -> bytes:
    """Decodes strict base64. Raises `Base64Error`."""

def base64_decode_into(data: Buffer, out: Buffer) -> int:
    """Decodes strict base64 into `out` and returns the bytes written."""
