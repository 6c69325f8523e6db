"""A naive reading of the items of Responses, and of the Images API."""

from __future__ import annotations

import re
from typing import Any

from item_rows import Row, dumped, int_in, list_in, new_row, numbered, str_in
from json_oracle import KEYS, plain
from response_oracle import RESPONSE_ENDS, Stream, api_of, kind_of, pieces


def image_items(stream: Stream) -> list[Row]:
    ends = "image_generation.completed", "image_edit.completed"
    rows: dict[int, Row] = {}
    for value, name in stream.events:
        if kind_of(value, name) not in ends:
            continue
        row = rows.setdefault(numbered(value), {"complete": False})
        row["complete"] |= any(value.get(key) is not None for key in ("b64_json", "url"))
        for key, column in (("url", "result"), ("revised_prompt", "text")):
            if (text := str_in(value, key)) and not (key == "url" and text.startswith("data:")):
                row.setdefault(column, text)
    said = {number: row for number, row in rows.items() if row != {"complete": False}}
    return [new_row(number, "image", **row) for number, row in sorted(said.items())]


DELTAS = {
    "output_text": ("message", "text", "content_index", "text"),
    "text": ("message", "text", "content_index", "text"),
    "output_audio_transcript": ("message", "text", "content_index", "transcript"),
    "audio_transcript": ("message", "text", "content_index", "transcript"),
    "refusal": ("message", "refusal", "content_index", "refusal"),
    "reasoning_text": ("reasoning", "text", "content_index", "text"),
    "reasoning_summary_text": ("reasoning", "summary", "summary_index", "text"),
    "function_call_arguments": ("function_call", "arguments", "content_index", "arguments"),
    "mcp_call_arguments": ("mcp_call", "arguments", "content_index", "arguments"),
    "custom_tool_call_input": ("custom_tool_call", "arguments", "content_index", "input"),
    "shell_call_command": ("shell_call", "commands", "command_index", "command"),
    "code_interpreter_call_code": ("code_interpreter_call", "arguments", "content_index", "code"),
}


def response_items(stream: Stream) -> list[Row]:
    objects: dict[int, tuple[Row, bool]] = {}
    numbers: dict[str, int] = {}
    # By item and column: its parts.
    texts: dict[tuple[Any, str], dict[int, str]] = {}
    types: list[tuple[Any, str]] = []

    completed = False
    failed = "failed", "incomplete", "cancelled", "error"

    def take(item: Any, number: int | None, ended: bool) -> int:
        id = item.get("id") if isinstance(item.get("id"), str) else None
        number = numbers.get(id, number) if id is not None else number
        if number is None:
            number = max(objects, default=-1) + 1
        if id is not None:
            numbers[id] = number
        if not (objects.get(number, ({}, False))[1] and not ended):
            objects[number] = item, ended
        return number

    for value, name in stream.events:
        kind = kind_of(value, name)
        if api_of(value, name) != "response":
            continue
        ends_well = kind in ("response.completed", "response.done")
        completed |= ends_well and str_in(value.get("response"), "status") not in failed
        if kind in ("response.output_item.added", "response.output_item.done") and isinstance(
            value.get("item"), dict
        ):
            take(value["item"], int_in(value, "output_index"), kind.endswith("done"))
        if kind in RESPONSE_ENDS or kind == "response.in_progress":
            output = list_in(value.get("response"), "output")
            lists_all, taken = len(output) >= len(objects), set[int]()
            for position, item in enumerate(output):
                if isinstance(item, dict):
                    place = _place_of(item, position, objects, taken, lists_all=lists_all)
                    taken.add(take(item, place, kind in RESPONSE_ENDS))
        what, _, step = kind.removeprefix("response.").rpartition(".")
        if what in DELTAS and step in ("delta", "done"):
            type, column, part, whole = DELTAS[what]
            key: Any = next(
                (
                    n
                    for n in (int_in(value, "output_index"), int_in(value, "index"))
                    if n is not None
                ),
                str_in(value, "item_id") or 0,
            )
            parts = texts.setdefault((key, column), {})
            number = int_in(value, part) or 0
            given = value.get("delta" if step == "delta" else whole)
            found = list(pieces(given)) if step == "delta" else [given]
            for text in found:
                if isinstance(text, str) and text:
                    types.append((key, type))
                    parts[number] = parts.get(number, "") + text if step == "delta" else text
    # In the order in which they began.
    begun: list[int] = []
    for key, _ in types:
        if isinstance(key, str):
            key = numbers.setdefault(plain(key), max((*objects, *begun, -1)) + 1)
        begun.append(key)
    assembled: dict[int, Row] = {}
    for (key, column), parts in sorted(texts.items(), key=lambda each: each[0][1]):
        if not parts:
            continue
        if isinstance(key, str):
            key = numbers[plain(key)]
        between = {"summary": "\n\n", "commands": "\n"}.get(column, "")
        row = assembled.setdefault(key, {})
        row[column] = between.join(text for _, text in sorted(parts.items()))
    # In the order in which they began, what only the end lists.
    others = sorted(objects.keys() - assembled.keys())
    for number in dict.fromkeys(
        numbers[plain(key)] if isinstance(key, str) else key for key, _ in types
    ):
        row = assembled.get(number)
        if row is None or number in objects:
            continue
        type = next(said for key, said in types if numbers.get(str(key), key) == number)
        said = type, *(row.get(name) or None for name in SAYS)
        for other in others:
            if _said(objects[other][0]) == said:
                objects[number] = objects.pop(other)
                others.remove(other)
                break
    made: list[Row] = []
    for number in sorted(objects.keys() | assembled.keys()):
        item, ended = objects.get(number, ({}, False))
        pieced = not ended and number in assembled
        row = _of_object(item)
        row |= {"complete": ended, "assembled": number not in objects}
        row["complete"] |= completed
        if pieced:
            row |= {**assembled[number], "assembled": True}
        type = str_in(item, "type")
        if type is None:
            said = (each for key, each in types if numbers.get(str(key), key) == number)
            type = "" if ended else next(said, "")
        row["text"] = row.get("text") or row.pop("summary", None)
        row["arguments"] = row.pop("commands", None) or row.get("arguments")
        row.pop("summary", None)
        made.append(new_row(number, type or "", **row))
    return made


SAYS = "text", "summary", "refusal", "arguments"


def _said(item: Row) -> tuple[Any, ...]:
    row = _of_object(item)
    return str_in(item, "type") or "", *(dumped(row.get(name)) for name in SAYS)


def _place_of(
    item: Row,
    position: int,
    objects: dict[int, tuple[Row, bool]],
    taken: set[int],
    *,
    lists_all: bool,
) -> int | None:
    """The number of an item that a whole output has at this position."""
    free = [number for number in sorted(objects) if number not in taken]
    same_type = [n for n in free if _said(objects[n][0])[0] == _said(item)[0]]
    same = [n for n in same_type if _said(objects[n][0]) == _said(item)]
    if position not in taken and (position not in objects or position in same):
        return position
    if position in same_type and lists_all:
        return position
    return next(iter(same + same_type), None)


def _of_object(item: Row) -> Row:
    content = [part for part in list_in(item, "content") if isinstance(part, dict)]

    def texts(parts: list[Any], key: str) -> list[str]:
        return [text for part in parts if (text := str_in(part, key))]

    made: Row = {
        "item_id": item.get("id") if isinstance(item.get("id"), str) else None,
        "text": "".join(texts(content, "text") or texts(content, "transcript"))
        or str_in(item, "revised_prompt"),
        "summary": "\n\n".join(texts(list_in(item, "summary"), "text")),
        "refusal": "".join(texts(content, "refusal")),
        "call_id": str_in(item, "call_id") or str_in(item, "approval_request_id"),
        "name": str_in(item, "name"),
        "status": str_in(item, "status"),
    }
    if item.get("type") not in ("image", "image_generation_call"):
        calls = ("arguments", "input", "code", "action", "actions", "operation", "queries")
        given = (dumped(_marked(item.get(key), key)) for key in calls)
        made["arguments"] = next(filter(None, given), None)
        results = ("output", "outputs", "results", "tools", "error", "result")
        made["result"] = next(
            filter(None, (dumped(_marked(item.get(key), key)) for key in results)), None
        )
    return made


def _marked(value: Any, key: str) -> Any:
    is_long = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/=]{1024,}", value)
    if is_long and key in KEYS:
        return f"<base64 {len(value)} characters>"
    if isinstance(value, list):
        return [_marked(each, "") for each in value]
    if isinstance(value, dict):
        return {key: _marked(each, key) for key, each in value.items()}
    return value
