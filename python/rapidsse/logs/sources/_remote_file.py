"""A file at a URL, of which parts are fetched."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from ..._errors import InputError
from ..._threads import result_of, shared_pool
from ._remote import file_system, reason_of, state_of
from ._sequential import SequentialSource
from ._source import changed
from ._window import Kept, Window

__all__ = ["RemoteFile", "is_concurrent"]

_STEP = 4 << 20
"""Bytes that one request asks for where a file is read from its beginning to its end."""

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
        self._kept = Kept()

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
            raise changed(self.url)

    def source(self, parts: Iterator[bytes]) -> SequentialSource:
        """`Source` of what `parts` gives of the file. No connection is kept."""
        return SequentialSource(
            self.url, parts, size=self.size, is_remote=True, check=self.check_unchanged
        )

    @property
    def size(self) -> int:
        """Bytes, as stored."""
        size = self.state[0]
        if size is None:
            raise InputError(self.url, "its size is not known, so that no part of it can be read")
        return size

    @property
    def window(self) -> Window:
        """The file as bytes to search in."""
        return Window(self._fetch, self.size, self._kept)

    def read(
        self, start: int, stop: int, step: int = _STEP, *, to_the_end: bool = False
    ) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, and none outside, in steps of up to `step`.

        Several of them are on their way at a time. Unless they are to be read `to_the_end`, the
        first comes alone: a log that is only opened takes no more than its beginning.
        """
        at = start
        while at < stop and (kept := self._kept.find(at)) is not None:
            begin, data = kept
            part = data[at - begin : stop - begin]
            yield part
            at += len(part)
        parts = ((begin, min(begin + step, stop)) for begin in range(at, stop, step))
        if not (to_the_end and self._concurrent):
            for begin, end in parts:
                yield self._fetch(begin, end)
                if self._concurrent:
                    break
        yield from self._fetch_ahead(parts)

    def _fetch_ahead(self, parts: Iterator[tuple[int, int]]) -> Iterator[bytes]:
        # Shared by the logs that are read. Enough for as many readers as there are cores, each of
        # which has no more than its share on the way.
        pool = shared_pool(_IN_FLIGHT * (os.cpu_count() or 1), "rapidsse-fetch")
        futures: deque[Future[bytes]] = deque()
        try:
            for begin, end in parts:
                futures.append(pool.submit(self._ask, begin, end))
                if len(futures) == _IN_FLIGHT:
                    yield self._counted(result_of(futures.popleft()))
            while futures:
                yield self._counted(result_of(futures.popleft()))
        finally:
            # Whoever stops early needs no more of them. At the interpreter's end, a thread that
            # no longer runs may hold a future's lock.
            if not sys.is_finalizing():
                for future in futures:
                    future.cancel()

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
        if len(data) == self.size:
            self._whole = data
            self.has_ranges = False
            return data[start:stop]
        raise InputError(
            self.url,
            f"its bytes from {start:,} to {stop:,} were asked for and {len(data):,} came: "
            "it has changed since its size was asked for",
        )
