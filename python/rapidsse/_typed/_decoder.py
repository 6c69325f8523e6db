"""`Decoder`: the events of a stream as the values of a type, made by msgspec."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from .._engine import TypedReader, find_spans
from .._source import AsyncEvents, async_chunks_of, buffer_of, chunks_of, owned
from .._stream import Eof
from ._payload import FAST_BYTES, DecHook, PayloadDecoder
from ._policy import Counts, DecodeStats, Handler, OnError, new_reader
from ._unknown import DecodeFailure, UnknownEvent

if TYPE_CHECKING:
    from typing_extensions import Buffer, TypeForm

__all__ = ["DecodeStats", "Decoder"]

T = TypeVar("T")
EventT = TypeVar("EventT")


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
        self._counts = Counts()
        self._handler = Handler(self._payloads, self._counts, on_error)
        self._raising = Handler(self._payloads, self._counts, "raise")
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
        return new_reader(
            chunks,
            self._payloads,
            self._handler,
            max_event_size=self._max_event_size,
            eof=self._eof,
        )

    def _whole(self, buffer: Buffer) -> TypedReader:
        reader = self._new_reader(None)
        reader.push(buffer)
        reader.finish()
        return reader
