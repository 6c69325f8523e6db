"""The errors of rapidsse: the reason, and the place (byte offset, event index).

Each class is a subclass of `RapidSSEError`, a `ValueError`. Offsets count bytes from the start
of the source (`Base64Error`: from the start of the base64 text). Indexes count the events of a
source from 0.
"""

from __future__ import annotations

from typing import Literal

from ._names import spelled

__all__ = [
    "Base64Error",
    "DecodeError",
    "EventTooLarge",
    "FailureKind",
    "InputError",
    "RapidSSEError",
]

FailureKind = Literal[
    "json", "schema", "utf8", "truncated", "too_large", "depth", "record", "encoding"
]


class RapidSSEError(ValueError):
    """Base class of the errors that rapidsse raises."""


class EventTooLarge(RapidSSEError):
    """An event grew past `max_event_size`; the events before and after it are not affected.

    `limit` is the limit in bytes, `offset` the byte offset of the event's first line and
    `index` the event's index.
    """

    def __init__(self, *, limit: int, offset: int, index: int) -> None:
        super().__init__(
            f"event {index} at byte {offset} is larger than max_event_size ({limit} bytes); "
            "raise the limit to read it"
        )
        self.limit = limit
        self.offset = offset
        self.index = index

    def __reduce__(self) -> tuple[object, ...]:
        return _event_too_large, (self.limit, self.offset, self.index)


def _event_too_large(limit: int, offset: int, index: int) -> EventTooLarge:
    return EventTooLarge(limit=limit, offset=offset, index=index)


class DecodeError(RapidSSEError):
    """An event's JSON could not be decoded.

    `kind` is one of

    - `"json"`: malformed JSON
    - `"schema"`: JSON of another shape than the type
    - `"utf8"`: invalid UTF-8
    - `"truncated"`: a last event that is cut short
    - `"too_large"`: an event larger than `max_event_size`
    - `"depth"`: in a log, JSON that is nested too deeply
    - `"record"`: in a log, a record that cannot be read
    - `"encoding"`: in a log, a recorded body that cannot be decompressed

    `reason` is the cause, `offset` the byte offset of the event's first line in the source,
    `index` the event's index, `event` its SSE event name and `data` its payload. `offset` and
    `index` are `None` for a payload without a stream.
    """

    def __init__(
        self,
        reason: str,
        *,
        kind: FailureKind,
        offset: int | None = None,
        index: int | None = None,
        event: str = "message",
        data: bytes = b"",
    ) -> None:
        where = "" if offset is None else f"event {index} ({event}) at byte {offset}: "
        excerpt = repr(data[:60])[2:-1] + ("..." if len(data) > 60 else "")
        super().__init__(f"{where}{reason}; the payload of {len(data)} bytes begins: {excerpt}")
        self.reason = reason
        self.kind = kind
        self.offset = offset
        self.index = index
        self.event = event
        self.data = data

    def __reduce__(self) -> tuple[object, ...]:
        return _decode_error, (
            self.reason,
            self.kind,
            self.offset,
            self.index,
            self.event,
            self.data,
        )


def _decode_error(
    reason: str, kind: FailureKind, offset: int | None, index: int | None, event: str, data: bytes
) -> DecodeError:
    return DecodeError(reason, kind=kind, offset=offset, index=index, event=event, data=data)


class Base64Error(RapidSSEError):
    """Text that is not strict base64 (RFC 4648, section 4); `offset` is its first bad byte."""

    def __init__(self, reason: str, *, offset: int) -> None:
        super().__init__(f"{reason} at byte {offset} of the base64 text")
        self.reason = reason
        self.offset = offset

    def __reduce__(self) -> tuple[object, ...]:
        return _base64_error, (self.reason, self.offset)


def _base64_error(reason: str, offset: int) -> Base64Error:
    return Base64Error(reason, offset=offset)


class InputError(RapidSSEError):
    """A log that cannot be read to its end: missing, damaged, of no known format.

    `source` is the path or URL of the log as it was given (`"-"` is standard input), `reason` the
    cause and, if there is one, the remedy. Events that precede the error are not affected.
    """

    def __init__(self, source: str, reason: str) -> None:
        name = "standard input" if source == "-" else spelled(source) or "''"
        super().__init__(f"cannot read {name}: {reason}")
        self.source = source
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return InputError, (self.source, self.reason)
