"""`Decoder`: the events of a stream as the values of a type, made by msgspec."""

from __future__ import annotations

# `threading` takes longer to import than all of this package.
from _thread import allocate_lock
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

import msgspec
from msgspec import Raw, Struct

from ._engine import TypedReader, find_spans
from ._errors import DecodeError, EventTooLarge, FailureKind
from ._payload import FAST_BYTES, DecHook, PayloadDecoder
from ._source import AsyncEvents, async_chunks_of, buffer_of, chunks_of, owned
from ._stream import Eof
from ._unknown import DecodeFailure, UnknownEvent, UnknownItem

if TYPE_CHECKING:
    from typing_extensions import Buffer, TypeForm

__all__ = ["DecodeStats", "Decoder"]

T = TypeVar("T")
EventT = TypeVar("EventT")

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


class _Counts:
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


class _Handler:
    """Decodes the payloads that are not plain, and deals with those that fail."""

    def __init__(self, payloads: PayloadDecoder, counts: _Counts, on_error: OnError) -> None:
        self._payloads = payloads
        self._counts = counts
        self._on_error = on_error

    def payload(
        self,
        payload: bytes | memoryview,
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
        return NotImplemented

    def too_large(self, error: EventTooLarge) -> Any:
        self._counts.failure("too_large", skipped=self._on_error == "skip")
        if self._on_error == "skip":
            return NotImplemented
        if self._on_error == "yield":
            return DecodeFailure("too_large", str(error), error.offset, error.index)
        raise error


def _diagnosis(
    error: Exception, payload: bytes | memoryview, complete: bool
) -> tuple[FailureKind, str]:
    if not complete and not is_json(payload):
        return "truncated", f"the last event is cut short: {error}"
    if isinstance(error, msgspec.ValidationError):
        return "schema", str(error)
    if isinstance(error, UnicodeDecodeError):
        return "utf8", str(error)
    return "json", str(error)


def is_json(payload: bytes | memoryview) -> bool:
    """Whether a payload is whole JSON, of whatever shape."""
    try:
        msgspec.json.decode(payload, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


class Decoder(Generic[EventT]):
    """Decodes the events of streams as values of one type.

    `type` is any type that `msgspec.json.Decoder` takes: a union of tagged Structs such as
    `rapidsse.openai.ResponseStreamEvent`, one Struct, and so on. `Base64` fields refer to
    their text in the source; `data: [DONE]` is no event. An event whose tag a union does
    not know is an `UnknownEvent`, a member inside an event an `UnknownItem`.

    `on_error` says what happens to an event that fails: `"raise"` raises `DecodeError` (or
    `EventTooLarge`) in its place, and the iteration can go on after it; `"yield"` delivers
    a `DecodeFailure`; `"skip"` leaves it out. `stats` counts them in any case.

    `max_event_size` and `eof` are those of `Parser`, but a last event that no blank line
    ends is delivered here when its JSON is whole, and fails with kind `"truncated"` when it
    is not; `eof="discard"` drops it. `strict` and `dec_hook` are msgspec's. The hook is not
    called for `Base64`, may be called more than once for one value, and may see a
    placeholder in the place of a long string at first.

    One decoder can decode any number of streams, from many threads at once; only `feed`
    and `close` are for one stream at a time.
    """

    @overload
    def __init__(
        self: Decoder[T],
        type: type[T],
        *,
        on_error: Literal["raise", "skip"] = "raise",
        max_event_size: int | None = None,
        eof: Eof = "dispatch",
        strict: bool = True,
        dec_hook: DecHook | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: Decoder[T | DecodeFailure],
        type: type[T],
        *,
        on_error: OnError,
        max_event_size: int | None = None,
        eof: Eof = "dispatch",
        strict: bool = True,
        dec_hook: DecHook | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: Decoder[T | UnknownEvent],
        type: TypeForm[T],
        *,
        on_error: Literal["raise", "skip"] = "raise",
        max_event_size: int | None = None,
        eof: Eof = "dispatch",
        strict: bool = True,
        dec_hook: DecHook | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self: Decoder[T | UnknownEvent | DecodeFailure],
        type: TypeForm[T],
        *,
        on_error: OnError,
        max_event_size: int | None = None,
        eof: Eof = "dispatch",
        strict: bool = True,
        dec_hook: DecHook | None = None,
    ) -> None: ...
    def __init__(
        self,
        type: Any,
        *,
        on_error: OnError = "raise",
        max_event_size: int | None = None,
        eof: Eof = "dispatch",
        strict: bool = True,
        dec_hook: DecHook | None = None,
    ) -> None:
        if on_error not in ("raise", "yield", "skip"):
            raise ValueError(f"on_error must be 'raise', 'yield' or 'skip', not {on_error!r}")
        self._payloads = PayloadDecoder(type, strict=strict, dec_hook=dec_hook)
        self._counts = _Counts()
        self._handler = _Handler(self._payloads, self._counts, on_error)
        self._raising = _Handler(self._payloads, self._counts, "raise")
        self._max_event_size = max_event_size
        self._eof: Eof = eof
        # Here and not with the first stream, so that a wrong keyword is refused here.
        self._reader = self._new_reader(None)
        self._error: Exception | None = None

    def decode(self, data: str | Buffer) -> EventT:
        """Decodes one event's JSON.

        Whatever `on_error` says, raises `DecodeError` (without `offset` and `index`) where
        that fails. Raises `TypeError` for anything but text or a buffer.
        """
        payload: bytes | memoryview
        if isinstance(data, str):
            payload = data.encode()
        elif isinstance(data, bytes):
            payload = data
        else:
            payload = memoryview(data).cast("B").toreadonly()
        if len(payload) < FAST_BYTES:
            # Whatever is wrong is found again, and named, by the handler.
            with suppress(Exception):
                return cast("EventT", self._payloads.fast(payload))
        spans = find_spans(payload, self._payloads.keys)
        value = self._raising.payload(payload, spans, None, None, "message", True)
        return cast("EventT", value)

    def iter(self, source: Buffer | Iterable[Buffer]) -> Iterator[EventT]:
        """The events of a buffer, or of an iterable of buffers such as `response.iter_bytes()`.

        The iterator has a state of its own. It raises what `on_error` lets through and what
        the source raises; it can go on after either. Raises `TypeError` for a `str`, which
        must be encoded first, and for anything else that is neither.
        """
        view = buffer_of(source)
        return self._new_reader(chunks_of(source)) if view is None else self._whole(view)

    def aiter(self, source: Buffer | AsyncIterable[Buffer]) -> AsyncIterator[EventT]:
        """The events of a buffer, or of an async iterable such as `response.aiter_bytes()`.

        Like `iter` in everything else.
        """
        view = buffer_of(source)
        if view is not None:
            return AsyncEvents(self._whole(view), None)
        chunks = async_chunks_of(source, instead="iter")
        return AsyncEvents(self._new_reader(None), chunks)

    def feed(self, chunk: Buffer) -> list[EventT]:
        """Takes the next bytes of a stream and returns the events that they end.

        A `bytes` chunk is referred to in place; any other buffer is copied, so that it may
        be reused. An error is raised in the place of its event: where events precede it,
        they are returned first and the next call raises. The call that raises has taken its
        chunk all the same: the events after the error come with the calls that follow.
        """
        self._reader.push(owned(chunk))
        return self._take()

    def close(self) -> list[EventT]:
        """Tells that the stream has ended and returns the events that this brings forth.

        Raises as `feed` does; the next call then returns the rest. Once it has returned,
        `feed` takes another stream.
        """
        self._reader.finish()
        events = self._take()
        if self._error is None:
            self._reader = self._new_reader(None)
        return events

    @property
    def stats(self) -> DecodeStats:
        """A snapshot of what went wrong or was unknown, over all streams so far."""
        return self._counts.snapshot()

    def _take(self) -> list[EventT]:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        events: list[EventT] = []
        try:
            # `extend` keeps what it appended before the error.
            events.extend(self._reader)
        except Exception as error:
            if not events:
                raise
            self._error = error
        return events

    def _new_reader(self, chunks: Iterator[Buffer] | None) -> TypedReader:
        return TypedReader(
            chunks,
            decode=self._payloads.fast,
            decode_lines=self._payloads.fast_lines,
            handler=self._handler,
            keys=self._payloads.keys,
            max_event_size=self._max_event_size,
            eof=self._eof,
        )

    def _whole(self, buffer: Buffer) -> TypedReader:
        reader = self._new_reader(None)
        reader.push(buffer)
        reader.finish()
        return reader
