"""What it takes to read a stream with a library and with its stand-in.

A `Reading` has one item per event, and the class name of the error that ended the stream, if any.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

Reading: TypeAlias = list[Any]
Chunks: TypeAlias = list[bytes]
# Takes chunks, gives a `Reading`.
Reader: TypeAlias = Callable[..., Reading]


class Pair(NamedTuple):
    """A library's reader, and that of its stand-in."""

    peer: Reader
    ours: Reader


def frame(event: Any) -> tuple[Any, ...]:
    return event.event, event.data, event.id, event.retry


def typed(event: Any) -> tuple[str, Any]:
    """The class of an SDK's event or of a Struct, and the text that it carries."""
    delta = getattr(event, "delta", None)
    return type(event).__name__, getattr(delta, "text", delta)


def read(events: Iterator[Any], item: Callable[[Any], Any] = frame) -> Reading:
    reading: Reading = []
    try:
        for event in events:
            reading.append(item(event))
    except Exception as error:  # noqa: BLE001
        reading.append(type(error).__name__)
    return reading


def aread(events: Callable[[], AsyncIterator[Any]], item: Callable[[Any], Any] = frame) -> Reading:
    async def collect() -> Reading:
        reading: Reading = []
        try:
            async for event in events():
                reading.append(item(event))
        except Exception as error:  # noqa: BLE001
            reading.append(type(error).__name__)
        return reading

    return asyncio.run(collect())


async def arriving(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


class Counted:
    """Chunks, and how many of them were taken: it distinguishes a prompt reader from a late one."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.taken += 1
            yield chunk
