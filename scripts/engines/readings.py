"""One function per subject: what this process's engine makes of an input, as plain data.

Run as a program, it answers pickled `(subject, input)` on standard input with pickled outcomes.
"""

from __future__ import annotations

import functools
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import log_reading
import rapidsse
import stream_reading
import typed_family
from rapidsse import Base64, Base64Error, Decoder, _engine

__all__ = ["OWN", "SDK", "Unexpected"]

Chunks = list[bytes]


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
]
OWN = sorted(typed_family.family(Base64))
_SPLIT = 700
"""Bytes of a split."""
_SPLIT_COLUMNS = ["source", "stream", "offset", "index", "event", "response_id", "delta"]
_DECODE = {"any": msgspec.json.decode, "int": msgspec.json.Decoder(int).decode}


def frames(chunks: Chunks, options: dict[str, Any]) -> Any:
    return stream_reading.read_pushed(_engine, chunks, **options)


def typed(chunks: Chunks, decode: str, options: dict[str, Any]) -> Any:
    return stream_reading.read_typed(_engine, chunks, decode=_DECODE[decode], **options)


def sdk(names: tuple[str, str], chunks: Chunks, options: dict[str, Any]) -> Any:
    module, name = names
    return _decoded(getattr(_imported(module), name), chunks, options)


def own(root: str, chunks: Chunks, options: dict[str, Any]) -> Any:
    return _decoded(_family()[root], chunks, options)


def spans(payload: bytes, keys: frozenset[str] | None) -> Any:
    return _engine.find_spans(payload, keys)


def base64(text: bytes) -> Any:
    try:
        return _engine.base64_decode(text)
    except Base64Error as error:
        return error.reason, error.offset


def log(bodies: list[Chunks], options: dict[str, Any]) -> Any:
    offset = 0
    placed = []
    for chunks in bodies:
        placed.append((offset, chunks))
        offset += sum(map(len, chunks))
    return tuple(log_reading.read_log(_engine, placed, **options))


def tables(name: str, content: bytes, limit: int | None) -> Any:
    """Every table, the totals, the events one by one, and what `verify` says."""
    from rapidsse.logs.verify._verify import Verifier

    path = Path(_folder(), name)
    path.write_bytes(content)
    return {
        "tables": _attempt(lambda: _tables(path, limit)),
        "events": _attempt(lambda: _events(path, limit)),
        "verify": _attempt(lambda: _problems(path, limit, Verifier)),
        "splits": _attempt(lambda: _splits(path, limit)),
    }


def _tables(path: Path, limit: int | None) -> Any:
    from rapidsse.logs.tables._schemas import TABLES, schema
    from rapidsse.logs.tables._tables import LogTables

    found: dict[str, list[Any]] = {table: [] for table in TABLES}
    columns = {table: [*schema(table).names] for table in TABLES}
    columns["events"].append("payload")
    reader = LogTables(columns)
    error = None
    with rapidsse.open_log(path, max_event_size=limit) as log:
        try:
            for table, batch in reader.read(log):
                batch.validate(full=True)
                found[table] += batch.to_pylist()
        except rapidsse.RapidSSEError as raised:
            error = _error(raised)
    return found, reader.totals.to_dict(), error


def _events(path: Path, limit: int | None) -> Any:
    found = []
    with rapidsse.open_log(path, max_event_size=limit, on_error="yield") as log:
        try:
            for event in log:
                found.append(repr(event))
        except rapidsse.RapidSSEError as error:
            found.append(_error(error))
    return found


def _problems(path: Path, limit: int | None, verifier: Any) -> Any:
    problems: list[Any] = []
    check = verifier(problems.append, max_event_size=limit)
    with rapidsse.open_log(path) as log:
        check.verify(log)
    problems = [problem.to_dict() for problem in problems]
    return problems, check.events, check.streams


def _splits(path: Path, limit: int | None) -> Any:
    """The events of each split, of splits that end amid the log's streams."""
    found = []
    for split in rapidsse.plan_splits(path, target_bytes=_SPLIT, max_event_size=limit):
        found.append((repr(split), _attempt(lambda each=split: _rows(each))))
    return found


def _rows(split: rapidsse.Split) -> list[Any]:
    batches = rapidsse.read_split(split, columns=_SPLIT_COLUMNS)
    return [row for batch in batches for row in batch.to_pylist()]


def _decoded(type_: Any, chunks: Chunks, options: dict[str, Any]) -> Any:
    decoder = Decoder[Any](type_, **options)
    outcomes: list[Any] = []
    events = decoder.iter(iter(chunks))
    while True:
        try:
            event = next(events)
        except StopIteration:
            break
        except rapidsse.RapidSSEError as error:
            outcomes.append(_error(error))
        else:
            outcomes.append((type(event).__name__, _written(event)))
    return outcomes, repr(decoder.stats)


def _written(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=_plain)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Base64) else repr(value)


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


SUBJECTS = {f.__name__: f for f in (frames, typed, sdk, own, spans, base64, log, tables)}


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
