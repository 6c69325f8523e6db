"""The five tables of a log, from the naive reading of its events in `log_oracle`.

Shares no code with the package. Rows are dicts with every column; the wording of a failure's
message is left to the package, so it is not here.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Iterable
from typing import Any

from interleaved_oracle import has_rest_of_another
from item_oracle import item_rows
from json_oracle import get, plain
from log_oracle import Bodies, End, Event, Failure, pictures_of, row_of, walk
from response_oracle import RESPONSE_ENDS, Stream, api_of, kind_of, mapping

Row = dict[str, Any]
INTERACTION_ENDS = "interaction.completed", "interaction.complete", "interaction.cancelled"


def expected_tables(source: str, bodies: Bodies, *, lines: bool = False) -> dict[str, list[Row]]:
    """The tables of bodies that begin at these offsets: event streams, or JSON lines."""
    tables: dict[str, list[Row]] = {
        name: [] for name in ("events", "images", "responses", "items", "failures")
    }
    for body in bodies:
        _add_body(tables, source, body, lines=lines)
    return tables


def _add_body(
    tables: dict[str, list[Row]], source: str, body: tuple[int, bytes], *, lines: bool
) -> None:
    images: set[Any] = set()
    streams: list[Stream] = []
    for step in walk([body], "lines" if lines else "sse"):
        match step:
            case Failure():
                tables["failures"].append(
                    {**_place(source, step), "kind": step.kind, "data": step.payload}
                )
            case Event():
                tables["events"].append({"source": source, **row_of(step)})
                for image in _images(step):
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
                    key = {"source": source, "stream": stream.offset, "response_id": stream.id}
                    rows = [{**key, "custom_id": None, **row} for row in item_rows(stream)]
                    tables["items"] += rows
                    streams.append(stream)
                    if has_rest_of_another(streams):
                        tables["failures"].append(_interleaved_row(source, stream))
                images = set()


def _interleaved_row(source: str, stream: Stream) -> Row:
    place = {"offset": stream.offset, "length": 0, "index": None, "event": None}
    said = {"kind": "interleaved", "data": None}
    return {"source": source, "stream": stream.offset, **place, **said}


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


def _images(event: Event) -> Iterable[tuple[str | None, str, int | None, str]]:
    for item, kind, index, picture in pictures_of(event):
        text = picture.decode()
        _, is_url, content = text[:256].partition(";base64,")
        if text.startswith("data:") and is_url:
            text = content + text[256:]
        yield item, kind, index, text


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
        "cache_write_tokens": None,
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


def _fill_in(row: Row, events: list[tuple[dict[str, Any], str]]) -> None:
    """What the events say about their response."""
    said = reported = None
    ended = False
    own = ""

    def take(name: str, value: Any) -> None:
        row[name] = row[name] if value is None or value == "" else value

    for event, name in events:
        api, kind = api_of(event, name), kind_of(event, name)
        if api == "" and own in ("chat", "completion", "gemini"):
            api = own
        own = own or api
        if (error := _error(event, kind, api)) is not None:
            reported = error
        if api in ("chat", "completion", "gemini"):
            models, created = (
                (("modelVersion", "model_version"), "createTime")
                if api == "gemini"
                else (("model",), "created")
            )
            for model in models:
                if row["model"] is None:
                    take("model", get(event, model, str))
            if row["created_at"] is None and event.get(created):
                take("created_at", _time(event, created))
            _add_tokens(row, event, api)
            ends = [choice.get("finish_reason") for choice in _list(event.get("choices"))]
            if api == "gemini":
                found = _list(event.get("candidates"))
                ends = [each.get("finishReason") for each in found]
                ends += [each.get("finish_reason") for each in found]
                ends.append(mapping(event.get("promptFeedback")).get("blockReason"))
                ends.append(mapping(event.get("prompt_feedback")).get("block_reason"))
            for end in ends:
                take("status", end if isinstance(end, str) else None)
        elif api == "images" and kind.endswith(".completed"):
            take("model", get(event, "model", str))
            take("created_at", _time(event, "created_at"))
            _add_tokens(row, event, api)
            row["status"] = "completed"
        elif api == "cohere" and kind == "message-end":
            take("model", get(event, "model", str))
            take("created_at", _time(event, "created_at"))
            take("completed_at", _time(event, "completed_at"))
            _add_tokens(row, mapping(event.get("delta")), api)
            take("status", get(event.get("delta"), "finish_reason", str))
        elif api == "message":
            ended = ended or False
            if ended and kind != "message_stop":
                continue
            message = get(event, "message", dict)
            if message is not None:
                ended = kind == "message_stop"
                take("model", get(message, "model", str))
                take("created_at", _time(message, "created_at"))
                take("completed_at", _time(message, "completed_at"))
                _add_tokens(row, message, api)
                if (error := _object_error(message.get("error"))) is not None:
                    said = error
                take("status", get(message, "stop_reason", str))
            _add_tokens(row, event, api)
            take("status", get(event.get("delta"), "stop_reason", str))
        elif api == "interaction":
            terminal = kind in INTERACTION_ENDS
            if ended and not terminal:
                continue
            interaction = get(event, "interaction", dict)
            if interaction is not None:
                ended = terminal
                take("model", get(interaction, "model", str))
                take("created_at", _time(interaction, "created"))
                take("completed_at", _time(interaction, "updated"))
                _add_tokens(row, interaction, api)
                said = _object_error(interaction.get("error")) or said
                take("status", kind.rpartition(".")[2] if terminal else None)
            take("status", get(event, "status", str))
            take("status", get(interaction, "status", str))
        elif api == "response":
            response = get(event, "response", dict)
            terminal = kind in RESPONSE_ENDS
            if response is None or (ended and not terminal):
                continue
            ended = terminal
            take("model", get(response, "model", str))
            take("status", kind.removeprefix("response.") if terminal else None)
            take("status", get(response, "status", str))
            take("created_at", _time(response, "created_at"))
            take("completed_at", _time(response, "completed_at"))
            _add_tokens(row, response, api)
            details = mapping(response.get("status_details"))
            reason = get(response.get("incomplete_details"), "reason", str)
            reason = reason or get(details, "reason", str)
            error = _object_error(response.get("error")) or _object_error(details.get("error"))
            if error is not None:
                said = error
            elif reason:
                said = reason, None
            if terminal:
                row["output_text"] = _output_text(response) or row["output_text"]
    row["error_code"], row["error_message"] = said or reported or (None, None)


def _list(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object_error(error: Any) -> tuple[str | None, str | None] | None:
    if isinstance(error, str):
        return (None, plain(error)) if error else None
    if not isinstance(error, dict):
        return None
    message = get(error, "message", str)
    if message is None and isinstance(error.get("error"), dict):
        return _object_error(error["error"])
    key = "code" if "code" in error else "type"
    code = get(error, key, str, int)
    if type(error.get(key)) is int:
        code = str(error[key])[:40]
    return code, message


def _error(event: dict[str, Any], kind: str, api: str) -> tuple[str | None, str | None] | None:
    places = [event.get("error")]
    if api in ("chat", "completion"):
        places += [choice.get("error") for choice in _list(event.get("choices"))]
        places.append(mapping(event.get("x_groq")).get("error"))
    if api == "cohere" and kind == "message-end":
        places.append(mapping(event.get("delta")).get("error"))
    for place in places:
        if (error := _object_error(place)) is not None:
            return error
    return _object_error(event) if kind == "error" else None


def _add_tokens(row: Row, value: dict[str, Any], api: str) -> None:
    usages = [value.get("usageMetadata" if api == "gemini" else "usage")]
    if api == "gemini":
        usages.append(value.get("usage_metadata"))
    if api in ("chat", "completion"):
        usages.append(_dict(value.get("x_groq")).get("usage"))
        usages += [choice.get("usage") for choice in _list(value.get("choices"))]
    for usage in usages:
        if isinstance(usage, dict) and usage:
            counts = _counts(_with_whole_numbers(usage), api)
            # Of a usage of nulls nothing counts.
            row.update(counts if any(count is not None for count in counts.values()) else {})


def _with_whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_whole_numbers(each) for key, each in value.items()}
    return int(value) if isinstance(value, float) and value % 1 == 0 else value


def _counts(usage: dict[str, Any], api: str) -> Row:
    counts: Row = {}
    if api in ("chat", "completion"):
        counts["input_tokens"] = get(usage, "prompt_tokens", int)
        counts["output_tokens"] = get(usage, "completion_tokens", int)
        counts["total_tokens"] = get(usage, "total_tokens", int)
        details = usage.get("prompt_tokens_details")
        cached = (
            get(details, "cached_tokens", int),
            get(usage, "prompt_cache_hit_tokens", int),
            get(usage, "cached_tokens", int),
        )
        counts["cached_tokens"] = next((count for count in cached if count is not None), None)
        counts["cache_write_tokens"] = get(details, "cache_write_tokens", int)
        details = usage.get("completion_tokens_details")
        counts["reasoning_tokens"] = get(details, "reasoning_tokens", int)
    elif api == "gemini":
        for name, camel, snake in (
            ("input_tokens", "promptTokenCount", "prompt_token_count"),
            ("cached_tokens", "cachedContentTokenCount", "cached_content_token_count"),
            ("output_tokens", "candidatesTokenCount", "candidates_token_count"),
            ("reasoning_tokens", "thoughtsTokenCount", "thoughts_token_count"),
            ("total_tokens", "totalTokenCount", "total_token_count"),
        ):
            count = get(usage, camel, int)
            counts[name] = get(usage, snake, int) if count is None else count
        counts["cache_write_tokens"] = None
    elif api == "cohere":
        for name in ("input_tokens", "output_tokens"):
            count = get(usage.get("tokens"), name, int)
            counts[name] = get(usage.get("billed_units"), name, int) if count is None else count
        counts["cached_tokens"] = get(usage, "cached_tokens", int)
        counts |= dict.fromkeys(("cache_write_tokens", "reasoning_tokens", "total_tokens"))
    elif api == "message":
        names = {
            "input_tokens": "input_tokens",
            "cached_tokens": "cache_read_input_tokens",
            "cache_write_tokens": "cache_creation_input_tokens",
            "output_tokens": "output_tokens",
        }
        counts = {name: get(usage, key, int) for name, key in names.items()}
        counts = {name: count for name, count in counts.items() if count is not None}
    elif api == "interaction":
        names = "input_tokens", "cached_tokens", "output_tokens", "total_tokens"
        counts = {
            name: get(usage, f"total_{name}".replace("total_total", "total"), int) for name in names
        }
        thought = get(usage, "total_thought_tokens", int)
        reasoning = get(usage, "total_reasoning_tokens", int)
        counts["reasoning_tokens"] = reasoning if thought is None else thought
    else:
        counts["input_tokens"] = get(usage, "input_tokens", int)
        counts["output_tokens"] = get(usage, "output_tokens", int)
        counts["total_tokens"] = get(usage, "total_tokens", int)
        cached = get(usage.get("input_tokens_details"), "cached_tokens", int)
        if cached is None:
            cached = get(usage.get("input_token_details"), "cached_tokens", int)
        counts["cached_tokens"] = cached
        details = usage.get("output_tokens_details")
        counts["reasoning_tokens"] = get(details, "reasoning_tokens", int)
    return counts


def _output_text(response: dict[str, Any]) -> str:
    return "".join(
        get(part, "text", str) or ""
        for item in get(response, "output", list) or []
        if _dict(item).get("type") == "message"
        for part in get(item, "content", list) or []
        if _dict(part).get("type") in ("output_text", "text")
    )
