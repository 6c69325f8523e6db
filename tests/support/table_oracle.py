"""The four tables of a log, from the naive reading of its events in `log_oracle`.

Shares no code with the package. Rows are dicts with every column; the wording of a failure's
message is left to the package, so it is not here.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Iterable
from typing import Any

from json_oracle import get
from log_oracle import Bodies, End, Event, Failure, Stream, api_of, choices_of, row_of, walk

Row = dict[str, Any]

_ENDS = ("response.completed", "response.incomplete", "response.failed")


def expected_tables(source: str, bodies: Bodies, *, lines: bool = False) -> dict[str, list[Row]]:
    """The tables of bodies that begin at these offsets: event streams, or JSON lines."""
    tables: dict[str, list[Row]] = {
        name: [] for name in ("events", "images", "responses", "failures")
    }
    images: set[Any] = set()
    for step in walk(bodies, "lines" if lines else "sse"):
        match step:
            case Failure():
                tables["failures"].append(
                    {**_place(source, step), "kind": step.kind, "data": step.payload}
                )
            case Event():
                tables["events"].append({"source": source, **row_of(step)})
                for image in _images(step.value):
                    if image in images:
                        continue
                    images.add(image)
                    row = _image_row(source, step, *image)
                    if row["bytes"] is None:
                        bad = {"kind": "base64", "data": image[-1].encode()}
                        tables["failures"].append({**_place(source, step), **bad})
                    tables["images"].append(row)
            case End(stream):
                if stream.api:
                    tables["responses"].append(_response_row(source, stream, len(images)))
                images = set()
    return tables


def _place(source: str, found: Event | Failure) -> Row:
    return {
        "source": source,
        "stream": found.stream.offset,
        "offset": found.offset,
        "length": found.length,
        "index": found.index,
        "event": found.name,
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _time(value: dict[str, Any], key: str) -> datetime.datetime | None:
    seconds = value.get(key)
    if type(seconds) not in (int, float):
        return None
    try:
        delta = datetime.timedelta(seconds=seconds)
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + delta
    except OverflowError:
        return None


# Images: item, kind, partial index and base64.


def _images(event: dict[str, Any]) -> Iterable[tuple[str | None, str, int | None, str]]:
    item_id = get(event, "item_id", str)
    index = get(event, "partial_image_index", int)
    if text := get(event, "partial_image_b64", str):
        yield item_id, "partial", index, text
    if text := get(event, "b64_json", str):
        partial = (get(event, "type", str) or "").endswith(".partial_image")
        yield item_id, "partial" if partial else "final", index if partial else None, text
    output = get(event.get("response"), "output", list) or []
    for item in (event.get("item"), *output):
        is_call = _dict(item).get("type") == "image_generation_call"
        if is_call and (text := get(item, "result", str)):
            yield get(item, "id", str), "final", None, text


def _image_row(
    source: str, event: Event, item_id: str | None, kind: str, index: int | None, text: str
) -> Row:
    try:
        content = base64.b64decode(text, validate=True)
        if base64.b64encode(content) != text.encode():
            raise ValueError("not canonical")
    except ValueError:
        content = None
    media_type, size = _look(text, content)
    return {
        "source": source,
        "stream": event.stream.offset,
        "response_id": event.response_id,
        "item_id": item_id,
        "kind": kind,
        "partial_image_index": index,
        "media_type": media_type,
        "width": size[0],
        "height": size[1],
        "size": None if content is None else len(content),
        "sha256": None if content is None else hashlib.sha256(content).hexdigest(),
        "bytes": content,
    }


def _look(text: str, content: bytes | None) -> tuple[str | None, tuple[int | None, int | None]]:
    """Media type and size of a PNG or JPEG, of what is broken by its first 1,024 characters."""
    try:
        head = base64.b64decode(text[: min(len(text), 16) // 4 * 4], validate=True)
    except ValueError:
        return None, (None, None)
    if content is None:
        try:
            content = base64.b64decode(text[:1024], validate=True)
        except ValueError:
            content = b""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        if content[12:16] == b"IHDR" and len(content) >= 24:
            return "image/png", (
                int.from_bytes(content[16:20], "big"),
                int.from_bytes(content[20:24], "big"),
            )
        return "image/png", (None, None)
    if head.startswith(b"\xff\xd8\xff"):
        # The first start of a frame that is outside of every segment before it.
        at = 2
        while at + 9 <= len(content):
            marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
                return "image/jpeg", (int.from_bytes(width, "big"), int.from_bytes(height, "big"))
            at += 2 + length
        return "image/jpeg", (None, None)
    return None, (None, None)


# Responses.


def _response_row(source: str, stream: Stream, n_images: int) -> Row:
    texts = "".join(text for _, text in sorted(stream.texts.items()))
    row: Row = {
        "source": source,
        "stream": stream.offset,
        "response_id": stream.id,
        "model": None,
        "status": None,
        "created_at": None,
        "completed_at": None,
        "input_tokens": None,
        "cached_tokens": None,
        "output_tokens": None,
        "reasoning_tokens": None,
        "total_tokens": None,
        "output_text": texts or None,
        "n_events": len(stream.events),
        "n_images": n_images,
        "error_code": None,
        "error_message": None,
        "complete": stream.ended,
        "missing": stream.missing,
        "duplicates": stream.duplicates,
        "custom_id": None,
    }
    _fill_in(row, stream.events)
    return row


def _fill_in(row: Row, events: list[dict[str, Any]]) -> None:
    """What the events say about their response."""
    said = reported = None
    ended = False

    def take(name: str, value: Any) -> None:
        row[name] = row[name] if value is None or value == "" else value

    def tokens(usage: dict[str, Any] | None, read: str, written: str) -> None:
        if usage:
            row["input_tokens"] = get(usage, read, int)
            row["output_tokens"] = get(usage, written, int)
            row["total_tokens"] = get(usage, "total_tokens", int)
            row["cached_tokens"] = get(usage.get(f"{read}_details"), "cached_tokens", int)
            details = usage.get(f"{written}_details")
            row["reasoning_tokens"] = get(details, "reasoning_tokens", int)

    for event in events:
        api, kind = api_of(event), get(event, "type", str) or ""
        if kind == "error":
            reported = event
        if (error := get(event, "error", dict)) is not None:
            reported = error
        if api == "chat":
            if row["model"] is None:
                take("model", get(event, "model", str))
            if row["created_at"] is None:
                take("created_at", _time(event, "created"))
            tokens(get(event, "usage", dict), "prompt_tokens", "completion_tokens")
            for choice in choices_of(event):
                take("status", get(choice, "finish_reason", str))
        elif api == "images" and kind.endswith(".completed"):
            take("model", get(event, "model", str))
            take("created_at", _time(event, "created_at"))
            tokens(get(event, "usage", dict), "input_tokens", "output_tokens")
            row["status"] = "completed"
        elif api == "response" and (response := get(event, "response", dict)) is not None:
            terminal = kind in _ENDS
            if ended and not terminal:
                continue
            ended = terminal
            take("model", get(response, "model", str))
            take("status", kind.removeprefix("response.") if terminal else None)
            take("status", get(response, "status", str))
            take("created_at", _time(response, "created_at"))
            take("completed_at", _time(response, "completed_at"))
            tokens(get(response, "usage", dict), "input_tokens", "output_tokens")
            reason = get(response.get("incomplete_details"), "reason", str)
            error = get(response, "error", dict)
            if error is not None:
                said = error
            elif reason:
                said = {"code": reason}
            if terminal:
                take("output_text", _output_text(response))
    error = said or reported or {}
    row["error_code"], row["error_message"] = get(error, "code", str), get(error, "message", str)


def _output_text(response: dict[str, Any]) -> str:
    return "".join(
        get(part, "text", str) or ""
        for item in get(response, "output", list) or []
        if _dict(item).get("type") == "message"
        for part in get(item, "content", list) or []
        if _dict(part).get("type") == "output_text"
    )
