"""`decode`, `verify` and `report` say the same of logs without events, and of errors alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rapidsse.cli import main
from rapidsse.job._outcome import Outcome, Result
from samples import choice, chunk, created, sse

EMPTY = {
    "text without a line end": (b"Bad Gateway", "it looks like text and begins: Bad Gateway"),
    "lines of text": (b"upstream error\r\nreset: overflow", "begins: upstream error"),
    "the end of a text": (b"no healthy upstream\n\nsee", "begins: no healthy upstream"),
    "a large line of text": (b"Bad Gateway " * 10_000, "begins: Bad Gateway"),
    "many lines of text": (b"no healthy upstream\n" * 5_000 + b"s" * 5_000, "begins: no healthy"),
    "much text with a CR": (b"no healthy upstream\r" * 5_000 + b"see", "begins: no healthy"),
    "null": (b"null", "begins: null"),
    "an object": (b"{}", "begins: {}"),
    "lines of JSON": (b'{"level":"info"}\n{"level":"warn"}\n', 'begins: {"level":"info"}'),
    "typed lines": (b'{"type":"start"}\n{"type":"end"}\n', 'begins: {"type":"start"}'),
    "a list": (b"[1, 2]\n", "begins: [1, 2]"),
    "a document": (b'{\n  "a": 1\n}\n', "begins: {"),
    "pings": (b'event: ping\ndata: {"type":"ping"}\n\n', "begins: event: ping"),
    "keep-alives": (2 * sse({"type": "keepalive"}), 'begins: data: {"type": "keepalive'),
    "lines of pings": (b'{"type":"ping"}\n{"type":"heartbeat"}\n', 'begins: {"type":"ping"}'),
    "another protocol": (
        sse({"jsonrpc": "2.0", "id": 1}, {"type": "progress"}),
        'begins: data: {"jsonrpc": "2.0", "id...',
    ),
    "lines in a record": (
        json.dumps({"response": {"body": sse({"x": 1}, {"x": 2}).decode()}}).encode(),
        'begins: {"response": {"body": "data:...',
    ),
    "comments": (b": keep-alive\n\n: keep-alive\n\n", "begins: : keep-alive"),
    "a response of HTTP": (b"HTTP/1.1 502 Bad Gateway\r\n\r\nno", "it looks like an HTTP response"),
}
ERRORS = {
    "of FastAPI": (sse({"detail": "Not authenticated"}), "Not authenticated"),
    "of vLLM": (sse({"object": "error", "message": "too long", "code": 400}), "too long"),
    "of Anthropic": (b'event: error\ndata: {"error":{"message":"Overloaded"}}\n\n', "Overloaded"),
    "a body": (b'{"error":{"message":"bad key","code":"invalid_api_key"}}', "bad key"),
    "lines": (b'{"errors":["one"]}\n{"detail":"two"}\n', "two"),
    "a list": (b'[{"error":{"code":400,"message":"API key not valid"}}]\n', "API key not valid"),
    "a document": (b'[\n {\n  "error": {"code": 400,\n  "message": "expired"}}\n]\n', "expired"),
    "after a ping": (sse({"type": "ping"}, {"type": "error", "message": "late"}), "late"),
}


def statuses(log: Path) -> tuple[int, int, int]:
    commands = ["decode", str(log)], ["verify", str(log)], ["report", str(log), "-o", f"{log}.html"]
    decode, verify, report = map(main, commands)
    return decode, verify, report


@pytest.mark.parametrize("name", EMPTY)
def test_a_log_without_events(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    log = tmp_path / "log"
    content, looks = EMPTY[name]
    log.write_bytes(content)
    assert main(["decode", str(log)]) == 1
    said = capsys.readouterr().out
    assert "No event" in said
    assert looks in said
    assert main(["verify", str(log), "--json"]) == 2
    (problem,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert problem["kind"] in ("no_events", "no_response")
    assert looks in problem["detail"]
    page = tmp_path / "page.html"
    assert main(["report", str(log), "-o", str(page)]) == 2
    assert looks in capsys.readouterr().err
    assert "no event was found" in page.read_text()


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    log = tmp_path / "log"
    content, message = ERRORS[name]
    log.write_bytes(content)
    assert main(["decode", str(log)]) == 1
    said = capsys.readouterr().out
    assert "No event" not in said
    assert message in said
    assert main(["decode", str(log), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["totals"]["error_events"] == {message: [1]}
    assert main(["verify", str(log), "--json"]) == 1
    (problem,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (problem["kind"], problem["detail"]) == ("error", message)
    page = tmp_path / "page.html"
    assert main(["report", str(log), "-o", str(page)]) == 1
    assert message in page.read_text()


def test_what_is_read_as_before(tmp_path: Path) -> None:
    log = tmp_path / "log"
    whole = [
        chunk(choices=[choice(role="assistant", content="Hi")]),
        chunk(choices=[choice(finish="stop")]),
    ]
    log.write_bytes(sse({"type": "ping"}, *whole))
    assert statuses(log) == (0, 0, 0)
    # Lines of which one is known.
    log.write_bytes(b'{"a":1}\n' + json.dumps(created()).encode() + b"\n")
    assert statuses(log) == (0, 1, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"dat",
        b"data: {}\n\neve",
        b"data",
        b'data: {"a":',
        b"x\n" * 40_000 + b"dat",
        b"x\nerror: no",
    ],
)
def test_an_event_that_was_cut_short(tmp_path: Path, content: bytes) -> None:
    log = tmp_path / "log.sse"
    log.write_bytes(content)
    assert statuses(log) == (1, 1, 1)


@pytest.mark.parametrize(
    ("format", "content"), [("jsonl", b'{"a":1}\n'), ("sse", b'data: {"a":1}\n\n')]
)
def test_events_of_a_named_format_are_such(tmp_path: Path, format: str, content: bytes) -> None:
    log = tmp_path / "log"
    log.write_bytes(content)
    assert main(["decode", str(log), "--log-format", format]) == 0
    assert main(["verify", str(log), "--log-format", format]) == 0
    named = ["report", str(log), "--log-format", format, "-o", f"{log}.html"]
    assert main(named) == 0


@pytest.mark.parametrize("content", [b"Bad Gateway", sse({"x": 1}), b""])
def test_one_of_several_logs_without_events(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    whole = [chunk(choices=[choice(role="assistant")]), chunk(choices=[choice(finish="stop")])]
    for name in "ac":
        (logs / name).write_bytes(sse(*whole))
    (logs / "b").write_bytes(content)
    assert main(["decode", str(logs)]) == 1
    said = capsys.readouterr().out
    assert "found in 1 of 3 logs" in said
    assert f"{logs / 'b'}: " in said
    for _ in range(2):  # also the run that was complete
        assert main(["decode", str(logs), "--json", "-o", str(tmp_path / "out")]) == 1
        (empty,) = json.loads(capsys.readouterr().out)["empty"]
        assert empty["source"] == str(logs / "b")
    assert main(["verify", str(logs), "--json"]) == 1
    (problem,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert problem["source"] == str(logs / "b")
    assert problem["kind"] in ("no_events", "no_response")
    assert main(["report", str(logs), "-o", str(tmp_path / "page.html")]) == 1
    said = capsys.readouterr().err
    assert f"found in {logs / 'b'}: " in said
    assert said.count("found in") == 1


def test_a_log_that_is_read_in_splits_is_judged_as_one() -> None:
    outcome = Outcome()
    ranges = [("one", "begins: 1"), ("one", ""), ("two", "begins: 2"), ("two", None)]
    for source, looks in ranges:
        empty = [] if looks is None else [(source, looks)]
        outcome.add(Result(empty=empty, range_of=source), 20)
    outcome.add(Result(empty=[("three", "begins: 3"), ("four", "")]), 1)
    assert outcome.empty == [("three", "begins: 3"), ("one", "begins: 1")]
    assert outcome.n_empty == 3
