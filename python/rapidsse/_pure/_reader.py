"""`Reader`: what `FrameReader` and `TypedReader` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ._stream import Items, Stream

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Reader", "in_use"]


class Reader:
    """Reads one stream, one call at a time: none from its own source or hooks, nor from another
    thread while one lasts.

    A subclass sets `_is_in_use` while it is iterated. It is set without a call between the
    question and the answer, so that neither another thread nor an interrupt comes between.
    """

    _is_in_use = False

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._items = Items(stream)

    def push(self, chunk: Buffer) -> None:
        """Adds a chunk, which is referred to in place: it must not change afterwards."""
        self._check_unused()
        self._stream.chunks.push(chunk)

    def finish(self) -> None:
        """Says that no more chunks come."""
        self._check_unused()
        self._stream.chunks.close()

    def __iter__(self) -> Self:
        return self

    def _check_unused(self) -> None:
        if self._is_in_use:
            raise in_use()


def in_use() -> RuntimeError:
    """The error of a call while another one lasts."""
    return RuntimeError(
        "the reader is in use: its own source, its hooks and other threads must not use it meanwhile"
    )
