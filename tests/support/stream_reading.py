"""Reads a stream to its end with a given engine, including errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import ModuleType
from typing import Any, TypeAlias

import rapidsse

Outcome: TypeAlias = tuple[Any, ...]


def fields(event: rapidsse.ServerSentEvent) -> Outcome:
    return event.event, event.data, event.id, event.retry


def drain(reader: Any) -> list[Outcome]:
    """What a `FrameReader` gives until it has nothing more: events and errors in order."""
    outcomes: list[Outcome] = []
    while True:
        try:
            event = next(reader)
        except StopIteration:
            return outcomes
        except rapidsse.EventTooLarge as error:
            outcomes.append(("too large", error.limit, error.offset, error.index))
        else:
            lines = event._is_named, event._sets_id
            outcomes.append((*fields(event), bytes(event.data_bytes), *lines))


def read(engine: ModuleType, chunks: Iterable[bytes], **options: Any) -> list[Outcome]:
    """The outcomes of a stream, with the last event id and the retry at its end."""
    reader = engine.FrameReader(iter(chunks), **options)
    outcomes = drain(reader)
    return [*outcomes, ("end", reader.last_event_id, reader.retry, reader.pending)]


def read_pushed(engine: ModuleType, chunks: Iterable[bytes], **options: Any) -> list[Outcome]:
    """The same of pushed chunks, with the reader's state after each of them."""
    reader = engine.FrameReader(**options)
    outcomes: list[Outcome] = []
    for chunk in chunks:
        reader.push(chunk)
        outcomes += drain(reader)
        outcomes.append(("state", reader.last_event_id, reader.retry, reader.pending))
    reader.finish()
    outcomes += drain(reader)
    return [*outcomes, ("end", reader.last_event_id, reader.retry, reader.pending)]


def call(event: Any) -> Outcome:
    """The fields of a `Deferred`."""
    place = event.offset, event.index, event.name, event.complete
    return (bytes(event.payload), list(event.spans), *place)


class Handler:
    """Returns the arguments of its calls, with payloads as bytes."""

    def deferred(self, event: Any) -> Outcome:
        return ("deferred", *call(event))

    def done(self) -> Outcome:
        return ("done",)

    def too_large(self, error: rapidsse.EventTooLarge) -> Outcome:
        return ("too large", error.limit, error.offset, error.index)


def read_typed(engine: ModuleType, chunks: Iterable[bytes], **options: Any) -> list[Any]:
    reader = engine.TypedReader(iter(chunks), handler=Handler(), **options)
    return list(reader)


async def chunks_of(*chunks: Any) -> AsyncIterator[Any]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def collect(source: Any, **options: Any) -> list[tuple[Any, ...]]:
    """The events of `aiter_sse`, with those errors that it can go on after."""

    async def run() -> list[tuple[Any, ...]]:
        events = rapidsse.aiter_sse(source, **options)
        found: list[tuple[Any, ...]] = []
        while True:
            try:
                found.append(fields(await anext(events)))
            except StopAsyncIteration:
                return found
            except rapidsse.EventTooLarge as error:
                found.append((error.offset, error.index))

    return asyncio.run(run())
