"""Typed events of a stream that an official SDK has opened.

This module has what the SDKs share: it reads the body, ends it, and always closes the response.
A `Dialect` has what differs between them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Protocol

from .._engine import TypedReader
from .._errors import DecodeError
from .._source import owned
from .._typed._payload import PayloadDecoder
from .._typed._policy import Handler, new_reader
from .._typed._stats import Counts
from ._drain import adrain, drain

if TYPE_CHECKING:
    import httpx2

    from .._rust import Deferred
    from .._rust import _Payload as Payload

__all__ = [
    "Dialect",
    "EndOfStream",
    "ErrorEvent",
    "Types",
    "as_the_sdk_raises",
    "events",
    "without",
]


class EndOfStream(Exception):
    """The mark that ends a stream."""


class ErrorEvent(Exception):
    """An error that the server reports in an event; `payload` is the event's data."""

    def __init__(self, payload: bytes) -> None:
        super().__init__()
        self.payload = payload


class Types:
    """The type of a stream's payloads, with its decoder. One object serves any number of streams."""

    def __init__(
        self,
        type: Any,
        handler: type[Handler],
        *,
        defer_if_contains: bytes | None = None,
        dataless: bool = False,
    ) -> None:
        self._payloads = PayloadDecoder(type, strict=True, dec_hook=None)
        self._handler = handler(self._payloads, Counts(), "raise")
        self._reader = new_reader(
            self._payloads,
            self._handler,
            defer_if_contains=defer_if_contains,
            dataless=dataless,
        )

    def decode(self, event: Deferred) -> Any:
        """Returns an event that a reader of other types has deferred, as an event of these."""
        return self._handler.deferred(event)

    def reader(self, chunks: Iterator[bytes] | None) -> TypedReader:
        """Returns a reader for one stream."""
        return self._reader.another(chunks)


def without(payload: Payload, spans: Sequence[tuple[int, int]]) -> bytes:
    """Returns the payload with these strings emptied, which is JSON if the payload is."""
    parts: list[Payload] = []
    at = 0
    for start, end in spans:
        parts.append(payload[at:start])
        at = end
    return b"".join((*parts, payload[at:]))


class Dialect(Protocol):
    """What differs between the SDKs."""

    def types(self, stream: Any) -> Types:
        """Returns how to decode a stream, by what the SDK says of it: events may be of any kind."""
        ...

    def error_of(self, event: ErrorEvent, response: httpx2.Response) -> Exception:
        """Returns the SDK's error for an error event."""
        ...

    def invalid(self, error: DecodeError, response: httpx2.Response) -> Exception:
        """Returns the SDK's error for an event that does not decode."""
        ...

    def failures(self) -> tuple[type[Exception], ...]:
        """Returns the errors of the HTTP library that the SDK replaces by its own."""
        ...

    def failed(self, error: Exception, response: httpx2.Response) -> Exception:
        """Returns the SDK's error for one of `failures`."""
        ...


def events(stream: Any, dialect: Dialect) -> Any:
    """Yields the events of a `Stream`, an `AsyncStream` or an unread API response of the SDK.

    Raises `TypeError` for any other argument.
    """
    response = getattr(stream, "response", None) or getattr(stream, "http_response", None)
    close = getattr(stream, "close", None)
    if response is None or close is None:
        raise TypeError(
            "expected a stream, or the response of a call through with_streaming_response, "
            f"not {type(stream).__name__}"
        )
    read = _aevents if iscoroutinefunction(close) else _events
    return read(stream, response, dialect)


def _events(stream: Any, response: httpx2.Response, dialect: Dialect) -> Iterator[Any]:
    chunks = response.iter_bytes()
    try:
        with as_the_sdk_raises(response, dialect):
            yield from dialect.types(stream).reader(chunks)
    except EndOfStream:
        drain(response, chunks)
    finally:
        stream.close()


async def _aevents(stream: Any, response: httpx2.Response, dialect: Dialect) -> AsyncIterator[Any]:
    chunks = response.aiter_bytes()
    try:
        with as_the_sdk_raises(response, dialect):
            reader = dialect.types(stream).reader(None)
            async for chunk in chunks:
                reader.push(owned(chunk))
                for event in reader:
                    yield event
            reader.finish()
            for event in reader:
                yield event
    except EndOfStream:
        await adrain(response, chunks)
    finally:
        await stream.close()


@contextmanager
def as_the_sdk_raises(response: Any, dialect: Dialect) -> Generator[None]:
    """Raises the SDK's errors in place of ours, and of those of the HTTP library."""
    try:
        yield
    except ErrorEvent as event:
        raise dialect.error_of(event, response) from None
    except DecodeError as error:
        raise dialect.invalid(error, response) from error
    except dialect.failures() as error:
        raise dialect.failed(error, response) from error
