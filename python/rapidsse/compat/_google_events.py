"""Streams of `generate_content_stream` as events of `rapidsse.google`.

The SDK sends the request while its stream is opened, in the same context. Here the response is taken
from it before it reads, and all of the SDK that follows is left out.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from .._errors import DecodeError
from .._source import owned
from .._typed._policy import Handler
from ._events import ErrorEvent, Types, as_the_sdk_raises, without
from ._google_body import Body, Plain, json_texts
from ._google_sdk import module

if TYPE_CHECKING:
    from .._engine import Deferred, TypedReader

__all__ = ["atake", "events", "set_to", "take", "takes"]


class _Taken(BaseException):
    """Ends the SDK's stream before it reads: `events` does. No `Exception`, which the SDK handles."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


takes: ContextVar[bool] = ContextVar("takes", default=False)
"""Whether the response of a request is to be taken from the SDK."""


@contextmanager
def set_to(variable: ContextVar[Any], value: Any) -> Generator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def take(body: Any) -> Iterator[str]:
    raise _Taken(body)


class atake:
    def __init__(self, body: Any) -> None:
        self._body = body

    def __aiter__(self) -> atake:
        return self

    async def __anext__(self) -> str:
        raise _Taken(self._body)


def events(stream: Any) -> Any:
    """Yields `rapidsse.google.GenerateContentResponse`s from a stream of an accelerated client."""
    if inspect.isasyncgen(stream):
        return _aevents(stream)
    if inspect.isgenerator(stream):
        return _events(stream)
    raise TypeError(
        "expected what client.models.generate_content_stream(...) or "
        "client.interactions.create(..., stream=True) returns (of client.aio: awaited), "
        f"not {type(stream).__name__}"
    )


def _events(stream: Any) -> Iterator[Any]:
    try:
        with set_to(takes, True):
            next(stream, None)
    except _Taken as taken:
        body = taken.response
    else:
        stream.close()
        raise _not_ours()
    plain = Plain()
    with Body(body) as chunks, as_the_sdk_raises(body, _Content()):
        yield from _types().reader(map(plain.events, chunks))
        yield from _last_events(plain)


async def _aevents(stream: Any) -> AsyncIterator[Any]:
    try:
        with set_to(takes, True):
            await anext(stream, None)
    except _Taken as taken:
        body = taken.response
    else:
        await stream.aclose()
        raise _not_ours()
    plain = Plain()
    reader = _types().reader(None)
    async with Body(body) as chunks:
        with as_the_sdk_raises(body, _Content()):
            async for chunk in chunks:
                reader.push(owned(plain.events(chunk)))
                for event in reader:
                    yield event
            reader.finish()
            for event in reader:
                yield event
            for event in _last_events(plain):
                yield event


def _last_events(plain: Plain) -> Iterator[Any]:
    reader: TypedReader = _types().reader(None)
    for text in json_texts(plain.text):
        # As the data of an event, which may have several lines.
        lines = "".join(f"data: {line}\n" for line in text.splitlines())
        reader.push(f"{lines}\n".encode())
        yield from reader


def _not_ours() -> TypeError:
    return TypeError(
        "the stream is of a client that is not accelerated, or has been read from: "
        "events(accelerate(client).models.generate_content_stream(...))"
    )


class _Handler(Handler):
    """Raises errors that the API reports in the place of an event."""

    def deferred(self, event: Deferred) -> Any:
        if not len(event.payload):
            return NotImplemented
        if _error_of(without(event.payload, event.spans)) is not None:
            raise ErrorEvent(bytes(event.payload))
        return super().deferred(event)


_ERROR = b'"error"'


def _error_of(payload: bytes) -> Any:
    """What is under `error`, if the payload is an object with that."""
    if _ERROR in payload:
        with suppress(ValueError, RecursionError):
            match json.loads(payload):
                case {"error": error}:
                    return error or None
                case _:
                    pass
    return None


@cache
def _types() -> Types:
    from ..google import GenerateContentResponse

    return Types(GenerateContentResponse, _Handler, defer_if_contains=_ERROR)


class _Content:
    """The SDK's `_events.Dialect`."""

    def types(self, stream: Any) -> Types:
        return _types()

    def error_of(self, event: ErrorEvent, response: Any) -> Exception:
        errors = module("errors")
        match _error_of(event.payload):
            case {"code": int(code)}:
                pass
            case _:
                code = 0
        try:
            errors.APIError.raise_error(code, json.loads(event.payload), response)
        except errors.APIError as error:
            raised: Exception = error
            return raised
        raise AssertionError("the SDK raised no error") from event

    def invalid(self, error: DecodeError, response: Any) -> Exception:
        made: Exception = module("errors").UnknownApiResponseError(str(error))
        return made

    def failures(self) -> tuple[type[Exception], ...]:
        return ()

    def failed(self, error: Exception, response: Any) -> Exception:
        return error
