"""The official `anthropic` SDK on the engine of rapidsse.

- `events(stream)` yields the events of a stream that the SDK opened, as `rapidsse.anthropic` Structs.
- `accelerate(client)` keeps the SDK's types and iteration, and makes them fast.
- `SSEDecoder` is that decoder.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .._errors import DecodeError
from .._typed._policy import Handler
from .._typed._unknown import UnknownEvent
from ._accelerate import accelerated, checked
from ._events import ErrorEvent, Types
from ._events import events as _events
from ._frames import SDKDecoder, SDKEvent
from ._installed import imported

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import anthropic
    import httpx2

    from .._rust import Deferred
    from ..anthropic import RawMessageStreamEvent


ClientT = TypeVar("ClientT")

__all__ = ["SSEDecoder", "ServerSentEvent", "accelerate", "events"]


class ServerSentEvent(SDKEvent, frozen=True, eq=False, gc=False):
    """One event, with the SDK's attributes: `event` and `id` are `None` if not in the stream."""

    @property
    def raw(self) -> list[str]:
        """Always empty, as for events that the SDK did not decode: lines are not kept."""
        return []


class SSEDecoder(SDKDecoder):
    """Replaces the SDK's `SSEDecoder`."""

    _event_type = ServerSentEvent
    _skips = "none"


def accelerate(client: ClientT) -> ClientT:
    """Makes the streams of a client, sync or async, and of its copies (`with_options`) fast.

    They are split into events by `SSEDecoder`, whose events become the SDK's objects by plans that
    are made once for each type. All that the SDK returns is equal to what it was, and of the same
    type. Returns the client. Raises `TypeError` for an argument that is no client of the SDK,
    or one that reads no event streams (that of Bedrock).
    """
    checked(client, imported("anthropic", "anthropic").Anthropic)
    return accelerated(client, SSEDecoder)


@overload
def events(
    stream: anthropic.Stream[Any] | anthropic.APIResponse[Any],
) -> Iterator[RawMessageStreamEvent | UnknownEvent]: ...
@overload
def events(
    stream: anthropic.AsyncStream[Any] | anthropic.AsyncAPIResponse[Any],
) -> AsyncIterator[RawMessageStreamEvent | UnknownEvent]: ...
def events(stream: Any) -> Any:
    """Yields the events of a stream as `rapidsse.anthropic` Structs; sync or async, like the stream.

    `stream` is the result of `client.messages.create(stream=True)`, or the response of the same
    call through `with_streaming_response`. It must be unread. Its response is always closed: at
    the end, after an error, and when the caller stops (an async stream later, by the event loop,
    or at once with `contextlib.aclosing`). `ping` events are omitted.

    Raises the SDK's errors: `APIStatusError` for an error event, and the HTTP library's errors
    unchanged. An event that does not decode raises `APIResponseValidationError` with a
    `rapidsse.DecodeError` as its cause. Raises `TypeError` for an argument that is no stream.
    """
    return _events(stream, _Anthropic())


class _Handler(Handler):
    """Handles the events that the SDK treats specially: errors and pings."""

    takes_all = True  # an error is one by the name of its event

    def deferred(self, event: Deferred) -> Any:
        payload = event.payload
        if event.name == "error":
            raise ErrorEvent(bytes(payload))
        if event.name == "ping" or not len(payload):
            return NotImplemented
        value = super().deferred(event)
        match value:
            case UnknownEvent(type="error"):
                raise ErrorEvent(bytes(payload))
            case UnknownEvent(type="ping"):
                return NotImplemented
            case _:
                return value


@cache
def _messages() -> Types:
    from ..anthropic import RawMessageStreamEvent

    # An error event without data is an error, too.
    return Types(RawMessageStreamEvent, _Handler, dataless=True)


class _Anthropic:
    """The SDK's `_events.Dialect`."""

    def types(self, stream: Any) -> Types:
        return _messages()

    def error_of(self, event: ErrorEvent, response: httpx2.Response) -> Exception:
        import anthropic

        text = event.payload.decode("utf-8", "replace")
        try:
            body = json.loads(text)
        except ValueError:
            message = text or f"Error code: {response.status_code}"
            return anthropic.APIStatusError(message, response=response, body=text)
        return anthropic.APIStatusError(str(body), response=response, body=body)

    def invalid(self, error: DecodeError, response: httpx2.Response) -> Exception:
        import anthropic

        return anthropic.APIResponseValidationError(response, error.data, message=str(error))

    def failures(self) -> tuple[type[Exception], ...]:
        return ()

    def failed(self, error: Exception, response: httpx2.Response) -> Exception:
        raise AssertionError("the SDK passes on every error of the HTTP library") from error
