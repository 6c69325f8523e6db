"""Every way to misuse what users import.

Run as a program, it prints the outcomes of `PUBLIC` on the engine that `RAPIDSSE_ENGINE` chooses.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import rapidsse
from misuse import SIZES, Broken, Misuse, outcome
from rapidsse import Base64Error, RapidSSEError


async def arriving() -> AsyncIterator[bytes]:
    yield b"data: 1\n\n"


def first(events: AsyncIterator[Any]) -> Any:
    return asyncio.run(anext(events))  # type: ignore[arg-type]


def fed(reader: Any, *chunks: Any) -> Any:
    for chunk in chunks:
        reader.feed(chunk)
    reader.close()
    return reader


STREAMS: dict[str, Callable[..., Any]] = {
    "Parser": lambda **keywords: rapidsse.Parser(**keywords),
    "iter_sse": lambda **keywords: rapidsse.iter_sse(b"", **keywords),
    "iter_sse of chunks": lambda **keywords: rapidsse.iter_sse([], **keywords),
    "aiter_sse": lambda **keywords: rapidsse.aiter_sse(b"", **keywords),
    "Decoder": lambda **keywords: rapidsse.Decoder(int, **keywords),
}

# Each takes a source and gives its first event.
SOURCES: dict[str, Callable[[Any], Any]] = {
    "iter_sse": lambda source: next(rapidsse.iter_sse(source)),
    "Decoder.iter": lambda source: next(rapidsse.Decoder(int).iter(source)),
    "aiter_sse": lambda source: first(rapidsse.aiter_sse(source)),
    "Decoder.aiter": lambda source: first(rapidsse.Decoder(int).aiter(source)),
}


async def texts() -> AsyncIterator[str]:
    yield "data: 1\n\n"


def streams() -> Iterator[Misuse]:
    for name, new in STREAMS.items():
        for size, error in SIZES:
            yield Misuse(
                f"{name}: max_event_size={size!r}", error,
                lambda new=new, size=size: new(max_event_size=size),
            )  # fmt: skip
        for eof in ("drop", None, 1):
            yield Misuse(f"{name}: eof={eof!r}", ValueError, lambda new=new, eof=eof: new(eof=eof))
    for name, event_of in SOURCES.items():
        wrong: list[tuple[str, Any]] = [
            ("str", "data: 1\n\n"),
            ("int", 1),
            ("None", None),
            ("a function", len),
            ("a path", Path("stream.sse")),
            ("every other byte", memoryview(b"data: 1\n\n")[::2]),
        ]
        if name.startswith("a") or ".a" in name:
            wrong += [("a list", [b"data: 1\n\n"]), ("an async iterator of str", texts())]
        else:
            wrong += [("a list of str", ["data: 1\n\n"]), ("a list of int", [1])]
            wrong += [("an async iterator", arriving()), ("a StringIO", io.StringIO("data: 1\n"))]
        for kind, source in wrong:
            yield Misuse(
                f"{name}: the source is {kind}", TypeError,
                lambda event_of=event_of, source=source: event_of(source),
            )  # fmt: skip
    for name, chunk in (("str", ""), ("int", 1), ("None", None), ("list", [b""])):
        yield Misuse(
            f"Parser.feed: {name}", TypeError, lambda chunk=chunk: fed(rapidsse.Parser(), chunk)
        )
        yield Misuse(
            f"Decoder.feed: {name}", TypeError,
            lambda chunk=chunk: fed(rapidsse.Decoder(int), chunk),
        )  # fmt: skip
    yield Misuse(
        "Parser.feed after close", ValueError, lambda: fed(rapidsse.Parser()).feed(b"data: 1\n\n")
    )


def typed_values() -> Iterator[Misuse]:
    for value in ("ignore", "", None, 1):
        yield Misuse(
            f"Decoder: on_error={value!r}", ValueError,
            lambda value=value: rapidsse.Decoder(int, on_error=value),  # type: ignore[call-overload]
        )  # fmt: skip
    for wrong in (rapidsse, 5, "int", b"int", len):
        yield Misuse(
            f"Decoder: {wrong!r}", TypeError,
            lambda wrong=wrong: rapidsse.Decoder(wrong),
        )  # fmt: skip
    for data in (5, None, [1], memoryview(b"[1,2,3]")[::2]):
        yield Misuse(
            f"Decoder.decode: {type(data).__name__}", TypeError,
            lambda data=data: rapidsse.Decoder(int).decode(data),
        )  # fmt: skip
    for payload in (b"", b"{", b'"x"', b"1 2", b"\xff", b'{"a": "' + b"x" * 20_000):
        yield Misuse(
            f"Decoder.decode: {payload[:20]!r}", rapidsse.DecodeError,
            lambda payload=payload: rapidsse.Decoder(int).decode(payload),
        )  # fmt: skip
    for text in (5, None, [1], memoryview(b"QUJD")[::2]):
        yield Misuse(
            f"Base64: {type(text).__name__}", TypeError, lambda text=text: rapidsse.Base64(text)
        )
    bad = rapidsse.Base64("QU!D")
    yield Misuse("Base64.decode", Base64Error, bad.decode)
    yield Misuse("Base64.decode_into", Base64Error, lambda: bad.decode_into(bytearray(3)))
    yield Misuse("Base64.save", Base64Error, lambda: bad.save("no-such-folder/file"))
    yield Misuse(
        "Base64.decode_into: too small", RapidSSEError,
        lambda: rapidsse.Base64("QUJD").decode_into(bytearray(2)),
    )  # fmt: skip
    yield Misuse(
        "Base64.decode_into: read-only", TypeError,
        lambda: rapidsse.Base64("QUJD").decode_into(bytes(3)),
    )  # fmt: skip


def log_values() -> Iterator[Misuse]:
    log = b'data: {"type":"x"}\n\n'
    keywords: list[tuple[str, Any, type[Exception]]] = [
        ("format", "toml", ValueError),
        ("format", "SSE", ValueError),
        ("compression", "rar", ValueError),
        ("on_error", "ignore", ValueError),
        ("body_field", 5, TypeError),
        ("event_field", b"event", TypeError),
        *(("max_event_size", size, error) for size, error in SIZES),
    ]
    for keyword, value, error in keywords:
        yield Misuse(
            f"open_log: {keyword}={value!r}", error,
            lambda keyword=keyword, value=value: list(rapidsse.open_log(log, **{keyword: value})),
        )  # fmt: skip
        if keyword != "on_error":
            yield Misuse(
                f"scan: {keyword}={value!r}", error,
                lambda keyword=keyword, value=value: list(
                    rapidsse.scan(log, table="events", **{keyword: value})
                ),
            )  # fmt: skip
    for table in ("", "event", None, ["events"], {}):
        yield Misuse(
            f"scan: table={table!r}",
            ValueError,
            lambda table=table: rapidsse.scan(log, table=table),
        )
    for columns in (["no"], ["offset", ""], [5], [["offset"]], b"offset"):
        yield Misuse(
            f"scan: columns={columns!r}", ValueError,
            lambda columns=columns: rapidsse.scan(log, table="events", columns=columns),
        )  # fmt: skip
    for wrong in (5, 1.5, len):
        yield Misuse(
            f"scan: columns={wrong!r}", TypeError,
            lambda wrong=wrong: rapidsse.scan(log, table="events", columns=wrong),
        )  # fmt: skip
    for number in (0, -1, 1.5, "1", None, Broken()):
        error = {int: ValueError, Broken: ZeroDivisionError}.get(type(number), TypeError)
        yield Misuse(
            f"scan: batch_rows={number!r}", error,
            lambda number=number: rapidsse.scan(log, table="events", batch_rows=number),
        )  # fmt: skip
    yield Misuse("open_log: int", TypeError, lambda: rapidsse.open_log(5))  # type: ignore[call-overload]
    yield Misuse("scan: int", TypeError, lambda: rapidsse.scan(5, table="events"))  # type: ignore[arg-type]
    missing = "no-such-folder/log.sse"
    yield Misuse("open_log: missing", rapidsse.InputError, lambda: rapidsse.open_log(missing))
    yield Misuse(
        "scan: missing", rapidsse.InputError, lambda: list(rapidsse.scan(missing, table="events"))
    )


def split_values() -> Iterator[Misuse]:
    keywords: list[tuple[str, Any, type[Exception]]] = [
        ("target_bytes", 0, ValueError),
        ("target_bytes", "1 MiB", TypeError),
        ("format", "toml", ValueError),
        ("compression", "rar", ValueError),
        ("body_field", 5, TypeError),
        *(("max_event_size", size, error) for size, error in SIZES),
    ]
    for keyword, value, error in keywords:
        yield Misuse(
            f"plan_splits: {keyword}={value!r}", error,
            lambda keyword=keyword, value=value: list(
                rapidsse.plan_splits([__file__], **{keyword: value})
            ),
        )  # fmt: skip
    paths: list[tuple[str, Any, type[Exception]]] = [
        ("int", 5, TypeError),
        ("a list of int", [5], TypeError),
        ("standard input", "-", ValueError),
        ("a glob that matches nothing", "no-such-folder/*", rapidsse.InputError),
    ]
    for name, path, error in paths:
        yield Misuse(
            f"plan_splits: {name}", error, lambda path=path: list(rapidsse.plan_splits(path))
        )
    for name, split in (("str", __file__), ("None", None), ("a function", len)):
        yield Misuse(
            f"read_split: {name}", TypeError,
            lambda split=split: next(rapidsse.read_split(split)),  # type: ignore[arg-type]
        )  # fmt: skip
    wrong: list[tuple[str, Any, type[Exception]]] = [
        ("table", "event", ValueError),
        ("columns", ["no"], ValueError),
        ("batch_rows", 0, ValueError),
        ("batch_rows", 1.5, TypeError),
        ("on_input_error", "ignore", ValueError),
    ]
    for keyword, value, error in wrong:
        yield Misuse(
            f"read_split: {keyword}={value!r}", error,
            lambda keyword=keyword, value=value: list(
                rapidsse.read_split(a_split(), **{keyword: value})
            ),
        )  # fmt: skip


def a_split() -> Any:
    """A split of a file that is there, if it is not read."""
    return next(rapidsse.plan_splits([__file__], format="sse", compression="none"))


PUBLIC: list[Misuse] = [
    misuse for table in (streams, typed_values, log_values, split_values) for misuse in table()
]

UNTESTED = {
    "Base64Error": "an error, which the package raises",
    "DecodeError": "an error, which the package raises",
    "DecodeFailure": "a record, which the package makes: msgspec says what is wrong",
    "DecodeStats": "a record, which the package makes: msgspec says what is wrong",
    "EventTooLarge": "an error, which the package raises",
    "InputError": "an error, which the package raises",
    "RapidSSEError": "an error, which the package raises",
    "UnknownEvent": "a record, which the package makes: msgspec says what is wrong",
    "UnknownItem": "a record, which the package makes: msgspec says what is wrong",
    "__version__": "a text",
    "engine": "a text",
}
"""The public names of the package that nobody can misuse, each with the reason."""


if __name__ == "__main__":
    print(json.dumps({misuse.name: outcome(misuse.run) for misuse in PUBLIC}))
