"""JSON and YAML that is one document, and records with more than one candidate."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import rapidsse
from rapidsse.logs import LogFailure
from samples import completed, created, delta, sse

OK = sse(created("resp_1"), delta("Hel"), delta("lo"), completed("resp_1"))
OTHER = sse(created("resp_2"), delta("x"), completed("resp_2"))
THIRD = sse(created("resp_3"), completed("resp_3"))
HEADERS = {"content-type": "text/event-stream"}


def write(folder: Path, content: bytes | str, name: str = "log") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def bodies(path: str, **options: Any) -> tuple[str, list[list[str]]]:
    """The format, and the response ids of the events in each stream."""
    streams: dict[int, list[str]] = {}
    with rapidsse.open_log(path, **options) as log:
        for event in log:
            streams.setdefault(event.stream, []).append(event.response_id or "")
        return log.format, list(streams.values())


def ids(path: str, **options: Any) -> list[str]:
    return [each[0] for each in bodies(path, **options)[1]]


def counts(path: str) -> tuple[int, int]:
    with rapidsse.open_log(path, on_error="skip") as log:
        for _ in log:
            pass
        return log.skipped, log.passed_over


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2)


def events(stream: bytes) -> list[Any]:
    return [event.json() for event in rapidsse.iter_sse(stream)]


def exchange(stream: bytes) -> dict[str, Any]:
    return {
        "request": {"method": "POST", "headers": {"accept": "text/event-stream"}, "body": "{}"},
        "response": {"status": 200, "headers": HEADERS, "body": stream.decode()},
    }


# --- Documents --------------------------------------------------------------------------

B64 = base64.b64encode(OK).decode()
GZIPPED = base64.b64encode(gzip.compress(OK)).decode()

JSON_DOCUMENTS: dict[str, Any] = {
    "an array of events": events(OK),
    "an array of envelopes": [{"t": n, "payload": each} for n, each in enumerate(events(OK))],
    "an array of envelopes of text": [{"at": 1, "data": json.dumps(each)} for each in events(OK)],
    "an array of records": [exchange(OK)],
    "a record": exchange(OK),
    "records by name": {"first": exchange(OK), "notes": "none"},
    "keys in another order": {"meta": {"interactions": 1}, "x": 1, "interactions": [exchange(OK)]},
    "betamax": {
        "recorded_with": "betamax/0.9.0",
        "http_interactions": [
            {
                "request": {"body": {"encoding": "utf-8", "string": ""}},
                "response": {
                    "body": {"encoding": "utf-8", "base64_string": GZIPPED, "string": ""},
                    "headers": {"Content-Type": ["text/event-stream"]},
                },
            }
        ],
    },
    "exvcr": [
        {
            "request": {"body": "", "method": "post", "url": "x"},
            "response": {"binary": False, "body": OK.decode(), "headers": {}, "type": "ok"},
        }
    ],
    "wiremock": {"request": {"method": "POST"}, "response": {"status": 200, "base64Body": B64}},
    "nock": [{"scope": "https://x:443", "status": 200, "response": OK.decode()}],
    "hoverfly": {
        "data": {"pairs": [{"request": {}, "response": {"body": GZIPPED, "encodedBody": True}}]}
    },
    "one event": events(OK)[-1],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", JSON_DOCUMENTS)
def test_json_documents(name: str, indent: int | None, tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(JSON_DOCUMENTS[name], indent=indent))
    assert ids(path) == ["resp_1"]
    with rapidsse.open_log(path) as log:
        expected = events(OK) if name != "one event" else events(OK)[-1:]
        assert [event.json() for event in log] == expected


def test_every_stream_of_a_document_is_read(tmp_path: Path) -> None:
    records = [exchange(OK), exchange(OTHER), {"response": {"body": "{}"}}, exchange(THIRD)]
    assert ids(write(tmp_path, pretty(records))) == ["resp_1", "resp_2", "resp_3"]
    by_name = {"a": {"response": OK.decode()}, "b": [exchange(OTHER)], "c": exchange(THIRD)}
    assert ids(write(tmp_path, pretty(by_name))) == ["resp_1", "resp_2", "resp_3"]
    one_after_another = "\n".join(map(pretty, records))
    assert ids(write(tmp_path, one_after_another)) == ["resp_1", "resp_2", "resp_3"]


@pytest.mark.parametrize("as_text", [False, True])
def test_lists_of_events_in_a_list_are_streams_of_their_own(as_text: bool, tmp_path: Path) -> None:
    def stream(content: bytes) -> list[Any]:
        blocks = content.decode().split("\n\n")[:-1]
        return [f"{block}\n\n" for block in blocks] if as_text else events(content)

    _, streams = bodies(write(tmp_path, pretty([stream(OK), stream(OTHER), stream(THIRD)])))
    assert [len(stream) for stream in streams] == [len(events(each)) for each in (OK, OTHER, THIRD)]
    assert [stream[0] for stream in streams] == ["resp_1", "resp_2", "resp_3"]
    # A column of rows that have one event each is one stream.
    rows = [[number, event] for number, event in enumerate(stream(OK))]
    assert ids(write(tmp_path, pretty(rows))) == ["resp_1"]


@pytest.mark.parametrize("as_text", [False, True])
def test_lines_that_are_lists_of_events(as_text: bool, tmp_path: Path) -> None:
    def line(content: bytes) -> str:
        blocks = content.decode().split("\n\n")[:-1]
        return json.dumps([f"{block}\n\n" for block in blocks] if as_text else events(content))

    path = write(tmp_path, "".join(f"{line(each)}\n" for each in (OK, OTHER, THIRD)))
    format, streams = bodies(path)
    assert format == "jsonl-body"
    assert [len(stream) for stream in streams] == [len(events(each)) for each in (OK, OTHER, THIRD)]
    assert [stream[0] for stream in streams] == ["resp_1", "resp_2", "resp_3"]


@pytest.mark.parametrize("wrap", [lambda event: event, lambda event: {"t": 1, "data": event}])
def test_a_list_of_events_may_have_several_responses(
    wrap: Callable[[Any], Any], tmp_path: Path
) -> None:
    def chunk(id: str, finish: str | None = None) -> Any:
        choice = {"index": 0, "delta": {"role": "assistant"}, "finish_reason": finish}
        return {"id": id, "object": "chat.completion.chunk", "choices": [choice]}

    chunks = [chunk("a"), chunk("a", "stop"), chunk("b"), chunk("b", "stop")]
    assert ids(write(tmp_path, pretty([wrap(each) for each in chunks]))) == ["a", "b"]


def test_bodies_of_a_document_do_not_run_together(tmp_path: Path) -> None:
    cut = sse(created("resp_1"), delta("a"))
    _, streams = bodies(write(tmp_path, pretty([exchange(cut), exchange(sse(delta("b")))])))
    assert [len(stream) for stream in streams] == [2, 1]


def test_a_response_that_is_recorded_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, pretty([exchange(OK), exchange(OTHER), exchange(OK)]))
    assert ids(path) == ["resp_1", "resp_2"]
    assert counts(path) == (0, 1)


@pytest.mark.parametrize(
    "first",
    [
        {"type": "response.created", "response": {"id": "a"}},
        {"type": "response.output_text.delta", "response_id": "a", "delta": "x"},
        {"type": "message_start", "message": {"id": "a"}},
        {"event_type": "interaction.created", "interaction": {"id": "a"}},
        {"object": "chat.completion.chunk", "id": "a", "choices": []},
        {"responseId": "a", "candidates": []},
    ],
    ids=lambda first: ", ".join(first),
)
def test_the_response_of_any_api_has_an_id_to_know_it_by(first: Any, tmp_path: Path) -> None:
    path = write(tmp_path, pretty([exchange(sse(first))] * 2))
    assert counts(path) == (0, 1)


def test_the_same_response_to_another_request_is_another_response(tmp_path: Path) -> None:
    again = [{**exchange(OK), "recorded_at": f"2026-01-01T00:00:0{n}"} for n in range(2)]
    for document in (again, {"http_interactions": again}, {"a": again[0], "b": again[1]}):
        path = write(tmp_path, pretty(document))
        assert ids(path) == ["resp_1", "resp_1"]
        assert counts(path) == (0, 0)


def test_a_body_that_is_recorded_in_two_ways_is_read_once(tmp_path: Path) -> None:
    body = {"base64_string": GZIPPED, "string": OK.decode()}
    document = {"http_interactions": [{"response": {"body": body, "headers": HEADERS}}]}
    path = write(tmp_path, pretty(document))
    assert ids(path) == ["resp_1"]
    assert counts(path) == (0, 1)


RUBY = f"""\
---
http_interactions:
- request:
    method: post
    body:
      encoding: UTF-8
      string: '{{}}'
  response:
    status: {{code: 200, message: OK}}
    headers:
      Content-Type:
      - text/event-stream
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        {B64}
  recorded_at: Mon, 01 Jan 2026 00:00:00 GMT
recorded_with: VCR 6.4.0
"""


def test_rubys_cassettes(tmp_path: Path) -> None:
    assert bodies(write(tmp_path, RUBY)) == ("vcr", [["resp_1"] * 4])
    first, rest = RUBY.split("\n", 1)
    behind = first + "\nrecorded_with: VCR 6.4.0\n" + rest.replace("recorded_with", "x")
    assert ids(write(tmp_path, behind)) == ["resp_1"]


@pytest.mark.parametrize("is_json", [False, True])
def test_recordings_of_the_library_responses(is_json: bool, tmp_path: Path) -> None:
    recorded = [
        {"response": {"method": "POST", "body": OK.decode(), "content_type": "text/event-stream"}},
        {"response": {"method": "POST", "body": OTHER.decode(), "status": 200}},
    ]
    document = {"responses": recorded}
    text = json.dumps(document) if is_json else yaml.safe_dump(document)
    assert ids(write(tmp_path, text)) == ["resp_1", "resp_2"]


def test_several_yaml_documents(tmp_path: Path) -> None:
    mocks = [
        {"when": {"path": "/v1"}, "then": {"status": 200, "body": stream.decode()}}
        for stream in (OK, OTHER)
    ]
    path = write(tmp_path, yaml.safe_dump_all(mocks))
    assert bodies(path) == ("yaml", [["resp_1"] * 4, ["resp_2"] * 3])
    cassettes = [{"interactions": [exchange(stream)]} for stream in (OK, OTHER)]
    path = write(tmp_path, yaml.safe_dump_all(cassettes))
    assert bodies(path) == ("vcr", [["resp_1"] * 4, ["resp_2"] * 3])


@pytest.mark.parametrize("style", [None, '"'])
def test_yaml_that_is_no_cassette(style: str | None, tmp_path: Path) -> None:
    record = {"id": 7, "url": "http://x", "response": {"body": OK.decode(), "headers": HEADERS}}
    path = write(tmp_path, yaml.safe_dump(record, default_style=style, sort_keys=False))
    assert bodies(path) == ("yaml", [["resp_1"] * 4])


def test_aliases_are_read_once(tmp_path: Path) -> None:
    """Ten levels of ten aliases are ten thousand million values, and a few bytes."""
    levels = ["l0: &l0 {response: {status: 200}}"]
    for n in range(1, 11):
        levels.append(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]")
    body = json.dumps(OK.decode())
    path = write(tmp_path, "\n".join([*levels, f"response: {{body: {body}}}", ""]))
    assert bodies(path) == ("yaml", [["resp_1"] * 4])


# --- What is refused, and what fails ----------------------------------------------------


def test_a_document_that_is_broken_or_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(content: str, reason: str) -> None:
        with (
            rapidsse.open_log(write(tmp_path, content)) as log,
            pytest.raises(rapidsse.InputError, match=reason),
        ):
            list(log)

    refused(pretty([exchange(OK)])[:-2], "no whole JSON document")
    refused("[\n" + "[" * 200 + "]" * 200 + "]", "nested deeper than 128 levels")
    monkeypatch.setattr("rapidsse.logs.formats.values._json.MAX_VALUES", 100)
    # What is in a string is no value.
    assert len(ids(write(tmp_path, pretty([exchange(OK), {"text": "," * 1000}])))) == 1
    refused(pretty([0] * 200), "more than 100 values")
    monkeypatch.setattr("rapidsse.logs.formats.values._yaml.MAX_VALUES", 100)
    refused("response:\n  body: 'data: {}'\n  x: " + str([0] * 200), "more than 100 values")


def test_records_of_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapidsse.logs.formats.values._json.MAX_VALUES", 300)
    many = {**exchange(OK), "x": [0] * 400}
    path = write(tmp_path, json.dumps(exchange(OTHER)) + "\n" + json.dumps(many) + "\n")
    with rapidsse.open_log(path, on_error="yield") as log:
        found = list(log)
    [failure] = [each for each in found if isinstance(each, LogFailure)]
    assert failure.kind == "record"
    assert "more than 300 values" in failure.reason
    assert len(found) == 4
    for document in ({"log": {"version": "1.2", "entries": [many]}}, {"interactions": [many]}):
        with (
            rapidsse.open_log(write(tmp_path, json.dumps(document))) as log,
            pytest.raises(rapidsse.InputError, match="more than 300 values"),
        ):
            list(log)
    inside = {"response": {"body": json.dumps(many)}}
    assert counts(write(tmp_path, pretty([inside, exchange(OK)]))) == (1, 0)


def test_an_event_stream_without_a_body_is_a_failure(tmp_path: Path) -> None:
    empty = {"response": {"status": 200, "headers": HEADERS, "body": ""}}
    path = write(tmp_path, pretty([empty, exchange(OK)]))
    with rapidsse.open_log(path, on_error="yield") as log:
        found = list(log)
    failures = [each for each in found if isinstance(each, LogFailure)]
    assert [(each.kind, "without a body" in each.reason) for each in failures] == [("record", True)]
    assert len(found) == 5


# --- Records with more than one candidate -----------------------------------------------

QUOTED = 'data: {"a": 1}\n\nWhat is this?'
QUOTES = sse(created("resp_quoted")).decode()

CANDIDATES: dict[str, tuple[Any, int]] = {
    "a prompt that quotes a stream": (
        {"request": {"messages": [{"role": "user", "content": QUOTED}]}, "response": OK.decode()},
        1,
    ),
    "a prompt that quotes a known API": ({"prompt": QUOTES, "llm_output": OK.decode()}, 1),
    "a tool's output in the input": (
        {"request": {"input": [{"output": QUOTES}]}, "rawResponse": OK.decode()},
        1,
    ),
    "another string of JSON data": ({"example": QUOTED, "text": OK.decode()}, 1),
    "the same response twice": ({"raw": OK.decode(), "events": events(OK)}, 1),
    "chunks": ({"chunks": OK.decode().splitlines(keepends=True)}, 0),
    "lines": ({"chunks": OK.decode().split("\n")}, 0),
    "events without their ends": ({"chunks": OK.decode().strip().split("\n\n")}, 0),
    "pieces cut anywhere": ({"body": [OK.decode()[at : at + 9] for at in range(0, len(OK), 9)]}, 0),
    "pieces in base64": (
        {"chunks": [base64.b64encode(part + b"\n\n").decode() for part in OK.split(b"\n\n")[:-1]]},
        0,
    ),
    "event objects": ({"request": {}, "events": events(OK)}, 0),
    "events as JSON strings": ({"events": [json.dumps(each) for each in events(OK)]}, 0),
    "events with names": (
        {"events": [{"event": each["type"], "data": each} for each in events(OK)]},
        0,
    ),
    "a body in base64": ({"body": B64}, 0),
    "a compressed body": ({"response": {"body": GZIPPED}}, 0),
    "a body that is a JSON array": ({"response": {"body": json.dumps(events(OK))}}, 0),
    "a request's response": ({"requests": [{"url": "x", "response": OK.decode()}]}, 0),
}


@pytest.mark.parametrize("layout", ["line", "document"])
@pytest.mark.parametrize("name", CANDIDATES)
def test_the_response_of_a_record(name: str, layout: str, tmp_path: Path) -> None:
    record, passed_over = CANDIDATES[name]
    indent = None if layout == "line" else 1
    path = write(tmp_path, json.dumps(record, indent=indent) + "\n")
    format, streams = bodies(path)
    assert (format, streams) == ("jsonl-body" if indent is None else "json", [["resp_1"] * 4])
    assert counts(path) == (0, passed_over)


def test_a_prompt_alone_is_not_read(tmp_path: Path) -> None:
    quoted = {"messages": [{"content": QUOTES}], "response": "none"}
    path = write(tmp_path, "".join(json.dumps(each) + "\n" for each in (quoted, exchange(OK))))
    assert ids(path) == ["resp_1"]
    assert counts(path) == (1, 1)


def test_two_responses_of_a_record(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps({"openai": OK.decode(), "other": OTHER.decode()}))
    assert ids(path) == ["resp_1", "resp_2"]


def test_chromes_event_source_messages(tmp_path: Path) -> None:
    messages = [
        {"time": 1.0, "eventName": "message", "eventId": "", "data": json.dumps(each)}
        for each in events(OK)
    ]
    content = {"mimeType": "text/event-stream", "size": 1}
    entries = [
        {"response": {"content": content}, "_eventSourceMessages": messages},
        {"response": {"content": content}, "_eventSourceMessages": []},
    ]
    path = write(tmp_path, pretty({"log": {"version": "1.2", "entries": entries}}))
    with rapidsse.open_log(path, on_error="yield") as log:
        assert log.format == "har"
        *found, failure = log
    assert [each.json() for each in found if not isinstance(each, LogFailure)] == events(OK)
    assert isinstance(failure, LogFailure)
    assert failure.kind == "record"


def test_records_made_of_nested_aliases_are_compared_once(tmp_path: Path) -> None:
    # Compared member by member, these would be equal after 2**40 comparisons.
    nests = [
        "".join(f"  {name}{n}: &{name}{n} [*{name}{n - 1}, *{name}{n - 1}]\n" for n in range(1, 41))
        for name in "ab"
    ]
    nests = [f"  {name}0: &{name}0 [x]\n{nest}" for name, nest in zip("ab", nests, strict=True)]
    nests[1] = nests[1].replace("  b", "  a")
    body = json.dumps(OK.decode())
    records = [f"- nest:\n{nest.replace('  ', '    ')}  response: {body}\n" for nest in nests]
    path = write(tmp_path, "".join(records))
    assert ids(path) == ["resp_1"]
    assert counts(path) == (0, 1)
