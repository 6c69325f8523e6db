"""The `eventstreaming` module that Speakeasy's generator puts into SDKs: those of Mistral and others.

A stream's decoder takes JSON text: an object with the `id`, the `event`, the `data` and the `retry`
of an event, of which `data` is decoded if it is JSON. The generator decodes and encodes each
payload for it. Here the payload becomes part of that text as it is. Whether it is JSON shows when
it is decoded; what comes out is kept for the decoder, which asks for the same with its text.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from functools import cache, partial
from inspect import signature
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .._engine import FrameReader
from ._heap import keep_freed
from ._marked import aread, read
from ._seams import Seam
from ._unset import made_anew

if TYPE_CHECKING:
    from ._bodies import Response

__all__ = ["seams_of", "stream_events", "stream_events_async"]

Decoder = Callable[[str], Any]


class _Events:
    """The events of one stream, decoded."""

    def __init__(self, decoder: Decoder, sentinel: str | None, data_required: bool) -> None:
        self._decoder = decoder
        self._sentinel = sentinel
        # An event at the end of a stream counts without its blank line.
        self.reader = FrameReader(None, eof="dispatch", dataless=not data_required)
        self._data_required = data_required
        self._has_id = False
        self.ended = False

    def __iter__(self) -> Generator[Any]:
        for frame in self.reader:
            data = frame.data
            keep_freed(len(data))
            if self._sentinel and data == self._sentinel:
                self.ended = True
                return
            if not self._has_id:
                self._has_id = frame.id != "" or frame._sets_id
            # Whether there was a `data` line does not show; an event without one has something else.
            has_data = self._data_required or data != ""
            event = self._decoded(_members(frame, self._has_id), data, has_data)
            if event is not None:
                yield event

    def _decoded(self, members: _Members, data: str, has_data: bool) -> Any:
        before, after = members
        if not has_data and (before or after):
            return self._decoder(_object({**before, **after}))
        value = _value_of(data)
        if value is _NO_JSON:
            # Text, or JSON that only `json` accepts.
            try:
                data = json.dumps(json.loads(data))
            except json.JSONDecodeError:
                data = json.dumps(data)
            return self._decoder(_object(before, data, after))
        text = _object(before, data, after)
        key = id(text)
        _values[key] = {**before, "data": value, **after}
        try:
            return self._decoder(text)
        finally:
            _values.pop(key, None)


_Members = tuple[dict[str, str], dict[str, int]]


def _members(frame: Any, has_id: bool) -> _Members:
    """What the decoder takes before the data, and after it."""
    before: dict[str, str] = {}
    if has_id:
        before["id"] = frame.id
    if frame._is_named:
        before["event"] = frame.event
    return before, {} if frame.retry is None else {"retry": frame.retry}


def _object(before: dict[str, Any], data: str | None = None, after: Any = None) -> str:
    """The JSON that the decoder takes, `data` being that of its member."""
    if data is None:
        return json.dumps(before)
    # Put together once: the data may be large.
    head = f'{json.dumps(before)[:-1]}, "data": ' if before else '{"data": '
    tail = f", {json.dumps(after)[1:]}" if after else "}"
    return f"{head}{data}{tail}"


# Values that are decoded already ------------------------------------------------------------------

_NO_JSON: Any = object()
# So many nested arrays, and as many objects, no version of the decoder refuses.
_SHALLOW = 50

_values: dict[int, Any] = {}
"""What the texts are that decoders are being given, by the identity of each, which lives as long."""


def _value_of(data: str) -> Any:
    """What `data` is as JSON, `_NO_JSON` if it is none."""
    from_json = _from_json()
    try:
        if _is_shallow(data):
            return from_json(data)
        # In an array, so that it is nested as deep as in the object that is made of it.
        values = from_json(f"[{data}]")
    except ValueError:
        return _NO_JSON
    return values[0] if len(values) == 1 else _NO_JSON


@cache
def _from_json() -> Callable[[str], Any]:
    from pydantic_core import from_json

    return from_json


def _is_shallow(data: str) -> bool:
    # `count` takes ten times as long as the search for one character.
    for opener in "[{":
        at = -1
        for _ in range(_SHALLOW):
            at = data.find(opener, at + 1)
            if at < 0:
                break
        else:
            return False
    return True


def decoded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a `from_json` that does not decode again what has been."""

    def from_json(data: Any, **options: Any) -> Any:
        # Not kept: whoever asks again gets an object of its own.
        value = _NO_JSON if options else _values.pop(id(data), _NO_JSON)
        return original(data, **options) if value is _NO_JSON else value

    return from_json


# Streams ------------------------------------------------------------------------------------------


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


# A change of a model takes as long as it saves with so many objects.
_WORTH_A_CHANGE = 100


def cached(
    create_model: Callable[..., Any], changed: Callable[[Any], Any] = lambda model: model
) -> Callable[..., Any]:
    """Returns a `create_model` that makes the model for one type once.

    The generator makes one for each object that it decodes, which takes ten times as long as to
    decode it. A model that is used often is replaced by what `changed` returns for it.
    """
    # By identity: types that are equal may decode differently, such as unions in another order.
    models: dict[tuple[str, int], _Cached] = {}

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
            entry = models[key] = _Cached(type, create_model(name, **options))
        entry.uses += 1
        if entry.uses == _WORTH_A_CHANGE:
            # What another version of pydantic may refuse works as it is.
            with suppress(Exception):
                entry.model = changed(entry.model)
        return entry.model

    return create


class _Cached:
    """The model for a type, which is kept so that no other type gets its identity."""

    __slots__ = ("model", "type", "uses")

    def __init__(self, type: Any, model: Any) -> None:
        self.type = type
        self.model = model
        self.uses = 0


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
    from_json = serializers.from_json
    return [
        Seam(unset, "__deepcopy__", copied(unset), ("self", "memo")),
        Seam(eventstreaming, "stream_events", stream_events, parameters),
        Seam(eventstreaming, "stream_events_async", stream_events_async, parameters),
        *(
            Seam(serializers, name, replacement, tuple(signature(original).parameters))
            for name, original, replacement in (
                ("create_model", create_model, cached(create_model, partial(made_anew, unset))),
                ("from_json", from_json, decoded(from_json)),
            )
        ),
    ]
