"""`Deferred`: what `TypedReader` passes to its handler. `_rust.pyi` says what its attributes are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from .._errors import EventTooLarge


class Deferred(Struct, frozen=True):
    """An event whose payload `decode` was not given, or did not decode."""

    payload: bytes | memoryview
    spans: tuple[tuple[int, int], ...]
    offset: int | None
    index: int | None
    name: str
    complete: bool


class Handler(Protocol):
    """Decodes what `TypedReader` does not: each method returns the value to deliver, raises, or
    returns `NotImplemented` to deliver nothing."""

    def deferred(self, event: Deferred, /) -> Any: ...
    def too_large(self, error: EventTooLarge, /) -> Any: ...
    def done(self) -> Any: ...
