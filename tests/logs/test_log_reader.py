"""`LogReader` on the engine in use: what is an event, its bytes, its columns, its batches."""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from body_reading import read_body
from log_reading import Log, Recorder, read_log, totals_of
from rapidsse import _engine
from rapidsse._engine import LogReader

ALL = frozenset({"all"})


def places(log: Log) -> list[tuple[int, int]]:
    return [(row["offset"], row["length"]) for row in log.rows]


def kinds(log: Log) -> list[str]:
    return [failure[-1] for failure in log.failures]


# Frames.


@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_lines_and_their_bytes(eol: bytes) -> None:
    lines = [b"event: a", b"data: {}", b"", b": comment", b"", b"data: {", b": inside",
             b"data: }", b"", b"id: 7", b""]  # fmt: skip
    body = b"".join(line + eol for line in lines)
    log = read_body(body, deliver=ALL)
    first = body.index(b": comment") - len(eol)
    second = body.index(b"data: {", first)
    assert places(log) == [(0, first), (second, body.index(b"id: 7") - len(eol) - second)]
    assert [event[0] for event in log.events] == [b"{}", b"{\n}"]
    assert log.totals[:2] == (2, 0)


def test_a_bom_is_no_part_of_an_event() -> None:
    log = read_body(b"\xef\xbb\xbfdata: {}\n\n")
    assert places(log) == [(3, 9)]
    assert log.totals == (1, 0, 9, 0, 4)


def test_marks_of_logs_that_were_joined() -> None:
    mark = b"\xef\xbb\xbf"
    body = mark.join([b'data: {"n":1}\n\n'] * 3) + mark + b"event: x\n" + mark * 2 + b"data: {}\n\n"
    # Two of them are part of a name.
    assert [event[0] for event in read_body(body, deliver=ALL).events] == [b'{"n":1}'] * 3


def test_an_error_behind_a_mark() -> None:
    mark = b"\xef\xbb\xbf"
    for line in (b'error: {"n":1}', b'error:{"n":1}'):
        log = read_body(b"data: {}\n\n" + mark + line + b"\n\n", deliver=ALL)
        assert [event[0] for event in log.events] == [b"{}", b'{"n":1}']


def test_offsets_count_from_where_a_body_begins() -> None:
    body = b"\xef\xbb\xbfdata: {}\n\n"
    log = read_log(_engine, [(100, [body]), (1000, [body])])
    assert [(row["stream"], row["offset"], row["index"]) for row in log.rows] == [
        (103, 103, 0),
        (1003, 1003, 0),
    ]


def test_the_name_is_that_of_its_line_or_its_type() -> None:
    log = read_body(
        b'event: a\ndata: {"type":"b"}\n\nevent:\ndata: {"type":"b"}\n\n'
        b'data: {"type":""}\n\ndata: {"type":1}\n\nevent: \xff\ndata: {}\n\n'
    )
    assert [row["event"] for row in log.rows] == ["a", "b", "message", "message", "\ufffd"]
    assert log.types == {"a": (1, 28), "b": (1, 26), "message": (2, 35), "\ufffd": (1, 18)}


@pytest.mark.parametrize("mark", [b"[DONE]", b"[DONE] \t", b" [DONE]"])
def test_the_end_mark_is_no_event(mark: bytes) -> None:
    log = read_body(b"data: {}\n\ndata: " + mark + b"\n\ndata: {}\n\n")
    assert [(row["stream"], row["index"]) for row in log.rows] == [(0, 0), (18 + len(mark), 0)]
    assert log.totals[:4] == (2, 0, 18, 0)


def test_an_unterminated_last_event_that_is_whole() -> None:
    for end in (b"", b"\n", b"\n: comment", b"\nid"):
        log = read_body(b"data: {}" + end)
        assert places(log) == [(0, 8 + len(end))]


@pytest.mark.parametrize(
    ("body", "payload", "kind"),
    [
        (b'data: {"a', b'{"a', "truncated"),
        (b"event: a", b"", "truncated"),
        (b"event: a\n", b"", "truncated"),
        (b"dat", b"", "truncated"),
        (b"\xef\xbb", b"", "truncated"),
        (b"data: [DON", b"[DON", "truncated"),
        (b'data: "\xff', b'"\xff', "truncated"),
        (b"data: 12", b"12", "schema"),
    ],
)
def test_an_unterminated_last_event_that_is_not_whole(
    body: bytes, payload: bytes, kind: str
) -> None:
    log = read_body(b"\n" + body)
    event = "a" if b"event" in body else "message"
    assert log.failures == [(payload, 1, 1, len(body), 0, event, kind)]
    assert log.totals == (0, 1, 0, len(body), 1)


@pytest.mark.parametrize("body", [b"data: [DONE]", b": comment", b"id: 7\n", b"\n", b""])
def test_an_end_that_is_no_event(body: bytes) -> None:
    assert read_body(body).totals == (0, 0, 0, 0, len(body))


# Payloads.


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"{", "json"),
        (b"{}x", "json"),
        (b'{"a":-NaN}', "json"),
        (b'{"a":nan}', "json"),
        (b'{"a":+Infinity}', "json"),
        (b'{"a":%b}' % (b"9" * 4301), "json"),
        (b'{"a":"\\ud80"}', "json"),
        (b"\xef\xbb\xbf{}", "json"),
        (b'{"a":"\xff"}', "utf8"),
        (b"{\xff", "utf8"),
        (b'{"a":"\xed\xa0\x80"}', "utf8"),
        (b"[{}]", "schema"),
        (b"null", "schema"),
        (b"[" * 129 + b"]" * 129, "depth"),
        (b"[" * 100_000, "depth"),
        (b"[" * 128, "json"),
        (b"x" + b"[" * 129, "json"),
        (b"[" * 128 + b"{}" + b"]" * 128, "depth"),
        (b"[" * 128 + b"]" * 128, "schema"),
        (b'{"a":"' + b"QUJD" * 8000 + b'","result":"' + b"QUJD" * 8000 + b'"', "json"),
        (b'{"result":"' + b"QUJD" * 8000 + b'\xff"}', "utf8"),
    ],
)
def test_what_does_not_decode(payload: bytes, kind: str) -> None:
    log = read_body(b"data: {}\n\nevent: e\ndata: " + payload + b"\n\ndata: {}\n\n")
    assert log.failures == [(payload, 0, 10, 16 + len(payload), 1, "e", kind)]
    assert [row["index"] for row in log.rows] == [0, 2]


@pytest.mark.parametrize(
    "payload",
    [
        b" {} ",
        b'{"a":%b}' % (b"9" * 4300),
        b'{"a":"\\ud83d\\ude00","a":1}',
        b'{"a":' * 128 + b"1" + b"}" * 128,
        b'{"a":[' + b"{}," * 500 + b"{}]}",
        b'{"a":"' + b"[" * 500 + b'"}',
        b'{"a":"\\"' + b"[" * 500 + b'"}',
    ],
)
def test_what_decodes(payload: bytes) -> None:
    log = read_body(b"data:" + payload + b"\n\n")
    assert log.totals == (1, 0, len(payload) + 6, 0, 1)


def test_fields() -> None:
    value = {
        "type": "t",
        "item_id": "i",
        "delta": "d\u20ac\U0001f600",
        "sequence_number": 5,
        "output_index": -(2**63),
        "content_index": 2**63 - 1,
    }
    body = b"data: " + json.dumps(value).encode() + b"\n\n"
    (row,) = read_body(body).rows
    assert {name: row[name] for name in value if name != "type"} | {"type": row["event"]} == value


@pytest.mark.parametrize("other", [None, True, 1.0, 2**63, -(2**63) - 1, [], {}])
def test_a_field_of_another_type_is_null(other: Any) -> None:
    names = [*("delta", "item_id", "sequence_number", "output_index", "content_index")]
    body = b"data: " + json.dumps(dict.fromkeys(names, other)).encode() + b"\n\n"
    (row,) = read_body(body).rows
    assert [row[name] for name in names] == [None] * 5


def test_the_last_of_equal_keys_counts() -> None:
    body = b'data: {"delta":"a","delta":"b","d\\u0065lta":"c","item_id":"a","item_id":1}\n\n'
    (row,) = read_body(body).rows
    assert (row["delta"], row["item_id"]) == ("c", None)


IMAGE = b"QUJD" * 6000


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"result":"%b","b64_json" : "%b"}' % (IMAGE, IMAGE[:1024]),
         '{"result":"<base64 24000 characters>","b64_json" : "<base64 1024 characters>"}'),
        (b'{"a":[{"partial_image_b64":"%b="}]}' % IMAGE,
         '{"a":[{"partial_image_b64":"<base64 24001 characters>"}]}'),
        (b'{"result":"%b","delta":"\\n\xc3\xa9"}' % IMAGE[:1023], None),
        (b'{"result":"%b-"}' % IMAGE, None),
        (b'{"delta":"%b"}' % IMAGE, None),
    ],
)  # fmt: skip
def test_the_payload_without_its_base64(payload: bytes, text: str | None) -> None:
    (row,) = read_body(b"data: " + payload + b"\n\n").rows
    assert row["payload"] == (payload.decode() if text is None else text)


def test_a_key_in_disguise_keeps_its_value() -> None:
    text = "QUJD" * 6000
    body = f'data: {{"d\\u0065lta":"{text}","result":"{text}"}}\n\n'.encode()
    (row,) = read_body(body).rows
    assert row["delta"] == text


# JSON lines.


def test_json_lines() -> None:
    body = b'{"type":"a"}\n\n \t\r\n{}\r\n[1]\n[DONE]\n{"b":\r1}\n{"type":"c"}'
    log = read_body(body, framing="lines", deliver=ALL)
    assert [event[0] for event in log.events] == [b'{"type":"a"}', b"{}", b'{"b":\r1}',
                                                  b'{"type":"c"}']  # fmt: skip
    assert places(log) == [(0, 13), (18, 4), (33, 9), (42, 12)]
    assert [row["stream"] for row in log.rows] == [0, 0, 33, 33]
    assert log.failures == [(b"[1]", 0, 22, 4, 2, "message", "schema")]
    assert log.totals == (4, 1, 38, 4, 12)


def test_json_lines_that_are_cut_or_begin_with_a_bom() -> None:
    log = read_body(b'\xef\xbb\xbf{}\n\xef\xbb\xbf{}\n{"a', framing="lines")
    # Files that were joined have theirs within.
    assert places(log) == [(3, 3), (9, 3)]
    assert log.failures == [(b'{"a', 3, 12, 3, 2, "message", "truncated")]
    # A mark alone is a blank line.
    log = read_body(b"{}\n\xef\xbb\xbf\n\xef\xbb\xbf", framing="lines")
    assert places(log) == [(0, 3)]
    assert log.failures == []


# Too large events.


def test_an_event_that_is_too_large() -> None:
    body = b'data: {"a":1}\n\n: c\nevent: long\ndata: {"a":12}\nid: 1\n\ndata: {"a":2}\n\n'
    log = read_body(body, max_event_size=7)
    assert log.failures == [(None, 0, 19, 33, 1, "", "too_large")]
    assert [row["index"] for row in log.rows] == [0, 2]
    assert kinds(read_body(body[:44], max_event_size=7)) == ["too_large"]


def test_a_line_that_is_too_large() -> None:
    body = b'{"a":1}\n{"a":12}\n{"a":1}\n        \n{"a":'
    log = read_body(body, framing="lines", max_event_size=7)
    assert log.failures == [
        (None, 0, 8, 9, 1, "", "too_large"),
        (None, 0, 25, 9, 3, "", "too_large"),
        (b'{"a":', 0, 34, 5, 4, "message", "truncated"),
    ]


# The interface.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"framing": "xml"}, "framing"),
        ({"columns": ["offset", "nothing"]}, "nothing"),
        ({"deliver": {"nothing"}}, "nothing"),
        ({"batch_rows": 0}, "batch_rows"),
        ({"batch_bytes": 0}, "batch_bytes"),
        ({"max_event_size": -1}, "max_event_size"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LogReader(Recorder(), **options)


@pytest.mark.parametrize("chunk", ["text", 5, None])
def test_a_chunk_is_bytes(chunk: Any) -> None:
    reader = LogReader(Recorder())
    reader.begin(0)
    with pytest.raises(TypeError):
        reader.push(chunk)
    reader.push(b"data: {}\n\n")
    assert not reader.advance()
    assert reader.totals().events == 1


@pytest.mark.parametrize(
    "steps",
    [
        lambda reader: reader.push(b""),
        lambda reader: reader.finish(),
        lambda reader: reader.begin(-1),
        lambda reader: (reader.begin(0), reader.begin(0)),
        lambda reader: (reader.begin(0), reader.push(b"x"), reader.push(b"x")),
        lambda reader: (reader.begin(0), reader.finish(), reader.push(b"x")),
        lambda reader: (reader.begin(0), reader.finish(), reader.finish()),
        lambda reader: (reader.begin(0), reader.finish(), reader.begin(0)),
    ],
)
def test_steps_out_of_order(steps: Callable[[Any], object]) -> None:
    with pytest.raises((ValueError, OverflowError)):
        steps(LogReader(Recorder()))


def test_a_chunk_is_let_go_when_its_body_ends(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"data: {}\n\ndata: {" + b'"b64_json":"%b"' % IMAGE + b"}\n\ndata: {")
    with path.open("rb") as file:
        chunk = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        reader = LogReader(Recorder(), deliver=ALL)
        reader.begin(0)
        reader.push(chunk)
        assert not reader.advance()
        reader.push(memoryview(bytearray(b"}\n\n")))
        assert not reader.advance()
        # Until the body ends, a picture in the next chunk may be that of this one.
        reader.finish()
        chunk.close()
        assert not reader.advance()
        assert totals_of(reader)[:2] == (3, 0)


def test_an_error_of_the_handler_is_raised() -> None:
    class Failing(Recorder):
        def failure(self, failure: Any) -> None:
            raise KeyError("handler")

    reader = LogReader(Failing())
    reader.begin(0)
    reader.push(b"data: x\n\n")
    with pytest.raises(KeyError, match="handler"):
        reader.advance()


def test_types_are_bounded() -> None:
    names = ["\u20ac" * 100, "x" * 300, *(f"type {number}" for number in range(1200))]
    body = b"".join(b"event: " + name.encode() + b"\ndata: {}\n\n" for name in names)
    types = read_log(_engine, [(0, [body])]).types
    assert list(types)[:3] == ["\u20ac" * 66, "x" * 200, "type 0"]
    assert len(types) == 1001
    others = names[1000:]
    size = sum(len(f"event: {name}\ndata: {{}}\n") for name in others)
    assert types["(other types)"] == (len(others), size)
