"""Buffers that can be searched: every source has the interface of `bytes`.

`bytes`, `bytearray` and `mmap` search themselves. Anything else is only a `memoryview`,
which cannot search, so `Blocks` searches copies of one small block after another.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Protocol, overload

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BLOCK = 1 << 16


class Searchable(Protocol):
    """What the engine asks of a buffer; offsets are never negative."""

    def find(self, sub: bytes, start: int, end: int, /) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes | bytearray: ...


def check_chunk(chunk: object) -> memoryview:
    """The bytes of a chunk; refuses what is not a C-contiguous buffer of bytes."""
    if isinstance(chunk, str):
        raise TypeError("expected bytes or another buffer, not text (str): encode it first")
    try:
        view = memoryview(chunk)  # type: ignore[arg-type]
    except TypeError:
        name = type(chunk).__name__
        raise TypeError(f"expected bytes or another buffer, not {name}") from None
    if view.format == "B" and view.ndim == 1 and view.c_contiguous:
        return view
    # It refuses what is not C-contiguous, with a TypeError that says so.
    return view.cast("B")


def searchable(view: memoryview) -> Searchable:
    """A buffer to search at the offsets of `view`."""
    whole = view.obj
    if isinstance(whole, (bytes, bytearray, mmap.mmap)) and len(whole) == view.nbytes:
        return whole
    return Blocks(view)


class Blocks:
    """Searches a `memoryview` through a copy of the block that was searched last."""

    __slots__ = ("_at", "_block", "_view")

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._block = b""
        self._at = 0

    def find(self, sub: bytes, start: int, end: int, /) -> int:
        end = min(end, len(self._view))
        while start < end:
            if not self._at <= start < self._at + len(self._block):
                self._at = start
                self._block = bytes(self._view[start : start + _BLOCK])
            found = self._block.find(sub, start - self._at, end - self._at)
            if found >= 0:
                return self._at + found
            start = self._at + len(self._block)
        return -1

    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...
    def __getitem__(self, key: int | slice, /) -> int | bytes:
        found = self._view[key]
        return found if isinstance(found, int) else bytes(found)


def owned(chunk: Buffer) -> Buffer:
    """The chunk itself if it cannot change, otherwise a copy."""
    return chunk if isinstance(chunk, bytes) else bytes(check_chunk(chunk))
