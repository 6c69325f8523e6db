"""Streams of `generate_content_stream`.

The SDK sends the request, reads the JSON of each event and makes its objects. Only the events are
split here, and images pass it by (`_google_images`). `events` leaves out all of the SDK but the
request: it takes the response from inside.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing, contextmanager, suppress
from contextvars import ContextVar
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from .._engine import FrameReader
from .._errors import DecodeError
from .._source import owned
from .._typed._policy import Handler
from ._events import ErrorEvent, Types, without
from ._google_body import Body, Plain, json_texts
from ._google_images import Images
from ._google_sdk import module, version

if TYPE_CHECKING:
    from .._engine import Deferred, TypedReader

__all__ = ["accelerate", "events"]


class _Taken(BaseException):
    """Ends the SDK's stream before it reads: `events` does. No `Exception`, which the SDK handles."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


# What is to be done with the response of a request: its images are to be cut out, or it is to be
# taken from the SDK. The SDK sends the request while its stream is opened, in the same context.
_images: ContextVar[Images | None] = ContextVar("images", default=None)
_takes: ContextVar[bool] = ContextVar("takes", default=False)


@contextmanager
def _set(variable: ContextVar[Any], value: Any) -> Generator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


# The client ---------------------------------------------------------------------------------------


def accelerate(client: Any) -> None:
    """Sets what reads the streams on the client's objects; their classes stay as they are.

    Raises `TypeError` if the SDK does not read its streams as the supported versions do.
    """
    _check(client)
    api = client._api_client
    for owner, name, ours in (
        (api, "_request_once", _request_once),
        (api, "_async_request_once", _async_request_once),
        (client.models, "_generate_content_stream", _generate),
        (client.aio.models, "_generate_content_stream", _agenerate),
    ):
        if name not in vars(owner):
            vars(owner)[name] = partial(ours, getattr(owner, name))


def _check(client: Any) -> None:
    api = client._api_client
    known = (
        inspect.isgeneratorfunction(_of_class(client.models, "_generate_content_stream"))
        and inspect.iscoroutinefunction(_of_class(client.aio.models, "_generate_content_stream"))
        and _takes_a_request(_of_class(api, "_request_once"))
        and _takes_a_request(_of_class(api, "_async_request_once"))
        and client.aio._api_client is api
    )
    if not known:
        raise TypeError(
            f"{version()} reads streams in another way than those that rapidsse knows: "
            "BaseApiClient._request_once(http_request, stream) or "
            "Models._generate_content_stream is not there"
        )


def _of_class(value: object, name: str) -> Any:
    return getattr(type(value), name, None)


def _takes_a_request(function: Any) -> bool:
    return function is not None and list(inspect.signature(function).parameters)[:3] == [
        "self",
        "http_request",
        "stream",
    ]


def _request_once(original: Any, http_request: Any, stream: bool = False, **options: Any) -> Any:
    return _read_here(original(http_request, stream, **options), stream)


async def _async_request_once(
    original: Any, http_request: Any, stream: bool = False, **options: Any
) -> Any:
    return _read_here(await original(http_request, stream, **options), stream)


def _read_here(response: Any, stream: bool) -> Any:
    """Makes a streamed response yield its events' JSON as they are split here."""
    body = response.response_stream
    if stream and body is not None and not isinstance(body, (list, str)):
        texts = partial(_taken if _takes.get() else _texts, body, _images.get())
        atexts = partial(_ataken if _takes.get() else _atexts, body, _images.get())
        response._iter_response_stream = texts
        response._aiter_response_stream = atexts
    return response


def _generate(original: Callable[..., Iterator[Any]], **arguments: Any) -> Iterator[Any]:
    images = Images()
    stream = original(**arguments)
    while True:
        with _set(_images, images):
            chunk = next(stream, None)
        if chunk is None:
            return
        images.put_in(chunk)
        yield chunk


async def _agenerate(original: Any, **arguments: Any) -> AsyncIterator[Any]:
    images = Images()
    with _set(_images, images):
        stream = await original(**arguments)

    async def chunks() -> AsyncIterator[Any]:
        async with aclosing(stream):
            async for chunk in stream:
                images.put_in(chunk)
                yield chunk

    return chunks()


# Events of the SDK's classes ----------------------------------------------------------------------


def _texts(body: Any, images: Images | None) -> Iterator[str]:
    """The JSON of each event."""
    plain = Plain()
    reader = FrameReader(eof="dispatch")
    with Body(body) as chunks:
        for chunk in chunks:
            reader.push(owned(plain.events(chunk)))
            yield from _frame_texts(reader, images)
    yield from _last_texts(reader, plain, images)


async def _atexts(body: Any, images: Images | None) -> AsyncIterator[str]:
    plain = Plain()
    reader = FrameReader(eof="dispatch")
    async with Body(body) as chunks:
        async for chunk in chunks:
            reader.push(owned(plain.events(chunk)))
            for text in _frame_texts(reader, images):
                yield text
    for text in _last_texts(reader, plain, images):
        yield text


def _last_texts(reader: FrameReader, plain: Plain, images: Images | None) -> Iterator[str]:
    reader.finish()
    yield from _frame_texts(reader, images)
    yield from json_texts(plain.text)


def _frame_texts(reader: FrameReader, images: Images | None) -> Iterator[str]:
    for frame in reader:
        # An event without data is no JSON.
        if data := frame.data_bytes:
            yield frame.data if images is None else images.cut(data)


# Events of our classes ----------------------------------------------------------------------------


def _taken(body: Any, images: Images | None) -> Iterator[str]:
    raise _Taken(body)


class _ataken:
    def __init__(self, body: Any, images: Images | None) -> None:
        self._body = body

    def __aiter__(self) -> _ataken:
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
        with _set(_takes, True):
            next(stream, None)
    except _Taken as taken:
        body = taken.response
    else:
        stream.close()
        raise _not_ours()
    plain = Plain()
    with Body(body) as chunks, _as_the_sdk_raises(body):
        yield from _types().reader(map(plain.events, chunks))
        yield from _last_events(plain)


async def _aevents(stream: Any) -> AsyncIterator[Any]:
    try:
        with _set(_takes, True):
            await anext(stream, None)
    except _Taken as taken:
        body = taken.response
    else:
        await stream.aclose()
        raise _not_ours()
    plain = Plain()
    reader = _types().reader(None)
    async with Body(body) as chunks:
        with _as_the_sdk_raises(body):
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


@contextmanager
def _as_the_sdk_raises(response: Any) -> Generator[None]:
    errors = module("errors")
    try:
        yield
    except ErrorEvent as event:
        match _error_of(event.payload):
            case {"code": int(code)}:
                pass
            case _:
                code = 0
        errors.APIError.raise_error(code, json.loads(event.payload), response)
    except DecodeError as error:
        raise errors.UnknownApiResponseError(str(error)) from error
