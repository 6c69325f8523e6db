"""Records that hold several responses, or a stream that is not theirs: none is lost, or read twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

import rapidsse
from rapidsse.cli import main
from samples import choice, chunk, completed, created, delta, sse


def chat(id: str, *texts: str, finish: str | None = "stop") -> list[Any]:
    first, *rest = texts
    return [
        chunk(id, choices=[choice(role="assistant", content=first)]),
        *(chunk(id, choices=[choice(content=text)]) for text in rest),
        *([chunk(id, choices=[choice(finish=finish)])] if finish else []),
    ]


def responses(path: Path, records: Sequence[Any]) -> list[tuple[str, str | None]]:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    rows = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    return [(row["response_id"], row["output_text"]) for row in rows]


def counts(path: Path) -> tuple[int, int]:
    with rapidsse.open_log(path, on_error="skip") as log:
        for _ in log:
            pass
        return log.skipped, log.passed_over


@pytest.mark.parametrize(
    "wrap",
    [
        lambda events: {"id": 1, "events": events},
        lambda events: {"response": {"chunks": [f"data: {json.dumps(each)}\n\n" for each in events]}},
        lambda events: {"output": [{"t": 1, "event": each} for each in events]},
        lambda events: {"request": {}, "response": json.dumps(events)},
    ],
)  # fmt: skip
@pytest.mark.parametrize("finish", ["stop", None])
def test_a_list_of_events_may_have_two_chat_completions(
    wrap: Any, finish: str | None, tmp_path: Path
) -> None:
    events = [*chat("a", "Hel", "lo", finish=finish), *chat("b", "Wor", "ld")]
    assert responses(tmp_path / "log", [wrap(events)]) == [("a", "Hello"), ("b", "World")]


def test_a_list_of_events_may_have_two_responses(tmp_path: Path) -> None:
    events = [event for id in "ab" for event in (created(id), delta(id), completed(id))]
    assert responses(tmp_path / "log", [{"events": events}]) == [("a", "a"), ("b", "b")]


def gemini(id: str, *texts: str) -> list[Any]:
    return [
        {
            "candidates": [
                {"content": {"parts": [{"text": text}]}, "finishReason": "STOP" if last else None}
            ],
            "responseId": id,
        }
        for text, last in ((text, text == texts[-1]) for text in texts)
    ]


def message(id: str, text: str) -> list[Any]:
    start = {"id": id, "role": "assistant", "content": []}
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]


@pytest.mark.parametrize(
    ("first", "second", "texts"),
    [
        (gemini("a", "x", "y"), gemini("b", "z"), ["xy", "z"]),
        (gemini("a", "x", "y", "w")[:2], gemini("b", "z", "v"), ["xy", "zv"]),
        (message("a", "x")[:2], message("b", "z"), ["x", "z"]),
        ([created("a"), delta("x")], [created("b"), delta("z"), completed("b")], ["x", "z"]),
    ],
)
def test_a_response_that_was_cut_is_not_the_next_one(
    first: list[Any], second: list[Any], texts: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "log"
    expected = list(zip("ab", texts, strict=True))
    assert responses(path, [{"request": {}, "response": {"events": first + second}}]) == expected


@pytest.mark.parametrize("begins_with", [message, lambda id, _: [created(id)]])
def test_a_body_whose_response_was_cut_may_have_another(begins_with: Any, tmp_path: Path) -> None:
    body = sse(*begins_with("a", "x")[:2], *message("b", "z")).decode()
    found = responses(tmp_path / "log", [{"request": {}, "response": {"body": body}}])
    assert found == [("a", "x" if begins_with is message else None), ("b", "z")]


@pytest.mark.parametrize("events", [message("a", "x"), [created("a"), delta("x"), completed("a")]])
def test_a_response_that_begins_again_is_one(events: list[Any], tmp_path: Path) -> None:
    found = responses(tmp_path / "log", [{"events": [events[0], *events]}])
    assert found == [("a", "x")]


def test_ids_that_differ_in_each_chunk_are_those_of_one_response(tmp_path: Path) -> None:
    events = [{**event, "id": f"id{n}"} for n, event in enumerate(chat("", "x", "y", "z"))]
    assert [text for _, text in responses(tmp_path / "log", [{"events": events}])] == ["xyz"]


def test_several_answers_of_one_response(tmp_path: Path) -> None:
    events = [
        chunk("a", choices=[{**choice(role="assistant", content=text), "index": n}])
        for n, text in enumerate("xy")
    ]
    assert len(responses(tmp_path / "log", [{"events": [*events, *events]}])) == 1


QUOTED = sse(*chat("quoted", "no"), "[DONE]").decode()
ANSWER = sse(*chat("a", "yes"), "[DONE]").decode()


@pytest.mark.parametrize("key", ["key", "name", "field"])
def test_a_prompt_in_the_attributes_of_a_span_is_not_read(key: str, tmp_path: Path) -> None:
    attributes = [
        {key: "gen_ai.prompt", "value": {"stringValue": QUOTED}},
        {key: "gen_ai.completion", "value": {"stringValue": ANSWER}},
    ]
    path = tmp_path / "log"
    assert responses(path, [{"spans": [{"attributes": attributes}]}]) == [("a", "yes")]
    assert counts(path) == (0, 1)


def test_elements_without_a_stream_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    exchanges = [{"response": ANSWER}, {"response": "refused"}, {"note": "x"}, {}]
    assert responses(path, [{"exchanges": exchanges}]) == [("a", "yes")]
    assert counts(path) == (2, 0)
    path.write_text(json.dumps(exchanges, indent=2))
    assert counts(path) == (2, 0)


def test_numbers_of_yaml_are_numbers(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    path = tmp_path / "log.yaml"
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    path.write_text(yaml.safe_dump_all([*chat("a", "x"), chunk("a", usage=usage)]))
    [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert (row["total_tokens"], row["output_text"], row["complete"]) == (3, "x", True)


def test_texts_of_yaml_that_look_like_numbers_are_texts(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    path = tmp_path / "log.yaml"
    # YAML 1.1 has these for no numbers, and so PyYAML writes them as it writes words.
    texts = ["09", " ", "1e5", "1.5e5", "+08", ".5e3", "1e+5", "7", "1.5", "\uff11"]
    path.write_text(yaml.safe_dump_all(chat("a", *texts), allow_unicode=True), "utf-8")
    [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert row["output_text"] == "".join(texts)


def test_a_named_field_may_have_several_responses(tmp_path: Path) -> None:
    path = tmp_path / "log"
    other = sse(*chat("b", "x"), "[DONE]").decode()
    path.write_text(json.dumps({"mine": [{"response": ANSWER}, {"response": other}]}) + "\n")
    rows = pa.table(rapidsse.scan(path, table="responses", body_field="mine")).to_pylist()
    assert [row["response_id"] for row in rows] == ["a", "b"]


def test_an_event_beside_another_one_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first, second = chat("a", "x", "y"), chat("b", "z", "w")
    records = [
        {"t": 1, "data": one, "event": other} for one, other in zip(first, second, strict=True)
    ]
    assert responses(path, records) == [("a", "xy")]
    assert counts(path) == (0, 3)
    # The same event twice is one.
    assert responses(path, [{"data": each, "raw": {**each}} for each in first]) == [("a", "xy")]
    assert counts(path) == (0, 0)


def test_an_event_in_another_member_than_the_first_ones(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first, *rest = chat("a", "x", "y", "z")
    records = [
        {"t": 1, "chunk": first},
        {"t": 2, "chunk": None, "final": False, "payload": {"event": rest[0]}},
        {"t": 3, "note": "nothing"},
        *({"t": 4, "event": each} for each in rest[1:]),
    ]
    assert responses(path, records) == [("a", "xyz")]
    assert counts(path) == (1, 0)
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    with rapidsse.open_log(path, event_field="chunk") as log:
        assert len(list(log)) == 1
        assert log.skipped == 4


def test_verify_says_what_it_did_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log"
    record = {"messages": [{"role": "user", "content": QUOTED}], "response": ANSWER}
    path.write_text(json.dumps(record) + "\n" + json.dumps({"note": "x"}) + "\n")
    assert main(["verify", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 log, 1 stream, 2 events: all is well",
        "1 record without events",
        "1 other stream or event in records, passed over",
    ]


def test_a_list_with_one_record_is_no_list_of_envelopes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    other = sse(*chat("b", "x"), "[DONE]").decode()
    path.write_text(json.dumps({"records": [{"data": other, "response": [*chat("a", "yes")]}]}))
    rows = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert [row["response_id"] for row in rows] == ["a"]
    assert counts(path) == (0, 1)


def test_an_event_beside_another_one_in_a_list_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first, second = chat("a", "x", "y"), chat("b", "z", "w")
    pairs = [{"data": one, "event": other} for one, other in zip(first, second, strict=True)]
    assert responses(path, [{"chunks": pairs}]) == [("a", "xy")]
    assert counts(path) == (0, 3)


def test_lines_of_json_in_a_member_of_any_name(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(event) for event in chat("a", "x", "y"))
    assert responses(tmp_path / "log", [{"kept": {"more": text}}]) == [("a", "xy")]


NAMED = [(type, {"type": type, "b64_json": "QUJD"}) for type in (
    "image_generation.partial_image", "image_generation.completed")]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [{"key": str(n), "offset": n, "value": event} for n, event in enumerate(chat("a", "x", "y"))],
        [{"name": f"e{n}", "value": f"data: {json.dumps(event)}\n\n"}
         for n, event in enumerate(chat("a", "x", "y"))],
        [{"key": "k", "value": json.dumps(chat("a", "x")[0])}, {"key": "p", "value": {"type": "ping"}},
         *({"key": f"l{n}", "value": event} for n, event in enumerate(chat("a", "", "y")[1:]))],
        [{"date": f"{day}, 01 Jan 2026", "data": event}
         for day, event in zip(("Wed", "Tue", "Mon"), chat("a", "x", "y"), strict=True)],
    ],
)  # fmt: skip
def test_rows_of_events_are_one_response(rows: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "log"
    for record in ({"request": {}, "response": rows}, {"kept": {"more": rows}}, rows):
        assert responses(path, [record]) == [("a", "xy")]
        assert counts(path) == (0, 0)
        path.write_text(json.dumps(record, indent=1))
        [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
        assert row["output_text"] == "xy"


def test_attributes_that_say_the_same_are_one_response(tmp_path: Path) -> None:
    """A whole response of Gemini is like an event of one."""
    [whole] = gemini("a", "x")
    attributes = [
        {"key": key, "value": json.dumps(whole)} for key in ("llm.output", "raw.response")
    ]
    assert responses(tmp_path / "log", [{"spans": [{"attributes": attributes}]}]) == [("a", "x")]
    assert counts(tmp_path / "log") == (0, 1)


@pytest.mark.parametrize("as_row", [list, lambda pair: {"name": pair[0], "value": pair[1]}])
def test_names_of_events_are_no_times(as_row: Any, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(json.dumps({"response": [*map(as_row, NAMED)]}) + "\n")
    rows = pa.table(rapidsse.scan(path, table="images")).to_pylist()
    assert [row["kind"] for row in rows] == ["partial", "final"]
    [row] = pa.table(rapidsse.scan(path, table="responses")).to_pylist()
    assert row["complete"]
