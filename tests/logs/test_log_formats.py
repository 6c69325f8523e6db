"""`open_log`: the same streams in each format, told by their content."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

import rapidsse
from log_files import COMPRESS, WRITERS, events_of
from opened_logs import OTHER, SHORT, failures, read_events, records, write
from rapidsse import openai
from rapidsse.logs._open import Log
from rapidsse.logs.formats.detect._detect import detect
from rapidsse.logs.formats.values._streams import HEAD
from samples import corpus, delta, sse


def recorded() -> list[bytes]:
    return [path.read_bytes() for path in sorted(corpus().rglob("*.sse"))]


# --- Everything in every way ------------------------------------------------------------


@pytest.mark.parametrize("writer", WRITERS)
def test_the_recorded_streams(writer: str, tmp_path: Path) -> None:
    streams = recorded()
    format, write_as = WRITERS[writer]
    path = write(tmp_path, write_as(streams))
    expected = events_of(streams)
    if format == "jsonl":
        # The events' names are those that the payloads have.
        expected = [(json.loads(data).get("type") or "message", data) for _, data in expected]
    with rapidsse.open_log(path) as log:
        assert (log.format, log.compression) == (format, "none")
        assert [(event.event, bytes(event.data_bytes)) for event in log] == expected
        assert log.skipped == 0


@pytest.mark.parametrize(
    ("writer", "compression"),
    [*itertools.product(("sse", "jsonl-body", "vcr", "har"), COMPRESS)],
)
def test_each_compression(writer: str, compression: str, tmp_path: Path) -> None:
    streams = recorded()[:3]
    format, write_as = WRITERS[writer]
    content = write_as(streams)
    path = write(tmp_path, COMPRESS[compression](content))
    with rapidsse.open_log(path) as log:
        assert (log.format, log.compression) == (format, compression)
        assert [(event.event, bytes(event.data_bytes)) for event in log] == events_of(streams)
        assert log.content == len(content)
        assert log.size == log.consumed == Path(path).stat().st_size
        assert log.is_plain == (compression == "none")


@pytest.mark.parametrize("format", ["sse", "jsonl", "jsonl-body"])
def test_offsets_are_those_of_the_content(format: str, tmp_path: Path) -> None:
    content = WRITERS[format][1]([SHORT, OTHER])
    path = write(tmp_path, content)
    with rapidsse.open_log(path) as log:
        events = list(log)
    assert [event.index for event in events] == ([0, 1, 0] if format == "jsonl-body" else [0, 1, 2])
    if format == "jsonl-body":
        line = content.index(b"\n") + 1
        size = len(SHORT) // 2
        assert [event.offset for event in events] == [0, size, line]
        assert [event.stream for event in events] == [0, 0, line]
    else:
        for event in events:
            assert bytes(event.data_bytes) in content[event.offset :][: event.length]


@pytest.mark.parametrize("writer", ["vcr", "vcr-plural", "vcr-json", "har", "har-base64"])
def test_offsets_in_an_archive_are_those_of_the_bodies_in_a_row(
    writer: str, tmp_path: Path
) -> None:
    path = write(tmp_path, WRITERS[writer][1]([SHORT, OTHER, SHORT]))
    bodies = SHORT + OTHER + SHORT
    with rapidsse.open_log(path) as log:
        events = list(log)
    assert len(events) == 5
    for event in events:
        assert bytes(event.data_bytes) in bodies[event.offset :][: event.length]
    assert [event.stream for event in events][-1] == len(SHORT + OTHER)


def test_a_range_keeps_the_offsets_of_the_file(tmp_path: Path) -> None:
    content = SHORT + OTHER
    path = write(tmp_path, content)
    with Log(path, start=len(SHORT), stop=len(content)) as log:
        assert [(event.offset, event.stream) for event in log] == [(len(SHORT), len(SHORT))]
    records = WRITERS["jsonl-body"][1]([SHORT, OTHER])
    start = records.index(b"\n") + 1
    with Log(write(tmp_path, records), start=start, stop=len(records)) as log:
        assert [event.offset for event in log] == [start]
        assert log.content == len(records) - start


# --- What an event knows ----------------------------------------------------------------


def test_an_event(tmp_path: Path) -> None:
    path = write(tmp_path, b": hello\n" + SHORT)
    with rapidsse.open_log(path) as log:
        first, second = log
    assert (first.source, first.stream, first.offset, first.index) == (path, 8, 8, 0)
    assert (second.stream, second.offset, second.index) == (8, 8 + len(SHORT) // 2, 1)
    assert first.event == "response.output_text.delta"
    assert first.json() == json.loads(first.data) == delta("a")
    assert first.decode(openai.ResponseTextDeltaEvent).delta == "a"
    assert first.data_bytes.readonly
    assert len(repr(first)) < 400


def test_a_picture_is_left_in_place(tmp_path: Path) -> None:
    image = {"type": "image_generation.completed", "b64_json": "iVBORw0K" * 100}
    with rapidsse.open_log(write(tmp_path, sse(image))) as log:
        [event] = log
    decoded = event.decode(openai.ImageGenCompletedEvent)
    assert decoded.b64_json is not None
    assert bytes(decoded.b64_json.encoded) == b"iVBORw0K" * 100


def test_failures_by_policy(tmp_path: Path) -> None:
    path = write(tmp_path, b"data: {oops\n\n" + SHORT)
    [failure] = failures(path)
    assert (failure.kind, failure.offset, failure.index, failure.data) == ("json", 0, 0, b"{oops")
    assert "not JSON" in failure.reason
    assert [index for index, _ in enumerate(read_events(path, on_error="skip"))] == [0, 1]
    with rapidsse.open_log(path) as log:
        events = iter(log)
        with pytest.raises(rapidsse.DecodeError, match="event 0") as caught:
            next(events)
        assert (caught.value.kind, caught.value.offset) == ("json", 0)
        assert [event.index for event in events] == [1, 2]


def test_an_event_past_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, sse(delta("a" * 1000)) + SHORT)
    [failure] = failures(path, max_event_size=500)
    assert (failure.kind, failure.data) == ("too_large", None)
    with rapidsse.open_log(path, max_event_size=500) as log:
        events = iter(log)
        with pytest.raises(rapidsse.EventTooLarge, match="500 bytes"):
            next(events)
        assert len(list(events)) == 2


def test_a_log_is_read_once(tmp_path: Path) -> None:
    with rapidsse.open_log(write(tmp_path, SHORT)) as log:
        assert len(list(log)) == 2
        assert list(log) == []
        with pytest.raises(RuntimeError, match="open it again"):
            next(log.bodies())


@pytest.mark.parametrize("keyword", ["format", "compression", "on_error"])
def test_other_values_are_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match=f"{keyword} must be one of .*not 'x'"):
        rapidsse.open_log("log", **{keyword: "x"})  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"format": "sse", "body_field": "x"},
            "body_field is for logs of format jsonl-body, not sse: leave out one of the two",
        ),
        (
            {"format": "jsonl", "event_field": "x"},
            "event_field is for logs of format jsonl-event, not jsonl: leave out one of the two",
        ),
        (
            {"body_field": "x", "event_field": "x"},
            "body_field and event_field exclude each other: give one of them",
        ),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, Any], message: str) -> None:
    for read in (rapidsse.open_log, rapidsse.scan, rapidsse.plan_splits):
        with pytest.raises(ValueError, match=f"^{message}$"):
            read("log", **options)


# --- Recognition ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"", "sse"),
        (b": comment\n\n", "sse"),
        (b"\xef\xbb\xbfevent: a\r\ndata: {}\r\n\r\n", "sse"),
        (b"\n\nid\ndata: x\n\n", "sse"),
        (b"no event stream at all\n", "sse"),
        (b'{"type":"response.created","response":{}}\n', "jsonl"),
        (b'\xef\xbb\xbf{"type":"error"}\n', "jsonl"),
        # What a model says of event streams is no body.
        (b'{"type":"response.output_text.delta","delta":"data: {}\\n\\n"}\n', "jsonl"),
        (b'{"object":"chat.completion.chunk","x":"data: {}\\n\\n"}\n', "jsonl"),
        (b'{"prompt":"data: what is it?"}\n', "jsonl"),
        (b'{"broken\n{"a":[{"b":"event: x\\ndata: {}\\n\\n"}]}\n', "jsonl-body"),
        (b'{"a":": keep\\n\\ndata: [DONE]\\n\\n"}', "jsonl-body"),
        (b'{"log":{"version":"1.2","entries":[]}}', "har"),
        (b'{\n  "log": {\n    "creator": {}, "entries": []}}', "har"),
        (b'{"version": 1, "interactions": []}', "vcr"),
        (b'{"interactions": [], "version": 1}', "vcr"),
        (b"interactions:\n- request:\n", "vcr"),
        (b"---\nversion: 1\n# x\ninteractions: []\n", "vcr"),
        (b"requests:\n- body: x\nresponses: []\n", "vcr"),
    ],
)
def test_the_content_tells_the_format(content: bytes, format: str) -> None:
    assert detect(content, whole=True, name="log.txt") == format


@pytest.mark.parametrize("end", ["", ".gz", ".zst"])
def test_the_name_tells_where_the_content_does_not(end: str) -> None:
    assert detect(b"", whole=True, name="a.jsonl" + end) == "jsonl"
    assert detect(b"", whole=True, name="a.HAR" + end) == "har"
    assert detect(SHORT, whole=True, name="a.har" + end) == "sse"


@pytest.mark.parametrize("writer", WRITERS)
def test_more_is_asked_for_until_it_is_known(writer: str) -> None:
    format, write_as = WRITERS[writer]
    content = write_as([SHORT])
    told = [detect(content[:size], whole=False, name="log") for size in range(len(content))]
    assert set(told) <= {None, format}


@pytest.mark.parametrize("key", ["aaa", "zzz"])
def test_a_body_behind_a_large_request(key: str, tmp_path: Path) -> None:
    record = {"b_image": "i" * 5 * HEAD, key: {"text": SHORT.decode()}}
    content = json.dumps(record, sort_keys=True).encode()
    for compression in ("none", "gzip"):
        path = write(tmp_path, COMPRESS[compression](content + b"\n"))
        with rapidsse.open_log(path) as log:
            assert log.format == "jsonl-body"
            assert len(list(log)) == 2


def test_a_body_after_many_records_without_one(tmp_path: Path) -> None:
    others = ({"body": "{}", "text": "x" * 180, "id": number} for number in range(HEAD // 100))
    content = records(*others)
    assert len(content) > 2 * HEAD
    path = write(tmp_path, content + records({"body": SHORT.decode()}))
    with rapidsse.open_log(path) as log:
        assert log.format == "jsonl-body"
        assert len(list(log)) == 2


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"type":"error"}\n')
    assert read_events(path) == [("error", b'{"type":"error"}')]
    assert read_events(path, format="sse") == []


def test_unknown_content_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"\x01\x02\x03\0\0\0")
    with pytest.raises(
        rapidsse.InputError,
        match=r"no known format; .* name it \(.*\): sse, sse-lines, sse-mixed, jsonl",
    ):
        rapidsse.open_log(path)
