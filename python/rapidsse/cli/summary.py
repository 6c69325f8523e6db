"""What a job found, as tables for people or as one JSON object for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from .terminal import console, foot, many, plain, rest, row, shown, table

if TYPE_CHECKING:
    from ..logs._job import Outcome
    from ..logs._totals import Totals

__all__ = ["print_json", "print_summary"]

_TOKENS = ("input", "cached", "output", "reasoning", "total")


def print_json(outcome: Outcome, file: IO[str]) -> None:
    """One object on one line: the totals, and what could not be read."""
    values = {
        "totals": outcome.totals.to_dict(),
        "errors": [{"source": source, "reason": reason} for source, reason in outcome.errors],
        "changed": outcome.changed,
        "units": outcome.units,
        "units_finished_before": outcome.before,
    }
    print(json.dumps(values), file=file)


def print_summary(outcome: Outcome, rows: int, file: IO[str]) -> None:
    """The tables, each with at most `rows` rows."""
    tables = console(file)
    tables.print(_line(outcome.totals))
    for each in _tables(outcome, rows):
        if each is not None:
            tables.print()
            tables.print(each)


def _line(totals: Totals) -> Text:
    line = Text(f"{many(totals.inputs, 'input')}, {many(totals.input_bytes, 'byte')}: ")
    line.append(f"{many(totals.streams, 'stream')}, {many(totals.events, 'event')}, ")
    line.append(f"{many(totals.images, 'image')}, ")
    line.append(f"{totals.failures:,} failed", style="bold red" if totals.failures else "")
    return line


def _tables(outcome: Outcome, rows: int) -> Iterator[Table | None]:
    totals, heads = outcome.totals, outcome.heads
    yield _types(totals, rows)
    yield _responses(heads.get("responses", [])[:rows], totals.responses)
    yield _images(heads.get("images", [])[:rows], totals.images)
    yield _models(totals, rows)
    yield _failures(heads.get("failures", [])[:rows], totals.failures)
    yield _bytes(totals)


def _types(totals: Totals, rows: int) -> Table | None:
    types = sorted(totals.types.items(), key=lambda item: (-item[1][0], item[0]))
    if not types or not rows:
        return None
    made = table(["event type", "events", "bytes"], ["events", "bytes"])
    for name, (events, nbytes) in types[:rows]:
        row(made, (plain(name), f"{events:,}", f"{nbytes:,}"))
    rest(made, rows, len(types))
    if len(types) > 1:
        foot(made, ("all", f"{totals.events:,}", f"{totals.event_bytes:,}"))
    return made


def _responses(found: list[dict[str, Any]], count: int) -> Table | None:
    if not found:
        return None
    made = table(["response", "model", "status", "events"], ["events"])
    made.columns[2].overflow = "fold"
    # Where the line is too narrow the response gives way, not the model.
    made.columns[1].min_width = min(max(len(plain(each["model"])) for each in found), 24)
    for each in found:
        status = plain(each["status"]) if each["complete"] else "cut short"
        style = "" if each["complete"] else "yellow"
        cells = (plain(each["response_id"]), plain(each["model"]), Text(status, style=style))
        row(made, (*cells, f"{each['n_events']:,}"))
    rest(made, len(found), count)
    return made


def _images(found: list[dict[str, Any]], count: int) -> Table | None:
    if not found:
        return None
    made = table(["item", "image", "type", "pixels", "bytes"], ["pixels", "bytes"])
    made.columns[1].no_wrap = made.columns[2].no_wrap = True
    for each in found:
        number, width, height = each["partial_image_index"], each["width"], each["height"]
        kind = each["kind"] if number is None else f"{each['kind']} {number}"
        pixels = "-" if width is None else f"{width}x{height}"
        nbytes = "-" if each["size"] is None else f"{each['size']:,}"
        cells = (plain(each["item_id"]), plain(kind, 24), each["media_type"] or "-")
        row(made, (*cells, pixels, nbytes))
    rest(made, len(found), count)
    return made


def _models(totals: Totals, rows: int) -> Table | None:
    models = sorted(totals.models.items(), key=lambda item: (-item[1][-1], item[0]))
    if not models or not rows:
        return None
    names = ["streams", *_TOKENS]
    made = table(["tokens by model", *names], names)
    for model, counts in models[:rows]:
        row(made, (plain(model), *(f"{count:,}" for count in counts)))
    rest(made, rows, len(models))
    if len(models) > 1:
        sums = (sum(counts) for counts in zip(*totals.models.values(), strict=True))
        foot(made, ("all", *(f"{count:,}" for count in sums)))
    return made


def _failures(found: list[dict[str, Any]], count: int) -> Table | None:
    if not found:
        return None
    several = len({each["source"] for each in found}) > 1
    made = table(["failed", "at byte", "event", "reason"], ["at byte", "event"])
    made.columns[0].no_wrap = True
    made.columns[3].overflow = "fold"
    for each in found:
        place = (
            "-" if value is None else f"{value:,}" for value in (each["offset"], each["index"])
        )
        reason = plain(each["message"])
        if several:
            reason = f"{_end(plain(shown(each['source']), 1000))}: {reason}"
        row(made, (Text(each["kind"], style="red"), *place, reason))
    rest(made, len(found), count)
    return made


def _end(name: str, limit: int = 40) -> str:
    return name if len(name) <= limit else f"...{name[3 - limit :]}"


def _bytes(totals: Totals) -> Table:
    made = table(["where the bytes are", "bytes"], ["bytes"])
    for name, nbytes in (
        ("events", totals.event_bytes),
        ("failures", totals.failure_bytes),
        ("comments, blank lines, end marks", totals.other_bytes),
    ):
        row(made, (name, f"{nbytes:,}"))
    # Compression and containers apart, that is the size of the inputs.
    plain_logs = totals.body_bytes == totals.input_bytes
    foot(made, ("the inputs" if plain_logs else "the event streams", f"{totals.body_bytes:,}"))
    return made
