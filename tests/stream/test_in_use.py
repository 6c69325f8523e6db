"""A reader that is used while it is in use: from its own source, its hooks, another thread."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapidsse import (
    DecodeError,
    Decoder,
    Parser,
    aiter_sse,
    iter_sse,
    open_log,
    plan_splits,
    read_split,
    scan,
)
from rapidsse._engine import FrameReader, TypedReader

STREAM = b"data: 1\n\ndata: 2\n\ndata: 3\n\n"
MESSAGE = (
    r"^the reader is in use: its own source, its hooks and other threads must not use it meanwhile$"
)


class Number(msgspec.Struct):
    """Decoded by a hook."""

    n: complex


def typed(source: Iterator[bytes] | None = None) -> Any:
    return TypedReader(source, decode=msgspec.json.decode, handler=None, keys=None)  # type: ignore[arg-type]


USES: dict[str, Callable[[Any], Any]] = {
    "next": next,
    "iterated": list,
    "push": lambda reader: reader.push(b"data: x\n\n"),
    "finish": lambda reader: reader.finish(),
    "close": lambda reader: reader.close(),
    "another": lambda reader: reader.another(),
    "id": lambda reader: reader.last_event_id,
    "retry": lambda reader: reader.retry,
    "pending": lambda reader: reader.pending,
}


# Of a reader of frames alone, and of one of typed events.
OWN = ("close", "id", "retry", "pending")
FRAMES = [pytest.param(FrameReader, use, id=f"frames-{use}") for use in USES if use != "another"]
TYPED = [pytest.param(typed, use, id=f"typed-{use}") for use in USES if use not in OWN]


@pytest.mark.parametrize(("new", "use"), [*FRAMES, *TYPED])
def test_a_source_that_uses_its_reader(new: Callable[..., Any], use: str) -> None:
    readers: list[Any] = []

    def source() -> Iterator[bytes]:
        yield b"data: 1\n\n"
        with pytest.raises(RuntimeError, match=MESSAGE):
            USES[use](readers[0])
        yield b"data: 2\n\n"

    readers.append(new(source()))
    assert len(list(readers[0])) == 2


@pytest.mark.parametrize("open_", [iter_sse, Decoder(int).iter], ids=["frames", "typed"])
def test_an_error_of_use_that_the_source_passes_on(open_: Callable[..., Iterator[Any]]) -> None:
    events: list[Iterator[Any]] = []

    def source() -> Iterator[bytes]:
        yield STREAM
        next(events[0])

    events.append(open_(source()))
    for _ in range(3):
        next(events[0])
    with pytest.raises(RuntimeError, match=MESSAGE):
        next(events[0])
    assert list(events[0]) == []


HOOKS: dict[str, Callable[[Any, Any], Any]] = {
    "next": lambda decoder, events: next(events),
    "feed": lambda decoder, events: decoder.feed(b""),
    "close": lambda decoder, events: decoder.close(),
}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_uses_its_reader(hook: str) -> None:
    used: list[Any] = []

    def dec_hook(type_: type, value: Any) -> Any:
        if value == 2:
            HOOKS[hook](*used)
        return complex(value)

    decoder = Decoder(Number, dec_hook=dec_hook)
    stream = b"".join(b'data: {"n":%d}\n\n' % n for n in range(1, 4))
    events = decoder.iter(stream)
    used += [decoder, events]
    if hook == "next":
        assert next(events) == Number(1)
        with pytest.raises(RuntimeError, match=MESSAGE):
            next(events)
        assert list(events) == [Number(3)]
    else:
        assert decoder.feed(stream) == [Number(1)]
        with pytest.raises(RuntimeError, match=MESSAGE):
            decoder.feed(b"")
        assert decoder.feed(b"") == [Number(3)]


class Odd(msgspec.Struct):
    """2 ends an iteration of its own."""

    n: int

    def __post_init__(self) -> None:
        if self.n == 2:
            next(iter(()))


def one_but_two(type_: type, value: Any) -> Any:
    if value == 2:
        raise StopAsyncIteration
    return complex(value)


@pytest.mark.parametrize("on_error", ["raise", "yield", "skip"])
@pytest.mark.parametrize("of", [Odd, Number], ids=["__post_init__", "dec_hook"])
def test_code_that_ends_its_own_iteration(of: Any, on_error: Any) -> None:
    """It ends no loop over events: those would be lost without an error."""
    decoder = Decoder(of, dec_hook=one_but_two, on_error=on_error)
    stream = b"".join(b'data: {"n":%d}\n\n' % n for n in range(1, 4))
    message = "^decoding an event raised Stop(Async)?Iteration$"
    events = decoder.iter(stream)
    assert next(events).n == 1
    with pytest.raises(RuntimeError, match=message):
        next(events)
    assert [event.n for event in events] == [3]

    arriving = decoder.aiter(stream)

    async def read() -> None:
        assert (await anext(arriving)).n == 1
        with pytest.raises(RuntimeError, match=message):
            await anext(arriving)
        assert [event.n async for event in arriving] == [3]

    asyncio.run(read())
    assert [event.n for event in decoder.feed(stream)] == [1]
    with pytest.raises(RuntimeError, match=message):
        decoder.feed(b"")
    assert [event.n for event in decoder.feed(b"")] == [3]
    with pytest.raises(RuntimeError, match=message):
        decoder.decode(b'{"n":2}')


def test_a_hook_may_decode_another_stream() -> None:
    def dec_hook(type_: type, value: Any) -> Any:
        if value > 1:
            (inner,) = decoder.iter(b'data: {"n":%d}\n\n' % (value - 1))
            assert inner == decoder.decode(b'{"n":%d}' % (value - 1))
        return complex(value)

    decoder = Decoder(Number, dec_hook=dec_hook)
    assert list(decoder.iter(b'data: {"n":4}\n\ndata: {"n":2}\n\n')) == [Number(4), Number(2)]


def test_two_threads_on_one_reader() -> None:
    """The second gets an error while the first one decodes; all events come once."""
    decodes, goes_on = threading.Event(), threading.Event()

    def dec_hook(type_: type, value: Any) -> Any:
        if value == 1:
            decodes.set()
            assert goes_on.wait(60)
        return complex(value)

    decoder = Decoder(Number, dec_hook=dec_hook)
    events = decoder.iter(b'data: {"n":1}\n\ndata: {"n":2}\n\n')
    first: list[Number] = []
    thread = threading.Thread(target=lambda: first.append(next(events)))
    thread.start()
    assert decodes.wait(60)
    with pytest.raises(RuntimeError, match=MESSAGE):
        next(events)
    goes_on.set()
    thread.join(60)
    assert first == [Number(1)]
    assert list(events) == [Number(2)]


@pytest.mark.parametrize("size", [1, 5, 64])
def test_threads_that_share_a_parser_get_every_event_once(size: int) -> None:
    """They take turns to feed it, and look at it at any time, which may be refused."""
    stream = b"".join(b"data: %d\n\n" % n for n in range(3000))
    chunks = iter([stream[at : at + size] for at in range(0, len(stream), size)])
    parser = Parser()
    lock = threading.Lock()
    found: list[str] = []
    errors: list[BaseException] = []

    def work() -> None:
        while True:
            with lock:
                chunk = next(chunks, None)
                if chunk is None:
                    return
                events = parser.feed(chunk)
                found.extend(event.data for event in events)
            try:
                _ = parser.pending, parser.last_event_id
            except RuntimeError:
                pass
            except BaseException as error:  # noqa: BLE001
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not errors
    assert found == [str(n) for n in range(3000)]


def reused(stream: bytes, size: int) -> Iterator[bytearray]:
    """Chunks in one buffer, which each overwrites."""
    buffer = bytearray(size)
    for at in range(0, len(stream) - size + 1, size):
        buffer[:] = stream[at : at + size]
        yield buffer


def test_a_source_that_reuses_its_buffer() -> None:
    numbers = range(10_000, 12_000)
    stream = b"".join(b"data: %d\n\n" % n for n in numbers)
    expected = [str(n) for n in numbers]
    for size in (13, 26, 1300):
        assert [event.data for event in iter_sse(reused(stream, size))] == expected
        assert list(Decoder(int).iter(reused(stream, size))) == list(numbers)
        parser = Parser()
        fed = [event for chunk in reused(stream, size) for event in parser.feed(chunk)]
        assert [event.data for event in fed] == expected


def test_a_buffer_that_changes_while_it_is_read() -> None:
    """In place, as documented: what is read later is what is there then. Nothing breaks."""
    buffer = bytearray(b'data: {"a":1}\n\n' * 2000)
    events = iter_sse(buffer)
    values = Decoder(dict, on_error="yield").iter(buffer)
    first, value = next(events), next(values)
    with pytest.raises(BufferError):
        buffer.clear()
    for at in range(len(buffer)):
        buffer[at] = at * 7 % 256
    assert len(first.data) == 7
    assert value == {"a": 1}
    for event in events:
        _ = event.data, event.data_bytes
    list(values)


def test_a_log_that_changes_while_it_is_read() -> None:
    """Another thread writes over it all the time: what was found to be text is text in the table."""
    pytest.importorskip("pyarrow")

    def event(text: bytes) -> bytes:
        return b'data: {"type":"response.output_text.delta","delta":"' + text + b'"}\n\n'

    # Of either, half of a character lies where the other has a whole one.
    contents = [event("é".encode() * 500_000), event(b"x" + "é".encode() * 499_999 + b"x")]
    log = bytearray(contents[0])
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            for content in contents:
                log[:] = content

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(40):
            for batch in scan(log, columns=["delta"], format="sse"):
                batch.validate(full=True)
    finally:
        ended.set()
        thread.join(60)


class Interrupted(BaseException):
    """As `KeyboardInterrupt` is."""


@pytest.mark.parametrize("count", [1, 5, 400])
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, Interrupted])
def test_an_interrupt_loses_no_decoded_event(count: int, error: type[BaseException]) -> None:
    """The one whose hook raises is lost, the ones before come with the next call."""

    def dec_hook(type_: type, value: Any) -> Any:
        if value == count and not raised:
            raised.append(value)
            raise error
        return complex(value)

    raised: list[int] = []
    decoder = Decoder(Number, dec_hook=dec_hook)
    chunk = b"".join(b'data: {"n":%d}\n\n' % n for n in range(count + 2))
    with pytest.raises(error):
        decoder.feed(chunk)
    found = decoder.feed(b"")
    assert found[:count] == [Number(n) for n in range(count)]
    assert found[-1] == Number(count + 1)
    assert decoder.close() == []


def test_an_interrupt_before_close_loses_no_decoded_event() -> None:
    def dec_hook(type_: type, value: Any) -> Any:
        if value == 2 and not raised:
            raised.append(value)
            raise KeyboardInterrupt
        return complex(value)

    raised: list[int] = []
    decoder = Decoder(Number, dec_hook=dec_hook)
    with pytest.raises(KeyboardInterrupt):
        decoder.feed(b'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}')
    assert decoder.close() == [Number(1), Number(3)]
    assert decoder.feed(b'data: {"n":4}\n\n') == [Number(4)]


@pytest.mark.parametrize(
    ("digits", "found"), [(4300, "dict"), (4301, "schema"), (100_000, "schema")]
)
def test_integers_of_many_digits(digits: int, found: str) -> None:
    """More than Python's limit make no `int`: that is a failure, not a `ValueError`."""
    stream = b'data: {"n":%b}\n\n' % (b"9" * digits)
    (value,) = Decoder[Any](dict[str, Any], on_error="yield").iter(stream)
    assert getattr(value, "kind", type(value).__name__) == found
    (event,) = iter_sse(stream)
    if found == "dict":
        assert event.json() == value
    else:
        with pytest.raises(DecodeError):
            event.json()


READERS: dict[str, Callable[[Path], Iterator[Any]]] = {
    "open_log": lambda path: (event.index for event in open_log(path)),
    "open_log itself": lambda path: iter(open_log(path)),
    "scan": lambda path: iter(scan(path, columns=["index"], batch_rows=7)),
    "read_split": lambda path: iter(
        read_split(next(plan_splits(path)), columns=["index"], batch_rows=7)
    ),
}


def indexes(found: Any) -> list[int]:
    """What one reader gives in one piece."""
    if isinstance(found, int):
        return [found]
    return [found.index] if hasattr(found, "index") else found.column(0).to_pylist()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_threads_that_share_a_log_get_every_event_once(
    reader: str, compressed: bool, tmp_path: Path
) -> None:
    """Without a lock: one of them gets the next event, the others that or an error."""
    pytest.importorskip("pyarrow")
    content = b"".join(b'data: {"n":%d}\n\n' % n for n in range(2000))
    path = tmp_path / "log.sse"
    path.write_bytes(gzip.compress(content) if compressed else content)
    events = READERS[reader](path)
    found: list[int] = []
    errors: set[str] = set()

    def work() -> None:
        while len(found) < 2000:
            try:
                found.extend(indexes(next(events)))
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001
                errors.add(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors <= {"ValueError: generator already executing"}
    assert sorted(found) == list(range(2000))


ASYNC: dict[str, Callable[[Any], Any]] = {"aiter_sse": aiter_sse, "Decoder": Decoder(int).aiter}


@pytest.mark.parametrize("reader", ASYNC)
def test_tasks_that_share_an_async_reader(reader: str) -> None:
    """One gets the event, the others an error; all events come once."""

    async def arriving() -> AsyncIterator[bytes]:
        for n in range(50):
            await asyncio.sleep(0)
            yield b"data: %d\n\n" % n

    async def run() -> None:
        events = ASYNC[reader](arriving())
        first = await asyncio.gather(*[anext(events) for _ in range(5)], return_exceptions=True)
        refused = [each for each in first if isinstance(each, RuntimeError)]
        assert [str(each) for each in refused] == [
            "anext(): asynchronous generator is already running"
        ] * 4
        assert len([event async for event in events]) == 49

    asyncio.run(run())
