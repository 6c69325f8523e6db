"""Truncated JSON documents: what precedes the cut is read before the error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from rapidsse.logs.formats.documents._cut_json import made_whole
from rapidsse.logs.formats.values._json5 import json_of_json5
from samples import completed, created, delta, sse

EVENTS = [created("resp_1"), delta("Hél"), delta("lo"), completed("resp_1")]
OTHERS = [created("resp_2"), delta("x"), completed("resp_2")]
BODIES = [sse(*EVENTS).decode(), sse(*OTHERS).decode()]
HEADERS = {"content-type": ["text/event-stream"]}

DOCUMENTS: dict[str, Any] = {
    "events": EVENTS + OTHERS,
    "records": [{"request": {"messages": [{"content": "Hi"}]}, "response": body} for body in BODIES],
    "an object of records": {"at": 1, "calls": [{"prompt": "x", "response": body} for body in BODIES]},
    "an object of lists": {"runs": {"a": {"events": EVENTS}, "b": {"events": OTHERS}}},
    "lists of events": [{"response": {"events": events}} for events in (EVENTS, OTHERS)],
    "a cassette": {"version": 1, "interactions": [
        {"request": {"uri": "x"}, "response": {"body": {"string": body}, "headers": HEADERS}}
        for body in BODIES]},
    "an archive": {"log": {"version": "1.2", "entries": [
        {"request": {}, "response": {"content": {"mimeType": "text/event-stream", "text": body}}}
        for body in BODIES]}},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_events_before_the_end_are_read(name: str, indent: int | None) -> None:
    text = json.dumps(DOCUMENTS[name], indent=indent).encode()
    expected = [json.dumps(event) for event in EVENTS + OTHERS]
    most = last = 0
    for cut in range(len(text) // 4, len(text), 7):
        found = list[str]()
        with rapidsse.open_log(text[:cut], on_error="skip") as log:
            with pytest.raises(
                rapidsse.InputError, match=r"is no whole (JSON document|cassette|HAR)"
            ):
                found += (json.dumps(event.json()) for event in log)
            assert found == expected[: len(found)]
            assert len(found) >= last or name == "an archive"
        most, last = max(most, len(found)), len(found)
    assert most >= len(expected) - 2


def test_what_precedes_the_error_is_in_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(DOCUMENTS["records"])[:-5])
    scan = rapidsse.scan(path, table="responses")
    rows = list[Any]()
    with pytest.raises(rapidsse.InputError):
        for batch in scan:
            rows += batch.to_pylist()
    assert [row["response_id"] for row in rows] == ["resp_1", "resp_2"]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('{"a": [1, 2', '{"a": [1]}'),
        ('{"a": [1, "x\\', '{"a": [1, "x"]}'),
        ('[{"a": 1, "b', '[{"a": 1}]'),
        ('[{"a": 1, "b":', '[{"a": 1}]'),
        ('[{"a": tru', "[{}]"),
        ('[[], {}, "\\u12', '[[], {}, ""]'),
        ('[{"type": "response.created", "response": {"id": "r', "[]"),
        pytest.param("[" * 128, "[" * 128 + "]" * 128, id="as deep as can be read"),
        pytest.param("[" * 129, None, id="deeper"),
        # That took a minute.
        pytest.param("[{" * 500_000, None, id="a million levels deep"),
        pytest.param("[" + "1," * 5_000_001, None, id="more values than are read"),
        ("[1]", None),
        ("[1}", None),
        ("x", None),
        ("", None),
    ],
)
def test_what_is_open_at_the_cut_is_closed(text: str, whole: str | None) -> None:
    assert made_whole(text.encode()) == (None if whole is None else whole.encode())


@pytest.mark.parametrize(
    "text",
    ['[{"b64": "' + "iVBORw0KGgo" * 40_000, "{" + "a" * 400_000, "{a: " + "\\'" * 200_000,
     "{" + ",/*" * 100_000, "{a: 1} " + "/* " * 100_000],
    ids=["a picture", "a name", "quotes", "commas", "comments"],
)  # fmt: skip
def test_what_is_no_json5_takes_linear_time(text: str) -> None:
    """Otherwise each of these takes minutes."""
    with pytest.raises(ValueError):
        json.loads(json_of_json5(text))


def test_json5_up_to_what_has_no_end() -> None:
    assert json_of_json5('{a: 1, b: "x:1", c: \'d: /* e') == '{"a": 1, "b": "x:1", "c": \'d: /* e'
