"""The failures table: a row for everything that did not decode, and the rest goes on."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from rapidsse._errors import InputError
from samples import completed, created, delta, sse
from table_reading import batches, rows, table_of


@pytest.mark.parametrize(
    ("payload", "kind", "message"),
    [
        (b'{"type": xxxx}', "json", "not JSON: invalid character (byte 9)"),
        (b'{"a": "\\ud800", "b": [}', "json", "not JSON: "),
        (b'{"type": "\xff"}', "utf8", "not UTF-8: invalid start byte at byte 10 of the payload"),
        (b"[1, 2]", "schema", "the JSON is no object"),
        (b'{"a":' + b"[" * 128 + b"]" * 128 + b"}", "depth", "nested deeper than 128 levels"),
    ],
)
def test_events_that_do_not_decode(tmp_path: Path, payload: bytes, kind: str, message: str) -> None:
    before, after = sse(created()), sse(delta(), completed())
    path = tmp_path / "log.sse"
    block = b"event: x\ndata: " + payload + b"\n"
    path.write_bytes(before + block + b"\n" + after)
    found, totals = batches(path)
    (row,) = [row for batch in found["failures"] for row in batch.to_pylist()]
    assert message in row.pop("message")
    assert row == {
        "source": str(path),
        "stream": 0,
        "offset": len(before),
        "length": len(block),
        "index": 1,
        "event": "x",
        "kind": kind,
        "data": payload,
    }
    counts = totals.of_events
    assert (counts.events, counts.failures, counts.failure_bytes) == (3, 1, len(block))
    (response,) = found["responses"][0].to_pylist()
    assert (response["n_events"], response["complete"]) == (3, True)


def test_an_event_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(sse(created()) + b'data: {"type": "respo')
    (row,) = table_of(path, "failures")
    assert (row["kind"], row["data"]) == ("truncated", b'{"type": "respo')
    assert row["message"] == "the log ends in the middle of the event"


@pytest.mark.parametrize("packed", [False, True])
def test_an_event_past_the_limit(tmp_path: Path, packed: bool) -> None:
    content = sse(created(), delta("x" * 5000), completed())
    path = tmp_path / "log.sse"
    path.write_bytes(gzip.compress(content) if packed else content)
    found = rows(path, max_event_size=1000)
    (row,) = found["failures"]
    assert (row["kind"], row["data"], row["index"]) == ("too_large", None, 1)
    assert row["message"] == "larger than the limit of 1,000 bytes; raise the limit to read it"
    assert row["length"] > 5000
    assert [event["index"] for event in found["events"]] == [0, 2]


def test_records_without_a_body(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    good = b'{"body": "data: {}\\n\\n"}\n'
    path.write_bytes(good + b'{"body": "data: \n' + good)
    found = rows(path)
    (row,) = found["failures"]
    assert (row["offset"], row["stream"], row["index"]) == (len(good), None, None)
    assert row["message"]
    assert [event["offset"] for event in found["events"]] == [0, len(good) + 17]


@pytest.mark.parametrize("columns", [None, {"events": None}])
def test_an_input_that_breaks(tmp_path: Path, columns: Any) -> None:
    content = sse(*[created(), delta("x" * 50), completed()] * 2000)
    path = tmp_path / "log.sse.gz"
    packed = gzip.compress(content)
    path.write_bytes(packed[: len(packed) // 2])
    wanted = columns or dict.fromkeys(("events", "responses", "failures"))
    found, totals = batches(path, wanted, fails=InputError)
    events = [row for batch in found["events"] for row in batch.to_pylist()]
    assert 0 < len(events) < 6000
    assert totals.of_events.failures in (1, 2)  # it may break within an event
    if "failures" in found:
        *_, row = [row for batch in found["failures"] for row in batch.to_pylist()]
        assert (row["kind"], row["data"], row["length"]) == ("input", None, 0)
        assert row["offset"] == totals.of_logs.content_bytes > events[-1]["offset"]
        assert str(path) in row["message"]


def test_many_large_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapidsse.logs.tables._arrow.FLUSH_BYTES", 1000)
    payloads = ["{" + "x" * size for size in (10, 900, 90, 1, 5000, 20)]
    path = tmp_path / "log.sse"
    path.write_bytes(sse(*payloads))
    found, _ = batches(path, {"failures": ["data"]})
    assert [batch.num_rows for batch in found["failures"]] == [2, 2, 1, 1]
    data = [row["data"].decode() for batch in found["failures"] for row in batch.to_pylist()]
    assert data == payloads


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (b"x", []),
        (b"Bad Gateway\nx", []),
        (b"\xef\xbb\xbfnot found", []),
        # What may be the beginning of a field.
        (b"\xef\xbb", ["truncated"]),
        (b"\xef\xbb\xbfdat", ["truncated"]),
        (b"Bad Gateway\nda", ["truncated"]),
        # A field, whatever ends the lines.
        (b"x\rdata: {", ["truncated"]),
        (b"x\n\rdata", ["truncated"]),
        (b"x\n:\ny", ["truncated"]),
    ],
)
def test_text_is_no_event_that_was_cut(content: bytes, kinds: list[str], tmp_path: Path) -> None:
    path = tmp_path / "log.sse"
    path.write_bytes(content)
    found, _ = batches(path, {"failures": ["kind"]}, format="sse")
    assert [
        row["kind"] for batch in found.get("failures", []) for row in batch.to_pylist()
    ] == kinds
