"""`Decoder`: the events of a stream, decoded by msgspec as values of one type."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from .._engine import Deferred, TypedReader, find_spans
from .._limits import LONG_PAYLOAD
from .._pushed import Pushed
from .._source import AsyncEvents, async_chunks_of, buffer_of, chunks_of
from .._stream import Eof
from ._body import check_body, checked
from ._payload import DecHook, PayloadDecoder
from ._policy import Handler, OnError, new_reader
from ._schema import check_type, type_text
from ._stats import Counts, DecodeStats
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
    their text in the source. `data: [DONE]` is not an event. An event whose tag the union does
    not have becomes an `UnknownEvent`, such a member of a Struct, list or dict an `UnknownItem`.

    `on_error` says what happens to an event that fails: `"raise"` raises `DecodeError` (or
    `EventTooLarge`) in its place, after which the iteration can continue; `"yield"` delivers
    a `DecodeFailure`; `"skip"` leaves it out. `stats` counts them in any case.

    `max_event_size` (bytes) and `eof` are those of `Parser`, with one difference: by default a last
    event without its blank line is delivered if its JSON is complete, and fails with kind
    `"truncated"` if it is not. `eof="discard"` drops it. `strict` and `dec_hook` are msgspec's. The
    hook is not called for `Base64`, may be called more than once for one value, and may first get a
    placeholder instead of a long string.

    One decoder can decode any number of streams, in many threads at once; `feed` and `close` take
    one stream at a time. A stream that is read from its own source or hook, or by two threads at
    once, raises `RuntimeError`. Raises `TypeError` for a type that msgspec does not decode, and
    `TypeError` or `ValueError` for a wrong keyword.
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
        check_type(type)
        self._given = {
            "on_error": on_error,
            "max_event_size": max_event_size,
            "eof": eof,
            "strict": strict,
            "dec_hook": dec_hook,
        }
        self._type = type
        self._payloads = PayloadDecoder(type, strict=strict, dec_hook=dec_hook)
        self._counts = Counts()
        self._handler = Handler(self._payloads, self._counts, on_error)
        self._raising = Handler(self._payloads, self._counts, "raise")
        # Created here and not with the first stream, so that a wrong keyword is refused here. It reads
        # nothing itself: each stream's reader is another one.
        self._reader = new_reader(
            self._payloads,
            self._handler,
            max_event_size=max_event_size,
            eof=eof,
        )
        self._pushed = self._new_pushed()

    def __repr__(self) -> str:
        defaults: dict[str, Any] = vars(Decoder)["__init__"].__kwdefaults__
        options = (
            f", {name}={value!r}" for name, value in self._given.items() if value != defaults[name]
        )
        return f"Decoder({type_text(self._type)}{''.join(options)})"

    def decode(self, data: str | Buffer) -> EventT:
        """Decodes one event's JSON.

        Raises `DecodeError` (without `offset` and `index`) if that fails, whatever `on_error` is,
        and `TypeError` for anything but a `str` or a buffer.
        """
        payload: bytes | memoryview
        if isinstance(data, str):
            payload = data.encode()
        elif isinstance(data, bytes):
            payload = data
        else:
            payload = memoryview(data).cast("B").toreadonly()
        if len(payload) < LONG_PAYLOAD:
            # The handler finds again whatever is wrong, and names it.
            with suppress(Exception):
                return cast("EventT", self._payloads.fast(payload))
        event = Deferred(
            payload=payload,
            spans=tuple(find_spans(payload, self._payloads.keys)),
            offset=None,
            index=None,
            name="message",
            complete=True,
        )
        return cast("EventT", self._raising.deferred(event))

    def iter(self, source: Buffer | Iterable[Buffer]) -> Iterator[EventT]:
        """The events of a buffer, or of an iterable of buffers such as `response.iter_bytes()`.

        Each iterator has its own state. It raises `DecodeError` and `EventTooLarge` if `on_error`
        is `"raise"`, and what the source raises; it can continue after either. A body that is
        plainly JSON or HTML is a `DecodeError`, whatever `on_error` says. Raises `TypeError`
        for a `str`, which must be encoded first, and for anything else that is neither.
        """
        view = buffer_of(source)
        if view is not None:
            return self._whole(view)
        return self._reader.another(checked(chunks_of(source, instead="aiter")))

    def aiter(self, source: Buffer | AsyncIterable[Buffer]) -> AsyncIterator[EventT]:
        """The events of a buffer, or of an async iterable such as `response.aiter_bytes()`.

        Otherwise like `iter`.
        """
        view = buffer_of(source)
        if view is not None:
            return AsyncEvents(self._whole(view), None)
        chunks = async_chunks_of(source, instead="iter")
        return AsyncEvents(self._reader.another(), chunks, check_body)

    def feed(self, chunk: Buffer) -> list[EventT]:
        """Takes the next bytes of a stream and returns the events that they complete.

        A `bytes` chunk is referred to in place; any other buffer is copied, so that it can be
        reused. An error is raised in the place of its event: if events precede it, they are
        returned first and the next call raises. The call that raises has still taken its chunk:
        the events after the error come with the next calls.
        """
        return self._pushed.feed(chunk)

    def close(self) -> list[EventT]:
        """Ends the stream and returns the last event, if that makes it one.

        Raises as `feed` does; the next call then returns the rest. After it has returned, `feed`
        takes another stream.
        """
        events = self._pushed.close()
        if not self._pushed.has_error:
            self._pushed = self._new_pushed()
        return events

    @property
    def stats(self) -> DecodeStats:
        """A snapshot of what failed or was unknown in all streams so far."""
        return self._counts.snapshot()

    def _new_pushed(self) -> Pushed[EventT]:
        return Pushed(self._reader.another())

    def _whole(self, buffer: Buffer) -> TypedReader:
        check_body(buffer)
        reader = self._reader.another()
        reader.push(buffer)
        reader.finish()
        return reader
