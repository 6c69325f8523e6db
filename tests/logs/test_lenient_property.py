"""Any JSON that `json.loads` reads, in the events of every format: each value arrives as it is read there."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapidsse
from rapidsse.logs._bodies import FORMATS, Format
from samples import choice, chunk

HEADERS = {"content-type": ["text/event-stream"]}
Log = Callable[[list[str]], str]


def stream(events: list[str], between: str = "\n\n") -> str:
    return "".join(f"data: {event}{between}" for event in events)


def lines(values: list[Any]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def response(events: list[str]) -> dict[str, Any]:
    return {"headers": HEADERS, "body": {"string": stream(events)}}


def har(events: list[str]) -> str:
    content = {"mimeType": "text/event-stream", "text": stream(events)}
    return json.dumps({"log": {"version": "1.2", "entries": [{"response": {"content": content}}]}})


def messages(events: list[str]) -> str:
    sent = [{"eventName": "message", "data": event} for event in events]
    return json.dumps({"log": {"version": "1.2", "entries": [{"_eventSourceMessages": sent}]}})


def base64_of(events: list[str]) -> str:
    return base64.b64encode(stream(events).encode()).decode()


def raw(events: list[str]) -> list[Any]:
    return [json.loads(event) for event in events]


LOGS: dict[str, tuple[Format, Log]] = {
    "event streams": ("sse", stream),
    "without blank lines": ("sse-lines", lambda events: stream(events, "\n")),
    "mixed": ("sse-mixed", stream),
    "lines": ("jsonl", lambda events: "".join(f"{event}\n" for event in events)),
    "mixed lines": ("jsonl-mixed", lambda events: "".join(f"{event}\n" for event in events)),
    "objects": ("jsonl-event", lambda events: lines([{"data": each} for each in raw(events)])),
    "texts": ("jsonl-event", lambda events: lines([{"data": event} for event in events])),
    "lines of a stream": ("jsonl-event", lambda events: lines([{"log": f"data: {each}\n\n"} for each in events])),
    "requests": ("jsonl-body", lambda events: lines([{"t": float("nan"), "response": stream(events)}])),
    "base64": ("jsonl-body", lambda events: lines([{"response": base64_of(events)}])),
    "lists of events": ("jsonl-body", lambda events: lines([{"response": raw(events)}])),
    "lists of texts": ("jsonl-body", lambda events: lines([{"response": events}])),
    "an array": ("json", lambda events: json.dumps(raw(events), indent=2)),
    "objects without line ends": ("json", "".join),
    "texts of RFC 7464": ("json", lambda events: "".join(f"\x1e{event}\n" for event in events)),
    "an array of requests": ("json", lambda events: json.dumps([{"response": stream(events)}])),
    "YAML": ("yaml", lambda events: "then:\n  body: " + json.dumps(stream(events)) + "\n"),
    "XML": ("xml", lambda events: f"<log>{escape(stream(events))}</log>"),
    "a cassette": ("vcr", lambda events: json.dumps({"interactions": [{"response": response(events)}]})),
    "a cassette in YAML": (
        "vcr",
        lambda events: "interactions:\n- response:\n    body: " + json.dumps(stream(events)) + "\n",
    ),
    "har": ("har", har),
    "har with messages": ("har", messages),
}  # fmt: skip

_TEXT = st.text(st.characters(max_codepoint=0x10FFFF, exclude_categories=[]), max_size=4)
_NUMBERS = st.one_of(st.floats(), st.integers(-(2**70), 2**70))
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXT, st.sampled_from(["\ud83d", "\ude00"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXT, inner, max_size=3)),
    max_leaves=5,
)


def test_every_format_is_among_them() -> None:
    assert {format for format, _ in LOGS.values()} == set(FORMATS)


@pytest.mark.parametrize("name", LOGS)
@given(values=st.lists(_VALUES, min_size=1, max_size=3))
def test_values_arrive(name: str, values: list[Any]) -> None:
    format, log = LOGS[name]
    events = [
        json.dumps(chunk("a", choices=[choice(content="x")], extra=value)) for value in values
    ]
    with rapidsse.open_log(log(events).encode(), format=format) as opened:
        found = [event.json()["extra"] for event in opened]
    # NaN is not equal to itself, and its text is.
    assert [json.dumps(value) for value in found] == [
        json.dumps(json.loads(json.dumps(value))) for value in values
    ]
