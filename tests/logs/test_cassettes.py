"""`open_log`: cassettes and HAR."""

from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import rapidsse
from log_files import COMPRESS, WRITERS, compress_zstd, events_of, har, interactions
from opened_logs import OTHER, SHORT, failures, read_events, write
from rapidsse.logs._bodies import FORMATS
from rapidsse.logs.formats._table import FORMAT_TABLE
from samples import delta, sse


def cassette(body: Any, headers: dict[str, Any] | None = None) -> bytes:
    response = {"body": body, "headers": headers or {}}
    return yaml.safe_dump({"interactions": [{"request": {}, "response": response}]}).encode()


# --- Cassettes --------------------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def brotli(data: bytes) -> bytes:
    compressed: bytes = pytest.importorskip("brotli").compress(data, quality=1)
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


@pytest.mark.once
@pytest.mark.parametrize("name", ENCODINGS)
def test_encoded_bodies(name: str, tmp_path: Path) -> None:
    header, encode = ENCODINGS[name]
    stream = sse(*(delta(str(number)) for number in range(4000)))
    headers = {"content-encoding": [header], "content-type": "text/event-stream"}
    path = write(tmp_path, cassette({"string": encode(stream)}, headers))
    assert read_events(path) == events_of([stream])


@pytest.mark.once
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
    text = SHORT.decode()
    for body in (text, {"base64_string": base64.b64encode(SHORT).decode()}, {"string": SHORT}):
        assert read_events(write(tmp_path, cassette(body))) == events_of([SHORT])
    response = {"content": text, "http_version": "HTTP/1.1", "status_code": 200}
    content = yaml.safe_dump({"interactions": [{"response": response}]}).encode()
    assert read_events(write(tmp_path, content)) == events_of([SHORT])


def test_what_is_shared_by_anchors(tmp_path: Path) -> None:
    content = (
        b"interactions:\n"
        b"- request: {headers: {x: &h [text/event-stream]}, body: &b 'data: {}\n\n\n\n'}\n"
        b"  response: {body: {string: *b}, headers: {Content-Type: *h}}\n"
        b"- &i {response: {body: {string: *b}}}\n"
        b"- *i\n"
    )
    assert read_events(write(tmp_path, content)) == [("message", b"{}")] * 3


def test_other_responses_are_counted(tmp_path: Path) -> None:
    both = [SHORT, b'{"error": {}}', b"", b"<html>"]
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
    good = interactions([SHORT], lambda body: {"string": body.decode()})["interactions"]
    cassette = {"interactions": [interaction, *good]}
    for content in (yaml.safe_dump(cassette).encode(), json.dumps(cassette).encode()):
        path = write(tmp_path, content)
        assert [failure.kind for failure in failures(path)] == ["record"]
        assert read_events(path, on_error="skip") == events_of([SHORT])


# --- HAR --------------------------------------------------------------------------------


def test_har_entries_that_are_streams(tmp_path: Path) -> None:
    text = SHORT.decode()
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
            [SHORT, SHORT, OTHER]
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
    path = write(tmp_path, har([content, {"text": SHORT.decode()}]))
    assert [failure.kind for failure in failures(path)] == ["record"]
    assert read_events(path, on_error="skip") == events_of([SHORT])


@pytest.mark.parametrize("writer", ["har", "vcr", "vcr-json"])
def test_an_archive_that_is_cut_short(writer: str, tmp_path: Path) -> None:
    content = WRITERS[writer][1]([SHORT] * 3)
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
        assert read_events(path) == [("message", b"{}")]
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


_EVENTS = b'{"type":"response.created","response":{"id":"r"}}\n' * 50
_LONG = b"x" * 300
_BODIES = b'{"request":{},"body":"data: {}\\n\\n"}\n' * 50


@pytest.mark.once
@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b'{"body":"data: {}\\n\\n' + b"x" * 70_000 + b"\n" + _EVENTS, "jsonl-body"),
        (b'{"type":"response.created","x":' + b"[" * 70_000 + b"\n" + _BODIES, "jsonl"),
        (b'{"a":"' + b"x" * 70_000 + b"\n" + _EVENTS, "jsonl"),
        (b'{"type":"x","y":"%s"}\n' % _LONG * 400 + _BODIES, "jsonl"),
        (b'{"x":"%s"}\n' % _LONG * 400 + _BODIES, "jsonl-body"),
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
