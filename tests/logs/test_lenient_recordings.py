"""Recordings with NaN, Infinity and halves of surrogate pairs, which the SDKs' `json.loads` reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

import rapidsse
from rapidsse.logs.tables._tables import LogTables
from samples import choice, chunk

HALVES = ("\ud83d", "\ude00")
EVENTS: list[dict[str, Any]] = [
    {**chunk(choices=[choice(content=HALVES[0])]), "logprob": float("nan")},
    {**chunk(choices=[choice(content=HALVES[1])]), "logprob": float("-inf")},
    chunk(choices=[choice(finish="stop")]),
]
BODY = "".join(f"data: {json.dumps(each)}\n\n" for each in EVENTS)
# The recorder's own strings may hold the halves, too.
BARE = "".join(f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in EVENTS)
HEADERS = {"content-type": "text/event-stream"}


def record(body: Any) -> dict[str, Any]:
    return {"took": float("nan"), "note": HALVES[0], "response": {"headers": HEADERS, "body": body}}


def lines(*values: Any) -> str:
    return "".join(json.dumps(each) + "\n" for each in values)


def har(body: str) -> dict[str, Any]:
    content = {"mimeType": "text/event-stream", "text": body}
    entry = {"time": float("inf"), "response": {"content": content}}
    return {"log": {"version": "1.2", "entries": [entry]}}


def har_messages() -> dict[str, Any]:
    messages = [{"eventName": "message", "data": json.dumps(each)} for each in EVENTS]
    content = {"mimeType": "text/event-stream", "size": float("nan")}
    entry = {"response": {"content": content}, "_eventSourceMessages": messages}
    return {"log": {"version": "1.2", "entries": [entry]}}


RECORDINGS: dict[str, Callable[[], str]] = {
    "a record per line": lambda: lines(record(BODY)),
    "with halves in its text": lambda: lines(record(BARE)),
    "with a list of events": lambda: lines(record(EVENTS)),
    "with a list of texts": lambda: lines(record([json.dumps(each) for each in EVENTS])),
    "a record over several lines": lambda: json.dumps(record(BODY), indent=2),
    "an array of records": lambda: json.dumps([record(BARE)], indent=2),
    "an array of events": lambda: json.dumps(EVENTS),
    "an envelope per line": lambda: lines(*({"t": float("nan"), "data": e} for e in EVENTS)),
    "an envelope with text": lambda: lines(
        *({"t": 1e400, "x": HALVES[0], "data": json.dumps(each)} for each in EVENTS)
    ),
    "an event per line": lambda: lines(*EVENTS),
    "har": lambda: json.dumps(har(BODY)),
    "har with halves in its text": lambda: json.dumps(har(BARE)),
    "har with messages": lambda: json.dumps(har_messages()),
    "a cassette": lambda: json.dumps({"interactions": [record(BODY)]}),
    "a cassette with halves": lambda: json.dumps({"version": 1, "interactions": [record(BARE)]}),
    "a list of responses": lambda: json.dumps({"responses": [record(BODY)]}),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDINGS)
def test_nothing_is_lost(name: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(RECORDINGS[name](), "utf-8")
    tables = LogTables({"responses": None, "failures": None})
    rows: dict[str, list[Any]] = {"responses": [], "failures": []}
    with rapidsse.open_log(path) as log:
        for table, batch in tables.read(log):
            rows[table] += batch.to_pylist()
    assert rows["failures"] == []
    assert [(row["output_text"], row["complete"]) for row in rows["responses"]] == [("😀", True)]
    assert tables.totals.of_events.nonstandard >= 2


# The least number that is infinite as a double.
INFINITE = 2**1024 - 2**970


@pytest.mark.parametrize(
    ("number", "is_standard"),
    [
        (f"{INFINITE}.0", False),
        (f"{INFINITE - 1}.{'9' * 30}", True),
        (f"-{INFINITE}0e-1", False),
        (f"-{INFINITE - 1}9E-1", True),
        (f"0.000{INFINITE}e+312", False),
        (f"0.000{INFINITE - 1}e+312", True),
        ("1e309", False),
        ("1.7e308", True),
        ("0.0e99999999999999999999", True),
        ("1e99999999999999999999", False),
        ("1e-99999999999999999999", True),
        ("1" + "0" * 400, True),  # an integer has any length
    ],
)
def test_numbers_past_a_double(number: str, is_standard: bool, tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_text(f'data: {{"logprob":{number}}}\n\n')
    tables = LogTables({"failures": None})
    with rapidsse.open_log(path) as log:
        assert not any(batch.num_rows for _, batch in tables.read(log))
    assert tables.totals.of_events.events == 1
    assert tables.totals.of_events.nonstandard == (not is_standard)


def test_a_whole_response(tmp_path: Path) -> None:
    message = {"role": "assistant", "content": HALVES[0]}
    choice = {"message": message, "finish_reason": "stop", "score": float("nan")}
    path = tmp_path / "log"
    path.write_text(json.dumps({"id": "a", "object": "chat.completion", "choices": [choice]}))
    [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert row["output_text"] == "\ufffd"


@pytest.mark.parametrize("table", ["responses", "items"])
def test_the_id_of_a_batch(table: str, tmp_path: Path) -> None:
    choice = {"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    body = {"id": "a", "object": "chat.completion", "choices": [choice]}
    path = tmp_path / "log"
    path.write_text(lines({"custom_id": HALVES[0], "response": {"status_code": 200, "body": body}}))
    [row] = pa.table(rapidsse.scan(path, table=table)).to_pylist()
    assert row["custom_id"] == "\ufffd"
