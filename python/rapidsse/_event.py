"""What both engines share of `ServerSentEvent`: its `repr`, its pickle and its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ._errors import DecodeError, FailureKind
from ._text import refused_utf8

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["event_json", "event_reduce", "event_repr", "short_data"]

# 60 characters take at most 240 bytes of UTF-8, so this many bytes hold them whole.
_EXCERPT_BYTES = 256
_EXCERPT_CHARS = 60


def event_repr(event: str, data: Buffer, id: str, retry: int | None) -> str:
    """The `repr` of an event, with an excerpt of each field that is long."""
    return (
        f"ServerSentEvent(event={_short(event)}, data={short_data(memoryview(data))}, "
        f"id={_short(id)}, retry={retry!r})"
    )


def _short(text: str) -> str:
    if len(text) <= _EXCERPT_CHARS:
        return repr(text)
    return f"{text[:_EXCERPT_CHARS] + '...'!r} ({len(text)} characters)"


def short_data(data: memoryview) -> str:
    """The `repr` of an event's data, or of their first 60 characters."""
    text = bytes(data[:_EXCERPT_BYTES]).decode("utf-8", "replace")
    if len(text) <= _EXCERPT_CHARS:
        return repr(text)
    return f"{text[:_EXCERPT_CHARS] + '...'!r} ({data.nbytes} bytes)"


def event_reduce(event: str, data: Buffer, id: str, retry: int | None) -> tuple[Any, ...]:
    """The pickle of an event. It names the public class, so that either engine can load it."""
    import rapidsse

    return rapidsse.ServerSentEvent, (event, bytes(data), id, retry)


def event_json(data: Buffer, event: str = "message") -> Any:
    """The decoded JSON of an event's data; `event` is the name for the error.

    Raises `DecodeError` of kind `"json"` or `"utf8"`.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        kind: FailureKind = "json"
        if reason := refused_utf8(error, data):
            kind = "utf8"
        raise DecodeError(reason or str(error), kind=kind, event=event, data=bytes(data)) from error
