"""`open_log`: logs of a record per line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rapidsse
from log_files import COMPRESS, events_of
from opened_logs import OTHER, SHORT, failures, read_events, records, write
from samples import delta


def test_the_field_can_be_named(tmp_path: Path) -> None:
    record = {"first": SHORT.decode(), "a": {"b": OTHER.decode(), "c.d": {"e": "data: x\n\n"}}}
    path = write(tmp_path, records(record))
    assert read_events(path) == events_of([SHORT])
    assert read_events(path, body_field="a.b") == events_of([OTHER])
    assert [failure.data for failure in failures(path, body_field="a.c.d.e")] == []
    assert read_events(path, body_field="a.x") == []


def test_a_key_may_contain_dots(tmp_path: Path) -> None:
    path = write(tmp_path, records({"http.response.body": SHORT.decode()}))
    assert read_events(path, body_field="http.response.body") == events_of([SHORT])


def test_a_named_field_makes_it_a_log_of_records(tmp_path: Path) -> None:
    path = write(tmp_path, records({"body": '{"error":1}'}, {"body": SHORT.decode()}))
    with rapidsse.open_log(path, body_field="body") as log:
        assert log.format == "jsonl-body"
        assert len(list(log)) == 2
        assert log.skipped == 1


def test_records_that_cannot_be_read(tmp_path: Path) -> None:
    good = records({"body": SHORT.decode()})
    bad = [b'{"body":\n', b"\xff\n", b'{"a": "\xff"}\n', b'{"a":' + b"[" * 100_000 + b"\n"]
    path = write(tmp_path, good + b"".join(bad) + b"\n \r\n" + records({"body": "x"}) + good)
    found = failures(path)
    assert [failure.kind for failure in found] == ["record"] * len(bad)
    assert [failure.data for failure in found] == bad
    assert [failure.offset for failure in found] == [
        len(good) + len(b"".join(bad[:number])) for number in range(len(bad))
    ]
    assert [failure.length for failure in found] == [len(line) for line in bad]
    with rapidsse.open_log(path, on_error="skip") as log:
        assert len(list(log)) == 4
        assert log.skipped == 1


def test_half_a_character_pair(tmp_path: Path) -> None:
    """JSON can escape what UTF-8 cannot hold: an event of a recording has it as it was."""
    escapes = rb"\ud800 \\\\ud800 \udfff \ud83d\ude00"
    bad = rb'{"text": "data: {\"a\": \"' + escapes + rb'\"}\n\n"}'
    good = json.dumps({"text": OTHER.decode()}).encode()
    entries = b",".join(b'{"response":{"content":%b}}' % text for text in (bad, good))
    responses = b",".join(b'{"response":%b}' % text for text in (bad, good))
    for content in (
        bad + b"\n" + good + b"\n",
        b'{"log":{"entries":[%b]}}' % entries,
        b'{"interactions":[%b]}' % responses.replace(b'"text"', b'"body"'),
    ):
        path = write(tmp_path, content)
        with rapidsse.open_log(path) as log:
            first, other = log
        assert first.json() == {"a": "\ud800 \\ud800 \udfff \U0001f600"}
        assert other.json() == delta("c")


def test_a_named_field_that_is_no_text(tmp_path: Path) -> None:
    [failure] = failures(write(tmp_path, records({"body": [1]})), body_field="body")
    assert (failure.kind, failure.reason) == ("record", "the field body is no string")


def test_a_line_past_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapidsse.logs.sources._content.LINE_LIMIT", 10_000)
    content = records({"body": SHORT.decode()}, "x" * 20_000, {"body": OTHER.decode()})
    for compression in ("none", "gzip"):
        path = write(tmp_path, COMPRESS[compression](content))
        [failure] = failures(path)
        assert (failure.kind, failure.length, failure.data) == ("too_large", 20_003, None)
        assert read_events(path, on_error="skip") == events_of([SHORT, OTHER])
