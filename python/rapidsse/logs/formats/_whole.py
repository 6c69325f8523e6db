"""Whole responses, as a request without `stream` receives them, and as batches return them.

They are read as the events by which the same response is streamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from ._values import members, parts

__all__ = ["batch_error", "batch_id", "events_of_whole", "is_whole"]

Fields = Mapping[Any, Any]
Event = dict[str, Any]


def is_whole(value: Fields) -> bool:
    """Whether an object is a whole response, and no event of one."""
    return _kind(value) is not None


def events_of_whole(value: Fields) -> list[bytes]:
    """The events of a whole response, as JSON; none of another object."""
    events = _kind(value)
    return [] if events is None else [msgspec.json.encode(event) for event in events(value)]


def _kind(value: Fields) -> Callable[[Fields], Iterator[Event]] | None:
    kind = value.get("object")
    if kind == "response":
        return _response if isinstance(value.get("output"), list) else None
    if kind in (None, "chat.completion") and _has_messages(value):
        return _chat
    if kind is None and value.get("type") == "message" and value.get("role") == "assistant":
        # An item of a Response has the same type, and no reason.
        is_message = "stop_reason" in value and isinstance(value.get("content"), list)
        return _message if is_message else None
    return None


def _has_messages(value: Fields) -> bool:
    choices = parts(value.get("choices"))
    return (
        bool(choices)
        and all(isinstance(members(choice).get("message"), dict) for choice in choices)
        and not any(members(choice).get("delta") for choice in choices)
    )


# The Responses API.

_ENDS = {
    "completed": "response.completed",
    "incomplete": "response.incomplete",
    "failed": "response.failed",
    "cancelled": "response.failed",
}


def _response(value: Fields) -> Iterator[Event]:
    status = value.get("status")
    # A response in the background may be asked for before it has ended.
    type = (
        _ENDS.get(status, "response.in_progress") if isinstance(status, str) else _ENDS["completed"]
    )
    yield {"type": type, "response": value}


# Chat Completions.


def _chat(value: Fields) -> Iterator[Event]:
    choices = [_choice(members(choice)) for choice in parts(value["choices"])]
    yield {**value, "object": "chat.completion.chunk", "choices": choices}


def _choice(choice: Fields) -> Event:
    rest = {key: each for key, each in choice.items() if key != "message"}
    delta = dict(members(choice["message"]))
    if calls := parts(delta.get("tool_calls")):
        delta["tool_calls"] = [{"index": n, **members(call)} for n, call in enumerate(calls)]
    return {**rest, "delta": delta}


# The Messages API.

_DELTAS = {
    "text": ("text", "text_delta", "text"),
    "thinking": ("thinking", "thinking_delta", "thinking"),
}


def _message(value: Fields) -> Iterator[Event]:
    start: Event = {**value, "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(map(members, parts(value["content"]))):
        yield from _block(index, dict(block))
    reasons = {key: value.get(key) for key in ("stop_reason", "stop_sequence")}
    usage = value.get("usage")
    yield {"type": "message_delta", "delta": reasons, **({} if usage is None else {"usage": usage})}
    if value["stop_reason"] is not None:
        yield {"type": "message_stop"}


def _block(index: int, block: Event) -> Iterator[Event]:
    delta: Event | None = None
    type = block.get("type")
    if isinstance(type, str) and type in _DELTAS:
        member, delta_type, name = _DELTAS[type]
        if isinstance(text := block.get(member), str):
            delta = {"type": delta_type, name: text}
            block = {**block, member: ""}
    elif isinstance(type, str) and type.endswith("tool_use") and "input" in block:
        text = msgspec.json.encode(block["input"]).decode()
        delta = {"type": "input_json_delta", "partial_json": text}
        block = {**block, "input": {}}
    yield {"type": "content_block_start", "index": index, "content_block": block}
    if delta is not None:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


# Lines of batches.


def batch_id(record: Fields) -> str | None:
    """The id that a batch gave to the request of this record: `custom_id`, or Gemini's `key`."""
    id = record.get("custom_id")
    if id is None and ("response" in record or "error" in record):
        id = record.get("key")
    return id if isinstance(id, str) else None


def batch_error(record: Fields) -> bytes | None:
    """The event that says why a request of a batch has no response; `None` if nothing does."""
    result, response = members(record.get("result")), members(record.get("response"))
    body = members(response.get("body"))
    for holder in (record, response, body, result, members(result.get("error"))):
        error = members(holder.get("error"))
        # An error response of the Messages API has the error inside.
        error = members(error.get("error")) or error
        if error:
            break
    else:
        if result.get("type") not in ("canceled", "expired"):
            return None
        error = {"code": result["type"], "message": f"the request was {result['type']}"}
    code, message = error.get("code", error.get("type")), error.get("message")
    failed: Event = {
        "id": body.get("id"),
        "status": "failed",
        "error": {"code": code, "message": message},
        "output": [],
    }
    return msgspec.json.encode({"type": "response.failed", "response": failed})
