"""What a caller leaves before its end lets go of its source: every iterator, and every await."""

from __future__ import annotations

import asyncio
import gc
import gzip
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

import rapidsse
from rapidsse import Decoder, Parser, aiter_sse, iter_sse, open_log

EVENT = b'data: {"n":1}\n\n'


class Response:
    """A response whose body comes in chunks; it knows whether it is closed."""

    def __init__(self, chunks: int = 20) -> None:
        self._chunks = chunks
        self.is_closed = False
        self.awaits = 0

    def iter_bytes(self) -> Iterator[bytes]:
        with self:
            for _ in range(self._chunks):
                yield EVENT * 2 + EVENT[:5]
                yield EVENT[5:]

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        with self:
            for chunk in Response(self._chunks).iter_bytes():
                self.awaits += 1
                await asyncio.sleep(0)
                yield chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.is_closed = True


WAYS: dict[str, Callable[[Iterator[bytes]], Iterator[Any]]] = {
    "iter_sse": iter_sse,
    "Decoder.iter": Decoder(dict[str, int]).iter,
    "Decoder.iter, failures": Decoder(int, on_error="yield").iter,
}
ASYNC_WAYS: dict[str, Callable[[AsyncIterator[bytes]], AsyncIterator[Any]]] = {
    "aiter_sse": aiter_sse,
    "Decoder.aiter": Decoder(dict[str, int], eof="discard").aiter,
    "Decoder.aiter, failures": Decoder(int, on_error="yield", eof="discard").aiter,
}


@pytest.mark.parametrize("taken", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("way", WAYS)
def test_an_iterator_that_is_left(way: str, taken: int) -> None:
    response = Response()
    events = WAYS[way](response.iter_bytes())
    for _ in range(taken):
        next(events)
    del events
    gc.collect()
    # A generator that was never started has nothing to close.
    assert response.is_closed == (taken > 0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", [GeneratorExit, KeyboardInterrupt, ValueError])
def test_a_generator_around_it_that_is_closed_or_thrown_into(
    way: str, error: type[BaseException]
) -> None:
    response = Response()

    def around() -> Iterator[Any]:
        yield from WAYS[way](response.iter_bytes())

    generator: Any = around()
    next(generator)
    if error is GeneratorExit:
        generator.close()
    else:
        with pytest.raises(error):
            generator.throw(error)
    del generator
    gc.collect()
    assert response.is_closed


@pytest.mark.parametrize("way", WAYS)
def test_a_source_that_raises_is_let_go_of(way: str) -> None:
    response = Response()

    def source() -> Iterator[bytes]:
        yield from response.iter_bytes()
        raise OSError("reset")

    events = WAYS[way](source())
    with pytest.raises(OSError, match="reset"):
        list(events)
    assert response.is_closed
    assert list(events) == []


async def read(events: AsyncIterator[Any], found: list[Any]) -> None:
    async for event in events:
        found.append(event)


@pytest.mark.parametrize("way", ASYNC_WAYS)
def test_a_reader_that_is_cancelled_at_each_await(way: str) -> None:
    """The source is closed at once, and what came before was delivered."""

    async def cancelled(at: int) -> tuple[Response, list[Any]]:
        response = Response(5)
        found: list[Any] = []
        task = asyncio.ensure_future(read(ASYNC_WAYS[way](response.aiter_bytes()), found))
        while response.awaits < at:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return response, found

    for at in range(1, 11):
        response, found = asyncio.run(cancelled(at))
        assert response.is_closed
        # Every two chunks are three events: two are in the first.
        assert len(found) == 3 * ((at - 1) // 2) + 2 * ((at - 1) % 2)


@pytest.mark.parametrize("way", ASYNC_WAYS)
def test_a_reader_that_was_cancelled_has_ended(way: str) -> None:
    async def run() -> None:
        response = Response(5)
        events = ASYNC_WAYS[way](response.aiter_bytes())
        await anext(events)
        found: list[Any] = []
        task = asyncio.ensure_future(read(events, found))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(found) == 1
        assert response.is_closed
        assert [event async for event in events] == []

    asyncio.run(run())


@pytest.mark.parametrize("way", ASYNC_WAYS)
def test_an_async_iterator_that_is_left(way: str) -> None:
    """The loop closes the source, as it does an async generator that is left."""
    response = Response()

    async def run() -> None:
        async for _ in ASYNC_WAYS[way](response.aiter_bytes()):
            break
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert response.is_closed


def opened() -> tuple[int, int]:
    """The descriptors and the threads of this process."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), threading.active_count()


def read_some(events: Any, count: int) -> None:
    for _ in range(count):
        next(events)


def log_events(path: Path, count: int) -> None:
    read_some(iter(open_log(path)), count)


def log_bodies(path: Path, count: int) -> None:
    with open_log(path) as log:
        read_some(log.bodies(), min(count, 1))


def log_failures(path: Path, count: int) -> None:
    with pytest.raises(ValueError, match="stop"), open_log(path, on_error="yield") as log:
        read_some(iter(log), count)
        raise ValueError("stop")


def scanned(path: Path, count: int) -> None:
    read_some(iter(rapidsse.scan(path, table="events", batch_rows=100)), min(count, 1))


def split(path: Path, count: int) -> None:
    (part, *_) = rapidsse.plan_splits(path)
    read_some(iter(rapidsse.read_split(part, batch_rows=100)), min(count, 1))


@pytest.mark.skipif(sys.platform != "linux", reason="counts the descriptors in /proc")
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("leave", [log_events, log_bodies, log_failures, scanned, split])
def test_logs_that_are_left(
    leave: Callable[[Path, int], None], compressed: bool, tmp_path: Path
) -> None:
    if leave in (scanned, split):
        pytest.importorskip("pyarrow")
    content = EVENT * 10_000
    path = tmp_path / ("log.sse.gz" if compressed else "log.sse")
    path.write_bytes(gzip.compress(content) if compressed else content)
    leave(path, 3)
    before = opened()
    for count in (0, 1, 2, 2000):
        leave(path, count)
        assert opened() <= before


def test_a_parser_that_is_left() -> None:
    parser = Parser()
    response = Response()
    for chunk in response.iter_bytes():
        if parser.feed(chunk):
            break
    gc.collect()
    assert response.is_closed


def test_a_reader_of_frames_that_is_closed() -> None:
    """Its events end, also in the loop over them, and the source is closed at once."""
    from rapidsse._engine import FrameReader

    response = Response()
    reader = FrameReader(response.iter_bytes(), eof="dispatch")
    items = reader.items()
    taken = 0
    for _ in reader:
        taken += 1
        if taken == 3:
            reader.close()
    assert taken == 3
    assert response.is_closed
    assert list(items) == []
    assert reader.pending == 0
    with pytest.raises(ValueError, match="the reader is closed"):
        reader.push(EVENT)
    reader.close()


def test_a_source_that_reads_on_as_it_is_closed() -> None:
    from rapidsse._engine import FrameReader

    left: list[Any] = []

    def source() -> Iterator[bytes]:
        try:
            yield EVENT * 2
        finally:
            left.extend(reader)
            left.append("closed")

    reader = FrameReader(source())
    next(reader)
    reader.close()
    assert left == ["closed"]
