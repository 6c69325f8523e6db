"""A naive reading of the items of Chat Completions, and of the older Completions."""

from __future__ import annotations

from typing import Any

from item_rows import Row, dumped, int_in, list_in, new_row, str_in
from response_oracle import Stream, api_of, mapping, pieces


def chat_items(stream: Stream) -> list[Row]:
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
            for part in list_in(value, "choices"):
                if not isinstance(part, dict):
                    continue
                number = int_in(part, "index") or 0

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
                    for each in list_in(added, "content")
                    for text in pieces(mapping(each).get("thinking"))
                ]
                add("reasoning", "reasoning", "text", thoughts)
                texts = list(filter(None, pieces(mapping(added).get("content"))))
                audio = mapping(mapping(added).get("audio")).get("transcript")
                add("message", "message", "text", texts or pieces(audio))
                add("message", "message", "refusal", pieces(mapping(added).get("refusal")))
                function = mapping(added).get("function_call")
                if text := str_in(function, "name"):
                    item("function", "function_call").setdefault("name", text)
                arguments = dumped(mapping(function).get("arguments"))
                add("function", "function_call", "arguments", [arguments])
                for call in list_in(added, "tool_calls"):
                    function, custom = mapping(call).get("function"), mapping(call).get("custom")
                    id = str_in(call, "id")
                    called = str_in(function, "name") or str_in(custom, "name")
                    arguments = dumped(mapping(function).get("arguments"))
                    arguments = arguments or dumped(mapping(custom).get("input"))
                    if not isinstance(call, dict) or not (id or called or arguments):
                        continue
                    if members.get((number, "tool_call"), member) != member:
                        continue
                    known = calls.setdefault(number, [])
                    place = _call_of(known, int_in(call, "index"), id, bool(called))
                    row = item(("call", place), "tool_call")
                    if id:
                        row.setdefault("call_id", id)
                    if called:
                        row.setdefault("name", called)
                    add(("call", place), "tool_call", "arguments", [arguments])
                for picture in list_in(added, "images"):
                    url = mapping(picture).get("image_url")
                    if url is None and mapping(picture).get("b64_json") is None:
                        continue
                    images += 1
                    row = item(("image", images), "image")
                    for link in (mapping(url).get("url"), url):
                        if isinstance(link, str) and link and not link.startswith("data:"):
                            row.setdefault("result", link)
        for part in list_in(value, "choices"):
            if text := str_in(part, "finish_reason"):
                finished.setdefault(int_in(part, "index") or 0, text)
    return [
        new_row(
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
