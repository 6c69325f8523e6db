"""The official `openai` SDK on the engine of rapidsse.

- `events(stream)`: the events of a stream that the SDK opened, as `rapidsse.openai` Structs.
- `accelerate(client)`: the SDK's own types and iteration, on a faster decoder.
- `SSEDecoder`: that decoder.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

import msgspec

from .._errors import DecodeError
from .._typed._policy import Handler
from ._events import EndOfStream, ErrorEvent, Types, without
from ._events import events as _events
from ._frames import SDKDecoder, SDKEvent
from ._frames import accelerate as _accelerate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx2
    import openai
    from openai import AsyncStream, Stream
    from openai.types import ImageEditStreamEvent as SDKImageEditEvent
    from openai.types import ImageGenStreamEvent as SDKImageGenEvent
    from openai.types.chat import ChatCompletionChunk as SDKChunk
    from openai.types.responses import ResponseStreamEvent as SDKResponseEvent

    from .._rust import _Payload as Payload
    from .._typed._unknown import UnknownEvent
    from ..openai import (
        ChatCompletionChunk,
        ImageEditStreamEvent,
        ImageGenStreamEvent,
        ResponseStreamEvent,
    )

    SDKImageStream = Stream[SDKImageGenEvent] | Stream[SDKImageEditEvent]
    SDKAsyncImageStream = AsyncStream[SDKImageGenEvent] | AsyncStream[SDKImageEditEvent]
    ImageEvent = ImageGenStreamEvent | ImageEditStreamEvent | UnknownEvent

ClientT = TypeVar("ClientT")

__all__ = ["SSEDecoder", "ServerSentEvent", "accelerate", "events"]


class ServerSentEvent(SDKEvent):
    """One event, as the SDK has it: `event` and `id` are `None` if the stream has none."""

    __slots__ = ()


class SSEDecoder(SDKDecoder):
    """Takes the place of the SDK's `SSEDecoder`.

    Events without data are dropped, as the specification does: the SDK would fail on them.
    """

    _event_type = ServerSentEvent


def accelerate(client: ClientT) -> ClientT:
    """Makes one client, sync or async, split its streams with `SSEDecoder`, and returns it.

    So do the copies that it makes of itself (`with_options`). Everything that the SDK returns
    keeps its type. Raises `TypeError` for anything but a client of the SDK that reads event streams.
    """
    import openai

    return _accelerate(client, openai.OpenAI, SSEDecoder)


@overload
def events(stream: Stream[SDKResponseEvent]) -> Iterator[ResponseStreamEvent | UnknownEvent]: ...
@overload
def events(stream: SDKImageStream) -> Iterator[ImageEvent]: ...
@overload
def events(stream: Stream[SDKChunk]) -> Iterator[ChatCompletionChunk]: ...
@overload
def events(
    stream: AsyncStream[SDKResponseEvent],
) -> AsyncIterator[ResponseStreamEvent | UnknownEvent]: ...
@overload
def events(stream: SDKAsyncImageStream) -> AsyncIterator[ImageEvent]: ...
@overload
def events(stream: AsyncStream[SDKChunk]) -> AsyncIterator[ChatCompletionChunk]: ...
@overload
def events(stream: openai.APIResponse[Any]) -> Iterator[Any]: ...
@overload
def events(stream: openai.AsyncAPIResponse[Any]) -> AsyncIterator[Any]: ...
def events(stream: Any) -> Any:
    """The events of a stream as `rapidsse.openai` Structs: sync or async, as the stream is.

    `stream` is what `client.responses.create(stream=True)`, `client.images.generate(stream=True)`
    or `client.chat.completions.create(stream=True)` returned, or the response that the same call
    through `with_streaming_response` gives. It must not have been read yet. Its response is
    closed in every case: at the end, on an error, when the caller stops (for an async stream:
    once the event loop gets to it, or with `contextlib.aclosing` at once).

    Raises what the SDK raises: `APIError` for an error event, `APITimeoutError` and
    `APIConnectionError` when the connection fails, and `APIResponseValidationError` with our
    `DecodeError` as its cause for an event that does not decode. Raises `TypeError` for anything
    but a stream.
    """
    return _events(stream, _OpenAI())


class _Handler(Handler):
    """Looks for what the SDK looks for in each event: an error, and the end."""

    def payload(
        self,
        payload: Payload,
        spans: list[tuple[int, int]],
        offset: int | None,
        index: int | None,
        event: str,
        complete: bool,
    ) -> Any:
        if payload[:6] == b"[DONE]":
            raise EndOfStream
        if not len(payload):
            return NotImplemented
        if _has_error(without(payload, spans)):
            raise ErrorEvent(bytes(payload))
        return super().payload(payload, spans, offset, index, event, complete)

    def done(self) -> Any:
        raise EndOfStream


_ERROR = b'"error"'


class _Top(msgspec.Struct):
    error: Any = None


_top = msgspec.json.Decoder(_Top)


def _has_error(payload: bytes) -> bool:
    """Whether a payload is an object with an `error` that is not empty."""
    if _ERROR not in payload:
        return False
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return bool(_top.decode(payload).error)
    # Or it is JSON that only `json` takes: no reason to miss what it says.
    with suppress(ValueError, RecursionError):
        match _loads(payload):
            case {"error": error}:
                return bool(error)
            case _:
                pass
    return False


def _loads(payload: bytes) -> Any:
    return json.loads(payload.decode("utf-8", "replace"))


@cache
def _typed() -> Types:
    from ._openai_kinds import TypedEvent

    return Types(TypedEvent, _Handler, defer_if_contains=_ERROR)


@cache
def _chunks() -> Types:
    from ..openai import ChatCompletionChunk

    return Types(ChatCompletionChunk, _Handler, defer_if_contains=_ERROR)


class _OpenAI:
    """The SDK's ways: `_events.Dialect`."""

    def types(self, first: str) -> Types:
        from ._openai_kinds import is_chunk

        return _chunks() if is_chunk(first.encode()) else _typed()

    def error_of(self, event: ErrorEvent, response: httpx2.Response) -> Exception:
        import openai

        body = _loads(event.payload)["error"]
        match body:
            case {"message": str(message)} if message:
                pass
            case _:
                message = "An error occurred during streaming"
        return openai.APIError(message, response.request, body=body)

    def invalid(self, error: DecodeError, response: httpx2.Response) -> Exception:
        import openai

        return openai.APIResponseValidationError(response, error.data, message=str(error))

    def failures(self) -> tuple[type[Exception], ...]:
        import ssl

        import anyio

        # The last two are what anyio lets through.
        return (*_of_http("RequestError"), ssl.SSLError, anyio.EndOfStream)

    def failed(self, error: Exception, response: httpx2.Response) -> Exception:
        import openai

        if isinstance(error, _of_http("TimeoutException")):
            return openai.APITimeoutError(response.request)
        return openai.APIConnectionError(request=response.request)


def _of_http(name: str) -> tuple[type[Exception], ...]:
    """An error of the HTTP libraries in use, of which the SDK takes either."""
    loaded = (sys.modules.get(library) for library in ("httpx", "httpx2"))
    return tuple(getattr(module, name) for module in loaded if module is not None)
