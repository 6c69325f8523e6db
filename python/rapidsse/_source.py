"""The source of a stream: a buffer, an iterable of buffers, or an async iterable of buffers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["AsyncEvents", "async_chunks_of", "buffer_of", "chunks_of", "owned"]

EventT = TypeVar("EventT")
EventT_co = TypeVar("EventT_co", covariant=True)


def buffer_of(source: object) -> Buffer | None:
    """The source itself if it is a buffer, else `None`.

    Raises `TypeError` for a `str`, which is iterable too.
    """
    if isinstance(source, bytes):
        return source
    if isinstance(source, str):
        raise TypeError(
            "the source is text: encode it to bytes first; if it is a path, open the file"
        )
    try:
        memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        return None
    return source  # type: ignore[return-value]


def chunks_of(source: object, instead: str) -> Iterator[Buffer]:
    """The chunks of a source that is not a buffer. Raises `TypeError` if it is not iterable.

    `instead` names the function for an async iterable.
    """
    try:
        return iter(source)  # type: ignore[call-overload, no-any-return]
    except TypeError:
        hint = f"use {instead}" if hasattr(source, "__aiter__") else _hint(source, "iter_bytes")
        raise TypeError(
            f"source must be a buffer or an iterable of buffers, not {type(source).__name__}"
            + (hint and f": {hint}")
        ) from None


def async_chunks_of(source: object, instead: str) -> AsyncIterator[Buffer]:
    """Like `chunks_of`, of an async iterable. `instead` names the function for an ordinary one."""
    try:
        return aiter(source)  # type: ignore[arg-type]
    except TypeError:
        hint = f"use {instead}" if hasattr(source, "__iter__") else _hint(source, "aiter_bytes")
        raise TypeError(
            "source must be a buffer or an async iterable of buffers, "
            f"not {type(source).__name__}" + (hint and f": {hint}")
        ) from None


def _hint(source: object, method: str) -> str:
    """What to do with a source that has no chunks of its own; `method` gives those of a response."""
    if isinstance(source, os.PathLike):
        return "open the file in binary mode"
    return f"iterate over its {method}()" if hasattr(source, method) else ""


def owned(chunk: Buffer) -> Buffer:
    """A chunk that its producer cannot change: other buffers than `bytes` are copied.

    What is not a buffer is returned as it is, for the engine to refuse.
    """
    if isinstance(chunk, (bytes, str)):
        return chunk
    try:
        return bytes(memoryview(chunk).cast("B"))
    except TypeError:
        return chunk


class _Reader(Protocol[EventT_co]):
    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def __iter__(self) -> Iterator[EventT_co]: ...


class AsyncEvents(Generic[EventT]):
    """The events of a reader whose chunks come from an async iterator (`None`: it has them all).

    A class, as an async generator would end at its first error.
    """

    def __init__(
        self,
        reader: _Reader[EventT],
        chunks: AsyncIterator[Buffer] | None,
        check: Callable[[Buffer], object] | None = None,
    ) -> None:
        """`check` is called with the first chunk."""
        self._reader = reader
        self._chunks = chunks
        self._check = check

    def __aiter__(self) -> AsyncEvents[EventT]:
        return self

    async def __anext__(self) -> EventT:
        while True:
            for event in self._reader:
                return event
            if self._chunks is None:
                raise StopAsyncIteration
            try:
                chunk = await anext(self._chunks)
            except StopAsyncIteration:
                self._chunks = None
                self._reader.finish()
            else:
                if self._check is not None:
                    check, self._check = self._check, None
                    check(chunk)
                self._reader.push(owned(chunk))
