"""The events of one `generate_content_stream` as the SDK's objects, made without it where that is
certain."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from ._google_events import set_to
from ._google_images import Images
from ._google_sdk import module
from ._google_source import Source

if TYPE_CHECKING:
    from ._google_models import Plan

__all__ = ["agenerate", "generate", "source_of_request"]

source_of_request: ContextVar[Source | None] = ContextVar("source_of_request", default=None)
"""What gives the events of the request that is sent next. The SDK sends it while its stream is opened,
in the same context."""


class _Events:
    """What the SDK makes of the first event says how those after it are made."""

    def __init__(self, models: Any, config: Any) -> None:
        self.images = Images()
        self.source = Source(self.images)
        self._api = models._api_client
        self._config = config
        self._make: Callable[[str], Any] | None = None

    def of_the_sdk(self, event: Any) -> Any:
        """An event that the SDK made."""
        self.images.put_in(event)
        if self._make is None and _is_plain(self._config):
            self._make = _maker(self._api, event)
        return event

    def made(self) -> Iterator[Any]:
        """The events that have come, up to one that the SDK must make."""
        if self._make is not None:
            for event in self.source.made(self._make):
                self.images.put_in(event)
                yield event

    @property
    def is_for_the_sdk(self) -> bool:
        """Whether the next event is one that the SDK must make."""
        return self._make is None or self.source.kept is not None


def generate(
    models: Any, original: Callable[..., Iterator[Any]], **arguments: Any
) -> Iterator[Any]:
    """In place of `Models._generate_content_stream`."""
    events = _Events(models, arguments.get("config"))
    source = events.source
    stream = original(**arguments)
    try:
        while True:
            with set_to(source_of_request, source):
                chunk = next(stream, None)
            if chunk is None:
                return
            yield events.of_the_sdk(chunk)
            yield from events.made()
            # What the SDK must make, or the end, its stream gets.
            while not events.is_for_the_sdk and source.more():
                yield from events.made()
    finally:
        source.close()


async def agenerate(models: Any, original: Any, **arguments: Any) -> AsyncIterator[Any]:
    """In place of `AsyncModels._generate_content_stream`."""
    events = _Events(models, arguments.get("config"))
    source = events.source
    with set_to(source_of_request, source):
        stream = await original(**arguments)

    async def chunks() -> AsyncIterator[Any]:
        try:
            async with aclosing(stream):
                async for chunk in stream:
                    yield events.of_the_sdk(chunk)
                    for event in events.made():
                        yield event
                    while not events.is_for_the_sdk and await source.amore():
                        for event in events.made():
                            yield event
        finally:
            await source.aclose()

    return chunks()


# With these, the SDK does more to a response than its JSON says.
_SCHEMAS = ("response_schema", "response_json_schema", "include_all_fields")


def _is_plain(config: Any) -> bool:
    if isinstance(config, dict):
        config = module("types").GenerateContentConfig(**config)
    return all(getattr(config, name, None) is None for name in _SCHEMAS)


def _maker(api: Any, first: Any) -> Callable[[str], Any] | None:
    """Returns what makes the events after the first.

    It returns `None` for an event that the SDK must make.
    """
    from ._google_models import OwnWay

    try:
        http = first.sdk_http_response
        # What the caller does to the first is not done to others.
        http = http.model_copy(update={"headers": dict(http.headers)})
    except (AttributeError, TypeError):
        return None
    verify, vertex = api._verify_response, bool(api.vertexai)

    def make(text: str) -> Any:
        try:
            # Not before: most responses with an image have one event.
            plan = _plan(vertex)
            data = json.loads(text)
            if plan is None or type(data) is not dict or "error" in data:
                return None
            event = plan.make(data)
        except (OwnWay, ValueError, RecursionError):
            return None
        # Each event has its own.
        event.sdk_http_response = http.model_copy(update={"headers": dict(http.headers)})
        verify(event)
        return event

    return make


@cache
def _plan(vertex: bool) -> Plan | None:
    """The plan for responses, if there can be one."""
    from ._google_models import response_plan

    try:
        return response_plan(vertex)
    except (AttributeError, TypeError):
        return None
