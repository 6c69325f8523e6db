"""What becomes of the payloads that are not plain: the policies, the counts, the errors."""

from __future__ import annotations

# `threading` takes longer to import than all of this package.
from _thread import allocate_lock
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Raw, Struct

from .._engine import TypedReader
from .._errors import DecodeError, EventTooLarge, FailureKind
from .._stream import Eof
from ._payload import PayloadDecoder
from ._unknown import DecodeFailure, UnknownEvent, UnknownItem

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from .._rust import _Payload as Payload

__all__ = ["Counts", "DecodeStats", "Handler", "OnError", "is_json", "new_reader"]

OnError = Literal["raise", "yield", "skip"]


class DecodeStats(Struct, frozen=True):
    """What a `Decoder` met that was out of the ordinary, since it was made.

    `failures` counts failed events by kind, under whichever policy; `skipped` is how many
    of them left no other trace. `unknown_events` and `unknown_items` count the
    `UnknownEvent`s and the `UnknownItem`s within other events.
    """

    __module__ = "rapidsse"

    failures: dict[FailureKind, int] = {}
    skipped: int = 0
    unknown_events: int = 0
    unknown_items: int = 0


class Counts:
    """Counts from any thread; every path that gets here is a slow one anyway."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._failures: dict[FailureKind, int] = {}
        self._skipped = 0
        self._unknown_events = 0
        self._unknown_items = 0

    def failure(self, kind: FailureKind, *, skipped: bool) -> None:
        with self._lock:
            self._failures[kind] = self._failures.get(kind, 0) + 1
            self._skipped += skipped

    def unknown(self, *, events: int, items: int) -> None:
        with self._lock:
            self._unknown_events += events
            self._unknown_items += items

    def snapshot(self) -> DecodeStats:
        with self._lock:
            return DecodeStats(
                dict(self._failures), self._skipped, self._unknown_events, self._unknown_items
            )


class Handler:
    """Decodes the payloads that are not plain, and deals with those that fail.

    What a `TypedReader` asks of a handler.
    """

    def __init__(self, payloads: PayloadDecoder, counts: Counts, on_error: OnError) -> None:
        self._payloads = payloads
        self._counts = counts
        self._on_error = on_error

    def payload(
        self,
        payload: Payload,
        spans: list[tuple[int, int]],
        offset: int | None,
        index: int | None,
        event: str,
        complete: bool,
    ) -> Any:
        unknown: list[UnknownItem] = []
        try:
            value = self._payloads.decode(payload, spans, unknown)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            kind, reason = _diagnosis(error, payload, complete)
            self._counts.failure(kind, skipped=self._on_error == "skip")
            if self._on_error == "skip":
                return NotImplemented
            data = bytes(payload)
            if self._on_error == "yield" and offset is not None and index is not None:
                return DecodeFailure(kind, reason, offset, index, event, data)
            raise DecodeError(
                reason, kind=kind, offset=offset, index=index, event=event, data=data
            ) from error
        is_event = isinstance(value, UnknownEvent)
        if unknown or is_event:
            self._counts.unknown(events=is_event, items=len(unknown))
        return value

    def done(self) -> Any:
        # A log may go on after the mark that ends a stream.
        return NotImplemented

    def too_large(self, error: EventTooLarge) -> Any:
        self._counts.failure("too_large", skipped=self._on_error == "skip")
        if self._on_error == "skip":
            return NotImplemented
        if self._on_error == "yield":
            return DecodeFailure("too_large", str(error), error.offset, error.index)
        raise error


def _diagnosis(error: Exception, payload: Payload, complete: bool) -> tuple[FailureKind, str]:
    if not complete and not is_json(payload):
        return "truncated", f"the last event is cut short: {error}"
    if isinstance(error, msgspec.ValidationError):
        return "schema", str(error)
    if isinstance(error, UnicodeDecodeError):
        return "utf8", str(error)
    return "json", str(error)


def is_json(payload: Payload) -> bool:
    """Whether a payload is whole JSON, of whatever shape."""
    try:
        msgspec.json.decode(payload, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def new_reader(
    chunks: Iterator[Buffer] | None,
    payloads: PayloadDecoder,
    handler: Handler,
    *,
    max_event_size: int | None = None,
    eof: Eof = "dispatch",
    defer_if_contains: bytes | None = None,
    dataless: bool = False,
) -> TypedReader:
    """A reader of one stream that decodes with `payloads`, and leaves the rest to `handler`."""
    return TypedReader(
        chunks,
        decode=payloads.fast,
        decode_lines=payloads.fast_lines,
        handler=handler,
        keys=payloads.keys,
        max_event_size=max_event_size,
        eof=eof,
        defer_if_contains=defer_if_contains,
        dataless=dataless,
    )
