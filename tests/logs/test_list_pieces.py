"""Lines, or elements of a document, that each hold a list of events: all of a response, or a piece."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

import rapidsse
from rapidsse.cli import main
from rapidsse.logs import LogEvent
from samples import choice, chunk, completed, created, delta, sse

MESSAGE = [
    {"type": "message_start", "message": {"id": "msg", "role": "assistant", "content": []}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    {"type": "message_stop"},
]
SEVERAL: dict[str, list[list[Any]]] = {
    "chat": [
        [
            chunk(id, choices=[choice(role="assistant", content="")]),
            *(chunk(id, choices=[choice(content=text)]) for text in "abc"),
            chunk(id, choices=[choice(finish="stop")]),
        ]
        for id in ("c1", "c2")
    ],
    "responses": [[created(id), delta(), delta(), completed(id)] for id in ("r1", "r2")],
    "messages": [MESSAGE, MESSAGE],
}
WAYS: dict[str, Callable[[list[Any]], Any]] = {
    "a member": lambda events: {"data": events},
    "beside a time": lambda events: {"ts": 1.5, "events": events},
    "further in": lambda events: {"at": 1, "record": {"n": len(events), "batch": events}},
    "in envelopes": lambda events: {"batch": [{"t": 1, "data": event} for event in events]},
    "as JSON": lambda events: {"lines": [json.dumps(event) for event in events]},
    "as text": lambda events: {"chunks": [sse(event).decode() for event in events]},
    "a list": lambda events: events,
}


def pieces(name: str, size: int) -> list[list[Any]]:
    events = [event for each in SEVERAL[name] for event in each]
    return [events[at : at + size] for at in range(0, len(events), size)]


def read(path: Path) -> list[tuple[int, bool]]:
    rows = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    return [(row["n_events"], row["complete"]) for row in rows]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SEVERAL)
def test_pieces_of_responses(tmp_path: Path, name: str, way: str, size: int) -> None:
    values = [WAYS[way](events) for events in pieces(name, size)]
    expected = [(len(events), True) for events in SEVERAL[name]]
    path = tmp_path / "log"
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    assert read(path) == expected
    with rapidsse.open_log(path) as log:
        assert log.format == "jsonl-event"
        offsets = [event.offset for event in log]
    assert offsets == sorted(offsets)
    if way != "a list":
        path.write_text(json.dumps(values, indent=1))
        assert read(path) == expected


@pytest.mark.parametrize("way", [way for way in WAYS if way != "a list"])
@pytest.mark.parametrize("name", SEVERAL)
def test_whole_responses_are_records(tmp_path: Path, name: str, way: str) -> None:
    # The second was cut short, as its recording was; the third is another.
    first, second = SEVERAL[name]
    values = [WAYS[way](events) for events in (first, second[:2], first)]
    path = tmp_path / "log"
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    assert read(path) == [(len(first), True), (2, False), (len(first), True)]
    with rapidsse.open_log(path) as log:
        assert log.format == "jsonl-body"


def test_requests_with_their_events_are_records(tmp_path: Path) -> None:
    values = [{"request": {"n": 1}, "events": events} for events in pieces("messages", 2)]
    path = tmp_path / "log"
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    assert read(path) == [(2, False), (2, True)] * 2


def test_a_named_field_may_be_a_list(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(json.dumps({"a": each}) + "\n" for each in pieces("messages", 3)))
    assert [event.json() for event in rapidsse.open_log(path, event_field="a")] == MESSAGE * 2


@pytest.mark.parametrize("count", [20, 4000])
@pytest.mark.parametrize("before", [True, False])
def test_a_record_that_was_cut_short(
    tmp_path: Path, before: bool, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    deltas = [delta(f"word {number} ") for number in range(count)]
    events = [created("r1"), *deltas, completed("r1")]
    record = json.dumps({"request": {"input": "Hi"}, "response": {"body": sse(*events).decode()}})
    whole = (
        json.dumps({"n": 0, "response": {"body": sse(*SEVERAL["responses"][1]).decode()}}) + "\n"
    )
    path = tmp_path / "log"
    path.write_text(whole * before + record[: len(record) * 3 // 4])
    assert main(["decode", str(path), "--json"]) in (1, 2)
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert totals["failures"] == 2
    assert totals["events"] > count * 0.7 + 4 * before
    with rapidsse.open_log(path, on_error="yield") as log:
        found = list[Any]()
        try:
            found += log
        except rapidsse.InputError:
            assert not before
    known = [each for each in found if isinstance(each, LogEvent)]
    expected = SEVERAL["responses"][1] * before + events
    assert [event.json() for event in known] == expected[: len(known)]
