"""The official `anthropic` SDK on the engine of rapidsse.

- `events(stream)`: the events of a stream that the SDK opened, as `rapidsse.anthropic` Structs.
- `accelerate(client)`: the SDK's own types and iteration, on a faster decoder.
- `SSEDecoder`: that decoder.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .._errors import DecodeError
from .._typed._policy import Handler
from .._typed._unknown import UnknownEvent
from ._events import ErrorEvent, Types
from ._events import events as _events
from ._frames import SDKDecoder, SDKEvent
from ._frames import accelerate as _accelerate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import anthropic
    import httpx2

    from .._rust import _Payload as Payload
    from ..anthropic import RawMessageStreamEvent


ClientT = TypeVar("ClientT")

__all__ = ["SSEDecoder", "ServerSentEvent", "accelerate", "events"]


class ServerSentEvent(SDKEvent):
    """One event, as the SDK has it: `event` and `id` are `None` if the stream has none."""

    __slots__ = ()

    @property
    def raw(self) -> list[str]:
        """Always empty, as it is for events that the SDK did not decode: lines are not kept."""
        return []


class SSEDecoder(SDKDecoder):
    """Takes the place of the SDK's `SSEDecoder`."""

    _event_type = ServerSentEvent
    _dataless = True


def accelerate(client: ClientT) -> ClientT:
    """Makes one client, sync or async, split its streams with `SSEDecoder`, and returns it.

    So do the copies that it makes of itself (`with_options`). Everything that the SDK returns
    keeps its type. Raises `TypeError` for anything but a client of the SDK that reads event streams
    (that of Bedrock does not).
    """
    import anthropic

    return _accelerate(client, anthropic.Anthropic, SSEDecoder)


@overload
def events(
    stream: anthropic.Stream[Any] | anthropic.APIResponse[Any],
) -> Iterator[RawMessageStreamEvent | UnknownEvent]: ...
@overload
def events(
    stream: anthropic.AsyncStream[Any] | anthropic.AsyncAPIResponse[Any],
) -> AsyncIterator[RawMessageStreamEvent | UnknownEvent]: ...
def events(stream: Any) -> Any:
    """The events of a stream as `rapidsse.anthropic` Structs: sync or async, as the stream is.

    `stream` is what `client.messages.create(stream=True)` returned, or the response that the
    same call through `with_streaming_response` gives. It must not have been read yet. Its
    response is closed in every case: at the end, on an error, when the caller stops (for an
    async stream: once the event loop gets to it, or with `contextlib.aclosing` at once). `ping`
    events are left out.

    Raises what the SDK raises: `APIStatusError` for an error event, and the HTTP library's errors
    as they are. An event that does not decode raises `APIResponseValidationError` with our
    `DecodeError` as its cause. Raises `TypeError` for anything but a stream.
    """
    return _events(stream, _Anthropic())


class _Handler(Handler):
    """Looks for what the SDK looks for among the events: errors and pings."""

    def payload(
        self,
        payload: Payload,
        spans: list[tuple[int, int]],
        offset: int | None,
        index: int | None,
        event: str,
        complete: bool,
    ) -> Any:
        if event == "error":
            raise ErrorEvent(bytes(payload))
        if event == "ping" or not len(payload):
            return NotImplemented
        value = super().payload(payload, spans, offset, index, event, complete)
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

    # An error has happened even if nothing is said about it.
    return Types(RawMessageStreamEvent, _Handler, dataless=True)


class _Anthropic:
    """The SDK's ways: `_events.Dialect`."""

    def types(self, first: str) -> Types:
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
        raise AssertionError("the SDK lets every error of the HTTP library pass") from error
