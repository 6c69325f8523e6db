"""`Handler`: decodes the payloads that the engine does not, and applies `on_error`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
from msgspec import Raw

from .._engine import Deferred, TypedReader
from .._errors import DecodeError, EventTooLarge, FailureKind
from .._stream import Eof
from .._text import refused_utf8
from ._extras import Extras
from ._payload import PayloadDecoder
from ._stats import Counts
from ._unknown import DecodeFailure, UnknownEvent

if TYPE_CHECKING:
    from .._rust import _Payload as Payload

__all__ = ["Handler", "OnError", "is_json", "new_reader"]

OnError = Literal["raise", "yield", "skip"]


class Handler:
    """Decodes the payloads that a `TypedReader` defers, and applies `on_error` to those that fail.

    A method returns the value to deliver, or `NotImplemented` to deliver nothing, or raises. A
    subclass whose `deferred` does more with a payload that decodes, and does not contain
    `defer_if_contains`, says so by `takes_all`.
    """

    takes_all: ClassVar[bool] = False
    """Whether payloads with long base64 must come to `deferred` even if the engine can decode them."""

    def __init__(self, payloads: PayloadDecoder, counts: Counts, on_error: OnError) -> None:
        self._payloads = payloads
        self._counts = counts
        self._on_error = on_error

    def deferred(self, event: Deferred) -> Any:
        """The value of an event. Raises `DecodeError` if `on_error` is `"raise"`.

        Raises what a hook raises, but `RuntimeError` for `StopIteration`.
        """
        extras = Extras()
        try:
            value = self._payloads.decode(event.payload, event.spans, extras)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            kind, reason = _diagnosis(error, event)
            self._counts.failure(kind, skipped=self._on_error == "skip")
            if self._on_error == "skip":
                return NotImplemented
            offset, index, name, data = event.offset, event.index, event.name, bytes(event.payload)
            if self._on_error == "yield" and offset is not None and index is not None:
                return DecodeFailure(kind, reason, offset, index, name, data)
            raise DecodeError(
                reason, kind=kind, offset=offset, index=index, event=name, data=data
            ) from error
        except (StopIteration, StopAsyncIteration) as error:
            # As in a generator: otherwise a bare `next()` in a hook, or in the `__post_init__` of a
            # Struct, would end the loop over the events as if there were no more.
            raise RuntimeError(f"decoding an event raised {type(error).__name__}") from error
        is_event = isinstance(value, UnknownEvent)
        if is_event or extras.items or extras.dropped:
            self._counts.unknown(events=is_event, items=len(extras.items), dropped=extras.dropped)
        return value

    def done(self) -> Any:
        """The payload is `[DONE]`, which ends a stream. In a log, others may follow."""
        return NotImplemented

    def too_large(self, error: EventTooLarge) -> Any:
        """An event has grown past `max_event_size`."""
        self._counts.failure("too_large", skipped=self._on_error == "skip")
        if self._on_error == "skip":
            return NotImplemented
        if self._on_error == "yield":
            return DecodeFailure("too_large", str(error), error.offset, error.index)
        raise error


def _diagnosis(error: Exception, event: Deferred) -> tuple[FailureKind, str]:
    not_utf8 = refused_utf8(error, event.payload)
    reason = not_utf8 or str(error)
    if not event.complete and not is_json(event.payload):
        return "truncated", f"the last event is cut short: {reason}"
    if isinstance(error, msgspec.ValidationError):
        return "schema", reason
    if not_utf8:
        return "utf8", reason
    return "json", reason


def is_json(payload: Payload) -> bool:
    """Whether a payload is whole JSON, of whatever shape."""
    try:
        msgspec.json.decode(payload, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def new_reader(
    payloads: PayloadDecoder,
    handler: Handler,
    *,
    max_event_size: int | None = None,
    eof: Eof = "dispatch",
    defer_if_contains: bytes | None = None,
    dataless: bool = False,
) -> TypedReader:
    """A reader that decodes with `payloads` and passes the rest to `handler`: those of streams are
    made by its `another`.

    The keywords are those of `TypedReader`.
    """
    cuts = payloads.takes_cuts and not handler.takes_all
    return TypedReader(
        decode=payloads.fast,
        decode_lines=payloads.fast_lines,
        prototype=payloads.prototype,
        decode_cut=payloads.decode_cut if cuts else None,
        handler=handler,
        keys=payloads.keys,
        max_event_size=max_event_size,
        eof=eof,
        defer_if_contains=defer_if_contains,
        dataless=dataless,
    )
