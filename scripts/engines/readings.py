"""One function per subject: what this process's engine makes of an input, as plain data.

Run as a program, it answers pickled `(subject, input)` on standard input with pickled outcomes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import pickle
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import log_reading
import rapidsse
import stream_reading
import typed_family
from rapidsse import Base64, Base64Error, Decoder, _engine
from rapidsse.logs import LogFailure
from rapidsse.splits import Split

__all__ = ["OWN", "SDK", "WAYS", "Unexpected"]

Chunks = list[bytes]
_Feed = Callable[[], Iterable[Any]]


class Unexpected(NamedTuple):
    """An error that no input may cause, on either engine."""

    name: str
    trace: str


SDK = [
    ("rapidsse.openai", "ResponseStreamEvent"),
    ("rapidsse.openai", "ImageGenStreamEvent"),
    ("rapidsse.openai", "ImageEditStreamEvent"),
    ("rapidsse.openai", "ChatCompletionChunk"),
    ("rapidsse.anthropic", "RawMessageStreamEvent"),
    ("rapidsse.google", "GenerateContentResponse"),
    ("rapidsse.google", "InteractionSSEEvent"),
]
WAYS = ["chunks", "whole", "async", "feed", "decode"]
"""How a `Decoder` is given a stream. `decode` takes the payload of one event."""
OWN = sorted(typed_family.family(Base64))
_SPLIT = 700
"""Bytes of a split."""
_SPLIT_COLUMNS = ["source", "stream", "offset", "index", "event", "response_id", "delta"]
_DECODE = {"any": msgspec.json.decode, "int": msgspec.json.Decoder(int).decode}


def frames(chunks: Chunks, options: dict[str, Any]) -> Any:
    return stream_reading.read_pushed(_engine, chunks, **options)


def typed(chunks: Chunks, decode: str, options: dict[str, Any]) -> Any:
    return stream_reading.read_typed(_engine, chunks, decode=_DECODE[decode], **options)


def parser(chunks: Chunks, limit: int | None) -> Any:
    """What `Parser` gives for each chunk, with its state, and `iter_sse` and `aiter_sse` for all."""
    parser = rapidsse.Parser(max_event_size=limit)
    found: list[Any] = []
    feeds: list[_Feed] = [functools.partial(parser.feed, chunk) for chunk in chunks]
    for feed in (*feeds, parser.close):
        found.append(_attempt(functools.partial(_each, feed, _parsed)))
        found.append((parser.last_event_id, parser.pending))
    whole = _taken(rapidsse.iter_sse(iter(chunks), max_event_size=limit), _parsed)
    waited = _awaited(rapidsse.aiter_sse(_arriving(chunks), max_event_size=limit), _parsed)
    return found, whole, waited


def sdk(names: tuple[str, str], way: str, chunks: Chunks, options: dict[str, Any]) -> Any:
    module, name = names
    return _decoded(getattr(_imported(module), name), way, chunks, options)


def own(root: str, way: str, chunks: Chunks, options: dict[str, Any]) -> Any:
    return _decoded(_family()[root], way, chunks, options)


def spans(payload: bytes, keys: frozenset[str] | None) -> Any:
    return _engine.find_spans(payload, keys)


def base64(text: bytes) -> Any:
    place = bytearray(len(text))
    written = _decoded_base64(_engine.base64_decode_into, text, place)
    # After an error, any bytes may be in its place.
    content = bytes(place) if isinstance(written, int) else b""
    return _decoded_base64(_engine.base64_decode, text), written, content


def _decoded_base64(decode: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return decode(*arguments)
    except Base64Error as error:
        return error.reason, error.offset


def log(bodies: list[Chunks], options: dict[str, Any]) -> Any:
    offset = 0
    placed = []
    for chunks in bodies:
        placed.append((offset, chunks))
        offset += sum(map(len, chunks))
    return tuple(log_reading.read_log(_engine, placed, **options))


def tables(name: str, content: bytes, options: dict[str, Any]) -> Any:
    """All that reads a log: every table and the totals, the events one by one, their bodies, what
    `verify` says, the page of `report`, and the splits."""
    path = Path(_folder(), name)
    path.write_bytes(content)
    readings = (_tables, _events, _problems, _page, _splits)
    return {read.__name__: _attempt(functools.partial(read, path, options)) for read in readings}


def _tables(path: Path, options: dict[str, Any]) -> Any:
    from rapidsse.logs.tables._schemas import TABLES, schema
    from rapidsse.logs.tables._tables import LogTables

    found: dict[str, list[Any]] = {table: [] for table in TABLES}
    columns: dict[Any, list[str]] = {table: [*schema(table).names] for table in TABLES}
    columns["events"].append("payload")
    reader = LogTables(columns)
    error = None
    with rapidsse.open_log(path, **options) as log:
        try:
            for table, batch in reader.read(log):
                batch.validate(full=True)
                found[table] += batch.to_pylist()
        except rapidsse.RapidSSEError as raised:
            error = _error(raised)
    return found, reader.totals.to_dict(), error


def _events(path: Path, options: dict[str, Any]) -> Any:
    found: list[Any] = []
    with rapidsse.open_log(path, **options, on_error="yield") as log:
        found += _taken(log, lambda event: (repr(event), _data(event)))
        found.append((log.format, log.compression, log.skipped, log.passed_over))
    with rapidsse.open_log(path, **options, on_error="raise") as log:
        found += _taken(log, lambda event: event.offset)
    return found


def _data(event: Any) -> bytes | None:
    data = event.data if isinstance(event, LogFailure) else event.data_bytes
    return None if data is None else bytes(data)


def _problems(path: Path, options: dict[str, Any]) -> Any:
    from rapidsse.logs.verify._verify import Verifier

    problems: list[Any] = []
    check = Verifier(problems.append, max_event_size=options["max_event_size"])
    with rapidsse.open_log(path, **options) as log:
        check.verify(log)
    return [problem.to_dict() for problem in problems], check.events, check.streams


def _page(path: Path, options: dict[str, Any]) -> Any:
    from rapidsse.logs._options import ReadOptions
    from rapidsse.report._gather import Gatherer

    gatherer = Gatherer(options=ReadOptions(**options), images=5, rows=20)
    gatherer.read(str(path))
    return repr(dataclasses.replace(gatherer.page, made=""))


def _splits(path: Path, options: dict[str, Any]) -> Any:
    """The events of each split, of splits that end amid the log's streams."""
    found = []
    for split in rapidsse.plan_splits(path, target_bytes=_SPLIT, **options):
        found.append((repr(split), _attempt(functools.partial(_rows, split))))
    return found


def _rows(split: Split) -> list[Any]:
    batches = rapidsse.read_split(split, columns=_SPLIT_COLUMNS)
    return [row for batch in batches for row in batch.to_pylist()]


def _decoded(type_: Any, way: str, chunks: Chunks, options: dict[str, Any]) -> Any:
    decoder = Decoder[Any](type_, **options)
    whole = b"".join(chunks)
    if way == "async":
        outcomes = _awaited(decoder.aiter(_arriving(chunks)), _value)
    elif way == "feed":
        feeds: list[_Feed] = [functools.partial(decoder.feed, chunk) for chunk in chunks]
        outcomes = [
            _attempt(functools.partial(_each, feed, _value)) for feed in (*feeds, decoder.close)
        ]
    elif way == "decode":
        payload = whole.removeprefix(b"data: ").partition(b"\n")[0]
        outcomes = [_attempt(lambda: _value(decoder.decode(payload)))]
    else:
        source = whole if way == "whole" else iter(chunks)
        # A body that is plainly no event stream is refused before its first event, if it is whole.
        outcomes = _attempt(lambda: _taken(decoder.iter(source), _value))
    return outcomes, repr(decoder.stats)


def _value(event: Any) -> Any:
    return type(event).__name__, _written(event)


def _parsed(event: rapidsse.ServerSentEvent) -> Any:
    return repr(event), bytes(event.data_bytes), _attempt(lambda: repr(event.json()))


def _taken(events: Iterable[Any], made_of: Callable[[Any], Any]) -> list[Any]:
    """What each event is made to, and each error."""
    outcomes: list[Any] = []
    events = iter(events)
    while True:
        try:
            event = next(events)
        except StopIteration:
            return outcomes
        except rapidsse.RapidSSEError as error:
            outcomes.append(_error(error))
        else:
            outcomes.append(made_of(event))


def _awaited(events: AsyncIterator[Any], made_of: Callable[[Any], Any]) -> list[Any]:
    """The same of an async iterator, which ends at its first error."""

    async def run() -> list[Any]:
        outcomes: list[Any] = []
        try:
            async for event in events:
                outcomes.append(made_of(event))
        except rapidsse.RapidSSEError as error:
            outcomes.append(_error(error))
        return outcomes

    return asyncio.run(run())


async def _arriving(chunks: Chunks) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _written(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=_plain)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Base64) else repr(value)


def _each(give: _Feed, read: Callable[[Any], Any]) -> list[Any]:
    return [read(event) for event in give()]


def _attempt(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except rapidsse.RapidSSEError as error:
        return _error(error)


def _error(error: BaseException) -> Any:
    fields = {name: getattr(error, name, None) for name in ("offset", "index", "kind", "data")}
    return "raised", type(error).__name__, str(error), fields


@functools.cache
def _imported(module: str) -> Any:
    __import__(module)
    return sys.modules[module]


@functools.cache
def _family() -> Any:
    return typed_family.family(Base64)


@functools.cache
def _folder() -> str:
    # The same name in both processes: messages have it.
    folder = Path(tempfile.gettempdir(), sys.argv[1])
    folder.mkdir(exist_ok=True)
    import os

    os.chdir(folder)
    return "."


SUBJECTS = {f.__name__: f for f in (frames, parser, typed, sdk, own, spans, base64, log, tables)}


def main() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            subject, arguments = pickle.load(requests)
        except EOFError:
            return
        try:
            outcome = SUBJECTS[subject](*arguments)
        except Exception as error:  # noqa: BLE001 (of any class, which is a fault)
            outcome = Unexpected(type(error).__name__, traceback.format_exc())
        pickle.dump(outcome, answers)
        answers.flush()


if __name__ == "__main__":
    main()
