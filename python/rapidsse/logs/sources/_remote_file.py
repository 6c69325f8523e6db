"""A file at a URL as bytes to search in, of which only what is looked at is fetched."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

from ..._errors import InputError
from ._remote import file_system, reason_of, state_of

__all__ = ["RemoteFile", "is_concurrent"]

# Fetches begin at multiples of the least, and grow while one follows on another.
_LEAST, _MOST = 64 << 10, 4 << 20
_KEPT = 8

_IN_FLIGHT = 8
"""Requests for parts of one file at a time. A connection to a store gives some 50 to 100 MB/s; a
core reads ten times as much."""


def is_concurrent(url: str) -> bool:
    """Whether several parts of a file can be asked for at a time. Raises `InputError`."""
    # Archives are read from the front.
    return "::" not in url and _serves_threads(file_system(url)[0])


def _serves_threads(system: Any) -> bool:
    # File systems that are not made for it have one connection, which threads cannot share.
    return bool(getattr(system, "async_impl", False))


class RemoteFile:
    """A file of which parts are fetched; to be used by one thread at a time.

    Raises `InputError`. `has_ranges`: whether they can be. Where a server of http gives the whole
    file whatever it is asked for, which it may (RFC 9110, section 14.2), all is kept.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._system, self._path = file_system(url)
        info = self._info()
        self.state = state_of(info)
        self.has_ranges = (
            self.state[0] is not None and "::" not in url and info.get("partial") is not False
        )
        self._concurrent = self.has_ranges and _serves_threads(self._system)
        self._whole: bytes | None = None
        self.fetched = 0
        """Bytes that came over the network."""
        self._answers = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)
        self._next = (0, _LEAST)

    def _info(self) -> dict[str, Any]:
        try:
            # What was listed long ago may have changed.
            self._system.invalidate_cache()
            info: dict[str, Any] = self._system.info(self._path)
        except Exception as error:
            # Each file system has the errors of its own client library.
            raise InputError(self.url, reason_of(error)) from error
        return info

    def check_unchanged(self) -> None:
        """Raises `InputError` if what was fetched may be of two versions of the file."""
        # One answer is of one version, and asking again takes as long as fetching it.
        if self._answers > 1 and state_of(self._info()) != self.state:
            raise InputError(
                self.url,
                "it changed while it was read: read it again when it is no longer written to",
            )

    def __len__(self) -> int:
        size = self.state[0]
        if size is None:
            raise InputError(self.url, "its size is not known, so that no part of it can be read")
        return size

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

    def read(self, start: int, stop: int, step: int = _MOST) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, and none outside, in pieces of up to `step`.

        Several pieces are on their way at a time, but for the first: a log that is only opened
        takes no more than its beginning.
        """
        at = start
        while at < stop and (kept := self._find_kept(at)) is not None:
            begin, data = kept
            piece = data[at - begin : stop - begin]
            yield piece
            at += len(piece)
        parts = ((begin, min(begin + step, stop)) for begin in range(at, stop, step))
        for begin, end in parts:
            yield self._fetch(begin, end)
            if self._concurrent:
                break
        yield from self._fetch_ahead(parts)

    def _fetch_ahead(self, parts: Iterator[tuple[int, int]]) -> Iterator[bytes]:
        futures: deque[Future[bytes]] = deque()
        try:
            for begin, end in parts:
                futures.append(_pool().submit(self._ask, begin, end))
                if len(futures) == _IN_FLIGHT:
                    yield self._counted(futures.popleft().result())
            while futures:
                yield self._counted(futures.popleft().result())
        finally:
            # Whoever stops early needs no more of them.
            for future in futures:
                future.cancel()

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        at = start
        while at < stop:
            begin, data = self._segment(at)
            yield data[at - begin : stop - begin]
            at = begin + len(data)

    def _segment(self, at: int) -> tuple[int, bytes]:
        """Bytes that hold the one at `at`, and where they begin."""
        kept = self._find_kept(at)
        if kept is None:
            begin = at - at % _LEAST
            expected, size = self._next
            size = min(2 * size, _MOST) if begin == expected else _LEAST
            stop = min(begin + size, len(self))
            kept = begin, self._fetch(begin, stop)
            self._next = stop, size
            self._kept.append(kept)
        return kept

    def _find_kept(self, at: int) -> tuple[int, bytes] | None:
        for begin, data in reversed(self._kept):
            if begin <= at < begin + len(data):
                return begin, data
        return None

    def _fetch(self, start: int, stop: int) -> bytes:
        return self._counted(self._ask(start, stop))

    def _counted(self, data: bytes) -> bytes:
        self.fetched += len(data)
        self._answers += 1
        return data

    def _ask(self, start: int, stop: int) -> bytes:
        """Several threads run it."""
        if self._whole is not None:
            return self._whole[start:stop]
        try:
            data = bytes(self._system.cat_file(self._path, start=start, end=stop))
        except Exception as error:
            raise InputError(self.url, reason_of(error)) from error
        if len(data) == stop - start:
            return data
        if len(data) == len(self):
            self._whole = data
            self.has_ranges = False
            return data[start:stop]
        raise InputError(
            self.url,
            f"its bytes from {start:,} to {stop:,} were asked for and {len(data):,} came: "
            "it has changed since its size was asked for",
        )


@cache
def _pool() -> ThreadPoolExecutor:
    # Shared by the logs that are read. Enough for as many readers as there are cores, each of which
    # has no more than its share on the way.
    threads = _IN_FLIGHT * (os.cpu_count() or 1)
    return ThreadPoolExecutor(threads, thread_name_prefix="rapidsse-fetch")
