"""Streams of `generate_content_stream`.

The SDK sends the request, and makes its object of the first event. The others are made in
`_google_chunks`, if that is certain, and by the SDK if not. Images pass it by (`_google_images`).
`_google_events` takes the response from inside.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial, wraps
from types import MethodType
from typing import Any

from ._google_chunks import agenerate, generate, source_of_request
from ._google_events import atake, take, takes
from ._google_sdk import module, version
from ._google_source import Source
from ._seams import Seam, Unknown

__all__ = ["accelerate", "seams"]


def accelerate(client: Any) -> None:
    """Sets what reads the streams on the client's objects; their classes stay as they are.

    Raises `TypeError` if the SDK does not read its streams as the supported versions do.
    """
    api = client._api_client
    owners = (api, api, client.models, client.aio.models)
    try:
        seams = _seams_of(*map(type, owners))
    except Unknown as error:
        raise TypeError(
            f"{version()} reads streams in another way than those that rapidsse knows: {error}"
        ) from None
    for owner, seam in zip(owners, seams, strict=True):
        if seam.replacement is not None and seam.name not in vars(owner):
            vars(owner)[seam.name] = MethodType(seam.replacement, owner)


def seams() -> list[Seam]:
    """What `install` replaces."""
    api, models = module("_api_client").BaseApiClient, module("models")
    return _seams_of(api, api, models.Models, models.AsyncModels)


def _seams_of(api: Any, api_too: Any, models: Any, async_models: Any) -> list[Seam]:
    request, arguments = ("self", "http_request", "stream"), ("self", "model", "contents", "config")
    response = module("_api_client").HttpResponse
    found = [
        Seam(owner, name, _replacement(owner, name, ours), _known(owner, name, parameters))
        for owner, name, ours, parameters in (
            (api, "_request_once", _request_once, request),
            (api_too, "_async_request_once", _async_request_once, request),
            (models, "_generate_content_stream", generate, arguments),
            (async_models, "_generate_content_stream", agenerate, arguments),
        )
    ]
    checks = [
        Seam(response, f"_{way}_response_stream", None, ("self",)) for way in ("iter", "aiter")
    ]
    for seam in (*found, *checks):
        seam.check()
    stream, async_stream = (_original(seam.owner, seam.name) for seam in found[2:])
    if not inspect.isgeneratorfunction(stream) or not inspect.iscoroutinefunction(async_stream):
        raise Unknown("Models._generate_content_stream is no generator, or that of aio one")
    return found


def _known(owner: Any, name: str, parameters: tuple[str, ...]) -> tuple[str, ...]:
    """The parameters of a method, if they begin with these: it is given what follows as it came."""
    actual = (*inspect.signature(_original(owner, name)).parameters,)
    return actual if actual[: len(parameters)] == parameters else parameters


_ORIGINAL = "_rapidsse_original"


def _original(owner: Any, name: str) -> Any:
    """The SDK's own method of a class, `None` if it has none."""
    method = getattr(owner, name, None)
    return getattr(method, _ORIGINAL, method)


def _replacement(owner: Any, name: str, ours: Callable[..., Any]) -> Any:
    original = _original(owner, name)
    if original is None:
        raise Unknown(f"there is no {owner.__qualname__}.{name}")

    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return ours(self, partial(original, self), *args, **kwargs)

    @wraps(original)
    async def amethod(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await ours(self, partial(original, self), *args, **kwargs)

    # The SDK asks.
    method = amethod if inspect.iscoroutinefunction(ours) else method
    setattr(method, _ORIGINAL, original)
    return method


def _request_once(
    api: Any, original: Any, http_request: Any, stream: bool = False, **options: Any
) -> Any:
    return _read_here(original(http_request, stream, **options), stream)


async def _async_request_once(
    api: Any, original: Any, http_request: Any, stream: bool = False, **options: Any
) -> Any:
    return _read_here(await original(http_request, stream, **options), stream)


def _read_here(response: Any, stream: bool) -> Any:
    """Makes a streamed response yield its events' JSON as they are split here."""
    body = response.response_stream
    if stream and body is not None and not isinstance(body, (list, str)):
        source = source_of_request.get()
        if takes.get():
            ours: tuple[Any, Any] = take, atake
        elif source is not None:
            ours = source.open, source.aopen
        else:
            ours = _texts, _atexts
        response._iter_response_stream = partial(ours[0], body)
        response._aiter_response_stream = partial(ours[1], body)
    return response


def _texts(body: Any) -> Iterator[str]:
    """Of streams that are not those of `generate_content_stream`."""
    source = Source(None)
    try:
        yield from source.open(body)
    finally:
        source.close()


async def _atexts(body: Any) -> AsyncIterator[str]:
    source = Source(None)
    try:
        async for text in source.aopen(body):
            yield text
    finally:
        await source.aclose()
