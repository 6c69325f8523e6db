"""The tables of the report.

Everything that comes from a log or a path is shown through `plain`: it is neither markup
nor an escape sequence for the terminal. Columns fit 80 characters; identifiers give way
first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .source import shown
from .streams import Stream, Usage
from .summary import Summary

__all__ = ["Report", "plain"]

MAX_TEXT = 200
MIN_WIDTH = 80


def plain(text: str | None, limit: int = MAX_TEXT) -> str:
    """Text of a log as one printable line of at most about `limit` characters."""
    if not text:
        return "-"
    short = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)


class Report:
    """Prints what was found, log by log, to a text file."""

    def __init__(self, file: IO[str]) -> None:
        self._console = Console(file=file, markup=False, highlight=False, emoji=False)
        # In less the tables would lose columns; broken lines lose nothing.
        self._console.width = max(self._console.width, MIN_WIDTH)
        self._logs = self._streams = self._events = self._images = self._failed = 0
        self._size = 0

    def add(self, summary: Summary) -> None:
        """The tables of one log."""
        if self._logs:
            self._console.print()
        self._logs += 1
        self._size += summary.size
        self._streams += summary.streams.count
        self._events += summary.events
        self._images += summary.images.count
        self._failed += summary.failed
        self._console.print(Text(plain(shown(summary.log), 1000), style="bold"), soft_wrap=True)
        self._console.print(
            _totals(
                summary.size,
                summary.streams.count,
                summary.events,
                summary.images.count,
                summary.failed,
            )
        )
        for make in (_streams, _types, _images, _tokens, _failures):
            if (table := make(summary)) is not None:
                self._console.print()
                self._console.print(table)

    def total(self) -> None:
        """One line for all logs, where there were several."""
        if self._logs > 1:
            self._console.print()
            self._console.print(Text(f"{self._logs:,} logs", style="bold"))
            self._console.print(
                _totals(self._size, self._streams, self._events, self._images, self._failed)
            )

    def note(self, text: str) -> None:
        """A line of its own."""
        self._console.print(Text(text), soft_wrap=True)


def _totals(size: int, streams: int, events: int, images: int, failed: int) -> Text:
    line = Text(f"{_many(size, 'byte')}, {_many(streams, 'stream')}, {_many(events, 'event')}, ")
    line.append(f"{_many(images, 'image')}, ")
    line.append(f"{failed:,} failed", style="bold red" if failed else "")
    return line


def _many(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def _table(names: Iterable[str], numbers: Iterable[str]) -> Table:
    """A table whose columns named in `numbers` are numbers and never cut."""
    table = Table(
        box=box.SIMPLE,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
        footer_style="bold",
    )
    right = set(numbers)
    for name in names:
        if name in right:
            table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
        else:
            table.add_column(name, overflow="ellipsis")
    return table


def _row(table: Table, cells: Iterable[str | Text]) -> None:
    table.add_row(*(Text(c) if isinstance(c, str) else c for c in cells))


def _foot(table: Table, cells: Iterable[str]) -> None:
    table.show_footer = True
    for column, cell in zip(table.columns, cells, strict=True):
        column.footer = cell


def _rest(table: Table, shown_rows: int, count: int) -> None:
    if count > shown_rows:
        table.caption = Text(f"... and {count - shown_rows:,} more (--rows)")
        table.caption_justify = "left"


def _streams(summary: Summary) -> Table | None:
    streams = summary.streams
    if not streams.count:
        return None
    table = _table(["stream", "response", "model", "status", "events"], ["stream", "events"])
    table.columns[3].overflow = "fold"
    # Where the line is too narrow the response gives way, not the model.
    longest = max((len(plain(stream.model)) for stream in streams.kept), default=0)
    table.columns[2].min_width = min(longest, 24)
    for stream in streams.kept:
        status = Text(_status(stream), style="" if stream.ended else "yellow")
        cells = (f"{stream.number:,}", _name(stream), plain(stream.model), status)
        _row(table, (*cells, f"{stream.events:,}"))
    _rest(table, len(streams.kept), streams.count)
    return table


def _name(stream: Stream) -> str:
    return "(Images API)" if stream.api == "images" else plain(stream.id)


def _status(stream: Stream) -> str:
    return plain(stream.status or ("cut short" if stream.api else None))


def _types(summary: Summary) -> Table | None:
    if not summary.types:
        return None
    table = _table(["event type", "events", "bytes"], ["events", "bytes"])
    for type, count in summary.types.items():
        name = Text(plain(type))
        if count.unknown:
            name.append(" (unknown)", style="yellow")
        _row(table, (name, f"{count.events:,}", f"{count.nbytes:,}"))
    if summary.unknown_items:
        text = f"{_many(summary.unknown_items, 'member')} of an unknown type inside known events"
        table.caption, table.caption_justify = Text(text), "left"
    if len(summary.types) > 1:
        nbytes = sum(count.nbytes for count in summary.types.values())
        _foot(table, ("all", f"{summary.events:,}", f"{nbytes:,}"))
    return table


def _images(summary: Summary) -> Table | None:
    images = summary.images
    if not images.count:
        return None
    table = _table(
        ["stream", "item", "image", "type", "pixels", "bytes"], ["stream", "pixels", "bytes"]
    )
    table.columns[2].no_wrap = table.columns[3].no_wrap = True
    for image in images.kept:
        size = "-" if image.size is None else f"{image.size[0]}x{image.size[1]}"
        kind = (plain(image.kind, 24), image.media_type or "-")
        cells = (f"{image.stream:,}", plain(image.item_id), *kind, size, f"{image.nbytes:,}")
        _row(table, cells)
    _rest(table, len(images.kept), images.count)
    return table


def _tokens(summary: Summary) -> Table | None:
    models = summary.streams.models
    if not models:
        return None
    kinds = ["streams", "input", "cached", "output", "reasoning", "total"]
    table = _table(["tokens by model", *kinds], kinds)
    everything = Usage()
    for model, (streams, usage) in models.items():
        everything.add(usage)
        _row(table, (plain(model), f"{streams:,}", *_counts(usage)))
    if len(models) > 1:
        number = sum(streams for streams, _ in models.values())
        _foot(table, ("all", f"{number:,}", *_counts(everything)))
    return table


def _counts(usage: Usage) -> tuple[str, ...]:
    counts = (usage.input, usage.cached, usage.output, usage.reasoning, usage.total)
    return tuple(f"{count:,}" for count in counts)


def _failures(summary: Summary) -> Table | None:
    failures = summary.failures
    if not summary.failed:
        return None
    table = _table(["failed", "at byte", "event", "reason"], ["at byte", "event"])
    table.columns[0].no_wrap = True
    table.columns[3].overflow = "fold"
    for failure in failures.kept:
        cells = (f"{failure.offset:,}", f"{failure.index:,}", plain(failure.reason))
        _row(table, (Text(failure.kind, style="red"), *cells))
    _rest(table, len(failures.kept), summary.failed)
    return table
