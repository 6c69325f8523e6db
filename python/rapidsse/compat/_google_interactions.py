"""Streams of the Interactions API.

The SDK looks at each byte of a body, and makes a model class for each event. Its streams keep their
class here, and what they yield too; the generator that they iterate over is another.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from .._apis import DONE
from .._engine import FrameReader
from .._errors import DecodeError
from .._typed._policy import Handler
from ._events import EndOfStream, ErrorEvent, Types
from ._events import events as _events
from ._google_sdk import module, version
from ._marked import aread, read
from ._speakeasy import seams_of

if TYPE_CHECKING:
    from .._engine import Deferred, ServerSentEvent
    from ._seams import Seam

__all__ = ["accelerate", "events", "seams"]


# The client ---------------------------------------------------------------------------------------


def accelerate(client: Any) -> None:
    """Makes the client, and its `aio`, accelerate their resources when they are first used.

    Both make a resource when it is first asked for, which takes most of a second: so do these.
    """
    for owner in (client, client.aio):
        if not isinstance(owner, _Accelerated):
            owner.__class__ = _lazy(owner.__class__)


def seams() -> list[Seam]:
    """What `install` replaces: these streams are those of a generator that other SDKs have, too."""
    modules = ("utils.eventstreaming", "utils.serializers", "types.basemodel")
    return seams_of(*(module(f"_gaos.{name}") for name in modules))


class _Accelerated:
    """Marks the classes of accelerated clients."""


@cache
def _lazy(cls: Any) -> Any:
    def interactions(self: Any) -> Any:
        return _accelerated_resource(cls.interactions.fget(self))

    members = {"interactions": property(interactions), "__module__": cls.__module__}
    lazy: Any = type(cls.__name__, (cls, _Accelerated), members)
    return lazy


def _accelerated_resource(resource: Any) -> Any:
    """Changes the class of a resource to a subclass: what it inherits makes the streams."""
    if isinstance(resource, _Accelerated):
        return resource
    try:
        resource.__class__ = _subclass(resource.__class__)
    except (ImportError, AttributeError, TypeError):
        import warnings

        warnings.warn(
            f"{version()} makes the streams of the Interactions API in another way than those that "
            "rapidsse knows: they are left as they are",
            RuntimeWarning,
            stacklevel=3,
        )
    return resource


@cache
def _subclass(cls: Any) -> Any:
    """A subclass of a resource's class. Raises if the SDK's modules are not those we know."""
    sdk, eventstreaming = module("_gaos.interactions"), module("_gaos.utils.eventstreaming")
    _validated()
    for stream in (eventstreaming.Stream, eventstreaming.AsyncStream):
        if {"response", "decoder", "sentinel"} - inspect.signature(stream).parameters.keys():
            raise TypeError(stream)
    is_async = issubclass(cls, sdk.AsyncInteractions)
    generated: Any = sdk.AsyncInteractions if is_async else sdk.Interactions

    # Between the class and what it inherits from, so that its `super()` finds these.
    class Generated(generated, _Accelerated):  # type: ignore[misc]
        def create(self, *args: Any, **kwargs: Any) -> Any:
            return _accelerated(generated.create(self, *args, **kwargs))

        def get(self, *args: Any, **kwargs: Any) -> Any:
            return _accelerated(generated.get(self, *args, **kwargs))

    return type(cls.__name__, (cls, Generated), {"__module__": cls.__module__})


def _accelerated(result: Any) -> Any:
    """A stream that iterates over our generator; of a response that makes one, the same later."""
    if inspect.isawaitable(result):
        return _settled(result)
    eventstreaming = module("_gaos.utils.eventstreaming")
    if isinstance(result, eventstreaming.Stream):
        result.generator = read(result.response, _Events(result.response))
    elif isinstance(result, eventstreaming.AsyncStream):
        result.generator = aread(result.response, _Events(result.response))
    elif callable(parser := getattr(result, "_parser", None)):
        result._parser = _Parser(parser)
    return result


class _Parser:
    """What makes a stream of a response, later."""

    def __init__(self, parser: Callable[[Any], Any]) -> None:
        self._parser = parser

    def __call__(self, response: Any) -> Any:
        return _accelerated(self._parser(response))


async def _settled(result: Awaitable[Any]) -> Any:
    return _accelerated(await result)


# Events of the SDK's classes ----------------------------------------------------------------------


class _Events:
    """The SDK's events of one body, up to the mark that ends it."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.reader = FrameReader(eof="dispatch")
        self.ended = False

    def __iter__(self) -> Iterator[Any]:
        for frame in self.reader:
            if frame.data_bytes == DONE:
                self.ended = True
                return
            # To the SDK an event without data is none, nor is one that is null.
            if frame.data_bytes:
                value = _value(frame, self._response)
                if value is not None:
                    yield value


@cache
def _validated() -> Callable[[bytes], Any]:
    """Makes the SDK's event of a payload. Raises for one that is not as the SDK declares it.

    The SDK validates with a model that it makes for each event, and falls back to `_as_the_sdk`.
    """
    event, context = (
        _event_class(),
        {module("_gaos.utils.serializers").ALLOW_UNKNOWN_UNION_VARIANTS: True},
    )
    from_json = module("_gaos.utils.serializers").from_json
    validate = event.model_validate

    def validated(payload: bytes) -> Any:
        return validate({"data": from_json(payload)}, context=context).data

    return validated


@cache
def _event_class() -> Any:
    name = "_gaos.types.interactions.interactionssestreamevent"
    return module(name).InteractionSSEStreamEvent


def _value(frame: ServerSentEvent, response: Any) -> Any:
    try:
        return _validated()(bytes(frame.data_bytes))
    except Exception:  # noqa: BLE001
        # The SDK makes it another way, also of what its own validators fail on.
        return _as_the_sdk(frame.data, response)


def _as_the_sdk(data: str, response: Any) -> Any:
    unmarshal = module("_gaos.utils.unmarshal_json_response").unmarshal_json_response
    try:
        value = json.loads(data)
    except json.JSONDecodeError:
        value = data
    raw = json.dumps({"data": value})
    return unmarshal(_event_class(), response, raw, validate=False).data


# Events of our classes ----------------------------------------------------------------------------


def events(stream: Any) -> Any:
    """Yields `rapidsse.google.InteractionSSEEvent`s from a stream of any client."""
    return _events(stream, _Interactions())


class _Handler(Handler):
    """Skips events without data, and ends at the mark."""

    def deferred(self, event: Deferred) -> Any:
        return super().deferred(event) if len(event.payload) else NotImplemented

    def done(self) -> Any:
        raise EndOfStream


@cache
def _types() -> Types:
    from ..google import InteractionSSEEvent

    return Types(InteractionSSEEvent, _Handler)


class _Interactions:
    """The SDK's `_events.Dialect`."""

    def types(self, stream: Any) -> Types:
        return _types()

    def error_of(self, event: ErrorEvent, response: Any) -> Exception:
        raise AssertionError("an error is an event like any other") from event

    def invalid(self, error: DecodeError, response: Any) -> Exception:
        made: Exception = module("errors").UnknownApiResponseError(str(error))
        return made

    def failures(self) -> tuple[type[Exception], ...]:
        types: tuple[type[Exception], ...] = module("_gaos.lib.compat_errors")._WRAP_EXCEPTIONS
        return types

    def failed(self, error: Exception, response: Any) -> Exception:
        wrapped: Exception = module("_gaos.lib.compat_errors").wrap_sdk_error(error)
        return wrapped
