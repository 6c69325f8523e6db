"""Every way to misuse what an engine exports: a name, the class of the error, and the code that
raises it. `public_misuse` misuses what users import.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

import rapidsse
from rapidsse import Base64Error, RapidSSEError

LIMIT = 2**64


class Misuse(NamedTuple):
    name: str
    error: type[Exception]
    run: Callable[..., Any]


class Broken:
    """A number whose value cannot be had."""

    def __index__(self) -> int:
        raise ZeroDivisionError("indexed")

    def __repr__(self) -> str:
        return "Broken()"


class Recorder:
    """A handler of either reader that does nothing."""

    def deferred(self, *arguments: Any) -> None: ...
    def too_large(self, *arguments: Any) -> None: ...
    def done(self) -> None: ...
    def event(self, *arguments: Any) -> None: ...
    def failure(self, *arguments: Any) -> None: ...
    def stream(self, *arguments: Any) -> None: ...


def frames(engine: ModuleType, *arguments: Any, **keywords: Any) -> Any:
    return engine.FrameReader(*arguments, **keywords)


def typed(engine: ModuleType, *arguments: Any, **keywords: Any) -> Any:
    defaults = {"decode": msgspec.json.decode, "handler": Recorder(), "keys": frozenset({"b64"})}
    return engine.TypedReader(*arguments, **(defaults | keywords))


def logs(engine: ModuleType, *arguments: Any, **keywords: Any) -> Any:
    return engine.LogReader(*(arguments or (Recorder(),)), **keywords)


READERS: dict[str, Callable[..., Any]] = {
    "FrameReader": frames,
    "TypedReader": typed,
    "LogReader": logs,
}


def constructor(reader: str, keyword: str, value: Any, error: type[Exception]) -> Misuse:
    new = READERS[reader]
    # A set has no order that would make a name.
    shown = repr(sorted(value) if isinstance(value, set | frozenset) else value)
    return Misuse(
        f"{reader}: {keyword}={shown[:40]}", error, lambda engine: new(engine, **{keyword: value})
    )


SIZES: list[tuple[Any, type[Exception]]] = [
    (-1, ValueError),
    (-(2**70), ValueError),
    (1.5, TypeError),
    (-1.5, TypeError),
    (float("nan"), TypeError),
    ("5MB", TypeError),
    (b"5", TypeError),
    ([], TypeError),
    (Broken(), ZeroDivisionError),
]


def constructors() -> Iterator[Misuse]:
    for reader in READERS:
        for size, error in SIZES:
            yield constructor(reader, "max_event_size", size, error)
    for reader in ("FrameReader", "TypedReader"):
        for eof in ("drop", "", "DISCARD", b"discard", None, 1, ["discard"]):
            yield constructor(reader, "eof", eof, ValueError)
    for event_type in (dict, "ServerSentEvent", None, type("Other", (), {}), 1):
        yield constructor("FrameReader", "event_type", event_type, TypeError)
    yield Misuse(
        "FrameReader: event_type with a dict", TypeError,
        lambda engine: frames(engine, event_type=type("WithDict", (engine.ServerSentEvent,), {})),
    )  # fmt: skip
    for framing in ("json", "", "SSE", b"sse", None, 1, ["sse"]):
        yield constructor("LogReader", "framing", framing, ValueError)
    for columns in (("nothing",), ("offset", ""), ("offset", "offset", "no")):
        yield constructor("LogReader", "columns", columns, ValueError)
    for kinds in (frozenset({"everything"}), frozenset({"all", ""}), {"b", "a"}):
        yield constructor("LogReader", "deliver", kinds, ValueError)
    for keyword in ("batch_rows", "batch_bytes"):
        for size, error in SIZES:
            yield constructor("LogReader", keyword, size, error)
        yield constructor("LogReader", keyword, None, TypeError)
        yield constructor("LogReader", keyword, 0, ValueError)


# What is no chunk of a stream.
NO_CHUNKS: list[tuple[str, Any, type[Exception]]] = [
    ("str", "data: 1\n\n", TypeError),
    ("int", 5, TypeError),
    ("None", None, TypeError),
    ("list", [b"data: 1\n\n"], TypeError),
    ("object", Recorder(), TypeError),
    ("reversed view", memoryview(b"data: 1\n\n")[::-1], TypeError),
    ("every other byte", memoryview(b"data: 1\n\n")[::2], TypeError),
    ("StringIO", io.StringIO("data: 1\n\n"), TypeError),
]


def released() -> memoryview:
    view = memoryview(b"data: 1\n\n")
    view.release()
    return view


def pushed(reader: str, chunk: Any) -> Callable[[ModuleType], Any]:
    new = READERS[reader]

    def run(engine: ModuleType) -> Any:
        it = new(engine)
        if reader == "LogReader":
            it.begin(0)
        return it.push(chunk)

    return run


def taken(reader: str, chunk: Any) -> Callable[[ModuleType], Any]:
    return lambda engine: next(READERS[reader](engine, iter([chunk])))


def chunks() -> Iterator[Misuse]:
    for name, chunk, error in [*NO_CHUNKS, ("released view", released(), ValueError)]:
        for reader in READERS:
            yield Misuse(f"{reader}.push: {name}", error, pushed(reader, chunk))
        for reader in ("FrameReader", "TypedReader"):
            yield Misuse(f"{reader}: a source of {name}", error, taken(reader, chunk))


def finished(reader: str, *arguments: Any) -> Callable[[ModuleType], Any]:
    def run(engine: ModuleType) -> Any:
        it = READERS[reader](engine, *arguments)
        it.finish()
        return it

    return run


def log_at(*steps: Any) -> Callable[[ModuleType], Any]:
    """A `LogReader` that was given all of these steps: a method and its arguments."""

    def run(engine: ModuleType) -> Any:
        reader = logs(engine)
        for method, *arguments in steps:
            getattr(reader, method)(*arguments)

    return run


def orders() -> Iterator[Misuse]:
    for source in (b"data: 1\n\n", [b""], 1):
        yield Misuse(
            f"TypedReader.another: a source that is {source!r}",
            TypeError,
            lambda engine, source=source: typed(engine).another(source),
        )
    for reader in ("FrameReader", "TypedReader"):
        end = finished(reader)
        yield Misuse(
            f"{reader}: push after finish",
            ValueError,
            lambda engine, end=end: end(engine).push(b""),
        )
        yield Misuse(
            f"{reader}: push a str after finish", ValueError,
            lambda engine, end=end: end(engine).push(""),
        )  # fmt: skip
    body = ("begin", 0)
    yield Misuse("LogReader: push before begin", ValueError, log_at(("push", b"")))
    yield Misuse("LogReader: finish before begin", ValueError, log_at(("finish",)))
    yield Misuse("LogReader: begin twice", ValueError, log_at(body, body))
    yield Misuse(
        "LogReader: begin before the end is read", ValueError, log_at(body, ("finish",), body)
    )
    yield Misuse(
        "LogReader: push twice", ValueError, log_at(body, ("push", b"data"), ("push", b":"))
    )
    yield Misuse(
        "LogReader: push after finish", ValueError, log_at(body, ("finish",), ("push", b"data"))
    )
    yield Misuse("LogReader: finish twice", ValueError, log_at(body, ("finish",), ("finish",)))
    yield Misuse(
        "LogReader: push after the end is read", ValueError,
        log_at(body, ("finish",), ("advance",), ("push", b"data")),
    )  # fmt: skip
    yield Misuse(
        "LogReader: finish after the end is read", ValueError,
        log_at(body, ("finish",), ("advance",), ("finish",)),
    )  # fmt: skip
    offsets: list[tuple[Any, type[Exception]]] = [
        (-1, ValueError),
        (LIMIT, ValueError),
        (1.0, TypeError),
        ("0", TypeError),
        (None, TypeError),
    ]
    for offset, error in offsets:
        yield Misuse(f"LogReader: begin({offset!r})", error, log_at(("begin", offset)))


def base64_texts() -> Iterator[Misuse]:
    texts = {
        "one character": b"A",
        "two characters": b"AA",
        "three characters": b"AAA",
        "odd length": b"QUJDR",
        "cut after the first padding": b"QQ=",
        "padding alone": b"====",
        "padding first": b"=AAA",
        "padding second": b"A===",
        "padding in the middle": b"QQ==QUJD",
        "padding after whole groups": b"QUJD=",
        "four paddings too many": b"QQ======",
        "data behind padding": b"QQ=A",
        "trailing bits, one padding": b"QUF=",
        "trailing bits, two paddings": b"QR==",
        "space": b"QU D",
        "line end": b"QUJD\n",
        "line ends inside": b"QU\nJDQUJ",
        "URL-safe alphabet": b"QU-_",
        "NUL": b"QU\0D",
        "above ASCII": b"QU\xffD",
        "bad far inside": b"QUJD" * 4096 + b"QU!D" + b"QUJD" * 4096,
        "bad at the end of a long text": b"QUJD" * 4096 + b"QUJ!",
        "bad at the start of a long text": b"!UJD" + b"QUJD" * 4096,
        "long and cut": b"QUJD" * 4096 + b"Q",
    }
    for name, text in texts.items():
        yield Misuse(
            f"base64_decode: {name}", Base64Error,
            lambda engine, text=text: engine.base64_decode(text),
        )  # fmt: skip
        yield Misuse(
            f"base64_decode_into: {name}", Base64Error,
            lambda engine, text=text: engine.base64_decode_into(text, bytearray(1 << 16)),
        )  # fmt: skip


def buffers() -> Iterator[Misuse]:
    """Arguments that are no buffers, or the wrong ones, of the functions that take buffers."""
    for name, text, error in [*NO_CHUNKS, ("released view", released(), ValueError)]:
        yield Misuse(
            f"base64_decode: {name}", error, lambda engine, text=text: engine.base64_decode(text)
        )
        yield Misuse(
            f"base64_decode_into: {name}", error,
            lambda engine, text=text: engine.base64_decode_into(text, bytearray(100)),
        )  # fmt: skip
        yield Misuse(
            f"find_spans: {name}", error, lambda engine, text=text: engine.find_spans(text, None)
        )
        if not isinstance(text, str):
            yield Misuse(
                f"ServerSentEvent: data is {name}", error,
                lambda engine, text=text: engine.ServerSentEvent(data=text),
            )  # fmt: skip
    outs: list[tuple[str, Any, type[Exception]]] = [
        ("bytes", bytes(100), TypeError),
        ("read-only view", memoryview(bytearray(100)).toreadonly(), TypeError),
        ("str", "x" * 100, TypeError),
        ("None", None, TypeError),
        ("int", 100, TypeError),
        ("list", [0] * 100, TypeError),
        ("every other byte", memoryview(bytearray(200))[::2], TypeError),
        ("reversed", memoryview(bytearray(100))[::-1], TypeError),
        ("too small", bytearray(2), RapidSSEError),
        ("empty", bytearray(), RapidSSEError),
        ("too small by one", memoryview(bytearray(100))[:2], RapidSSEError),
    ]
    for name, out, error in [*outs, ("released view", released(), ValueError)]:
        yield Misuse(
            f"base64_decode_into: out is {name}", error,
            lambda engine, out=out: engine.base64_decode_into(b"QUJD", out),
        )  # fmt: skip
    yield Misuse(
        "base64_decode_into: bad text, too small out", RapidSSEError,
        lambda engine: engine.base64_decode_into(b"Q!JDQUJD", bytearray(2)),
    )  # fmt: skip
    yield Misuse(
        "base64_decode_into: bad text, wrong out", TypeError,
        lambda engine: engine.base64_decode_into(b"Q!JDQUJD", bytes(100)),
    )  # fmt: skip


def events() -> Iterator[Misuse]:
    arguments: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"event": b"message"}, TypeError),
        ({"event": None}, TypeError),
        ({"event": 1}, TypeError),
        ({"data": 5}, TypeError),
        ({"data": None}, TypeError),
        ({"data": ["x"]}, TypeError),
        ({"data": "\ud800"}, UnicodeEncodeError),
        ({"id": None}, TypeError),
        ({"id": b"1"}, TypeError),
        ({"id": 1}, TypeError),
        ({"retry": -1}, OverflowError),
        ({"retry": LIMIT}, OverflowError),
        ({"retry": 1.5}, TypeError),
        ({"retry": "10"}, TypeError),
        ({"retry": float("nan")}, TypeError),
        ({"no_such_keyword": 1}, TypeError),
    ]
    for keywords, error in arguments:
        yield Misuse(
            f"ServerSentEvent: {keywords!r}", error,
            lambda engine, keywords=keywords: engine.ServerSentEvent(**keywords),
        )  # fmt: skip
    yield Misuse(
        "ServerSentEvent: json of no JSON", rapidsse.DecodeError,
        lambda engine: engine.ServerSentEvent(data=b"{").json(),
    )  # fmt: skip
    yield Misuse(
        "ServerSentEvent: json of no UTF-8", rapidsse.DecodeError,
        lambda engine: engine.ServerSentEvent(data=b'"\xff"').json(),
    )  # fmt: skip


ENGINE: list[Misuse] = [
    misuse
    for table in (constructors, chunks, orders, base64_texts, buffers, events)
    for misuse in table()
]


class Four:
    """A number without being an `int`, as those of numpy are."""

    def __index__(self) -> int:
        return 4


def written(out: Any) -> Callable[[ModuleType], Any]:
    """Decodes into `out`, and gives its bytes."""

    def run(engine: ModuleType) -> bytes:
        memory = memoryview(out).cast("B")
        memory[:] = bytes(len(memory))
        engine.base64_decode_into(b"QUJD", out)
        return bytes(memory)

    return run


def overwritten(text_at: slice, out_at: slice) -> Callable[[ModuleType], Any]:
    """Decodes a part of a buffer into another part, and gives that."""

    def run(engine: ModuleType) -> bytes:
        buffer = memoryview(bytearray(b"....QUJDREVGR0hJ"))
        size = engine.base64_decode_into(buffer[text_at], buffer[out_at])
        return bytes(buffer[out_at][:size])

    return run


def limited(size: Any) -> Callable[[ModuleType], Any]:
    """The size of events that a limit lets pass."""

    def run(engine: ModuleType) -> list[int]:
        sizes = []
        for length in range(8):
            reader = frames(engine, iter([b"data:" + b"x" * length + b"\n\n"]), max_event_size=size)
            with suppress(rapidsse.EventTooLarge):
                sizes.append(len(next(reader).data))
        return sizes

    return run


class Use(NamedTuple):
    name: str
    value: Any
    run: Callable[[ModuleType], Any]


# What looks wrong, and has a meaning.
ODD_BUT_RIGHT: list[Use] = [
    Use("max_event_size=True", [0, 1], limited(True)),
    Use("max_event_size=__index__", [0, 1, 2, 3, 4], limited(Four())),
    Use("max_event_size=2**64", list(range(8)), limited(LIMIT)),
    Use("max_event_size=10**30", list(range(8)), limited(10**30)),
    Use("decode_into array of int", b"ABC" + bytes(5), written(array("i", [0, 0]))),
    Use("decode_into a matrix", b"ABC\0", written(memoryview(bytearray(4)).cast("B", (2, 2)))),
    Use("decode_into its text", b"ABCDEFGHI", overwritten(slice(4, 16), slice(4, 16))),
    Use("decode_into before its text", b"ABCDEFGHI", overwritten(slice(4, 16), slice(0, 16))),
    Use("decode_into amid its text", b"ABCDEF", overwritten(slice(4, 12), slice(6, 16))),
    Use("decode_into beside its text", b"ABC", overwritten(slice(4, 8), slice(8, 16))),
    Use("base64_decode an array of int", b"", lambda engine: engine.base64_decode(array("i"))),
    Use(
        "spans of a matrix",
        [(7, 9)],
        lambda engine: engine.find_spans(
            memoryview(b'{"b": "xy"}\n').cast("B", (3, 4)), frozenset({"b"})
        ),
    ),
]


def outcome(run: Callable[[], Any]) -> tuple[str, str]:
    """The error that it raises: its class and its text."""
    try:
        value = run()
    except Exception as error:  # noqa: BLE001
        return type(error).__qualname__, str(error)
    return "nothing", repr(value)[:60]
