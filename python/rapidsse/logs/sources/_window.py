"""What is large or far away as bytes to search in, of which only what is looked at is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

__all__ = ["Kept", "Window"]

# Reads begin at multiples of the least, and grow while one follows on another.
_LEAST, _MOST = 64 << 10, 4 << 20
_KEPT = 8


class Kept:
    """The parts that were read last."""

    def __init__(self) -> None:
        self.next: tuple[int, int] = (0, _LEAST)
        """Where the next part would begin, and the size of the last."""
        self._parts: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)

    def add(self, begin: int, data: bytes) -> None:
        """Keeps a part that begins at this offset."""
        self._parts.append((begin, data))

    def find(self, at: int) -> tuple[int, bytes] | None:
        """The part that holds the byte at `at`, and where it begins."""
        for begin, data in reversed(self._parts):
            if begin <= at < begin + len(data):
                return begin, data
        return None


class Window:
    """`size` bytes, which `read(start, stop)` gives, and of which some are kept.

    A file has no reference to its window, which refers to it.
    """

    def __init__(
        self,
        read: Callable[[int, int], bytes],
        size: int,
        kept: Kept | None = None,
        *,
        most: int = _MOST,
    ) -> None:
        """`most` bounds the bytes that are read at once."""
        self._read = read
        self._size = size
        self._most = most
        self._kept = kept or Kept()

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(len(self))
        return b"".join(self._pieces(start, stop))

    def find(self, sub: bytes, start: int, end: int, /) -> int:
        """As `bytes.find`."""
        stop, before = min(end, len(self)), b""
        at = start
        while at < stop:
            begin, data = self._segment(at)
            low, high = at - begin, min(len(data), stop - begin)
            # One that lies across the edge comes first.
            across = (before + data[low : min(low + len(sub) - 1, high)]).find(sub)
            if across >= 0:
                return at - len(before) + across
            found = data.find(sub, low, high)
            if found >= 0:
                return begin + found
            before = (before + data[max(low, high - len(sub) + 1) : high])[1 - len(sub) :]
            if len(sub) == 1:
                before = b""
            at = begin + high
        return -1

    def rfind(self, sub: bytes, start: int, end: int, /) -> int:
        """As `bytes.rfind`."""
        at, behind = min(end, len(self)), b""
        while at > start:
            begin, data = self._segment(at - 1)
            low, high = max(0, start - begin), at - begin
            edge = max(low, high - len(sub) + 1)
            across = (data[edge:high] + behind).rfind(sub)
            if across >= 0:
                return begin + edge + across
            found = data.rfind(sub, low, high)
            if found >= 0:
                return begin + found
            behind = (data[low : min(low + len(sub) - 1, high)] + behind)[: len(sub) - 1]
            at = begin + low
        return -1

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        at = start
        while at < stop:
            begin, data = self._segment(at)
            yield data[at - begin : stop - begin]
            at = begin + len(data)

    def _segment(self, at: int) -> tuple[int, bytes]:
        """Bytes that hold the one at `at`, and where they begin."""
        found = self._kept.find(at)
        if found is None:
            begin = at - at % _LEAST
            expected, size = self._kept.next
            size = min(2 * size, self._most) if begin == expected else _LEAST
            stop = min(begin + size, len(self))
            found = begin, self._read(begin, stop)
            self._kept.next = stop, size
            self._kept.add(*found)
        return found
