"""Past the loop of an SDK's stream, for events that are like one before them.

The loop, `__stream__`, takes each event from its decoder, looks at its name and at its data, asks it
for its JSON, and has its client process that. Where an event is made of another one, the loop would
find what it found in that one. So between two events that the loop takes, the objects of those that
are like the last one are taken from the reader: they lie in the chunk that the loop has reached, and
none is made before a loop that is known (`_loops`) has processed the others.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from copy import copy
from functools import cached_property, partial
from inspect import getattr_static
from types import AsyncGeneratorType, FrameType, GeneratorType
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from .._engine import FrameReader

__all__ = ["Past", "lead_past"]

_LOOP = "__stream__"


class Ahead:
    """What lies ahead of one loop."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        # The objects of the next events, while these are like the last one.
        self.items: Iterable[Any] = ()


class Past:
    """What the decoder of a stream tells of the reader that its loop reads."""

    __slots__ = ("_ahead", "_loop")

    def __init__(self) -> None:
        # A weak reference: the loop refers to the stream, the stream to its decoder.
        self._loop: ref[Any] | None = None
        self._ahead = Ahead()

    def follow(self, loop: Any) -> Ahead:
        """Returns what lies ahead of a loop, once that reads. A copy of the stream has another loop."""
        self._loop = ref(loop)
        self._ahead = Ahead()
        return self._ahead

    def reads(self, reader: FrameReader, reading: FrameType) -> None:
        """Takes the reader of a body if the stream's loop reads it, given the frame that does."""
        source = reading.f_back
        loop = self._loop and self._loop()
        if loop is not None and source is not None and source.f_back is _frame_of(loop):
            self._ahead.items = reader.items()


def lead_past(past: Past, frame: FrameType | None) -> None:
    """Leads the stream that asks its client for a decoder past its loop, given the frame that does."""
    # The method that `install` replaces may stand in between.
    for _ in range(2):
        stream: Any = frame and frame.f_locals.get("self")
        if hasattr(stream.__class__, _LOOP):
            vars(stream)[_LOOP] = partial(_started, ref(stream), past)
            return
        frame = frame and frame.f_back


def _started(of: ref[Any], past: Past) -> Any:
    """What `stream.__stream__()` returns."""
    stream: Any = sys._getframe(1).f_locals.get("self")
    # A copy of the stream has this function, too. Any other stream that asks has its own.
    if not _is_led_by(stream, past):
        stream = of()
    cls: Any = stream.__class__
    if isinstance(getattr_static(cls, "_iterator", None), cached_property):
        # Where the loop must not refer to the stream, the SDK has it run on a copy.
        stream = copy(stream)
    loop: Any = getattr(cls, _LOOP)(stream)
    kind: type = loop.__class__
    if kind not in _AROUND:
        return loop
    return _AROUND[kind](loop, past.follow(loop))


def _is_led_by(stream: Any, past: Past) -> bool:
    started = getattr(stream, "__dict__", {}).get(_LOOP)
    return isinstance(started, partial) and past in started.args


def _items(loop: Generator[Any, Any, Any], ahead: Ahead) -> Generator[Any, Any, None]:
    try:
        for item in loop:
            yield item
            yield from ahead.items
    finally:
        ahead.items = ()
        loop.close()


class _AsyncItems:
    """No generator: event loops close those that are left over, side by side with the inner one."""

    __slots__ = ("_ahead", "_loop")

    def __init__(self, loop: AsyncGenerator[Any, Any], ahead: Ahead) -> None:
        self._loop = loop
        self._ahead = ahead

    def __aiter__(self) -> _AsyncItems:
        return self

    async def __anext__(self) -> Any:
        for item in self._ahead.items:
            return item
        try:
            return await anext(self._loop)
        except BaseException:
            self._ahead.items = ()
            raise

    async def aclose(self) -> None:
        self._ahead.items = ()
        await self._loop.aclose()


# What yields the events, by what the loop is.
_AROUND: dict[type, Callable[[Any, Ahead], Any]] = {
    GeneratorType: _items,
    AsyncGeneratorType: _AsyncItems,
}


def _frame_of(loop: Any) -> FrameType | None:
    frame: FrameType | None = getattr(loop, "gi_frame", None) or getattr(loop, "ag_frame", None)
    return frame
