"""The four tables of a log, read slowly and in plain Python: `json.loads` and `base64` on text.

Shares no code with the package. Rows are dicts with every column; what a failure's message
says is left to the package, so it is not here.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

_LINE = re.compile(rb"([^\r\n]*)(\r\n|\r|\n|\Z)")
# A key and the base64 that is its value, or any other string.
_STRING = re.compile(r'''("(?:[^"\\]|\\.)*")(\s*:\s*)"([A-Za-z0-9+/=]{1024,})"|"(?:[^"\\]|\\.)*"''')
_IMAGES = ("partial_image_b64", "b64_json", "result")
_ENDS = ("response.completed", "response.incomplete", "response.failed")


def plain_tables(
    source: str, bodies: Iterable[tuple[int, bytes]], *, lines: bool = False
) -> dict[str, list[Row]]:
    """The tables of bodies that begin at these offsets: event streams, or JSON lines."""
    reading = _Reading(source)
    for offset, body in bodies:
        for block in _json_lines(body) if lines else _blocks(body):
            reading.block(offset, *block)
        reading.end_stream()
    return reading.tables


def _json_lines(body: bytes) -> Iterable[tuple[int, int, bytes, str, bool]]:
    at = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    for line in re.findall(rb"[^\n]*\n|[^\n]+", body[at:]):
        payload = line.removesuffix(b"\n").removesuffix(b"\r")
        if payload.strip():
            yield at, at + len(line), payload, "", line.endswith(b"\n")
        at += len(line)


def _blocks(body: bytes) -> Iterable[tuple[int, int, bytes, str, bool]]:
    """Start, end, payload, name, and whether a blank line dispatched it."""
    at = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    start, data, name, is_named, is_cut = None, list[bytes](), b"", False, False
    while at < len(body):
        match = _LINE.match(body, at)
        assert match is not None
        line = match[1]
        if not line:
            if start is not None and data:
                yield start, at, b"\n".join(data), name.decode("utf-8", "replace"), True
            start, data, name, is_named, is_cut = None, [], b"", False, False
        elif not line.startswith(b":"):
            start = at if start is None else start
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name, is_named = value, True
            # Whatever it was to become: its end is missing.
            is_cut = not match[2] or is_named
        at = match.end()
    if start is not None and (data or is_cut):
        yield start, at, b"\n".join(data), name.decode("utf-8", "replace"), False


def _depth(text: str) -> int:
    """How deep arrays and objects are nested in what may not be JSON to its end."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = not escaped and char == "\\"
        elif char == '"':
            in_string = True
        else:
            depth += (char in "[{") - (char in "]}")
            deepest = max(deepest, depth)
    return deepest


def _number(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise ValueError(text)
    return value


def _integer(text: str) -> int:
    if len(text) > 4300:  # a limit of Python's
        raise ValueError(text)
    return int(text)


def _constant(text: str) -> float:
    raise ValueError(text)


def _decode(payload: bytes) -> dict[str, Any] | str:
    """The event, or the kind of failure."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return "utf8"
    try:
        value = json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_constant)
        json.dumps(value, ensure_ascii=False).encode()  # no lone surrogates
    except json.JSONDecodeError as error:
        return "depth" if _depth(text[: error.pos]) > 128 else "json"
    except RecursionError:
        return "depth"
    except ValueError:
        return "json"
    if _depth(text) > 128:
        return "depth"
    return value if isinstance(value, dict) else "schema"


def _elided(string: re.Match[str]) -> str:
    key, colon, value = string.groups()
    # A key written with escapes may be any.
    if key is None or not (key.strip('"') in _IMAGES or "\\" in key):
        return string[0]
    return f'{key}{colon}"<base64 {len(value)} characters>"'


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _int(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return value if good else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _time(value: Any) -> datetime.datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
            seconds=value
        )
    except OverflowError:
        return None


def _api(event: dict[str, Any]) -> str:
    kind = _str(event.get("type")) or ""
    if event.get("object") == "chat.completion.chunk":
        return "chat"
    if kind.startswith(("image_generation.", "image_edit.")):
        return "images"
    return "response" if kind.startswith("response.") else ""


class _Stream:
    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.api = ""
        self.id: str | None = None
        self.next_index = 0
        self.ended = self.complete = False
        self.finished: set[int] = set()
        self.events: list[dict[str, Any]] = []
        self.numbers: list[int] = []
        self.pictures: set[Any] = set()

    def is_left_by(self, event: dict[str, Any]) -> bool:
        api, kind = _api(event), event.get("type")
        if not api:
            return False
        if kind == "response.created":
            return True
        if not self.api:
            return False
        if api != self.api:
            return True
        if api == "images":
            return self.ended
        if api == "response":
            id = _str(_dict(event.get("response")).get("id")) or None
            if self.ended:
                return id is None or id != self.id
            return id is not None and self.id is not None and id != self.id
        id = _str(event.get("id")) or None
        if id is not None and self.id is not None and id != self.id:
            return True
        return any(
            _dict(choice).get("finish_reason") is None
            and (_int(_dict(choice).get("index")) or 0) in self.finished
            and _str(_dict(_dict(choice).get("delta")).get("role"))
            for choice in _list(event.get("choices"))
            if isinstance(choice, dict)
        )

    def add(self, event: dict[str, Any]) -> None:
        api, kind = _api(event), _str(event.get("type")) or ""
        self.api = self.api or api
        self.events.append(event)
        if api == "response":
            self.id = _str(_dict(event.get("response")).get("id")) or self.id
            self.ended = self.ended or kind in _ENDS
        elif api == "images":
            self.ended = self.ended or kind.endswith(".completed")
        elif api == "chat":
            self.id = self.id or _str(event.get("id")) or None
            for choice in _list(event.get("choices")):
                if _dict(choice).get("finish_reason") is not None:
                    self.finished.add(_int(choice.get("index")) or 0)
                    self.ended = True
        number = _int(event.get("sequence_number"))
        if number is not None:
            self.numbers.append(number)

    def text(self) -> str | None:
        parts: dict[tuple[int, int], str] = {}
        for event in self.events:
            delta = _str(event.get("delta"))
            if event.get("type") == "response.output_text.delta" and delta is not None:
                part = _int(event.get("output_index")) or 0, _int(event.get("content_index")) or 0
                parts[part] = parts.get(part, "") + delta
            if _api(event) == "chat":
                for choice in map(_dict, _list(event.get("choices"))):
                    content = _str(_dict(choice.get("delta")).get("content"))
                    if content is not None:
                        part = _int(choice.get("index")) or 0, 0
                        parts[part] = parts.get(part, "") + content
        return "".join(text for _, text in sorted(parts.items())) or None


class _Reading:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tables: dict[str, list[Row]] = {
            name: [] for name in ("events", "images", "responses", "failures")
        }
        self.stream: _Stream | None = None

    def block(
        self, base: int, start: int, end: int, payload: bytes, name: str, dispatched: bool
    ) -> None:
        offset, length = base + start, end - start
        if payload.strip(b" \t\r\n\x0b\x0c") == b"[DONE]":
            if self.stream is not None:
                self.stream.complete = self.stream.api == "chat"
            self.end_stream()
            return
        value = _decode(payload)
        place: Row = {"source": self.source, "offset": offset, "length": length}
        if isinstance(value, str):
            stream = self.stream = self.stream or _Stream(offset)
            place |= {"stream": stream.offset, "index": stream.next_index}
            kind = value if dispatched or value == "schema" else "truncated"
            stream.next_index += 1
            self.tables["failures"].append(
                {**place, "event": name or "message", "kind": kind, "data": payload}
            )
            return
        if self.stream is None or self.stream.is_left_by(value):
            self.end_stream()
            self.stream = _Stream(offset)
        stream = self.stream
        stream.add(value)
        place |= {"stream": stream.offset, "index": stream.next_index}
        place["event"] = name or _str(value.get("type")) or "message"
        stream.next_index += 1
        self.tables["events"].append(
            {
                **place,
                "response_id": stream.id,
                "sequence_number": _int(value.get("sequence_number")),
                "output_index": _int(value.get("output_index")),
                "content_index": _int(value.get("content_index")),
                "item_id": _str(value.get("item_id")),
                "delta": _str(value.get("delta")),
                "payload": _STRING.sub(_elided, payload.decode()),
            }
        )
        for picture in _pictures(value):
            self.picture(stream, place, *picture)

    def picture(
        self,
        stream: _Stream,
        place: Row,
        item_id: str | None,
        kind: str,
        index: int | None,
        text: str,
    ) -> None:
        if (item_id, kind, index, text) in stream.pictures:
            return
        stream.pictures.add((item_id, kind, index, text))
        try:
            content = base64.b64decode(text, validate=True)
            if base64.b64encode(content) != text.encode():
                raise ValueError("not canonical")
        except ValueError:
            content = None
            self.tables["failures"].append({**place, "kind": "base64", "data": text.encode()})
        media_type, size = _look(text, content)
        self.tables["images"].append(
            {
                "source": self.source,
                "stream": stream.offset,
                "response_id": stream.id,
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
        )

    def end_stream(self) -> None:
        stream, self.stream = self.stream, None
        if stream is None or not stream.api:
            return
        numbers = stream.numbers
        distinct = set(numbers)
        row: Row = {
            "source": self.source,
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
            "output_text": stream.text(),
            "n_events": len(stream.events),
            "n_images": len(stream.pictures),
            "error_code": None,
            "error_message": None,
            "complete": stream.complete or stream.ended,
            "missing": max(distinct) - min(distinct) + 1 - len(distinct) if distinct else 0,
            "duplicates": len(numbers) - len(distinct),
        }
        _tell(row, stream)
        self.tables["responses"].append(row)


def _tell(row: Row, stream: _Stream) -> None:
    """Fills in what the stream's events say about its response."""
    said = reported = None
    ended = False

    def take(name: str, value: Any) -> None:
        row[name] = row[name] if value is None or value == "" else value

    def tokens(usage: Any, read: str, written: str) -> None:
        if isinstance(usage, dict) and usage:
            row["input_tokens"] = _int(usage.get(read))
            row["output_tokens"] = _int(usage.get(written))
            row["total_tokens"] = _int(usage.get("total_tokens"))
            row["cached_tokens"] = _int(_dict(usage.get(f"{read}_details")).get("cached_tokens"))
            row["reasoning_tokens"] = _int(
                _dict(usage.get(f"{written}_details")).get("reasoning_tokens")
            )

    for event in stream.events:
        api, kind = _api(event), _str(event.get("type")) or ""
        if kind == "error":
            reported = event
        if isinstance(event.get("error"), dict):
            reported = event["error"]
        if api == "chat":
            if row["model"] is None:
                take("model", _str(event.get("model")))
            if row["created_at"] is None:
                take("created_at", _time(event.get("created")))
            tokens(event.get("usage"), "prompt_tokens", "completion_tokens")
            for choice in _list(event.get("choices")):
                take("status", _str(_dict(choice).get("finish_reason")))
        elif api == "images" and kind.endswith(".completed"):
            take("model", _str(event.get("model")))
            take("created_at", _time(event.get("created_at")))
            tokens(event.get("usage"), "input_tokens", "output_tokens")
            row["status"] = "completed"
        elif api == "response" and isinstance(event.get("response"), dict):
            response, terminal = event["response"], kind in _ENDS
            if ended and not terminal:
                continue
            ended = terminal
            take("model", _str(response.get("model")))
            take("status", kind.removeprefix("response.") if terminal else None)
            take("status", _str(response.get("status")))
            take("created_at", _time(response.get("created_at")))
            take("completed_at", _time(response.get("completed_at")))
            tokens(response.get("usage"), "input_tokens", "output_tokens")
            reason = _str(_dict(response.get("incomplete_details")).get("reason"))
            if isinstance(response.get("error"), dict):
                said = response["error"]
            elif reason:
                said = {"code": reason}
            if terminal:
                parts = [
                    _str(part.get("text")) or ""
                    for item in map(_dict, _list(response.get("output")))
                    if item.get("type") == "message"
                    for part in map(_dict, _list(item.get("content")))
                    if part.get("type") == "output_text"
                ]
                take("output_text", "".join(parts))
    error = said or reported or {}
    row["error_code"], row["error_message"] = _str(error.get("code")), _str(error.get("message"))


def _pictures(event: dict[str, Any]) -> Iterable[tuple[str | None, str, int | None, str]]:
    index = _int(event.get("partial_image_index"))
    if _str(event.get("partial_image_b64")):
        yield _str(event.get("item_id")), "partial", index, event["partial_image_b64"]
    if _str(event.get("b64_json")):
        partial = (_str(event.get("type")) or "").endswith(".partial_image")
        kind = "partial" if partial else "final"
        yield _str(event.get("item_id")), kind, index if partial else None, event["b64_json"]
    for item in (event.get("item"), *_list(_dict(event.get("response")).get("output"))):
        if _dict(item).get("type") == "image_generation_call" and _str(item.get("result")):
            yield _str(item.get("id")), "final", None, item["result"]


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
