"""A naive reading of the items of a response: each API in plain code of its own.

Shares no code with the package. `arguments` and `result` that are no text are JSON values here:
`comparable` makes the package's rows so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chat_item_oracle import chat_items
from item_rows import Row, dumped, int_in, json_value, list_in, new_row, numbered, str_in
from response_item_oracle import image_items, response_items
from response_oracle import Stream, api_of, kind_of, mapping, pieces


def item_rows(stream: Stream) -> list[Row]:
    """The rows of a stream, in their order, with the columns that its events fill."""
    read: dict[str, Callable[[Stream], list[Row]]] = {
        "response": response_items, "images": image_items, "chat": chat_items, "completion": chat_items,
        "message": _message, "gemini": _gemini, "interaction": _interaction, "cohere": _cohere,
    }  # fmt: skip
    return read[stream.api](stream) if stream.api else []


def comparable(row: Row) -> Row:
    """A row of either side: JSON as its value, and texts without long base64."""
    made = dict(row)
    for name in ("arguments", "result"):
        made[name] = json_value(made[name])
    return made


# Gemini.


def _gemini(stream: Stream) -> list[Row]:
    candidates: dict[int, list[Row]] = {}
    finished: dict[int, str] = {}
    for value, name in stream.events:
        if api_of(value, name) != "gemini":
            continue
        for candidate in list_in(value, "candidates"):
            if not isinstance(candidate, dict):
                continue
            number = int_in(candidate, "index") or 0
            rows = candidates.setdefault(number, [])
            for part in list_in(candidate.get("content"), "parts"):
                if isinstance(part, dict):
                    for row in _of_part(part):
                        is_text = row["type"] in ("thought", "text")
                        if is_text and rows and rows[-1]["type"] == row["type"]:
                            rows[-1]["text"] += row["text"]
                        else:
                            rows.append(row)
            text = str_in(candidate, "finishReason") or str_in(candidate, "finish_reason")
            if text:
                finished.setdefault(number, text)
    made: list[Row] = []
    for number, rows in sorted(candidates.items()):
        for index, row in enumerate(rows):
            media = row.pop("media", "")
            complete = finished.get(number, "error") != "error"
            made.append(new_row(index, row.pop("type"), choice=number, complete=complete, **row))
            if media.startswith("image/"):
                made[-1]["kind"] = "image"
    return made


def _of_part(part: Row) -> list[Row]:
    rows: list[Row] = []
    if part.get("thought") is True:
        if text := str_in(part, "text"):
            rows.append({"type": "thought", "text": text})
    else:
        rows += [{"type": "text", "text": text} for text in pieces(part) if text]

    def add(type: str, **columns: Any) -> None:
        if found := {name: value for name, value in columns.items() if value}:
            rows.append({"type": type, **found})

    call, response = part.get("functionCall"), part.get("functionResponse")
    arguments = dumped(mapping(call).get("args"))
    add("functionCall", call_id=str_in(call, "id"), name=str_in(call, "name"), arguments=arguments)
    result = dumped(mapping(response).get("response"))
    add(
        "functionResponse",
        call_id=str_in(response, "id"),
        name=str_in(response, "name"),
        result=result,
    )
    add("executableCode", arguments=dumped(mapping(part.get("executableCode")).get("code")))
    done = mapping(part.get("codeExecutionResult"))
    result = dumped(done.get("output")) or dumped(done.get("outcome"))
    add("codeExecutionResult", result=result)
    data = part.get("inlineData")
    add("inlineData", media=str_in(data, "mimeType") or str_in(data, "mime_type"))
    add("fileData", result=dumped(mapping(part.get("fileData")).get("fileUri")))
    return rows


# APIs whose items have numbers.


def _finished(items: dict[int, Row], *, ended: bool) -> list[Row]:
    made: list[Row] = []
    for number, row in sorted(items.items()):
        type = row.pop("said", None) or row.pop("type", "")
        row.pop("type", None)
        given = row.pop("input", None)
        row["arguments"] = row.get("arguments") or given
        row["complete"] = ended or row.get("complete", False)
        made.append(new_row(number, type, **row))
    return made


def _message(stream: Stream) -> list[Row]:
    items: dict[int, Row] = {}
    for value, name in stream.events:
        kind = kind_of(value, name)
        if api_of(value, name) != "message":
            continue

        def add(
            column: str, text: str | None, type: str = "", number: int = numbered(value)
        ) -> None:
            if text:
                row = items.setdefault(number, {})
                row[column] = row.get(column, "") + text
                row["type"] = row.get("type") or type

        def once(column: str, text: str | None, number: int = numbered(value)) -> None:
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
            once("said", str_in(block, "type"))
            once("call_id", str_in(block, "id") or str_in(block, "tool_use_id"))
            once("name", str_in(block, "name"))
            for member in ("text", "thinking"):
                for text in pieces(block.get(member)):
                    add("text", text, member)
            add("input", dumped(block.get("input")), "tool_use")
            add("result", dumped(block.get("content")) or dumped(block.get("file_id")))
        if kind == "content_block_stop":
            items.setdefault(numbered(value), {})["complete"] = True
    return _finished(items, ended=stream.ended)


def _cohere(stream: Stream) -> list[Row]:
    items: dict[tuple[str, int], Row] = {}
    for value, name in stream.events:
        kind = kind_of(value, name)
        message = mapping(mapping(value.get("delta")).get("message"))
        number = numbered(value)
        if api_of(value, name) != "cohere":
            continue

        def add(family: str, column: str, texts: Any, type: str, number: int = number) -> None:
            for text in filter(None, texts):
                row = items.setdefault((family, number), {})
                row[column] = row.get(column, "") + text
                row.setdefault("type", type)

        def once(family: str, column: str, text: str | None, number: int = number) -> None:
            if text:
                items.setdefault((family, number), {}).setdefault(column, text)

        if kind in ("content-delta", "content-start") and isinstance(message.get("content"), dict):
            content = message["content"]
            once("", "said", str_in(content, "type"))
            add("", "text", pieces(content.get("text")), "text")
            add("", "text", pieces(content.get("thinking")), "thinking")
        calls = message.get("tool_calls")
        if kind in ("tool-call-delta", "tool-call-start") and isinstance(calls, dict):
            once("call", "call_id", str_in(calls, "id"))
            once("call", "name", str_in(calls.get("function"), "name"))
            arguments = mapping(calls.get("function")).get("arguments")
            add("call", "arguments", pieces(arguments), "tool_call")
            if ("call", number) in items:
                items["call", number].setdefault("type", "tool_call")
        if kind == "tool-plan-delta":
            add("plan", "text", pieces(message.get("tool_plan")), "tool_plan")
        if kind in ("content-end", "tool-call-end"):
            row = items.setdefault(("call" if kind[0] == "t" else "", number), {})
            row["complete"] = True
            if kind[0] == "t":
                row.setdefault("type", "tool_call")
    return _finished(dict(enumerate(items.values())), ended=stream.ended)


def _interaction(stream: Stream) -> list[Row]:
    items: dict[int, Row] = {}
    ended = False
    for value, name in stream.events:
        kind = kind_of(value, name)
        if api_of(value, name) != "interaction":
            continue
        number = numbered(value)

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
            once("call_id", str_in(delta, "id") or str_in(delta, "call_id"))
            once("name", str_in(delta, "name"))
            add("arguments", dumped(delta.get("arguments")), "function_call")
            add("result", dumped(delta.get("result")), "function_result")
        if kind in ("step.start", "content.start"):
            step = mapping(value.get(kind.split(".")[0] if kind == "content.start" else "step"))
            once("said", str_in(step, "type"))
            once("call_id", str_in(step, "id") or str_in(step, "call_id"))
            once("name", str_in(step, "name"))
            for member in ("text", "content", "summary"):
                if texts := [text for text in pieces(step.get(member)) if text]:
                    for text in texts:
                        add("text", text, "model_output")
                    break
            add("input", dumped(step.get("arguments")), "function_call")
            add("result", dumped(step.get("result")), "function_result")
        if kind in ("step.stop", "content.stop"):
            items.setdefault(number, {})["complete"] = True
        if kind in ("interaction.completed", "interaction.complete"):
            failed = "failed", "incomplete", "cancelled", "error"
            ended |= str_in(value.get("interaction"), "status") not in failed
    return _finished(items, ended=ended)
