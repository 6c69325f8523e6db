"""Rows of items, as the naive readings of them make them."""

from __future__ import annotations

import json
import re
from typing import Any

from json_oracle import plain
from response_oracle import mapping

Row = dict[str, Any]


TEXTS = ("text", "refusal", "arguments", "result")


def json_value(text: Any) -> Any:
    if isinstance(text, str) and text[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(text), sort_keys=True)
        except ValueError:
            return text
    return text


def new_row(index: int, type: str, **columns: Any) -> Row:
    made: Row = dict.fromkeys(
        ("choice", "item_id", "call_id", "name", "text", "refusal", "arguments", "result", "status")
    )
    made |= {"index": index, "kind": item_kind(type), "type": type or None}
    made |= {"complete": False, "assembled": True} | columns
    for name in TEXTS:
        made[name] = short(plain(made[name])) if made[name] else None
    return made


def short(text: str) -> str:
    keys = "partial_image_b64|b64_json|result|data|url|image_url"
    for before in (r";base64,", rf'"(?:{keys})"\s*:\s*"'):
        text = re.sub(
            rf"({before})((?:[A-Za-z0-9+/=]|\\/|\\u00(?:2[bBfF]|3[dD])){{1024,}})",
            lambda found: f"{found[1]}<base64 {len(found[2])} characters>",
            text,
        )
    return text


def item_kind(type: str) -> str:
    if type in ("message", "text", "model_output"):
        return "message"
    if type in ("reasoning", "thinking", "redacted_thinking", "thought"):
        return "reasoning"
    if type in ("image", "image_generation_call"):
        return "image"
    calls = "functionCall", "executableCode", "mcp_approval_request", "program"
    if type in calls or type.endswith(("call", "tool_use")):
        return "call"
    if type in ("functionResponse", "codeExecutionResult") or type.endswith(("result", "output")):
        return "result"
    return "other"


def str_in(value: Any, key: str) -> str | None:
    found = mapping(value).get(key)
    return found if isinstance(found, str) and found else None


def int_in(value: Any, key: str) -> int | None:
    found = mapping(value).get(key)
    return found if type(found) is int and -(2**63) <= found < 2**63 else None


def list_in(value: Any, key: str) -> list[Any]:
    found = mapping(value).get(key)
    return found if isinstance(found, list) else []


def dumped(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def numbered(value: Row) -> int:
    return next(
        (n for n in (int_in(value, "output_index"), int_in(value, "index")) if n is not None), 0
    )
