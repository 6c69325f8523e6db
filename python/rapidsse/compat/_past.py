"""Past the loop of an SDK's stream, for events that are like one before them.

The loop, `__stream__`, takes each event from its decoder, looks at its name and at its data, asks it
for its JSON, and has its client process that. Where an event is made of another one, the loop would
find what it found in that one. So between two events that the loop takes, the objects of those that
are like the last one are taken from the reader: they lie in the chunk that the loop has reached, and
none is made before a loop that is known (`_loops`) has processed the others.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Generator, Iterable
from copy import copy
from functools import cached_property, partial
from inspect import getattr_static
from itertools import chain
from types import AsyncGeneratorType, FrameType, GeneratorType
from typing import TYPE_CHECKING, Any, cast
from weakref import ref

if TYPE_CHECKING:
    from .._engine import FrameReader

__all__ = ["Past", "lead_past"]

_LOOP = "__stream__"


class Ahead:
    """What lies ahead of one loop."""

    __slots__ = ("_reader", "items")

    def __init__(self) -> None:
        # The objects of the next events, while these are like the last one.
        self.items: Iterable[Any] = ()
        self._reader: FrameReader | None = None

    def of(self, reader: FrameReader) -> None:
        """Takes the reader of the loop."""
        self._reader = reader
        self.items = reader.items()

    def end(self) -> None:
        """Ends the objects, also for who takes them already."""
        self.items = ()
        if self._reader is not None:
            self._reader.close()
            self._reader = None


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
            self._ahead.of(reader)


def lead_past(past: Past, decoder: Any, frame: FrameType | None) -> None:
    """Leads the stream that asks its client for a decoder past its loop, given the frame that does."""
    # The method that `install` replaces may stand in between.
    for _ in range(2):
        stream: Any = frame and frame.f_locals.get("self")
        if hasattr(stream.__class__, _LOOP):
            # What it has been given so far, which is all that the SDKs' own streams have.
            given: dict[str, Any] = {**stream.__dict__, "_decoder": decoder}
            vars(stream)[_LOOP] = partial(_started, ref(stream), past, stream.__class__, given)
            return
        frame = frame and frame.f_back


def _started(of: ref[Any], past: Past, made_of: Any, given: dict[str, Any]) -> Any:
    """What `stream.__stream__()` returns."""
    stream: Any = sys._getframe(1).f_locals.get("self")
    # A copy of the stream has this function, too. Any other stream that asks has its own.
    if not _is_led_by(stream, past):
        stream = of()
    if stream is None:
        # What asks is a copy, and the stream that it was made of is gone.
        stream = made_of.__new__(made_of)
        stream.__dict__.update(given)
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


class _Items(chain[Any]):
    """A generator's methods, and the step of `chain`, which runs no Python between two objects that
    lie ahead."""

    _loop: GeneratorType[Any, Any, Any]
    _ahead: Ahead

    @classmethod
    def of(cls, loop: GeneratorType[Any, Any, Any], ahead: Ahead) -> _Items:
        items: _Items = cast("Any", cls).from_iterable(_batches(loop, ahead))
        items._loop, items._ahead = loop, ahead
        return items

    def send(self, value: Any) -> Any:
        # The loop reads on behind the last object, whoever took that.
        return self._step(self._loop.send, value)

    def throw(self, *error: Any) -> Any:
        return self._step(self._loop.throw, *error)

    def close(self) -> None:
        try:
            self._loop.close()
        finally:
            self._ahead.end()

    def _step(self, step: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return step(*arguments)
        except BaseException:
            if not self._loop.gi_running:
                self._ahead.end()
            raise


def _batches(loop: Generator[Any, Any, Any], ahead: Ahead) -> Generator[Iterable[Any], Any, None]:
    try:
        for item in loop:
            yield (item,)
            yield ahead.items
    finally:
        loop.close()
        ahead.items = ()


class _AsyncItems:
    """No generator: event loops close those that are left over, side by side with the inner one."""

    __slots__ = ("_ahead", "_loop")

    def __init__(self, loop: AsyncGeneratorType[Any, Any], ahead: Ahead) -> None:
        self._loop = loop
        self._ahead = ahead

    def __aiter__(self) -> _AsyncItems:
        return self

    async def __anext__(self) -> Any:
        # While the loop waits, in another task, there is nothing to take: it may have seen the end.
        if not self._loop.ag_running:
            for item in self._ahead.items:
                return item
        return await self._step(anext(self._loop))

    async def asend(self, value: Any) -> Any:
        # The loop reads on behind the last object, whoever took that.
        return await self._step(self._loop.asend(value))

    async def athrow(self, *error: Any) -> Any:
        return await self._step(self._loop.athrow(*error))

    async def aclose(self) -> None:
        await self._step(self._loop.aclose())
        self._ahead.end()

    async def _step(self, step: Awaitable[Any]) -> Any:
        try:
            return await step
        except BaseException:
            if not self._loop.ag_running:
                self._ahead.end()
            raise


# What yields the events, by what the loop is.
_AROUND: dict[type, Callable[[Any, Ahead], Any]] = {
    GeneratorType: _Items.of,
    AsyncGeneratorType: _AsyncItems,
}


def _frame_of(loop: Any) -> FrameType | None:
    frame: FrameType | None = getattr(loop, "gi_frame", None) or getattr(loop, "ag_frame", None)
    return frame
