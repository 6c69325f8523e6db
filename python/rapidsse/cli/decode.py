"""`rapidsse decode`: runs over the logs, one after another."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .._errors import Base64Error
from .._unknown import UnknownEvent
from .events import Event, EventReader, Failure
from .images import ImageFiles, Picture, pictures
from .jsonl import JsonLines
from .output import replacing, reported
from .report import Report, plain
from .source import InputError, Source, open_source, shown
from .summary import Summary

__all__ = ["DecodeOptions", "decode_logs"]

OK, SOME_FAILED, UNREADABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """The arguments of `rapidsse decode`. `jsonl` may be `-`, so may a log."""

    logs: list[str]
    images: Path | None = None
    jsonl: str | None = None
    keep_base64: bool = False
    max_event_size: int | None = None
    rows: int = 20


def decode_logs(options: DecodeOptions) -> int:
    """Decodes and reports every log; returns the exit status. Raises `OutputError`."""
    status = OK
    # The report leaves standard output to the lines that were asked for there.
    report = Report(sys.stderr if options.jsonl == "-" else sys.stdout)
    files = ImageFiles(options.images) if options.images is not None else None
    reader = EventReader(max_event_size=options.max_event_size)
    with _lines(options) as lines:
        for log in options.logs:
            summary = Summary(log, rows=options.rows, files=files)
            try:
                with open_source(log) as source:
                    _decode(source, reader, summary, lines)
            except InputError as error:
                complain(str(error))
                status = UNREADABLE
                if summary.size == 0:
                    continue
            report.add(summary)
            if summary.failed:
                status = max(status, SOME_FAILED)
        report.total()
    if files is not None:
        report.note(f"\n{files.written:,} image files in {plain(str(files.folder), 1000)}")
    return status


def complain(message: str) -> None:
    """A line on standard error."""
    print(f"rapidsse: {plain(message, 1000)}", file=sys.stderr)


def _decode(source: Source, reader: EventReader, summary: Summary, lines: JsonLines | None) -> None:
    unknown_items = reader.unknown_items
    try:
        for event in reader.read(source):
            if isinstance(event, Failure):
                _fail(event, summary, lines)
            else:
                _event(event, summary, lines)
    finally:
        summary.size = source.size
        summary.unknown_items = reader.unknown_items - unknown_items
        summary.streams.finish()
    if summary.size and not summary.events and not summary.failed:
        complain(f"no events in {shown(source.path)}: is it an event stream?")


def _event(event: Event, summary: Summary, lines: JsonLines | None) -> None:
    summary.count(event, unknown=isinstance(event.value, UnknownEvent))
    stream = summary.streams.add(event.value)
    found = list(pictures(event.value))
    if lines is not None:
        lines.event(event, found)
    for picture in found:
        try:
            summary.images.add(picture, stream)
        except Base64Error as error:
            _fail(_not_base64(event, picture, error), summary, lines)


def _not_base64(event: Event, picture: Picture, error: Base64Error) -> Failure:
    item = f" of {picture.item_id}" if picture.item_id else ""
    reason = f"{picture.kind} image{item}: {error}"
    return Failure(event.offset, event.index, event.type, "base64", reason, None)


def _fail(failure: Failure, summary: Summary, lines: JsonLines | None) -> None:
    if lines is not None:
        lines.failure(failure, summary.log)
    summary.failures.add(failure)


@contextlib.contextmanager
def _lines(options: DecodeOptions) -> Generator[JsonLines | None]:
    if options.jsonl is None:
        yield None
        return
    # Written through a link that the user gave, not over it.
    path = Path(os.path.realpath(options.jsonl))
    with _opened(options.jsonl, path) as file:
        yield JsonLines(file, path, keep_base64=options.keep_base64)


@contextlib.contextmanager
def _opened(name: str, path: Path) -> Generator[BinaryIO]:
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif path.exists() and not path.is_file() and not path.is_dir():
        # A pipe or a device takes the lines as they come.
        with reported(path), open(path, "wb") as file:
            yield file
    else:
        with replacing(path) as file:
            yield file
