"""The interface of an engine: `_rust` is compiled, `_pure` is its readable twin.

Everything here behaves the same on both. Only `ServerSentEvent` is public.
"""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, Protocol, final, type_check_only

from typing_extensions import Buffer

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

@final
class ServerSentEvent:
    """One dispatched event of an event stream (WHATWG HTML, section 9.2).

    Immutable, hashable, picklable; equal when its four fields are equal.
    """

    __match_args__: Final = ("event", "data", "id", "retry")
    def __new__(
        cls,
        event: str = "message",
        data: str | Buffer = b"",
        id: str = "",
        retry: int | None = None,
    ) -> ServerSentEvent: ...
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
    def json(self) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@type_check_only
class PayloadHandler(Protocol):
    """Decodes what `TypedReader` does not: both methods return the value to deliver, raise,
    or return `NotImplemented` to deliver nothing."""

    def payload(
        self,
        payload: bytes | memoryview,
        spans: list[tuple[int, int]],
        offset: int,
        index: int,
        event: str,
        complete: bool,
    ) -> Any: ...
    def too_large(self, error: Any) -> Any: ...

@final
class FrameReader:
    """Splits pushed chunks, or those of `source`, into events; iterate to take them."""

    def __new__(
        cls,
        source: Iterator[Buffer] | None = None,
        *,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "discard",
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
    next few of a chunk together; it decodes them one by one where that fails.
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
