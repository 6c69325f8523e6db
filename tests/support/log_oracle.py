"""A naive reading of a log: slow, whole, and written for being obviously right.

Each line is classified by itself, and its bytes are counted where it belongs; JSON is read by
the standard library. `read` gives what `log_reading.read_log` gives.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from log_reading import Log
from rapidsse._pure import find_spans

KEYS = frozenset({"partial_image_b64", "b64_json", "result"})
WHITE = b" \t\n\r\v\f"
BOM = b"\xef\xbb\xbf"
MAX_INT = 2**63 - 1


class Line(NamedTuple):
    start: int
    text: bytes
    # Nothing, if it is the last line and cut.
    end: bytes

    @property
    def size(self) -> int:
        return len(self.text) + len(self.end)


class Found(NamedTuple):
    """An event's lines; `payload` is `None` if it is too large."""

    payload: bytes | None
    name: str
    start: int
    size: int
    is_whole: bool


# Frames: what is no event gives its number of bytes.


def lines_of(body: bytes, ends: bytes) -> Iterator[Line]:
    start = 0
    for text, end in re.findall(rb"(.*?)(%b|\Z)" % ends, body, re.DOTALL):
        if text or end:
            yield Line(start, text, end)
        start += len(text) + len(end)


def frames(body: bytes, limit: int | None) -> Iterator[Found | int]:
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


def block_of(block: list[Line], limit: int | None, is_whole: bool) -> Iterator[Found | int]:
    while block and block[0].text.startswith(b":"):
        yield block.pop(0).size
    if not block:
        return
    size = sum(line.size for line in block)
    data: list[bytes] = []
    name = id = None
    for line in block:
        field, _, value = line.text.partition(b":")
        value = value.removeprefix(b" ")
        id_before = id
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
        elif field == b"id":
            id = value
        held = len(b"\n".join(data)) + len(name or b"") + len(id or b"")
        if limit is not None and field in (b"data", b"event", b"id") and held > limit:
            yield Found(None, "", block[0].start, size, is_whole)
            return
        if b"\0" in (id or b""):
            id = id_before
    last = block[-1]
    is_cut = not last.end and not last.text.startswith(b":")
    if data or (not is_whole and (is_cut or name is not None)):
        text = (name or b"").decode("utf-8", "replace")
        yield Found(b"\n".join(data), text, block[0].start, size, is_whole)
    else:
        yield size


def line_frames(body: bytes, limit: int | None) -> Iterator[Found | int]:
    bom = len(BOM) if body.startswith(BOM) else 0
    yield bom
    for line in lines_of(body[bom:], rb"\n"):
        start = line.start + bom
        if limit is not None and len(line.text) > limit:
            yield Found(None, "", start, line.size, bool(line.end))
        elif line.text.strip(WHITE):
            yield Found(line.text.removesuffix(b"\r"), "", start, line.size, bool(line.end))
        else:
            yield line.size


# JSON.


def depth_of(text: str) -> int:
    depth = deepest = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', text, re.DOTALL):
        depth += (token in "[{") - (token in "]}")
        deepest = max(deepest, depth)
    return deepest


def number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise OverflowError
    return value


def whole_number(text: str) -> int:
    if len(text) > 4300:
        raise OverflowError
    return int(text)


def refuse(text: str) -> None:
    raise OverflowError


def decoded(payload: bytes) -> dict[str, Any] | str:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return "utf8"
    try:
        value = json.loads(text, parse_float=number, parse_int=whole_number, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        return "depth" if depth_of(text[: error.pos]) > 128 else "json"
    except RecursionError:
        return "depth"
    except (OverflowError, UnicodeEncodeError):
        return "json"
    if depth_of(text) > 128:
        return "depth"
    return value if isinstance(value, dict) else "schema"


def get(value: Any, key: str, *types: type) -> Any:
    """The member if it is of one of these types, exactly; of `int`, what 64 bits hold."""
    member = value.get(key) if isinstance(value, dict) else None
    if type(member) not in types or (type(member) is int and not -(2**63) <= member <= MAX_INT):
        return None
    return member


def api_of(value: dict[str, Any]) -> str:
    type_ = get(value, "type", str) or ""
    if value.get("object") == "chat.completion.chunk":
        return "chat"
    if type_.startswith(("image_generation.", "image_edit.")):
        return "images"
    return "response" if type_.startswith("response.") else ""


def choices_of(value: dict[str, Any]) -> list[dict[str, Any]]:
    return [choice for choice in get(value, "choices", list) or [] if isinstance(choice, dict)]


def elided(payload: bytes) -> str:
    for start, end in reversed(find_spans(payload, KEYS)):
        if end - start >= 1024 and re.fullmatch(rb"[A-Za-z0-9+/=]*", payload[start:end]):
            mark = f"<base64 {end - start} characters>".encode()
            payload = payload[:start] + mark + payload[end:]
    return payload.decode()


# Streams.


class Stream:
    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.api = ""
        self.id: str | None = None
        self.counts = [0, 0]
        self.ended = False
        self.finished: set[int] = set()
        self.numbers: Counter[int] = Counter()
        self.texts: dict[tuple[int, int], str] = {}

    def call(self, deliver: frozenset[str]) -> tuple[Any, ...]:
        seen = self.numbers
        missing = max(seen) - min(seen) + 1 - len(seen) if seen else 0
        duplicates = seen.total() - len(seen)
        texts = [(*part, text) for part, text in sorted(self.texts.items())]
        if not deliver & {"all", "state", "texts"}:
            texts = []
        return (
            *("stream", self.offset, self.api, self.id, *self.counts),
            *(min(missing, MAX_INT), duplicates, self.ended, texts, True),
        )


def is_fresh(cur: Stream, value: dict[str, Any]) -> bool:
    api = api_of(value)
    if api == "":
        return False
    if value.get("type") == "response.created":
        return True
    if cur.api == "":
        return False
    if cur.api != api:
        return True
    if api == "response":
        rid = get(value.get("response"), "id", str) or None
        if cur.ended:
            return rid is None or rid != cur.id
        return rid is not None and cur.id is not None and rid != cur.id
    if api == "images":
        return cur.ended
    id = get(value, "id", str)
    if id and cur.id and id != cur.id:
        return True
    return any(
        choice.get("finish_reason") is None
        and (get(choice, "index", int) or 0) in cur.finished
        and get(choice.get("delta"), "role", str)
        for choice in choices_of(value)
    )


def update(cur: Stream, value: dict[str, Any]) -> None:
    api = api_of(value)
    type_ = get(value, "type", str) or ""
    cur.api = api or cur.api
    if api == "response":
        cur.id = get(value.get("response"), "id", str) or cur.id
        if type_ in ("response.completed", "response.incomplete", "response.failed"):
            cur.ended = True
    elif api == "images" and type_.endswith(".completed"):
        cur.ended = True
    elif api == "chat":
        cur.id = cur.id or get(value, "id", str) or None
    sequence_number = get(value, "sequence_number", int)
    if sequence_number is not None:
        cur.numbers[sequence_number] += 1
    delta = get(value, "delta", str)
    if type_ == "response.output_text.delta" and delta is not None:
        part = get(value, "output_index", int) or 0, get(value, "content_index", int) or 0
        cur.texts[part] = cur.texts.get(part, "") + delta
    for choice in choices_of(value) if api == "chat" else []:
        index = get(choice, "index", int) or 0
        content = get(choice.get("delta"), "content", str)
        if content is not None:
            cur.texts[index, 0] = cur.texts.get((index, 0), "") + content
        if choice.get("finish_reason") is not None:
            cur.ended = True
            cur.finished.add(index)


def is_delivered(
    wanted: frozenset[str], payload: bytes, value: dict[str, Any], claims: bool
) -> bool:
    type_ = get(value, "type", str) or ""
    api = api_of(value)
    finishes = any(choice.get("finish_reason") is not None for choice in choices_of(value))
    state = (
        get(value, "response", dict) is not None
        or get(value, "error", dict) is not None
        or type_ == "error"
        or (api == "images" and type_.endswith(".completed"))
        or (api == "chat" and (claims or get(value, "usage", dict) is not None or finishes))
    )
    # In a large payload what lies in its base64 fields is not looked at.
    spans = find_spans(payload, KEYS) if len(payload) >= 1 << 14 else []
    ends = [0, *(place for span in spans for place in span), len(payload)]
    outside = [payload[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True)]
    images = (
        get(value, "partial_image_b64", str) is not None
        or get(value, "b64_json", str) is not None
        or (
            (get(value, "item", dict) is not None or get(value, "response", dict) is not None)
            and any(b"image_generation_call" in part for part in outside)
        )
    )
    texts = type_ == "response.output_text.done"
    kinds = {"all": True, "state": state, "texts": texts, "images": images}
    return any(kinds[kind] for kind in wanted)


# Logs.

ROW: dict[str, Callable[[dict[str, Any]], Any]] = {
    "sequence_number": lambda value: get(value, "sequence_number", int),
    "output_index": lambda value: get(value, "output_index", int),
    "content_index": lambda value: get(value, "content_index", int),
    "item_id": lambda value: get(value, "item_id", str),
    "delta": lambda value: get(value, "delta", str),
}


def read(
    bodies: list[tuple[int, bytes]],
    *,
    framing: str = "sse",
    deliver: frozenset[str] = frozenset(),
    max_event_size: int | None = None,
) -> Log:
    """All columns of a log, given its bodies and their offsets."""
    calls: list[tuple[Any, ...]] = []
    rows: list[dict[str, Any]] = []
    types: dict[str, tuple[int, int]] = {}
    events = failures = event_bytes = failure_bytes = other_bytes = 0
    split = frames if framing == "sse" else line_frames
    for offset, body in bodies:
        cur: Stream | None = None
        for found in split(body, max_event_size):
            if isinstance(found, int):
                other_bytes += found
                continue
            payload, name, start, size, is_whole = found
            start += offset
            if payload is not None and payload.strip(WHITE) == b"[DONE]":
                other_bytes += size
                if cur is not None:
                    cur.ended |= cur.api == "chat"
                    calls.append(cur.call(deliver))
                cur = None
                continue
            value = "too_large" if payload is None else decoded(payload)
            if isinstance(value, str):
                if not is_whole and value not in ("too_large", "schema"):
                    value = "truncated"
                failures += 1
                failure_bytes += size
                cur = cur or Stream(start)
                event = "" if payload is None else name or "message"
                place = cur.offset, start, size, sum(cur.counts)
                calls.append(("failure", payload, *place, event, value))
                cur.counts[1] += 1
                continue
            assert payload is not None
            if cur is not None and is_fresh(cur, value):
                calls.append(cur.call(deliver))
                cur = None
            cur = cur or Stream(start)
            claims = cur.api == ""
            update(cur, value)
            event = name or get(value, "type", str) or "message"
            place = cur.offset, start, size, sum(cur.counts)
            cur.counts[0] += 1
            events += 1
            event_bytes += size
            cut = event.encode()[:200].decode("utf-8", "ignore")
            count, total = types.get(cut, (0, 0))
            types[cut] = count + 1, total + size
            row = dict(zip(("stream", "offset", "length", "index"), place, strict=True))
            row |= {column: of(value) for column, of in ROW.items()}
            rows.append({**row, "response_id": cur.id, "event": event, "payload": elided(payload)})
            if is_delivered(deliver, payload, value, claims):
                spans = find_spans(payload, KEYS)
                calls.append(("event", payload, spans, *place, event, cur.id))
        if cur is not None:
            calls.append(cur.call(deliver))
    totals = events, failures, event_bytes, failure_bytes, other_bytes
    return Log(calls, rows, totals, types)
