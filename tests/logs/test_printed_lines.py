"""Lines in which a program printed events: behind any text, indented, as Python objects, as base64;
and event streams with CR line ends whose blank lines were dropped."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from rapidsse import open_log
from rapidsse.logs.formats.lines._lines import with_blank_lines
from samples import choice, chunk, sse

EVENTS = [
    chunk(choices=[choice(role="assistant", content="it's {\"a\": 'b'}")]),
    chunk(choices=[choice(content="data: {x")]),
    chunk(choices=[choice(finish="stop")]),
]
JSON = [json.dumps(event) for event in EVENTS]
STREAM = sse(*EVENTS).decode()

Write = Callable[[str], str]
BEFORE: dict[str, Write] = {
    "a module": lambda text: f"DEBUG:openai._streaming:chunk: {text}\n",
    "a stream of a module": lambda text: f"DEBUG:sse:data: {text}\n",
    "nginx": lambda text: f"2025/01/01 00:00:00 [debug] 31#31: *1 http upstream data: {text}\n",
    "tracing": lambda text: f"  2025-01-01T00:00:00.1Z DEBUG proxy::sse: chunk={text}\n",
    "a number": lambda text: f"chunk 12, 3.5 s: {text}\n",
    "a quote": lambda text: f"> data: {text}\n",
    "an indent": lambda text: f"    data: {text}\n    \n",
    "an object of Python": lambda text: f"{json.loads(text)!r}\n",
    "an object of Python, logged": lambda text: f"2025-01-01 00:00:00,1 - a - INFO - {json.loads(text)!r}\n",
    "bytes in an object": lambda text: f"{ {'chunk': {'bytes': text.encode()}}!r}\n",
    "base64": lambda text: base64.b64encode(f"data: {text}\n\n".encode()).decode() + "\n",
    "base64 of JSON": lambda text: base64.b64encode(text.encode()).decode() + "\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize("first", ["", "the server has started\n"])
def test_events_behind_other_text(name: str, first: str) -> None:
    content = (first + "".join(map(BEFORE[name], JSON))).encode()
    with open_log(content, on_error="skip") as log:
        assert log.format == "jsonl-event"
        assert [event.json() for event in log] == EVENTS
        # Where each line is an object, one that is none is a failure.
        assert log.skipped == (bool(first) and name != "bytes in an object")


@pytest.mark.parametrize(
    "text", ["{'a': 1}", "settings: {'a': 1}", 'done: {"a": 1}', "eyJhIjogMX0="]
)
def test_what_is_no_event(text: str) -> None:
    lines = [BEFORE["a module"](JSON[0]), f"{text}\n", *map(BEFORE["a module"], JSON[1:])]
    with open_log("".join(lines).encode()) as log:
        assert [event.json() for event in log] == EVENTS
        assert log.skipped == 1


def test_base64_that_was_cut_fails() -> None:
    content = "".join(map(BEFORE["base64"], JSON)).encode()[:-50]
    found: list[Any] = []
    with open_log(content, on_error="yield") as log:
        found.extend(log)
    assert [event.json() for event in found[:2]] == EVENTS[:2]
    assert len(found) == 3
    assert found[2].kind in ("json", "truncated")


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_blank_lines_that_were_dropped(end: str, size: int) -> None:
    text = "".join(
        f"id: {number}{end}data: {line}{end}" for number, line in enumerate(JSON)
    ).encode()
    with open_log(text) as log:
        assert log.format == "sse-lines"
        found = list(log)
    assert [event.json() for event in found] == EVENTS
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    whole = b"".join(with_blank_lines(chunks))
    assert len(whole) == len(text)
    assert [line for line in whole.replace(b"\r", b"\n").split(b"\n") if line[:4] == b"data"] == [
        b"data:" + line.encode() if end != "\r\n" else b"data: " + line.encode() for line in JSON
    ]
