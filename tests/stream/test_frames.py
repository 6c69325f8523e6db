"""The grammar of event streams (WHATWG HTML, section 9.2.6), rule by rule.

Each case runs whole, cut in two at every byte, byte by byte and with more data behind it,
with each kind of line end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pytest

import frame_oracle
import rapidsse
from frame_oracle import Event
from stream_reading import fields


class Case(NamedTuple):
    name: str
    stream: str
    expected: list[Event]


def event(data: str, event: str = "message", id: str = "", retry: int | None = None) -> Event:
    return Event(event, data, id, retry)


# Lines end in LF here, and in CR and CRLF when the cases run. Every stream ends with a block's
# end, so that what follows it starts a new block.
CASES = [
    # The examples of the specification.
    Case(
        "spec: three lines of data",
        "data: YHOO\ndata: +2\ndata: 10\n\n",
        [event("YHOO\n+2\n10")],
    ),
    Case(
        "spec: comment, id, empty id, one space kept",
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [event("first event", id="1"), event("second event"), event(" third event")],
    ),
    Case(
        "spec: empty data lines",
        "data\n\ndata\ndata\n\n",
        [event(""), event("\n")],
    ),
    Case("spec: optional space", "data:test\n\ndata: test\n\n", [event("test"), event("test")]),
    Case(
        "spec: event names",
        "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
        [event("73857293", "add"), event("2153", "remove"), event("113411", "add")],
    ),
    # Dispatch.
    Case("nothing", "", []),
    Case("blank lines only", "\n\n\n", []),
    Case("no data, no event", "event: lonely\n\ndata: x\n\n", [event("x")]),
    Case("several blank lines", "data: a\n\n\n\ndata: b\n\n", [event("a"), event("b")]),
    Case("data with empty value", "data:\n\n", [event("")]),
    Case("data of one space", "data: \n\n", [event("")]),
    Case("empty line inside data", "data: a\ndata:\ndata: b\n\n", [event("a\n\nb")]),
    Case("final empty data line", "data: a\ndata\n\n", [event("a\n")]),
    # The space behind the colon.
    Case("two spaces", "data:  x\n\n", [event(" x")]),
    Case("tab is no space", "data:\tx\n\n", [event("\tx")]),
    Case("space before the colon", "data : x\n\n", []),
    Case("space before the name", " data: x\n\n", []),
    Case("trailing space", "data: x \n\n", [event("x ")]),
    Case("colons in the value", "data: a:b: c\n\n", [event("a:b: c")]),
    # Names.
    Case("names are case-sensitive", "Data: x\nDATA: y\n\n", []),
    Case("longer name", "datas: x\nevents: y\nidx: z\n\n", []),
    Case("unknown fields", "foo: bar\ndata: x\nfoo\nbaz:\n\n", [event("x")]),
    Case("unknown fields only", "foo: bar\nbaz\n\n", []),
    Case("name that starts like data", "dat: x\nd\nda\ndat\n\n", []),
    # Comments.
    Case("comments", ":\n: data: x\ndata: y\n::\n\n", [event("y")]),
    Case("comment in the block", "data: x\n: keep-alive\ndata: y\n\n", [event("x\ny")]),
    # event
    Case("last event wins", "event: a\nevent: b\ndata: x\n\n", [event("x", "b")]),
    Case("empty event is message", "event: a\nevent:\ndata: x\n\n", [event("x")]),
    Case("event without colon", "event: a\nevent\ndata: x\n\n", [event("x")]),
    Case("event after data", "data: x\nevent: late\n\n", [event("x", "late")]),
    Case("event does not stick", "event: a\ndata: x\n\ndata: y\n\n", [event("x", "a"), event("y")]),
    # id
    Case("id sticks", "id: 1\ndata: x\n\ndata: y\n\n", [event("x", id="1"), event("y", id="1")]),
    Case("last id wins", "id: 1\nid: 2\ndata: x\n\n", [event("x", id="2")]),
    Case("id after data", "data: x\nid: 1\n\n", [event("x", id="1")]),
    Case("id without data", "id: 1\n\ndata: x\n\n", [event("x", id="1")]),
    Case("empty id resets", "id: 1\ndata: x\n\nid:\ndata: y\n\n", [event("x", id="1"), event("y")]),
    Case("id with NUL", "id: a\0b\ndata: x\n\n", [event("x")]),
    Case("id with NUL keeps the one before", "id: 1\nid: \0\ndata: x\n\n", [event("x", id="1")]),
    Case("NUL elsewhere", "event: \0\ndata: \0\n\n", [event("\0", "\0")]),
    Case("id with spaces", "id:  1 \ndata: x\n\n", [event("x", id=" 1 ")]),
    # retry
    Case("retry", "retry: 3000\ndata: x\n\n", [event("x", retry=3000)]),
    Case("retry is the block's own", "retry: 1\ndata: x\n\ndata: y\n\n",
         [event("x", retry=1), event("y")]),
    Case("retry of a block without data", "retry: 1\n\ndata: y\n\n", [event("y")]),
    Case("retry 0", "retry: 000\ndata: x\n\n", [event("x", retry=0)]),
    Case("last valid retry wins", "retry: 1\nretry: 2\nretry: x\ndata: x\n\n",
         [event("x", retry=2)]),
    *(
        Case(f"retry {value!r} is no number", f"retry:{value}\ndata: x\n\n", [event("x")])
        for value in ["", " ", "  1", " 1 ", " -1", " +1", " 1_0", " 1.0", " 1e3", " 0x1", " \u0661"]
    ),
    Case("retry at the limit", "retry: 18446744073709551615\ndata: x\n\n",
         [event("x", retry=2**64 - 1)]),
    Case("retry saturates", "retry: 18446744073709551616\ndata: x\n\n",
         [event("x", retry=2**64 - 1)]),
    Case("very long retry", "retry: " + "9" * 5000 + "\ndata: x\n\n",
         [event("x", retry=2**64 - 1)]),
    Case("long retry of a small number", "retry: " + "0" * 100 + "7\ndata: x\n\n",
         [event("x", retry=7)]),
    # Text.
    Case("characters of two to four bytes", "event: é\ndata: €\ndata: 🎉\nid: ß\n\n",
         [event("€\n🎉", "é", "ß")]),
    Case("other line separators end no line", "data: a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n\n",
         [event("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg")]),
    Case("BOM", "\ufeffdata: x\n\ndata: y\n\n", [event("x"), event("y")]),
    Case("BOM alone", "\ufeff\n\n", []),
    Case("BOM before a comment", "\ufeff: c\ndata: x\n\n", [event("x")]),
    Case("only one BOM", "\ufeff\ufeffdata: x\n\ndata: y\n\n", [event("y")]),
    Case("BOM later is text", "data: \ufeff\n\n\ufeffdata: x\n\n", [event("\ufeff")]),
    # What model providers send.
    Case(
        "deltas",
        'event: response.output_text.delta\ndata: {"delta":"a"}\n\n'
        'event: response.output_text.delta\ndata: {"delta":"b"}\n\ndata: [DONE]\n\n',
        [
            event('{"delta":"a"}', "response.output_text.delta"),
            event('{"delta":"b"}', "response.output_text.delta"),
            event("[DONE]"),
        ],
    ),
    Case("delta with its name last", 'data: {"a":1}\nevent: e\n\n', [event('{"a":1}', "e")]),
    Case("delta and a second line", 'event: e\ndata: {"a":\ndata: 1}\n\n',
         [event('{"a":\n1}', "e")]),
    Case("two names before the data", "event: e\nevent: f\ndata: {}\n\n", [event("{}", "f")]),
    Case("comment between", "event: e\n: c\ndata: {}\n\n", [event("{}", "e")]),
    Case("three line ends", "event: e\ndata: {}\n\n\nevent: f\ndata: {}\n\n",
         [event("{}", "e"), event("{}", "f")]),
]  # fmt: skip

BYTE_CASES = [
    (b"data: \xff\n\n", [event("\ufffd")]),
    (b"data: \xe2\x82\n\n", [event("\ufffd")]),
    (b"data: \xe2\ndata: \x82\n\n", [event("\ufffd\n\ufffd")]),
    (b"data: \xed\xa0\x80\n\n", [event("\ufffd\ufffd\ufffd")]),
    (b"data: \xf0\x9f\x8e\n\n", [event("\ufffd")]),
    (b"event: \xff\ndata: x\nid: \xc3\n\n", [event("x", "\ufffd", "\ufffd")]),
    (b"\xff\xfedata: x\n\ndata: y\n\n", [event("y")]),
    (b"\xef\xbbdata: x\n\ndata: y\n\n", [event("y")]),
    (b"\xef\xbb\ndata: y\n\n", [event("y")]),
    (b"\xefdata: x\n\ndata: y\n\n", [event("y")]),
    (b"da\xffta: x\ndata: y\n\n", [event("y")]),
    # Line ends in any mixture; LF CR is two of them.
    (b"data: a\rdata: b\ndata: c\r\n\r\n", [event("a\nb\nc")]),
    (b"data: a\n\rdata: b\r\n\n", [event("a"), event("b")]),
    (b"data: a\r\rdata: b\r\n\r", [event("a"), event("b")]),
    (b"data: a\r\n\rdata: b\n\r\n", [event("a"), event("b")]),
    (b"\r\n\r\ndata: a\r\n\n", [event("a")]),
    (b"\ndata: a\r\r\n\ndata: b\n\n", [event("a"), event("b")]),
    (b"\xef\xbb\xbf\r\ndata: a\r\n\r\n", [event("a")]),
]

LINE_ENDS = pytest.mark.parametrize("eol", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CRLF"])
TABLE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def parse(chunks: Iterable[bytes]) -> list[Event]:
    """The events of chunks fed to a `Parser`, which `iter_sse` agrees with."""
    chunks = list(chunks)
    parser = rapidsse.Parser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    events += parser.close()
    assert [fields(e) for e in rapidsse.iter_sse(chunks)] == [fields(e) for e in events]
    return [Event(*fields(e)) for e in events]


def check_every_cut(stream: bytes, expected: list[Event]) -> None:
    assert parse([stream]) == expected
    assert parse(stream[i : i + 1] for i in range(len(stream))) == expected
    assert [Event(*fields(e)) for e in rapidsse.iter_sse(stream)] == expected
    # Of very long streams only the places near the ends matter.
    for at in {*range(min(len(stream), 300)), *range(max(len(stream) - 30, 0), len(stream))}:
        assert parse([stream[:at], stream[at:]]) == expected, f"cut at {at}"


@LINE_ENDS
@TABLE
def test_case(case: Case, eol: str) -> None:
    stream = case.stream.replace("\n", eol).encode()
    check_every_cut(stream, case.expected)


@LINE_ENDS
@TABLE
def test_case_with_trailing_data(case: Case, eol: str) -> None:
    stream = (case.stream + "event: next\ndata: {}\ndata: more\n\ndata: cut").replace("\n", eol)
    last_id = frame_oracle.read(case.stream.encode()).last_event_id
    expected = [*case.expected, event("{}\nmore", "next", last_id)]
    check_every_cut(stream.encode(), expected)


@pytest.mark.parametrize(("stream", "expected"), BYTE_CASES)
def test_bytes(stream: bytes, expected: list[Event]) -> None:
    check_every_cut(stream, expected)


@LINE_ENDS
@TABLE
def test_oracle_agrees(case: Case, eol: str) -> None:
    assert frame_oracle.read(case.stream.replace("\n", eol).encode()).events == case.expected


@pytest.mark.parametrize(("stream", "expected"), BYTE_CASES)
def test_oracle_agrees_on_bytes(stream: bytes, expected: list[Event]) -> None:
    assert frame_oracle.read(stream).events == expected


UNFINISHED = [
    # stream, the events that the grammar gives, and those of eof="dispatch"
    (b"data: x", [], [event("x")]),
    (b"data: x\n", [], [event("x")]),
    (b"data: x\r", [], [event("x")]),
    (b"data: x\r\n", [], [event("x")]),
    (b"data", [], [event("")]),
    (b"data:", [], [event("")]),
    (b"dat", [], []),
    (b"event: e", [], []),
    (b"event: e\ndata: x\nid: 1\nretry: 5", [], [event("x", "e", "1", 5)]),
    (b"data: x\n: comment", [], [event("x")]),
    (b"data: a\n\ndata: x\nfoo", [event("a")], [event("a"), event("x")]),
    (b": comment", [], []),
    (b"\xef\xbb\xbf", [], []),
    (b"\xef\xbb", [], []),
    (b"\xef\xbb\xbfdata: x", [], [event("x")]),
]


@pytest.mark.parametrize(("stream", "discarded", "dispatched"), UNFINISHED)
def test_unfinished_event(stream: bytes, discarded: list[Event], dispatched: list[Event]) -> None:
    for at in range(len(stream) + 1):
        chunks = [stream[:at], stream[at:]]
        assert [Event(*fields(e)) for e in rapidsse.iter_sse(chunks)] == discarded
        events = rapidsse.iter_sse(chunks, eof="dispatch")
        assert [Event(*fields(e)) for e in events] == dispatched
    assert frame_oracle.read(stream, "discard").events == discarded
    assert frame_oracle.read(stream, "dispatch").events == dispatched


def test_id_and_retry_of_an_unfinished_block() -> None:
    stream = b"id: 1\n\nid: 2\nretry: 7\nretry: 8"
    parser = rapidsse.Parser()
    assert parser.feed(stream) == []
    assert (parser.last_event_id, parser.retry) == ("1", 7)
    assert parser.close() == []
    assert (parser.last_event_id, parser.retry, parser.pending) == ("1", 7, 0)

    parser = rapidsse.Parser(eof="dispatch")
    assert parser.feed(stream) + parser.close() == []
    assert (parser.last_event_id, parser.retry, parser.pending) == ("2", 8, 0)


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("prefix", [b"data: ", b"event: e\ndata: "])
def test_runs_of_like_events(prefix: bytes, eol: bytes) -> None:
    """Long runs, and runs that a stray line end, another event or a cut breaks off."""
    block = (prefix + b"%d\n\n").replace(b"\n", eol)
    strays = [
        b"\r",
        b"\n",
        b"\r\r",
        b"\n\r",
        b"\r\r\r",
        b"\n\n",
        b": c\n",
        b"data: x\n",
        b"id: 1\r",
    ]
    for count in (1, 2, 3, 5, 400):
        run = b"".join(block % number for number in range(count))
        assert parse([run]) == frame_oracle.read(run).events
        assert len(parse([run])) == count
        for at in (0, len(block) - 2, len(run) // 2, len(run) - 5, len(run) - 1):
            for stray in strays:
                for times in (1, 3):
                    stream = run[:at] + stray * times + run[at:]
                    assert parse([stream]) == frame_oracle.read(stream).events
                    chunks = [stream[:at], stream[at:]]
                    assert parse(chunks) == frame_oracle.read(stream).events


def test_run_of_large_events() -> None:
    for size in (100, 1000, 1020, 5000, 32_000, 33_000, 70_000):
        stream = b"".join(b"data: %d%s\n\n" % (number, b"x" * size) for number in range(9))
        assert parse([stream]) == frame_oracle.read(stream).events
        assert len(parse([stream])) == 9
