"""`open_log`: the same streams in each format, told by their content."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import rapidsse
from log_files import COMPRESS, WRITERS, Event, compress_zstd, events_of, har, interactions
from rapidsse import openai
from rapidsse.logs import LogFailure
from rapidsse.logs._bodies import FORMATS
from rapidsse.logs._open import Log
from rapidsse.logs.formats._detect import detect
from rapidsse.logs.formats._streams import HEAD
from rapidsse.logs.formats._table import FORMAT_TABLE
from samples import corpus, delta, sse

STREAM = sse(delta("a"), delta("b"))
OTHER = sse(delta("c"), "[DONE]")


def recorded() -> list[bytes]:
    return [path.read_bytes() for path in sorted(corpus().rglob("*.sse"))]


def write(folder: Path, content: bytes, name: str = "log") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def read(path: str, **options: Any) -> list[Event]:
    with rapidsse.open_log(path, **options) as log:
        return [(event.event, bytes(event.data_bytes)) for event in log]


def failures(path: str, **options: Any) -> list[LogFailure]:
    with rapidsse.open_log(path, on_error="yield", **options) as log:
        return [found for found in log if isinstance(found, LogFailure)]


def cassette(body: Any, headers: dict[str, Any] | None = None) -> bytes:
    response = {"body": body, "headers": headers or {}}
    return yaml.safe_dump({"interactions": [{"request": {}, "response": response}]}).encode()


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
    content = WRITERS[format][1]([STREAM, OTHER])
    path = write(tmp_path, content)
    with rapidsse.open_log(path) as log:
        events = list(log)
    assert [event.index for event in events] == ([0, 1, 0] if format == "jsonl-body" else [0, 1, 2])
    if format == "jsonl-body":
        line = content.index(b"\n") + 1
        size = len(STREAM) // 2
        assert [event.offset for event in events] == [0, size, line]
        assert [event.stream for event in events] == [0, 0, line]
    else:
        for event in events:
            assert bytes(event.data_bytes) in content[event.offset :][: event.length]


@pytest.mark.parametrize("writer", ["vcr", "vcr-plural", "vcr-json", "har", "har-base64"])
def test_offsets_in_an_archive_are_those_of_the_bodies_in_a_row(
    writer: str, tmp_path: Path
) -> None:
    path = write(tmp_path, WRITERS[writer][1]([STREAM, OTHER, STREAM]))
    bodies = STREAM + OTHER + STREAM
    with rapidsse.open_log(path) as log:
        events = list(log)
    assert len(events) == 5
    for event in events:
        assert bytes(event.data_bytes) in bodies[event.offset :][: event.length]
    assert [event.stream for event in events][-1] == len(STREAM + OTHER)


def test_a_range_keeps_the_offsets_of_the_file(tmp_path: Path) -> None:
    content = STREAM + OTHER
    path = write(tmp_path, content)
    with Log(path, start=len(STREAM), stop=len(content)) as log:
        assert [(event.offset, event.stream) for event in log] == [(len(STREAM), len(STREAM))]
    records = WRITERS["jsonl-body"][1]([STREAM, OTHER])
    start = records.index(b"\n") + 1
    with Log(write(tmp_path, records), start=start, stop=len(records)) as log:
        assert [event.offset for event in log] == [start]
        assert log.content == len(records) - start


# --- What an event knows ----------------------------------------------------------------


def test_an_event(tmp_path: Path) -> None:
    path = write(tmp_path, b": hello\n" + STREAM)
    with rapidsse.open_log(path) as log:
        first, second = log
    assert (first.source, first.stream, first.offset, first.index) == (path, 8, 8, 0)
    assert (second.stream, second.offset, second.index) == (8, 8 + len(STREAM) // 2, 1)
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
    path = write(tmp_path, b"data: {oops\n\n" + STREAM)
    [failure] = failures(path)
    assert (failure.kind, failure.offset, failure.index, failure.data) == ("json", 0, 0, b"{oops")
    assert "not JSON" in failure.reason
    assert [index for index, _ in enumerate(read(path, on_error="skip"))] == [0, 1]
    with rapidsse.open_log(path) as log:
        events = iter(log)
        with pytest.raises(rapidsse.DecodeError, match="event 0") as caught:
            next(events)
        assert (caught.value.kind, caught.value.offset) == ("json", 0)
        assert [event.index for event in events] == [1, 2]


def test_an_event_past_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, sse(delta("a" * 1000)) + STREAM)
    [failure] = failures(path, max_event_size=500)
    assert (failure.kind, failure.data) == ("too_large", None)
    with rapidsse.open_log(path, max_event_size=500) as log:
        events = iter(log)
        with pytest.raises(rapidsse.EventTooLarge, match="500 bytes"):
            next(events)
        assert len(list(events)) == 2


def test_a_log_is_read_once(tmp_path: Path) -> None:
    with rapidsse.open_log(write(tmp_path, STREAM)) as log:
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
    assert detect(STREAM, whole=True, name="a.har" + end) == "sse"


@pytest.mark.parametrize("writer", WRITERS)
def test_more_is_asked_for_until_it_is_known(writer: str) -> None:
    format, write_as = WRITERS[writer]
    content = write_as([STREAM])
    told = [detect(content[:size], whole=False, name="log") for size in range(len(content))]
    assert set(told) <= {None, format}


@pytest.mark.parametrize("key", ["aaa", "zzz"])
def test_a_body_behind_a_large_request(key: str, tmp_path: Path) -> None:
    record = {"b_image": "i" * 5 * HEAD, key: {"text": STREAM.decode()}}
    content = json.dumps(record, sort_keys=True).encode()
    for compression in ("none", "gzip"):
        path = write(tmp_path, COMPRESS[compression](content + b"\n"))
        with rapidsse.open_log(path) as log:
            assert log.format == "jsonl-body"
            assert len(list(log)) == 2


def test_a_body_after_many_records_without_one(tmp_path: Path) -> None:
    content = records(*({"body": "{}", "id": number} for number in range(2 * HEAD // 20)))
    assert len(content) > 2 * HEAD
    path = write(tmp_path, content + records({"body": STREAM.decode()}))
    with rapidsse.open_log(path) as log:
        assert log.format == "jsonl-body"
        assert len(list(log)) == 2


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"type":"error"}\n')
    assert read(path) == [("error", b'{"type":"error"}')]
    assert read(path, format="sse") == []


def test_unknown_content_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"\x01\x02\x03\0\0\0")
    with pytest.raises(
        rapidsse.InputError,
        match=r"no known format; .* name it \(.*\): sse, sse-lines, sse-mixed, jsonl",
    ):
        rapidsse.open_log(path)


# --- A request a line -------------------------------------------------------------------


def records(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_the_field_can_be_named(tmp_path: Path) -> None:
    record = {"first": STREAM.decode(), "a": {"b": OTHER.decode(), "c.d": {"e": "data: x\n\n"}}}
    path = write(tmp_path, records(record))
    assert read(path) == events_of([STREAM])
    assert read(path, body_field="a.b") == events_of([OTHER])
    assert [failure.data for failure in failures(path, body_field="a.c.d.e")] == []
    assert read(path, body_field="a.x") == []


def test_a_key_may_contain_dots(tmp_path: Path) -> None:
    path = write(tmp_path, records({"http.response.body": STREAM.decode()}))
    assert read(path, body_field="http.response.body") == events_of([STREAM])


def test_a_named_field_makes_it_a_log_of_records(tmp_path: Path) -> None:
    path = write(tmp_path, records({"body": '{"error":1}'}, {"body": STREAM.decode()}))
    with rapidsse.open_log(path, body_field="body") as log:
        assert log.format == "jsonl-body"
        assert len(list(log)) == 2
        assert log.skipped == 1


def test_records_that_cannot_be_read(tmp_path: Path) -> None:
    good = records({"body": STREAM.decode()})
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
    content = records({"body": STREAM.decode()}, "x" * 20_000, {"body": OTHER.decode()})
    for compression in ("none", "gzip"):
        path = write(tmp_path, COMPRESS[compression](content))
        [failure] = failures(path)
        assert (failure.kind, failure.length, failure.data) == ("too_large", 20_003, None)
        assert read(path, on_error="skip") == events_of([STREAM, OTHER])


# --- Cassettes --------------------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def brotli(data: bytes) -> bytes:
    compressed: bytes = pytest.importorskip("brotli").compress(data)
    return compressed


ENCODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip without its header": ("", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", compress_zstd),
    "zstd without its header": ("", compress_zstd),
    "br": ("br", brotli),
    "decoded already": ("br", lambda data: data),
    "gzip decoded already": ("gzip", lambda data: data),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_encoded_bodies(name: str, tmp_path: Path) -> None:
    header, encode = ENCODINGS[name]
    stream = sse(*(delta(str(number)) for number in range(12_000)))
    headers = {"content-encoding": [header], "content-type": "text/event-stream"}
    path = write(tmp_path, cassette({"string": encode(stream)}, headers))
    assert read(path) == events_of([stream])


@pytest.mark.parametrize("name", ["gzip", "zlib", "deflate", "zstd", "br"])
def test_bodies_that_cannot_be_decoded(name: str, tmp_path: Path) -> None:
    header, encode = ENCODINGS[name]
    encoded = encode(sse(*(delta(str(number * 7919)) for number in range(5000))))[:-5]
    headers = {"content-encoding": [header], "content-type": ["text/event-stream"]}
    first = interactions([OTHER], lambda stream: {"string": stream})["interactions"]
    broken = {"response": {"body": {"string": encoded}, "headers": headers}}
    content = yaml.safe_dump({"interactions": [broken, *first]}).encode()
    path = write(tmp_path, content)
    *cut, failure = failures(path)
    assert (failure.kind, failure.length, failure.data) == ("encoding", len(encoded), encoded)
    assert all(other.kind == "truncated" for other in cut)
    with rapidsse.open_log(path, on_error="skip") as log:
        events = list(log)
    assert bytes(events[-1].data_bytes) == events_of([OTHER])[0][1]
    # What cannot be decoded counts as it was recorded.
    assert events[-1].offset == failure.offset + len(encoded)


def test_other_places_for_the_body(tmp_path: Path) -> None:
    text = STREAM.decode()
    for body in (text, {"base64_string": base64.b64encode(STREAM).decode()}, {"string": STREAM}):
        assert read(write(tmp_path, cassette(body))) == events_of([STREAM])
    response = {"content": text, "http_version": "HTTP/1.1", "status_code": 200}
    content = yaml.safe_dump({"interactions": [{"response": response}]}).encode()
    assert read(write(tmp_path, content)) == events_of([STREAM])


def test_what_is_shared_by_anchors(tmp_path: Path) -> None:
    content = (
        b"interactions:\n"
        b"- request: {headers: {x: &h [text/event-stream]}, body: &b 'data: {}\n\n\n\n'}\n"
        b"  response: {body: {string: *b}, headers: {Content-Type: *h}}\n"
        b"- &i {response: {body: {string: *b}}}\n"
        b"- *i\n"
    )
    assert read(write(tmp_path, content)) == [("message", b"{}")] * 3


def test_other_responses_are_counted(tmp_path: Path) -> None:
    both = [STREAM, b'{"error": {}}', b"", b"<html>"]
    cassette = interactions(both, lambda body: {"string": body.decode()})
    for interaction in cassette["interactions"][1:]:
        interaction["response"]["headers"] = {"Content-Type": ["application/json"]}
    for content in (yaml.safe_dump(cassette).encode(), json.dumps(cassette).encode()):
        with rapidsse.open_log(write(tmp_path, content)) as log:
            assert len(list(log)) == 2
            assert log.skipped == 3


@pytest.mark.parametrize(
    "interaction",
    [None, 1, [], {}, {"response": None}, {"response": {"body": {"string": [1]}}}],
)
def test_interactions_without_a_response(interaction: Any, tmp_path: Path) -> None:
    good = interactions([STREAM], lambda body: {"string": body.decode()})["interactions"]
    cassette = {"interactions": [interaction, *good]}
    for content in (yaml.safe_dump(cassette).encode(), json.dumps(cassette).encode()):
        path = write(tmp_path, content)
        assert [failure.kind for failure in failures(path)] == ["record"]
        assert read(path, on_error="skip") == events_of([STREAM])


# --- HAR --------------------------------------------------------------------------------


def test_har_entries_that_are_streams(tmp_path: Path) -> None:
    text = STREAM.decode()
    contents = [
        {"mimeType": "application/json", "text": "{}"},
        {"mimeType": "text/event-stream", "text": text},
        {"mimeType": "text/plain", "text": text},
        {"text": base64.b64encode(gzip.compress(OTHER)).decode(), "encoding": "base64"},
        {},
    ]
    path = write(tmp_path, har(contents))
    with rapidsse.open_log(path) as log:
        assert [(event.event, bytes(event.data_bytes)) for event in log] == events_of(
            [STREAM, STREAM, OTHER]
        )
        assert log.skipped == 2


@pytest.mark.parametrize(
    "content",
    [
        {"text": 1},
        {"text": "%", "encoding": "base64"},
        {"text": "[" * 100_000, "encoding": "hex"},
        {"mimeType": []},
        7,
    ],
    ids=lambda content: repr(content)[:40],
)
def test_har_entries_of_another_shape(content: Any, tmp_path: Path) -> None:
    path = write(tmp_path, har([content, {"text": STREAM.decode()}]))
    assert [failure.kind for failure in failures(path)] == ["record"]
    assert read(path, on_error="skip") == events_of([STREAM])


@pytest.mark.parametrize("writer", ["har", "vcr", "vcr-json"])
def test_an_archive_that_is_cut_short(writer: str, tmp_path: Path) -> None:
    content = WRITERS[writer][1]([STREAM] * 3)
    # In the middle of a body.
    marks = (b"base64_string", b"delta")
    path = write(tmp_path, content[: max(map(content.rfind, marks)) + 20])
    with (
        rapidsse.open_log(path, on_error="skip") as log,
        pytest.raises(rapidsse.InputError, match=r"no whole|YAML is broken in line"),
    ):
        list(log)


def test_the_table_has_every_format() -> None:
    assert tuple(FORMAT_TABLE) == FORMATS


def test_a_nest_of_aliases_is_not_made_text(tmp_path: Path) -> None:
    """Of five levels a header is a megabyte of text, of ten it is a hundred gigabytes."""
    nest = b"".join(
        b"    - &a%d [%b]\n" % (level, b",".join([b"*a%d" % (level - 1)] * 10))
        for level in range(1, 6)
    )
    path = write(
        tmp_path,
        b"interactions:\n- response:\n    body: {string: 'data: {}\n\n\n\n'}\n"
        b"    x:\n    - &a0 [lol]\n"
        + nest
        + b"    headers:\n      content-encoding: [*a5]\n      content-type: {a: *a5}\n",
    )
    tracemalloc.start()
    try:
        assert read(path) == [("message", b"{}")]
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


_EVENTS = b'{"type":"response.created","response":{"id":"r"}}\n' * 50
_BODIES = b'{"request":{},"body":"data: {}\\n\\n"}\n' * 50


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b'{"body":"data: {}\\n\\n' + b"x" * 70_000 + b"\n" + _EVENTS, "jsonl-body"),
        (b'{"type":"response.created","x":' + b"[" * 70_000 + b"\n" + _BODIES, "jsonl"),
        (b'{"a":"' + b"x" * 70_000 + b"\n" + _EVENTS, "jsonl"),
        (b'{"type":"x"}\n' * 9000 + _BODIES, "jsonl"),
        (b'{"x":"y"}\n' * 9000 + _BODIES, "jsonl-body"),
    ],
)
def test_a_compressed_log_is_told_as_a_plain_one(
    content: bytes, format: str, tmp_path: Path
) -> None:
    """Although more of it is at hand: the first line is malformed, and longer than the head."""
    plain = tmp_path / "plain"
    plain.write_bytes(content)
    logs: list[Any] = [plain, content]
    for name, compress in COMPRESS.items():
        logs.append(tmp_path / name)
        logs[-1].write_bytes(compress(content))
    for each in logs:
        with rapidsse.open_log(each) as log:
            assert log.format == format, each
