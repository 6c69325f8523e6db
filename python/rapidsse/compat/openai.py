"""The official `openai` SDK on the engine of rapidsse.

- `events(stream)` yields the events of a stream that the SDK opened, as `rapidsse.openai` Structs.
- `accelerate(client)` keeps the SDK's types and iteration, and makes them fast.
- `SSEDecoder` is that decoder.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import cache
from inspect import isclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args, overload

import msgspec

from .._apis import DONE
from .._errors import DecodeError
from .._typed._policy import Handler
from ._accelerate import accelerated, checked
from ._events import EndOfStream, ErrorEvent, Types, without
from ._events import events as _events
from ._frames import SDKDecoder, SDKEvent
from ._installed import imported

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx2
    import openai
    from openai import AsyncStream, Stream
    from openai.types import ImageEditStreamEvent as SDKImageEditEvent
    from openai.types import ImageGenStreamEvent as SDKImageGenEvent
    from openai.types.chat import ChatCompletionChunk as SDKChunk
    from openai.types.responses import ResponseStreamEvent as SDKResponseEvent

    from .._rust import Deferred
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


class ServerSentEvent(SDKEvent, frozen=True, eq=False, gc=False):
    """One event, with the SDK's attributes: `event` and `id` are `None` if not in the stream."""


class SSEDecoder(SDKDecoder):
    """Replaces the SDK's `SSEDecoder`.

    It drops events without data, as the specification does; the SDK would fail on them.
    """

    _event_type = ServerSentEvent


def accelerate(client: ClientT) -> ClientT:
    """Makes the streams of a client, sync or async, and of its copies (`with_options`) fast.

    They are split into events by `SSEDecoder`, whose events become the SDK's objects by plans that
    are made once for each type. All that the SDK returns is equal to what it was, and of the same
    type. Returns the client. Raises `TypeError` for an argument that is no client of the SDK
    that reads event streams.
    """
    checked(client, imported("openai", "openai").OpenAI)
    return accelerated(client, SSEDecoder)


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
    """Yields the events of a stream as `rapidsse.openai` Structs; sync or async, like the stream.

    `stream` is the result of `client.responses.create(stream=True)`,
    `client.images.generate(stream=True)` or `client.chat.completions.create(stream=True)`, or the
    response of the same call through `with_streaming_response`. It must be unread. Its response
    is always closed: at the end, after an error, and when the caller stops (an async stream later,
    by the event loop, or at once with `contextlib.aclosing`).

    Raises the SDK's errors: `APIError` for an error event, `APITimeoutError` and
    `APIConnectionError` when the connection fails, and `APIResponseValidationError` with a
    `rapidsse.DecodeError` as its cause for an event that does not decode. Raises `TypeError` for
    an argument that is no stream.
    """
    return _events(stream, _OpenAI())


class _Handler(Handler):
    """Handles the events that the SDK treats specially: errors and the end."""

    def deferred(self, event: Deferred) -> Any:
        payload = event.payload
        if payload[: len(DONE)] == DONE:
            raise EndOfStream
        if not len(payload):
            return NotImplemented
        if _has_error(without(payload, event.spans)):
            raise ErrorEvent(bytes(payload))
        return super().deferred(event)

    def done(self) -> Any:
        raise EndOfStream


_ERROR = b'"error"'


class _Top(msgspec.Struct):
    error: Any = None


_top = msgspec.json.Decoder(_Top)


def _has_error(payload: bytes) -> bool:
    """Whether a payload is an object with a non-empty `error`."""
    if _ERROR not in payload:
        return False
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return bool(_top.decode(payload).error)
    # JSON that only `json` accepts may have an error, too.
    with suppress(ValueError, RecursionError):
        match _loads(payload):
            case {"error": error}:
                return bool(error)
            case _:
                pass
    return False


def _loads(payload: bytes) -> Any:
    return json.loads(payload.decode("utf-8", "replace"))


class _EitherHandler(_Handler):
    """Also decodes events of the other kind: some servers send chunks in any stream, and others
    events with a type, such as `ping`, among chunks."""

    _takes_chunks = False

    def deferred(self, event: Deferred) -> Any:
        try:
            return super().deferred(event)
        except DecodeError as error:
            from ._openai_kinds import is_chunk

            if error.kind != "schema" or is_chunk(event.payload) == self._takes_chunks:
                raise
            return (_typed if self._takes_chunks else _chunks)().decode(event)


class _ChunkHandler(_EitherHandler):
    _takes_chunks = True


@cache
def _typed() -> Types:
    from ._openai_kinds import TypedEvent

    return Types(TypedEvent, _EitherHandler, defer_if_contains=_ERROR)


@cache
def _chunks() -> Types:
    from ..openai import ChatCompletionChunk

    return Types(ChatCompletionChunk, _ChunkHandler, defer_if_contains=_ERROR)


class _OpenAI:
    """The SDK's `_events.Dialect`."""

    def types(self, stream: Any) -> Types:
        from openai.types.chat import ChatCompletionChunk

        # A response that has not been parsed yet has the class of its stream.
        of_stream = getattr(stream, "_cast_to", None)
        of_response = get_args(getattr(stream, "_stream_cls", None))
        for kind in (of_stream, *of_response):
            if isclass(kind) and issubclass(kind, ChatCompletionChunk):
                return _chunks()
        return _typed()

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

        # anyio does not wrap the last two.
        return (*_of_http("RequestError"), ssl.SSLError, anyio.EndOfStream)

    def failed(self, error: Exception, response: httpx2.Response) -> Exception:
        import openai

        if isinstance(error, _of_http("TimeoutException")):
            return openai.APITimeoutError(response.request)
        return openai.APIConnectionError(request=response.request)


def _of_http(name: str) -> tuple[type[Exception], ...]:
    """Returns an error class of each HTTP library in use; the SDK works with both."""
    loaded = (sys.modules.get(library) for library in ("httpx", "httpx2"))
    return tuple(getattr(module, name) for module in loaded if module is not None)
