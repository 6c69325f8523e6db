"""A naive reading of a log: slow, whole, and written to be obviously right.

Each line is classified by itself, and its bytes are counted where it belongs. It shares no code
with the package: `walk` gives the events, failures and streams of bodies, `read` makes of them
what `log_reading.read_log` gives, and `table_oracle` the five tables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from json_oracle import decoded, elided, get, is_standard, plain, spans
from log_reading import Log
from picture_oracle import Picture, pictures
from response_oracle import RESPONSE_ENDS, Stream, event_in, kind_of, says_state

WHITE = b" \t\n\r\v\f"
BOM = b"\xef\xbb\xbf"
Bodies: TypeAlias = Iterable[tuple[int, bytes]]


class Line(NamedTuple):
    start: int
    text: bytes
    # Nothing, if it is the last line and cut.
    end: bytes

    @property
    def size(self) -> int:
        return len(self.text) + len(self.end)


class Frame(NamedTuple):
    """An event's lines; `payload` is `None` if it is too large."""

    payload: bytes | None
    name: str
    start: int
    size: int
    is_whole: bool


class Unknown(NamedTuple):
    """A line that is no field and no comment."""

    line: Line


# Frames: what is no event gives its number of bytes.


def lines_of(body: bytes, ends: bytes) -> Iterator[Line]:
    start = 0
    for text, end in re.findall(rb"(.*?)(%b|\Z)" % ends, body, re.DOTALL):
        if text or end:
            yield Line(start, text, end)
        start += len(text) + len(end)


def frames(body: bytes, limit: int | None) -> Iterator[Frame | Unknown | int]:
    bom = len(BOM) if body.startswith(BOM) else 0
    yield bom
    block: list[Line] = []
    for line in lines_of(body[bom:], rb"\r\n|\r|\n"):
        line = line._replace(start=line.start + bom)
        if line.text:
            block.append(line)
        else:
            yield from block_of(block, limit, is_whole=True)
            yield line.size
            block = []
    yield from block_of(block, limit, is_whole=False)


def block_of(
    block: list[Line], limit: int | None, is_whole: bool
) -> Iterator[Frame | Unknown | int]:
    while block and block[0].text.startswith(b":"):
        yield block.pop(0).size
    if not block:
        return
    size = sum(line.size for line in block)
    data: list[bytes] = []
    name = id = error = None
    for line in block:
        # Logs that were joined have their marks within.
        text = line.text.removeprefix(BOM)
        field, _, value = text.partition(b":")
        value = value.removeprefix(b" ")
        id_before = id
        if field == b"error":
            error = "error"
        if field not in (b"data", b"event", b"id", b"retry", b"error"):
            if not line.text.startswith(b":"):
                yield Unknown(line)
        elif field in (b"data", b"error"):
            data.append(value)
        elif field == b"event":
            name = value
        elif field == b"id":
            id = value
        held = len(b"\n".join(data)) + len(name or b"") + len(id or b"")
        if limit is not None and field in (b"data", b"error", b"event", b"id") and held > limit:
            yield Frame(None, "", block[0].start, size, is_whole)
            return
        if b"\0" in (id or b""):
            id = id_before
    last = block[-1]
    is_cut = not last.end and not last.text.startswith(b":")
    if data or (not is_whole and (is_cut or name is not None)):
        text = (name or b"").decode("utf-8", "replace") if name is not None else error or ""
        yield Frame(b"\n".join(data), text, block[0].start, size, is_whole)
    else:
        yield size


def line_frames(body: bytes, limit: int | None) -> Iterator[Frame | int]:
    for line in lines_of(body, rb"\n"):
        text = line.text.removeprefix(BOM)
        bom = len(line.text) - len(text)
        start, size = line.start + bom, line.size - bom
        yield bom
        if limit is not None and len(text) > limit:
            yield Frame(None, "", start, size, bool(line.end))
        elif text.strip(WHITE):
            yield Frame(text.removesuffix(b"\r"), "", start, size, bool(line.end))
        else:
            yield size


# Logs.


class Event(NamedTuple):
    stream: Stream
    # Of its stream, by this event.
    response_id: str | None
    # The stream was of no API before it, or all of it had come.
    is_edge: bool
    offset: int
    length: int
    index: int
    name: str
    # The value of its SSE field `event`.
    line: str
    payload: bytes
    value: dict[str, Any]


class Failure(NamedTuple):
    stream: Stream
    offset: int
    length: int
    index: int
    name: str
    payload: bytes | None
    kind: str


class End(NamedTuple):
    stream: Stream


Step: TypeAlias = Event | Failure | End | Unknown | int


def text_ended(body: bytes) -> bytes:
    """A log of which no line is a field, with its last line ended: it is no event that was cut."""
    bom, fields = b"\xef\xbb\xbf", (b"data", b"event", b"id", b"retry")
    *ended, last = body.removeprefix(bom).replace(b"\r", b"\n").split(b"\n")
    names = [line.partition(b":")[0] for line in ended if line]
    if b":" in last:
        names.append(last.partition(b":")[0])
    is_cut = bool(last) and any(each.startswith(last) for each in (*fields, bom))
    is_cut |= last.startswith(b"error:")
    if is_cut or any(name in (b"", *fields) for name in names):
        return body
    return body[:-1] + b"\n" if last else body


def walk(
    bodies: Bodies,
    framing: str = "sse",
    max_event_size: int | None = None,
    *,
    one_response: bool = False,
) -> Iterator[Step]:
    """The events, failures and ends of streams, and the bytes that are none of an event's."""
    split = frames if framing == "sse" else line_frames
    for offset, body in bodies:
        stream: Stream | None = None
        for found in split(body, max_event_size):
            if isinstance(found, int | Unknown):
                yield found
                continue
            payload, name, start, size, is_whole = found
            start += offset
            if payload is not None and payload.strip(WHITE) == b"[DONE]":
                yield size
                if stream is not None:
                    yield End(stream)
                stream = None
                continue
            if payload is not None and is_whole and not payload.strip(WHITE):
                yield size
                continue
            value = "too_large" if payload is None else decoded(payload)
            if isinstance(value, str):
                if not is_whole and value not in ("too_large", "schema"):
                    value = "truncated"
                stream = stream or Stream(start)
                event = "" if payload is None else name or "message"
                yield Failure(stream, start, size, stream.next_index, event, payload, value)
                stream.failures += 1
                continue
            assert payload is not None
            value = event_in(value)
            if stream is not None and stream.is_left_by(value, name, one_response=one_response):
                yield End(stream)
                stream = None
            stream = stream or Stream(start)
            is_edge, index = stream.api == "" or stream.ended, stream.next_index
            stream.add(value, name)
            event = name or kind_of(value, "") or "message"
            at = start, size, index
            yield Event(stream, stream.id, is_edge, *at, plain(event), name, payload, value)
        if stream is not None:
            yield End(stream)


def pictures_of(event: Event) -> list[Picture]:
    """Its pictures, if it says that it may have some."""
    payload, value = event.payload, event.value
    marks = b"image/", b"image\\", b"image_generation_call", b"b64_json"
    deltas = "response.output_text.delta", "response.text.delta", "step.delta", "content.delta"
    deltas += "content_block_delta", "content_block_start", "content-delta", "content-start"
    is_text = kind_of(value, event.line) in deltas and get(value, "delta", str) is not None
    # In a large payload what lies in its base64 fields is not looked at.
    places = spans(payload) if len(payload) >= 1 << 14 else []
    ends = [0, *(place for span in places for place in span), len(payload)]
    outside = [payload[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
    may_hold_some = (
        get(value, "partial_image_b64", str) is not None
        or get(value, "b64_json", str) is not None
        or (
            not is_text
            and (
                any(mark in part for mark in marks for part in outside)
                or any(payload[start : start + 11] == b"data:image/" for start, _ in places)
            )
        )
    )
    whole = decoded(payload)
    return pictures(whole) if may_hold_some and isinstance(whole, dict) else []


def is_delivered(wanted: frozenset[str], event: Event) -> bool:
    value = event.value
    state = says_state(value, event.line, is_edge=event.is_edge)
    images = "images" in wanted and pictures_of(event) != []
    texts = kind_of(value, event.line) in ("response.output_text.done", "response.text.done")
    item = "response.output_item.added", "response.output_item.done", "response.in_progress"
    item += "interaction.completed", "interaction.complete"
    items = kind_of(value, event.line) in (*item, *RESPONSE_ENDS)
    kinds = {"all": True, "state": state, "texts": texts, "images": images, "items": items}
    return any(kinds[kind] for kind in wanted)


ROW: dict[str, Callable[[Event], Any]] = {
    "stream": lambda event: event.stream.offset,
    "offset": lambda event: event.offset,
    "length": lambda event: event.length,
    "index": lambda event: event.index,
    "sequence_number": lambda event: get(event.value, "sequence_number", int),
    "output_index": lambda event: get(event.value, "output_index", int),
    "content_index": lambda event: get(event.value, "content_index", int),
    "item_id": lambda event: get(event.value, "item_id", str),
    "delta": lambda event: get(event.value, "delta", str),
    "response_id": lambda event: event.response_id,
    "event": lambda event: event.name,
    "payload": lambda event: elided(event.payload),
}


def row_of(event: Event) -> dict[str, Any]:
    """The event's row of the table, with all of its columns."""
    return {column: value(event) for column, value in ROW.items()}


def read(
    bodies: Bodies,
    *,
    framing: str = "sse",
    deliver: frozenset[str] = frozenset(),
    max_event_size: int | None = None,
    one_response: bool = False,
) -> Log:
    """All columns of a log, given its bodies and their offsets."""
    calls: list[tuple[Any, ...]] = []
    rows: list[dict[str, Any]] = []
    types: dict[str, tuple[int, int]] = {}
    totals: Counter[str] = Counter()
    for step in walk(bodies, framing, max_event_size, one_response=one_response):
        match step:
            case int():
                totals["other bytes"] += step
            case Unknown():
                totals["unknown lines"] += 1
            case Failure():
                totals["failures"] += 1
                totals["failure bytes"] += step.length
                place = step.stream.offset, step.offset, step.length, step.index
                calls.append(("failure", step.payload, *place, step.name, step.kind))
            case Event():
                totals["events"] += 1
                totals["event bytes"] += step.length
                totals["nonstandard"] += not is_standard(step.payload)
                cut = step.name.encode()[:200].decode("utf-8", "ignore")
                count, total = types.get(cut, (0, 0))
                types[cut] = count + 1, total + step.length
                rows.append(row_of(step))
                if is_delivered(deliver, step):
                    place = step.stream.offset, step.offset, step.length, step.index
                    said = step.name, step.response_id
                    calls.append(("event", step.payload, spans(step.payload), *place, *said))
                    if "images" in deliver:
                        calls += [("picture", *found) for found in pictures_of(step)]
            case End(stream):
                texts = [(*part, text) for part, text in sorted(stream.texts.items())]
                if not deliver & {"all", "state", "texts"}:
                    texts = []
                said = stream.offset, stream.api, stream.id
                counts = len(stream.events), stream.failures, stream.missing, stream.duplicates
                calls.append(("stream", *said, *counts, stream.ended, texts, True))
    names = "events", "failures", "event bytes", "failure bytes", "other bytes"
    others = totals["nonstandard"], totals["unknown lines"]
    return Log(calls, rows, tuple(totals[name] for name in names), types, *others)
