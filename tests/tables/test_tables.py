"""The tables against a plain reading of the same logs, and how they are handed out."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rapidsse.logs import open_log
from rapidsse.logs.tables._schemas import TABLES
from rapidsse.logs.tables._tables import LogTables
from rapidsse.logs.tables._totals import Totals
from samples import DEMO, choice, chunk, completed, corpus, created, delta, partial, png, sse
from table_oracle import expected_tables
from table_reading import EVERYTHING, assert_same, batches, rows

NAMES = [
    "image_generation_documented.sse",
    "responses/TestOpenAIResponses.test_stream_time.0.sse",
    "responses/TestOpenAIStandard.test_stream_time.0.sse",
    "responses/test_apply_patch.1.sse",
    "responses/test_image_generation_streaming.0.sse",
    "responses/test_incomplete_response.1.sse",
    "responses/test_streaming_tool_call_v1_v2_parity.0.sse",
]


def recorded() -> list[Path]:
    return [path for path in corpus().rglob("*.sse") if path.is_file()]


def some_recorded() -> list[bytes]:
    return [(corpus() / name).read_bytes() for name in NAMES]


def stored(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_every_recorded_stream() -> None:
    for path in recorded():
        assert_same(rows(path), expected_tables(str(path), [(0, path.read_bytes())]))


def test_recorded_streams_one_after_another(tmp_path: Path) -> None:
    content = b"\n\n".join(path.read_bytes() for path in recorded())
    path = stored(tmp_path, "all.sse", content)
    found = rows(path)
    assert_same(found, expected_tables(str(path), [(0, content)]))
    assert len(found["responses"]) == len(recorded())


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_other_line_ends(tmp_path: Path, end: bytes) -> None:
    content = b"\xef\xbb\xbf" + b"".join(some_recorded()[:2]).replace(b"\n", end)
    path = stored(tmp_path, "log.sse", content)
    assert_same(rows(path), expected_tables(str(path), [(0, content)]))


def test_compressed_logs(tmp_path: Path) -> None:
    content = b"\n\n".join(some_recorded())
    path = stored(tmp_path, "log.sse.gz", gzip.compress(content, 1))
    assert_same(rows(path), expected_tables(str(path), [(0, content)]))


def payload_lines(content: bytes) -> bytes:
    lines = [line[6:] for line in content.split(b"\n") if line.startswith(b"data: ")]
    return b"".join(line + b"\n" for line in lines if line != b"[DONE]")


def test_events_as_json_lines(tmp_path: Path) -> None:
    content = b"".join(map(payload_lines, some_recorded()))
    path = stored(tmp_path, "log.jsonl", content)
    assert_same(rows(path), expected_tables(str(path), [(0, content)], lines=True))


def in_a_row(bodies: Iterable[bytes]) -> list[tuple[int, bytes]]:
    found, offset = [], 0
    for body in bodies:
        found.append((offset, body))
        offset += len(body)
    return found


def test_bodies_in_json_lines(tmp_path: Path) -> None:
    bodies = some_recorded()
    lines = [
        json.dumps({"id": n, "response": {"body": body.decode()}}).encode() + b"\n"
        for n, body in enumerate(bodies)
    ]
    path = stored(tmp_path, "log.jsonl", b"".join(lines))
    offsets = [offset for offset, _ in in_a_row(lines)]
    assert_same(rows(path), expected_tables(str(path), zip(offsets, bodies, strict=True)))


def test_bodies_in_a_cassette(tmp_path: Path) -> None:
    bodies = some_recorded()
    interactions = [
        {
            "request": {"uri": "https://api.example/", "method": "POST", "body": None},
            "response": {
                "status": {"code": 200},
                "headers": {"content-type": ["text/event-stream"]},
                "body": {"string": body.decode()},
            },
        }
        for body in bodies
    ]
    # JSON is YAML.
    content = json.dumps({"version": 1, "interactions": interactions}).encode()
    path = stored(tmp_path, "cassette.json", content)
    assert_same(rows(path, format="vcr"), expected_tables(str(path), in_a_row(bodies)))


def test_bodies_in_a_har(tmp_path: Path) -> None:
    bodies = some_recorded()
    entries = [
        {"response": {"content": {"mimeType": "text/event-stream", "text": body.decode()}}}
        for body in bodies
    ]
    path = stored(tmp_path, "log.har", json.dumps({"log": {"entries": entries}}).encode())
    assert_same(rows(path, format="har"), expected_tables(str(path), in_a_row(bodies)))


def test_a_log_cut_anywhere(tmp_path: Path) -> None:
    content = sse(created(), delta("one "), delta("two"), completed()) + sse(
        chunk(choices=[choice(role="assistant", content="x")]), chunk(choices=[choice(0, "stop")])
    )
    for end in range(0, len(content) + 1, 7):
        path = stored(tmp_path, "log.sse", content[:end])
        found = rows(path, format="sse")
        assert_same(found, expected_tables(str(path), [(0, content[:end])]))


def test_wrong_types_read_as_null(tmp_path: Path) -> None:
    strange: list[Any] = [
        *(
            {"type": kind, "response": value}
            for kind in (1, "response.created")
            for value in (1, [])
        ),
        {
            "type": "response.completed",
            "response": {
                "id": 1,
                "model": {},
                "status": 5,
                "created_at": "now",
                "completed_at": 1e300,
                "usage": {"input_tokens": "5", "output_tokens": True, "total_tokens": 2**70},
                "output": [None, {"type": "message"}, {"type": "message", "content": [1, {}]}],
                "error": {"code": 1, "message": []},
            },
        },
        {"type": "response.image_generation_call.partial_image", "partial_image_b64": 3},
        {
            "type": "response.image_generation_call.partial_image",
            "partial_image_b64": "QUJD",
            "item_id": 4,
            "partial_image_index": "0",
        },
        {"type": "response.output_item.done", "item": [], "error": "none"},
        {"type": "response.output_item.done", "item": {"type": "image_generation_call"}},
        {"type": "error", "code": 5, "message": None},
        chunk(choices="x", usage=[], created=True),
        chunk(choices=[1, {"index": "0", "delta": 4, "finish_reason": 7}], id=3),
        {"type": "image_generation.completed", "b64_json": [], "usage": 1, "created_at": -1e99},
    ]
    content = sse(*strange)
    path = stored(tmp_path, "log.sse", content)
    found = rows(path)
    assert_same(found, expected_tables(str(path), [(0, content)]))
    assert len(found["events"]) == len(strange)


def test_only_requested_columns_are_given(tmp_path: Path) -> None:
    broken = {"type": "response.output_item.done", "item": {"id": "ig", "result": "A" * 2000 + "!"}}
    broken["item"]["type"] = "image_generation_call"
    # The small ones.
    recorded = [stream for stream in some_recorded() if len(stream) < 10_000]
    content = b"\n\n".join([*recorded, sse(created("r"), partial("i", png()), broken)])
    path = stored(tmp_path, "log.sse", content)
    expected = rows(path)
    chance = random.Random(5)
    for table in TABLES:
        names = EVERYTHING[table]
        for chosen in [*([name] for name in names), *(names[:n] for n in (2, 5))]:
            chance.shuffle(chosen)
            found = rows(path, {table: chosen})[table]
            assert found == [{name: row[name] for name in chosen} for row in expected[table]]
            assert not found or list(found[0]) == chosen
    for _ in range(12):
        wanted = {
            table: chance.sample(EVERYTHING[table], chance.randint(1, len(EVERYTHING[table])))
            for table in chance.sample(TABLES, 2)
        }
        for table, found in rows(path, wanted, count_all=chance.random() < 0.5).items():
            assert found == [{name: row[name] for name in wanted[table]} for row in expected[table]]


def test_batches_are_bounded(tmp_path: Path) -> None:
    content = b"\n\n".join([*some_recorded()[:5], *[b"data: {\n\n"] * 20])
    path = stored(tmp_path, "log.sse", content)
    expected = rows(path)
    found, _ = batches(path, batch_rows=4)
    for table in TABLES:
        assert max(batch.num_rows for batch in found[table]) <= 4
        assert [row for batch in found[table] for row in batch.to_pylist()] == expected[table]
    assert len(found["events"]) > 50


def test_batches_come_while_the_log_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rapidsse.logs.tables._arrow.FLUSH_BYTES", 3000)
    monkeypatch.setattr("rapidsse.logs.tables._arrow.FLUSH_TEXT", 3000)
    content = sse(
        *(
            event
            for n in range(200)
            for event in (created(f"r{n}"), partial("i", png(40 + n, 40)), delta("x" * 2000))
        ),
        *["{" + "x" * 500] * 300,
    )
    path = stored(tmp_path, "log.sse", content)
    found, _ = batches(path, {"images": EVERYTHING["images"], "responses": None, "failures": None})
    assert_same(
        {"events": expected_tables(str(path), [(0, content)])["events"]}
        | {table: [row for b in part for row in b.to_pylist()] for table, part in found.items()},
        expected_tables(str(path), [(0, content)]),
    )
    assert len(found["responses"]) > 1
    assert len(found["failures"]) > 1


def test_views(tmp_path: Path) -> None:
    found = rows(DEMO, views=True)
    assert found == rows(DEMO)


def test_totals_of_a_log(tmp_path: Path) -> None:
    content = b": hello\n\n" + sse(created(), delta(), "{", partial("i", png()), completed())
    path = stored(tmp_path, "log.sse.gz", gzip.compress(content))
    _, totals = batches(path)
    assert totals.of_logs.inputs == 1
    assert totals.of_logs.input_bytes == path.stat().st_size
    assert totals.of_logs.content_bytes == totals.of_events.body_bytes == len(content)
    assert totals.of_events.other_bytes == len(b": hello\n\n") + 5
    assert totals.of_events.failure_bytes == len(b"data: {\n")
    assert (totals.of_events.events, totals.of_events.failures) == (4, 1)
    assert (totals.of_streams.streams, totals.of_streams.responses) == (1, 1)
    assert (totals.of_streams.complete, totals.of_streams.images) == (1, 1)
    assert totals.of_streams.image_bytes == len(png())
    assert totals.types["response.output_text.delta"][0] == 1
    assert sum(counts[1] for counts in totals.types.values()) == totals.of_events.event_bytes
    assert totals.models == {"model-1": [1, 0, 0, 0, 0, 0]}


def test_a_response_without_a_total_counts_its_input_and_output(tmp_path: Path) -> None:
    """Also beside one of the same model that has one."""
    counts = {"prompt_tokens": 10, "completion_tokens": 5}
    chunks = [
        {"object": "chat.completion.chunk", "id": id, "model": "m", "usage": usage,
         "choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": "stop"}]}
        for id, usage in (("a", {**counts, "total_tokens": 16}), ("b", counts))
    ]  # fmt: skip
    log = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    _, totals = batches(stored(tmp_path, "log.sse", log.encode()))
    assert totals.models == {"m": [2, 20, 0, 10, 0, 16 + 15]}


def test_totals_add_up() -> None:
    _, one = batches(DEMO)
    both = Totals()
    both += one
    assert both == one
    both += one
    assert both.of_events.events == 2 * one.of_events.events
    assert both.of_streams.image_bytes == 2 * one.of_streams.image_bytes
    assert both.types == {name: [2 * n for n in counts] for name, counts in one.types.items()}
    assert both.to_dict()["inputs"] == 2
    assert msgspec.convert(json.loads(json.dumps(asdict(both))), Totals) == both


def test_names_without_end_are_counted_together() -> None:
    totals = Totals()
    for n in range(1500):
        totals.add_type(f"type-{n}", [1, 10])
    assert len(totals.types) == 1001
    assert totals.types["(other types)"] == [500, 5000]
    more = Totals()
    more += totals
    more += totals
    assert len(more.types) == 1001
    assert sum(counts[0] for counts in more.types.values()) == 3000


@pytest.mark.parametrize("packed", [False, True])
def test_progress(tmp_path: Path, packed: bool) -> None:
    content = sse(*[created(), delta("x" * 100)] * 500)
    path = stored(tmp_path, "log", gzip.compress(content) if packed else content)
    tables = LogTables({"events": ["index"]}, batch_rows=100)
    seen = []
    for round in (1, 2):
        with open_log(path) as log:
            for _ in tables.read(log):
                seen.append((tables.position, tables.events))
                assert 0 < tables.position <= path.stat().st_size
        assert (tables.position, tables.events) == (path.stat().st_size, 1000 * round)
    assert len(seen) == 20
    assert [events for _, events in seen] == list(range(100, 2100, 100))
    assert packed or seen[0][0] < seen[5][0] < seen[9][0]
