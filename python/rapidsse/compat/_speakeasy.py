"""The `eventstreaming` module that Speakeasy's generator puts into SDKs: those of Mistral and others.

A stream's decoder takes JSON text: an object with the `id`, the `event`, the `data` and the `retry`
of an event, of which `data` is decoded if it is JSON. The generator decodes and encodes each
payload for it. Here the payload becomes part of that text as it is.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Generator
from inspect import signature
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from .._engine import FrameReader
from ._marked import aread, read
from ._seams import Seam

if TYPE_CHECKING:
    from ._bodies import Response

__all__ = ["seams_of", "stream_events", "stream_events_async"]

Decoder = Callable[[str], Any]


class _Events:
    """The events of one stream, decoded."""

    def __init__(self, decoder: Decoder, sentinel: str | None, data_required: bool) -> None:
        self._decoder = decoder
        self._sentinel = sentinel.encode() if sentinel else None
        # An event at the end of a stream counts without its blank line.
        self.reader = FrameReader(None, eof="dispatch", dataless=not data_required)
        self._data_required = data_required
        self._has_id = False
        self.ended = False

    def __iter__(self) -> Generator[Any]:
        for frame in self.reader:
            if self._sentinel is not None and frame.data_bytes == self._sentinel:
                self.ended = True
                return
            if not self._has_id:
                self._has_id = frame.id != "" or frame._sets_id
            event = self._decoder(_text(frame, self._has_id, self._data_required))
            if event is not None:
                yield event


def _text(frame: Any, has_id: bool, has_data: bool) -> str:
    """Returns what the decoder takes."""
    before: list[str] = []
    if has_id:
        before.append(f'"id": {json.dumps(frame.id)}')
    if frame._is_named:
        before.append(f'"event": {json.dumps(frame.event)}')
    after = "" if frame.retry is None else f'"retry": {frame.retry}'
    # Whether there was a `data` line does not show; an event without one has something else.
    if not (has_data or len(frame.data_bytes)) and (before or after):
        return f"{{{', '.join([*before, after] if after else before)}}}"
    before.append('"data": ')
    # Put together once: the data may be large.
    return "".join(("{", ", ".join(before), _json_of(frame), f", {after}}}" if after else "}"))


def _json_of(frame: Any) -> str:
    """Returns the JSON that the generator makes of an event's data."""
    data: str = frame.data
    try:
        # Looked through, without making objects of it.
        msgspec.json.decode(frame.data_bytes, type=msgspec.Raw)
    except (ValueError, RecursionError):
        # Text, or JSON that only `json` accepts, such as NaN.
        try:
            return json.dumps(json.loads(data))
        except json.JSONDecodeError:
            return json.dumps(data)
    return data


def stream_events(
    response: Response,
    decoder: Decoder,
    sentinel: str | None = None,
    data_required: bool = True,
) -> Generator[Any]:
    """Yields what `decoder` makes of each event of a response, which is closed at the end.

    Ends at an event whose data is `sentinel`. With `data_required`, events without data are
    dropped. Errors of the decoder and of the HTTP library pass through.
    """
    return read(response, _Events(decoder, sentinel, data_required))


def stream_events_async(
    response: Response,
    decoder: Decoder,
    sentinel: str | None = None,
    data_required: bool = True,
) -> AsyncGenerator[Any]:
    """Like `stream_events`, for a response of an async client."""
    return aread(response, _Events(decoder, sentinel, data_required))


# The SDK's types -----------------------------------------------------------------------------------

# Streams decode few types. A program that makes types as it runs must not fill the memory.
_MAX_MODELS = 1000


def cached(create_model: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a `create_model` that makes the model for one type once.

    The generator makes one for each object that it decodes, which takes ten times as long as to
    decode it.
    """
    # By identity: types that are equal may decode differently, such as unions in another order.
    models: dict[tuple[str, int], tuple[Any, Any]] = {}

    def create(name: str, /, **options: Any) -> Any:
        match options:
            case {"body": (type, default), "__config__": config} if (
                len(options) == 2 and default is ... and config == _CONFIG
            ):
                key = name, id(type)
            case _:
                return create_model(name, **options)
        entry = models.get(key)
        if entry is None:
            if len(models) >= _MAX_MODELS:
                models.clear()
            # The type is kept with its model, so no other type gets its identity.
            entry = models[key] = (type, create_model(name, **options))
        return entry[1]

    return create


_CONFIG = {"populate_by_name": True, "arbitrary_types_allowed": True}


def copied(unset: Any) -> Callable[..., Any]:
    """Returns a `__deepcopy__` for the class that marks fields without a value.

    Its objects hold nothing, but each field that is missing gets a copy: half the time of decoding
    a small event.
    """
    deepcopy, new = unset.__deepcopy__, unset.__new__
    set_attribute = object.__setattr__

    def copy(self: Any, memo: Any = None) -> Any:
        extra, private = self.__pydantic_extra__, self.__pydantic_private__
        if self.__dict__ or extra is not None or private is not None:
            return deepcopy(self, memo)
        made = new(self.__class__)
        set_attribute(made, "__dict__", {})
        set_attribute(made, "__pydantic_extra__", None)
        set_attribute(made, "__pydantic_fields_set__", set(self.__pydantic_fields_set__))
        set_attribute(made, "__pydantic_private__", None)
        return made

    return copy


def seams_of(
    eventstreaming: ModuleType, serializers: ModuleType, basemodel: ModuleType
) -> list[Seam]:
    """What `install` replaces in the modules `utils.eventstreaming`, `utils.serializers` and
    `types.basemodel`."""
    parameters = ("response", "decoder", "sentinel", "data_required")
    create_model, unset = serializers.create_model, basemodel.Unset
    return [
        Seam(unset, "__deepcopy__", copied(unset), ("self", "memo")),
        Seam(eventstreaming, "stream_events", stream_events, parameters),
        Seam(eventstreaming, "stream_events_async", stream_events_async, parameters),
        Seam(
            serializers,
            "create_model",
            cached(create_model),
            tuple(signature(create_model).parameters),
        ),
    ]
