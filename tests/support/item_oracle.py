"""A naive reading of the items of a response: each API in plain code of its own.

Shares no code with the package. `arguments` and `result` that are no text are JSON values here:
`comparable` makes the package's rows so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from json_oracle import KEYS, plain
from response_oracle import RESPONSE_ENDS, Stream, api_of, kind_of, mapping, pieces

Row = dict[str, Any]
TEXTS = ("text", "refusal", "arguments", "result")


def item_rows(stream: Stream) -> list[Row]:
    """The rows of a stream, in their order, with the columns that its events fill."""
    read: dict[str, Callable[[Stream], list[Row]]] = {
        "response": _responses, "images": _images, "chat": _chat, "completion": _chat,
        "message": _message, "gemini": _gemini, "interaction": _interaction,
    }  # fmt: skip
    return read[stream.api](stream) if stream.api else []


def comparable(row: Row) -> Row:
    """A row of either side: JSON as its value, and texts without long base64."""
    made = dict(row)
    for name in ("arguments", "result"):
        made[name] = _value(made[name])
    return made


def _value(text: Any) -> Any:
    if isinstance(text, str) and text[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(text), sort_keys=True)
        except ValueError:
            return text
    return text


def _row(index: int, type: str, **columns: Any) -> Row:
    made: Row = dict.fromkeys(
        ("choice", "item_id", "call_id", "name", "text", "refusal", "arguments", "result", "status")
    )
    made |= {"index": index, "kind": _kind(type), "type": type or None}
    made |= {"complete": False, "assembled": True} | columns
    for name in TEXTS:
        made[name] = _short(plain(made[name])) if made[name] else None
    return made


def _short(text: str) -> str:
    keys = "partial_image_b64|b64_json|result|data|url|image_url"
    for before in (r";base64,", rf'"(?:{keys})"\s*:\s*"'):
        text = re.sub(
            rf"({before})((?:[A-Za-z0-9+/=]|\\/|\\u00(?:2[bBfF]|3[dD])){{1024,}})",
            lambda found: f"{found[1]}<base64 {len(found[2])} characters>",
            text,
        )
    return text


def _kind(type: str) -> str:
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


def _str(value: Any, key: str) -> str | None:
    found = mapping(value).get(key)
    return found if isinstance(found, str) and found else None


def _int(value: Any, key: str) -> int | None:
    found = mapping(value).get(key)
    return found if type(found) is int and -(2**63) <= found < 2**63 else None


def _list(value: Any, key: str) -> list[Any]:
    found = mapping(value).get(key)
    return found if isinstance(found, list) else []


def _dumped(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# Chat Completions and Completions.


def _chat(stream: Stream) -> list[Row]:
    choices: dict[int, dict[Any, Row]] = {}
    finished: dict[int, str] = {}
    calls: dict[int, list[_Call]] = {}
    # From which member each type of item of a choice is: another one says the same again.
    members: dict[tuple[int, str], str] = {}
    images = 0

    for value, name in stream.events:
        if api_of(value, name) not in ("chat", "completion"):
            continue
        for member in ("delta", "message", "text"):
            for part in _list(value, "choices"):
                if not isinstance(part, dict):
                    continue
                number = _int(part, "index") or 0

                def item(key: Any, type: str, number: int = number, member: str = member) -> Row:
                    if members.setdefault((number, type), member) != member:
                        return {}
                    return choices.setdefault(number, {}).setdefault(key, {"type": type})

                def add(key: Any, type: str, column: str, texts: Any, item: Any = item) -> None:
                    for text in filter(None, texts):
                        row = item(key, type)
                        row[column] = row.get(column, "") + text

                added = part.get(member)
                if member == "text":
                    add("message", "message", "text", pieces(added))
                    continue
                thoughts = list(filter(None, pieces(mapping(added).get("reasoning_content"))))
                thoughts = thoughts or list(filter(None, pieces(mapping(added).get("reasoning"))))
                thoughts = thoughts or [
                    text
                    for each in _list(added, "content")
                    for text in pieces(mapping(each).get("thinking"))
                ]
                add("reasoning", "reasoning", "text", thoughts)
                texts = list(filter(None, pieces(mapping(added).get("content"))))
                audio = mapping(mapping(added).get("audio")).get("transcript")
                add("message", "message", "text", texts or pieces(audio))
                add("message", "message", "refusal", pieces(mapping(added).get("refusal")))
                function = mapping(added).get("function_call")
                if text := _str(function, "name"):
                    item("function", "function_call").setdefault("name", text)
                arguments = _dumped(mapping(function).get("arguments"))
                add("function", "function_call", "arguments", [arguments])
                for call in _list(added, "tool_calls"):
                    function, custom = mapping(call).get("function"), mapping(call).get("custom")
                    id = _str(call, "id")
                    called = _str(function, "name") or _str(custom, "name")
                    arguments = _dumped(mapping(function).get("arguments"))
                    arguments = arguments or _dumped(mapping(custom).get("input"))
                    if not isinstance(call, dict) or not (id or called or arguments):
                        continue
                    if members.get((number, "tool_call"), member) != member:
                        continue
                    known = calls.setdefault(number, [])
                    place = _call_of(known, _int(call, "index"), id, bool(called))
                    row = item(("call", place), "tool_call")
                    if id:
                        row.setdefault("call_id", id)
                    if called:
                        row.setdefault("name", called)
                    add(("call", place), "tool_call", "arguments", [arguments])
                for picture in _list(added, "images"):
                    url = mapping(picture).get("image_url")
                    if url is None and mapping(picture).get("b64_json") is None:
                        continue
                    images += 1
                    row = item(("image", images), "image")
                    for link in (mapping(url).get("url"), url):
                        if isinstance(link, str) and link and not link.startswith("data:"):
                            row.setdefault("result", link)
        for part in _list(value, "choices"):
            if text := _str(part, "finish_reason"):
                finished.setdefault(_int(part, "index") or 0, text)
    return [
        _row(
            index, row.pop("type"), choice=choice,
            complete=finished.get(choice, "error") != "error", **row
        )
        for choice, items in sorted(choices.items())
        for index, row in enumerate(items.values())
    ]  # fmt: skip


class _Call:
    """A tool call of a choice: the number and the ids that events gave it."""

    def __init__(self, index: int | None) -> None:
        self.index = index
        self.ids: list[tuple[int | None, str]] = []
        self.used = 0


def _call_of(calls: list[_Call], index: int | None, id: str | None, named: bool) -> int:
    """Which call an event adds to: one that is known, or another."""
    clock = max((call.used for call in calls), default=0) + 1
    found = [call for call in calls if id and (index, id) in call.ids]
    if not found:
        recent = sorted(calls, key=lambda call: call.used)
        if index is not None:
            recent = [call for call in recent if call.index == index]
        found = recent[-1:]
        if index is None and (id or named):
            found = []
        if found and id and named and found[0].ids:
            found = []
    if found:
        call = found[0]
    else:
        call = _Call(index)
        calls.append(call)
    if id and not call.ids:
        call.ids.append((index, id))
    call.used = clock
    return calls.index(call)


# Gemini.


def _gemini(stream: Stream) -> list[Row]:
    candidates: dict[int, list[Row]] = {}
    finished: dict[int, str] = {}
    for value, name in stream.events:
        if api_of(value, name) != "gemini":
            continue
        for candidate in _list(value, "candidates"):
            if not isinstance(candidate, dict):
                continue
            number = _int(candidate, "index") or 0
            rows = candidates.setdefault(number, [])
            for part in _list(candidate.get("content"), "parts"):
                if isinstance(part, dict):
                    for row in _of_part(part):
                        is_text = row["type"] in ("thought", "text")
                        if is_text and rows and rows[-1]["type"] == row["type"]:
                            rows[-1]["text"] += row["text"]
                        else:
                            rows.append(row)
            if text := _str(candidate, "finishReason"):
                finished.setdefault(number, text)
    made: list[Row] = []
    for number, rows in sorted(candidates.items()):
        for index, row in enumerate(rows):
            media = row.pop("media", "")
            complete = finished.get(number, "error") != "error"
            made.append(_row(index, row.pop("type"), choice=number, complete=complete, **row))
            if media.startswith("image/"):
                made[-1]["kind"] = "image"
    return made


def _of_part(part: Row) -> list[Row]:
    rows: list[Row] = []
    if part.get("thought") is True:
        if text := _str(part, "text"):
            rows.append({"type": "thought", "text": text})
    else:
        rows += [{"type": "text", "text": text} for text in pieces(part) if text]

    def add(type: str, **columns: Any) -> None:
        if found := {name: value for name, value in columns.items() if value}:
            rows.append({"type": type, **found})

    call, response = part.get("functionCall"), part.get("functionResponse")
    arguments = _dumped(mapping(call).get("args"))
    add("functionCall", call_id=_str(call, "id"), name=_str(call, "name"), arguments=arguments)
    result = _dumped(mapping(response).get("response"))
    add(
        "functionResponse", call_id=_str(response, "id"), name=_str(response, "name"), result=result
    )
    add("executableCode", arguments=_dumped(mapping(part.get("executableCode")).get("code")))
    done = mapping(part.get("codeExecutionResult"))
    result = _dumped(done.get("output")) or _dumped(done.get("outcome"))
    add("codeExecutionResult", result=result)
    data = part.get("inlineData")
    add("inlineData", media=_str(data, "mimeType") or _str(data, "mime_type"))
    add("fileData", result=_dumped(mapping(part.get("fileData")).get("fileUri")))
    return rows


# APIs whose items have numbers.


def _numbered(value: Row) -> int:
    return next(
        (n for n in (_int(value, "output_index"), _int(value, "index")) if n is not None), 0
    )


def _finished(items: dict[int, Row]) -> list[Row]:
    made: list[Row] = []
    for number, row in sorted(items.items()):
        type = row.pop("said", None) or row.pop("type", "")
        row.pop("type", None)
        given = row.pop("input", None)
        row["arguments"] = row.get("arguments") or given
        made.append(_row(number, type, **row))
    return made


def _message(stream: Stream) -> list[Row]:
    items: dict[int, Row] = {}
    for value, name in stream.events:
        kind = kind_of(value, name)
        if api_of(value, name) != "message":
            continue

        def add(
            column: str, text: str | None, type: str = "", number: int = _numbered(value)
        ) -> None:
            if text:
                row = items.setdefault(number, {})
                row[column] = row.get(column, "") + text
                row["type"] = row.get("type") or type

        def once(column: str, text: str | None, number: int = _numbered(value)) -> None:
            if text:
                items.setdefault(number, {}).setdefault(column, text)

        if kind == "content_block_delta":
            delta = value.get("delta")
            for text in pieces(mapping(delta).get("text")):
                add("text", text, "text")
            for text in pieces(mapping(delta).get("thinking")):
                add("text", text, "thinking")
            for text in pieces(mapping(delta).get("partial_json")):
                add("arguments", text, "tool_use")
        if kind == "content_block_start":
            block = mapping(value.get("content_block"))
            once("said", _str(block, "type"))
            once("call_id", _str(block, "id") or _str(block, "tool_use_id"))
            once("name", _str(block, "name"))
            for member in ("text", "thinking"):
                for text in pieces(block.get(member)):
                    add("text", text, member)
            add("input", _dumped(block.get("input")), "tool_use")
            add("result", _dumped(block.get("content")) or _dumped(block.get("file_id")))
        if kind == "content_block_stop":
            items.setdefault(_numbered(value), {})["complete"] = True
    return _finished(items)


def _interaction(stream: Stream) -> list[Row]:
    items: dict[int, Row] = {}
    for value, name in stream.events:
        kind = kind_of(value, name)
        if api_of(value, name) != "interaction":
            continue
        number = _numbered(value)

        def add(column: str, text: str | None, type: str = "", number: int = number) -> None:
            if text:
                row = items.setdefault(number, {})
                row[column] = row.get(column, "") + text
                row["type"] = row.get("type") or type

        def once(column: str, text: str | None, number: int = number) -> None:
            if text:
                items.setdefault(number, {}).setdefault(column, text)

        if kind in ("step.delta", "content.delta"):
            delta = value.get("delta")
            if not isinstance(delta, dict):
                continue
            for text in pieces(delta):
                add("text", text, "model_output")
            for text in pieces(delta.get("content")):
                add("text", text, "thought")
            once("call_id", _str(delta, "id") or _str(delta, "call_id"))
            once("name", _str(delta, "name"))
            add("arguments", _dumped(delta.get("arguments")), "function_call")
            add("result", _dumped(delta.get("result")), "function_result")
        if kind in ("step.start", "content.start"):
            step = mapping(value.get(kind.split(".")[0] if kind == "content.start" else "step"))
            once("said", _str(step, "type"))
            once("call_id", _str(step, "id") or _str(step, "call_id"))
            once("name", _str(step, "name"))
            for member in ("text", "content", "summary"):
                if texts := [text for text in pieces(step.get(member)) if text]:
                    for text in texts:
                        add("text", text, "model_output")
                    break
            add("input", _dumped(step.get("arguments")), "function_call")
            add("result", _dumped(step.get("result")), "function_result")
        if kind in ("step.stop", "content.stop"):
            items.setdefault(number, {})["complete"] = True
    return _finished(items)


# The Images API, and Responses.


def _images(stream: Stream) -> list[Row]:
    ends = "image_generation.completed", "image_edit.completed"
    rows: dict[int, Row] = {}
    for value, name in stream.events:
        if kind_of(value, name) not in ends:
            continue
        row = rows.setdefault(_numbered(value), {"complete": False})
        row["complete"] |= any(value.get(key) is not None for key in ("b64_json", "url"))
        for key, column in (("url", "result"), ("revised_prompt", "text")):
            if (text := _str(value, key)) and not (key == "url" and text.startswith("data:")):
                row.setdefault(column, text)
    said = {number: row for number, row in rows.items() if row != {"complete": False}}
    return [_row(number, "image", **row) for number, row in sorted(said.items())]


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
    "code_interpreter_call_code": ("code_interpreter_call", "arguments", "content_index", "code"),
}


def _responses(stream: Stream) -> list[Row]:
    objects: dict[int, tuple[Row, bool]] = {}
    numbers: dict[str, int] = {}
    # By item and column: its parts.
    texts: dict[tuple[Any, str], dict[int, str]] = {}
    types: list[tuple[Any, str]] = []

    completed = False

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
        completed |= kind == "response.completed"
        if kind in ("response.output_item.added", "response.output_item.done") and isinstance(
            value.get("item"), dict
        ):
            take(value["item"], _int(value, "output_index"), kind.endswith("done"))
        if kind in RESPONSE_ENDS or kind == "response.in_progress":
            output = _list(value.get("response"), "output")
            lists_all, taken = len(output) >= len(objects), set[int]()
            for position, item in enumerate(output):
                if isinstance(item, dict):
                    place = _place_of(item, position, objects, taken, lists_all=lists_all)
                    taken.add(take(item, place, kind in RESPONSE_ENDS))
        what, _, step = kind.removeprefix("response.").rpartition(".")
        if what in DELTAS and step in ("delta", "done"):
            type, column, part, whole = DELTAS[what]
            key: Any = next(
                (n for n in (_int(value, "output_index"), _int(value, "index")) if n is not None),
                _str(value, "item_id") or 0,
            )
            parts = texts.setdefault((key, column), {})
            number = _int(value, part) or 0
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
        between = "\n\n" if column == "summary" else ""
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
        type = _str(item, "type")
        if type is None:
            said = (each for key, each in types if numbers.get(str(key), key) == number)
            type = "" if ended else next(said, "")
        row["text"] = row.get("text") or row.pop("summary", None)
        row.pop("summary", None)
        made.append(_row(number, type or "", **row))
    return made


SAYS = "text", "summary", "refusal", "arguments"


def _said(item: Row) -> tuple[Any, ...]:
    row = _of_object(item)
    return _str(item, "type") or "", *(_dumped(row.get(name)) for name in SAYS)


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
    content = [part for part in _list(item, "content") if isinstance(part, dict)]

    def texts(parts: list[Any], key: str) -> list[str]:
        return [text for part in parts if (text := _str(part, key))]

    made: Row = {
        "item_id": item.get("id") if isinstance(item.get("id"), str) else None,
        "text": "".join(texts(content, "text") or texts(content, "transcript"))
        or _str(item, "revised_prompt"),
        "summary": "\n\n".join(texts(_list(item, "summary"), "text")),
        "refusal": "".join(texts(content, "refusal")),
        "call_id": _str(item, "call_id") or _str(item, "approval_request_id"),
        "name": _str(item, "name"),
        "status": _str(item, "status"),
    }
    if item.get("type") not in ("image", "image_generation_call"):
        calls = ("arguments", "input", "code", "action", "actions", "operation", "queries")
        given = (_dumped(_marked(item.get(key), key)) for key in calls)
        made["arguments"] = next(filter(None, given), None)
        results = ("output", "outputs", "results", "tools", "error", "result")
        made["result"] = next(
            filter(None, (_dumped(_marked(item.get(key), key)) for key in results)), None
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
