"""Prints what a job found: as tables, or as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Protocol

from .._text import many, plain, shown
from .table import Column, Table
from .terminal import Part, open_screen

if TYPE_CHECKING:
    from ..job import Outcome, Totals

__all__ = ["NotRead", "not_read", "of_no_api", "print_json", "print_summary"]


class NotRead(Protocol):
    """What counts the records and lines without events, and the streams that were passed over."""

    @property
    def skipped(self) -> int: ...
    @property
    def passed_over(self) -> int: ...
    @property
    def unknown_lines(self) -> int: ...


_TOKENS = ("input", "cached", "output", "reasoning", "total")


def print_json(outcome: Outcome, file: IO[str]) -> None:
    """Prints one line of JSON: the totals, and the logs that could not be read."""
    values = {
        "totals": outcome.totals.to_dict(),
        "errors": [{"source": source, "reason": reason} for source, reason in outcome.errors],
        "changed": outcome.changed,
        "empty": [{"source": source, "looks_like": looks} for source, looks in outcome.empty],
        "empty_logs": outcome.n_empty,
        "units": outcome.splits,
        "units_finished_before": outcome.before,
    }
    print(json.dumps(values), file=file)


def print_summary(outcome: Outcome, rows: int, file: IO[str]) -> None:
    """Prints the tables, each with at most `rows` rows."""
    screen = open_screen(file)
    parts = list(_line(outcome.totals))
    for table in _tables(outcome, rows):
        if table is not None:
            parts += [("\n", ""), *table.parts(screen.width, ascii_only=screen.ascii_only)]
    screen.print(parts)


def _line(totals: Totals) -> Iterator[Part]:
    logs, events, streams = totals.of_logs, totals.of_events, totals.of_streams
    yield f"{many(logs.inputs, 'input')}, {many(logs.input_bytes, 'byte')}: ", ""
    yield f"{many(streams.streams, 'stream')}, {many(events.events, 'event')}, ", ""
    yield f"{many(streams.images, 'image')}, ", ""
    yield f"{events.failures:,} failed", "bold red" if events.failures else ""
    yield "\n", ""
    yield from of_no_api(streams.unknown_events)
    yield from not_read(logs)


def of_no_api(events: int) -> Iterator[Part]:
    """A line about the events of streams of no known API."""
    if events:
        verb = "is" if events == 1 else "are"
        yield (
            f"{many(events, 'event')} {verb} of no known API: no responses, no check of their end\n",
            "",
        )


def not_read(counts: NotRead) -> Iterator[Part]:
    """Lines about what is in the logs, and was not read."""
    if counts.skipped:
        yield f"{many(counts.skipped, 'record')} without events\n", ""
    if counts.passed_over:
        what = "other stream or event" if counts.passed_over == 1 else "other streams or events"
        yield f"{counts.passed_over:,} {what} in records, passed over\n", ""
    if counts.unknown_lines:
        what = "no field of an event stream and no comment"
        yield f"{many(counts.unknown_lines, 'line')} with {what}\n", ""


def _tables(outcome: Outcome, rows: int) -> Iterator[Table | None]:
    totals, heads = outcome.totals, outcome.heads
    yield _types(totals, rows)
    yield _responses(heads.get("responses", [])[:rows], totals.of_streams.responses)
    yield _items(totals, rows)
    yield _images(heads.get("images", [])[:rows], totals.of_streams.images)
    yield _models(totals, rows)
    yield _errors(totals, rows)
    yield _failures(heads.get("failures", [])[:rows], totals.of_events.failures)
    yield _bytes(totals)


def _numbers(*names: str) -> list[Column]:
    return [Column(name, "number") for name in names]


def _types(totals: Totals, rows: int) -> Table | None:
    types = sorted(totals.types.items(), key=lambda item: (-item[1][0], item[0]))
    if not types or not rows:
        return None
    table = Table([Column("event type"), *_numbers("events", "bytes")])
    for name, (events, nbytes) in types[:rows]:
        table.rows.append((plain(name), f"{events:,}", f"{nbytes:,}"))
    if len(types) > 1:
        table.foot = ("all", f"{totals.of_events.events:,}", f"{totals.of_events.event_bytes:,}")
    table.cut_off(len(types))
    return table


def _responses(found: list[dict[str, Any]], count: int) -> Table | None:
    if not found:
        return None
    # In a narrow terminal the response is shortened, not the model.
    model = min(max(len(plain(each["model"])) for each in found), 24)
    names = [Column("response"), Column("model", least=model), Column("status", "fold")]
    table = Table([*names, *_numbers("events")])
    for number, each in enumerate(found):
        status = plain(each["status"]) if each["complete"] else "cut short"
        if not each["complete"]:
            table.styles[number, 2] = "yellow"
        cells = (plain(each["response_id"]), plain(each["model"]), status)
        table.rows.append((*cells, f"{each['n_events']:,}"))
    table.cut_off(count)
    return table


def _items(totals: Totals, rows: int) -> Table | None:
    if not totals.items or not rows:
        return None
    table = Table([Column("output"), *_numbers("items", "complete")])
    kinds = sorted(totals.items.items(), key=lambda item: (-item[1][0], item[0]))
    for kind, counts in kinds[:rows]:
        table.rows.append((kind, *(f"{count:,}" for count in counts)))
    table.cut_off(len(kinds))
    return table


def _images(found: list[dict[str, Any]], count: int) -> Table | None:
    if not found:
        return None
    names = [Column("item"), Column("image", "stay"), Column("type", "stay")]
    table = Table([*names, *_numbers("pixels", "bytes")])
    for each in found:
        number, width, height = each["partial_image_index"], each["width"], each["height"]
        kind = each["kind"] if number is None else f"{each['kind']} {number}"
        pixels = "-" if width is None else f"{width}x{height}"
        nbytes = "-" if each["size"] is None else f"{each['size']:,}"
        cells = (plain(each["item_id"]), plain(kind, 24), each["media_type"] or "-")
        table.rows.append((*cells, pixels, nbytes))
    table.cut_off(count)
    return table


def _models(totals: Totals, rows: int) -> Table | None:
    models = sorted(totals.models.items(), key=lambda item: (-item[1][-1], item[0]))
    if not models or not rows:
        return None
    table = Table([Column("tokens by model"), *_numbers("streams", *_TOKENS)])
    for model, counts in models[:rows]:
        table.rows.append((plain(model), *(f"{count:,}" for count in counts)))
    if len(models) > 1:
        sums = (sum(counts) for counts in zip(*totals.models.values(), strict=True))
        table.foot = ("all", *(f"{count:,}" for count in sums))
    table.cut_off(len(models))
    return table


def _errors(totals: Totals, rows: int) -> Table | None:
    errors = sorted(totals.error_events.items(), key=lambda item: (-item[1][0], item[0]))
    if not errors or not rows:
        return None
    table = Table([Column("error without a response", "fold"), *_numbers("streams")])
    for message, (streams,) in errors[:rows]:
        table.rows.append((plain(message, 400), f"{streams:,}"))
    table.cut_off(len(errors))
    return table


def _failures(found: list[dict[str, Any]], count: int) -> Table | None:
    if not found:
        return None
    several = len({each["source"] for each in found}) > 1
    names = [Column("failed", "stay"), *_numbers("at byte", "event"), Column("reason", "fold")]
    table = Table(names)
    for number, each in enumerate(found):
        place = (
            "-" if value is None else f"{value:,}" for value in (each["offset"], each["index"])
        )
        reason = plain(each["message"])
        if several:
            reason = f"{_end(plain(shown(each['source']), 1000))}: {reason}"
        table.styles[number, 0] = "red"
        table.rows.append((each["kind"], *place, reason))
    table.cut_off(count)
    return table


def _end(name: str, limit: int = 40) -> str:
    return name if len(name) <= limit else f"...{name[3 - limit :]}"


def _bytes(totals: Totals) -> Table:
    table = Table([Column("where the bytes are"), *_numbers("bytes")])
    events = totals.of_events
    for name, nbytes in (
        ("events", events.event_bytes),
        ("failures", events.failure_bytes),
        ("comments, blank lines, end marks", events.other_bytes),
    ):
        table.rows.append((name, f"{nbytes:,}"))
    # The bytes of event streams differ from those of the files if these are compressed, or hold
    # more than streams.
    plain_logs = events.body_bytes == totals.of_logs.input_bytes
    table.foot = ("the inputs" if plain_logs else "the event streams", f"{events.body_bytes:,}")
    return table
