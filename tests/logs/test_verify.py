"""`rapidsse verify`: every kind of problem, none where there is none, and the output."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapidsse._limits import BATCH_ROWS
from rapidsse.logs import open_log
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._sequence import Numbers
from rapidsse.logs.verify._verify import Verifier
from samples import (
    choice,
    chunk,
    completed,
    corpus,
    created,
    delta,
    done,
    numbered,
    partial,
    png,
    sse,
)


def check(path: Path, log: bytes, **options: Any) -> list[Problem]:
    """The problems of a log."""
    path.write_bytes(log)
    problems: list[Problem] = []
    with open_log(path) as opened:
        Verifier(problems.append, **options).verify(opened)
    assert all(problem.source == str(path) for problem in problems)
    return problems


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.sse"


def told(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(problem.kind, problem.detail) for problem in problems]


def message(*texts: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text} for text in texts]
    return {"id": "msg_1", "type": "message", "content": content}


def text_done(text: str, **place: int) -> dict[str, Any]:
    return {"type": "response.output_text.done", "text": text, "item_id": "msg_1", **place}


def test_nothing_is_wrong_with_the_recorded_streams() -> None:
    logs = sorted(corpus().rglob("*.sse"))
    problems: list[Problem] = []
    verifier = Verifier(problems.append)
    for path in logs:
        with open_log(path) as opened:
            verifier.verify(opened)
    assert problems == []
    assert (verifier.logs, verifier.streams) == (len(logs), 33)
    assert verifier.events > 2000


# Sequence numbers


def test_numbers_that_are_missing_or_came_again_are_named(log: Path) -> None:
    events = [created(), *numbered(1, 2, 5, 5, 2, None, 9), completed()]
    problems = check(log, sse(*events))
    assert told(problems) == [
        ("gap", "5 sequence numbers missing: 3-4, 6-8"),
        ("duplicate", "2 sequence numbers that had come before: 5, 2"),
    ]
    assert {(problem.stream, problem.response_id) for problem in problems} == {(0, "resp_1")}


def test_numbers_that_come_late_are_not_missing(log: Path) -> None:
    assert check(log, sse(created(), *numbered(3, 1, 2), completed())) == []


def test_each_stream_counts_for_itself(log: Path) -> None:
    first = sse(created("resp_1"), *numbered(1, 2), completed("resp_1"))
    second = sse(created("resp_2"), *numbered(1, 3), completed("resp_2"))
    third = sse(created("resp_3"), *numbered(1, 1), completed("resp_3"))
    problems = check(log, first + second + third)
    assert [(each.stream, each.response_id, each.kind) for each in problems] == [
        (len(first), "resp_2", "gap"),
        (len(first + second), "resp_3", "duplicate"),
    ]


def test_a_long_stream_is_followed_through_all_its_batches(log: Path) -> None:
    count = 2 * BATCH_ROWS + 100
    absent = {7, BATCH_ROWS, 2 * BATCH_ROWS - 1, 2 * BATCH_ROWS}
    numbers = [n for n in range(1, count) if n not in absent]
    problems = check(log, sse(created(), *numbered(*numbers), completed()))
    ranges = f"7, {BATCH_ROWS}, {2 * BATCH_ROWS - 1}-{2 * BATCH_ROWS}"
    assert told(problems) == [("gap", f"4 sequence numbers missing: {ranges}")]


def test_not_all_of_many_numbers_are_named(log: Path) -> None:
    (problem,) = check(log, sse(created(), *numbered(*range(2, 100, 2)), completed()))
    named = ", ".join(str(n) for n in range(1, 20, 2))
    assert problem.detail == f"49 sequence numbers missing: {named}, ..."


def test_the_numbers_of_a_compressed_log_are_named(tmp_path: Path) -> None:
    body = sse(created(), *numbered(1, 4), completed())
    (problem,) = check(tmp_path / "log.sse.gz", gzip.compress(body))
    assert problem.detail == "2 sequence numbers missing: 2-3"


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=20),
    st.lists(st.integers(1, 5), min_size=20, max_size=20),
)
def test_numbers_agree_with_a_slow_count(numbers: list[int | None], sizes: list[int]) -> None:
    tracker, rest = Numbers(), numbers
    for size in sizes:
        tracker.add(rest[:size])
        rest = rest[size:]
    seen: list[int] = [number for number in numbers if number is not None]
    missing = [n for n in range(min(seen, default=0), max(seen, default=-1)) if n not in seen]
    again = [n for at, n in enumerate(seen) if n in seen[:at]]
    named: list[int] = []
    for part in filter(None, tracker.missing().split(", ")):
        first, _, last = part.partition("-")
        named += range(int(first), int(last or first) + 1)
    assert named == missing
    listed = ", ".join(map(str, again[:10])) + (", ..." if len(again) > 10 else "")
    assert tracker.again() == listed


# Ends


def test_a_stream_without_its_end(log: Path) -> None:
    (problem,) = check(log, sse(created(), delta(), delta()))
    assert (problem.kind, problem.detail) == ("no_end", "cut short after 3 events")


def test_an_error_event_is_reported_with_the_missing_end(log: Path) -> None:
    (problem,) = check(log, sse(created(), {"type": "error", "message": "overloaded"}))
    assert told([problem]) == [
        ("no_end", "cut short after 2 events, after an error event: overloaded")
    ]


@pytest.mark.parametrize("kind", ["incomplete", "failed"])
def test_a_response_that_did_not_succeed_has_an_end(log: Path, kind: str) -> None:
    end = completed() | {"type": f"response.{kind}"}
    assert check(log, sse(created(), delta(), end)) == []


def test_an_event_that_is_cut_short(log: Path) -> None:
    whole = sse(created(), delta())
    problems = check(log, whole + sse(delta("cut"))[:30])
    assert [each.kind for each in problems] == ["truncated", "no_end"]
    assert problems[0].offset == len(whole)
    assert problems[0].response_id == "resp_1"


def test_chat_completions_end_by_their_reason(log: Path) -> None:
    begin = chunk(choices=[choice(role="assistant", content="a")])
    assert check(log, sse(begin, chunk(choices=[choice(finish="stop")]))) == []
    for cut in (sse(begin), sse(begin, "[DONE]")):
        (problem,) = check(log, cut)
        assert (problem.kind, problem.response_id) == ("no_end", "chatcmpl-1")


def test_a_stream_of_no_known_api_is_not_said_to_be_cut(log: Path) -> None:
    (problem,) = check(log, sse({"type": "ping"}, {"type": "session.created"}))
    assert problem.kind == "no_response"


# Texts


def test_deltas_that_give_the_final_text(log: Path) -> None:
    end = completed(output=[{"type": "reasoning"}, message("Hello", "")])
    parts = [delta("Hel") | {"output_index": 1}, delta("lo") | {"output_index": 1}]
    assert check(log, sse(created(), *parts, text_done("Hello", output_index=1), end)) == []


@pytest.mark.parametrize("by", ["done", "completed"])
def test_deltas_that_disagree_with_the_final_text(log: Path, by: str) -> None:
    final = {
        "done": [text_done("Hello, world"), completed()],
        "completed": [completed(output=[message("Hello, world")])],
    }[by]
    (problem,) = check(log, sse(created(), delta("Hello "), delta("world"), *final))
    name = {"done": "response.output_text.done", "completed": "response.completed"}[by]
    assert problem.kind == "text"
    assert problem.detail == (
        f"output 0, content 0: the deltas give 11 characters, {name} has 12; "
        "from character 5 on ' world' against ', world'"
    )


def test_one_disagreement_is_reported_once(log: Path) -> None:
    end = completed(output=[message("Hello")])
    (problem,) = check(log, sse(created(), delta("Hell"), text_done("Hello"), end))
    assert problem.detail == (
        "output 0, content 0: the deltas give 4 characters, response.output_text.done has 5; "
        "from character 4 on nothing against 'o'"
    )


def test_texts_without_deltas_and_deltas_without_texts(log: Path) -> None:
    end = completed(output=[message("Hello")])
    problems = check(log, sse(created(), delta("Hello") | {"content_index": 1}, end))
    assert told(problems) == [
        ("text", "output 0, content 0: no deltas, but response.completed has 5 characters"),
        ("text", "output 0, content 1: has deltas, but response.completed has no such text"),
    ]


def test_an_end_that_lists_no_output_says_nothing_about_the_text(log: Path) -> None:
    assert check(log, sse(created(), delta("Hello"), completed())) == []


@pytest.mark.parametrize(("limit", "most"), [("MAX_TEXT", 4), ("MAX_PARTS", 0)])
def test_text_too_long_to_compare_is_said_to_be(
    limit: str, most: int, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"rapidsse.logs.verify._problems.{limit}", most)
    (problem,) = check(log, sse(created(), delta("Hello"), text_done("Hello"), completed()))
    assert problem.kind == "text"
    assert problem.detail.startswith("not compared")


# Images


def test_partial_images_without_a_final_one(log: Path) -> None:
    events = [partial("ig_1", png(), 0), partial("ig_1", png(grey=1), 1), partial("ig_2", png())]
    problems = check(log, sse(created(), *events, done("ig_2", png()), completed()))
    assert told(problems) == [("image", "item ig_1: 2 partial images, no final one")]


def test_the_final_image_may_come_with_the_end(log: Path) -> None:
    output = [done("ig_1", png())["item"]]
    assert check(log, sse(created(), partial("ig_1", png()), completed(output=output))) == []
    empty = [{"id": "ig_1", "type": "image_generation_call", "result": ""}]
    (problem,) = check(log, sse(created(), partial("ig_1", png()), completed(output=empty)))
    assert problem.kind == "image"


def test_large_images_are_final_ones_too(log: Path) -> None:
    large = png(200, 200) + bytes(4000)
    events = [partial("ig_1", large), done("ig_1", large)]
    assert check(log, sse(created(), *events, completed())) == []


def test_images_api(log: Path) -> None:
    first = {"type": "image_generation.partial_image", "b64_json": "AAAA"}
    last = {"type": "image_generation.completed", "b64_json": "AAAA"}
    assert check(log, sse(first, first, last)) == []
    problems = check(log, sse(first, last, first, first))
    assert told(problems) == [
        ("image", "an image: 2 partial images, no final one"),
        ("no_end", "cut short after 2 events"),
    ]


def test_an_id_may_be_of_any_length(log: Path) -> None:
    long = "x" * 10_000
    (problem,) = check(log, sse(created(), partial(long, png()), completed()))
    assert len(problem.detail) < 300
    assert check(log, sse(created(), partial(long, png()), done(long, png()), completed())) == []


# What does not decode


@pytest.mark.parametrize(
    ("payload", "kind", "reason"),
    [
        (b"{nope}", "json", "not JSON: "),
        (b'{"a": "\xff"}', "utf8", 'begins: {"a": "\\xff"}'),
        (b"[1]", "schema", "the JSON is no object; it begins: [1]"),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", "depth", "nested deeper"),
        (b'{"a": "' + b"x" * 600 + b'"}', "too_large", "larger than"),
    ],
)
def test_events_that_do_not_decode(log: Path, payload: bytes, kind: str, reason: str) -> None:
    before = sse(created())
    content = before + b"data: " + payload + b"\n\n" + sse(completed())
    (problem,) = check(log, content, max_event_size=500)
    assert (problem.kind, problem.offset, problem.stream) == (kind, len(before), 0)
    assert problem.response_id == "resp_1"
    assert problem.detail.startswith("event 1, ")
    assert reason in problem.detail
    assert len(problem.detail) < 250


def test_a_log_without_events(log: Path) -> None:
    (problem,) = check(log, b": nothing but a comment\n\n")
    assert problem.kind == "no_events"


@pytest.mark.parametrize(
    "ping", [b'event: ping\ndata: {"type": "ping"}\n\n', b"event: keepalive\ndata: {}\n\n"]
)
def test_a_log_of_pings(log: Path, ping: bytes) -> None:
    (problem,) = check(log, b": comment\n\n" + 2 * ping)
    assert problem.kind == "no_events"
    assert problem.detail.startswith("no event but 2 keep-alives was found")
    assert check(log, ping + sse(created(), completed())) == []


def test_a_record_without_a_readable_body(tmp_path: Path) -> None:
    body = sse(created(), completed()).decode()
    lines = json.dumps({"id": 1, "body": body}) + "\n{broken\n"
    problems = check(tmp_path / "log.jsonl", lines.encode())
    assert [each.kind for each in problems] == ["record"]
    assert problems[0].offset == lines.index("{broken")


def test_a_broken_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    packed = gzip.compress(sse(created(), *numbered(1, 3)) * 1000)
    problems = check(path, packed[: len(packed) // 2])
    kinds = Counter(problem.kind for problem in problems)
    assert kinds["input"] == 1
    assert kinds["gap"] > 10


def test_an_archive_that_breaks_before_its_first_body(tmp_path: Path) -> None:
    cassette = b"interactions:\n- response: {body: {string: !!python/name:os.system x}}\n"
    (problem,) = check(tmp_path / "log.yaml", cassette)
    assert problem.kind == "input"
    assert "!!python/name:os.system" in problem.detail


def test_a_log_that_grows_behind_its_last_body(log: Path) -> None:
    log.write_bytes(sse(created(), *numbered(1, 3)))
    problems: list[Problem] = []
    with open_log(log) as opened:
        with log.open("ab") as file:
            file.write(sse(completed()))
        Verifier(problems.append).verify(opened)
    assert [problem.kind for problem in problems] == ["no_end", "gap", "input"]
    assert "it changed while it was read" in problems[-1].detail


# A recorded stream, damaged in every place


@pytest.mark.parametrize(
    "name", ["test_codex_stream.0.sse", "test_image_generation_streaming.0.sse"]
)
def test_whatever_is_lost_of_a_recorded_stream_is_told(log: Path, name: str) -> None:
    blocks = (corpus() / "responses" / name).read_bytes().split(b"\n\n")[:-1]
    for at, block in enumerate(blocks):
        rest = blocks[:at] + blocks[at + 1 :]
        problems = check(log, b"".join(each + b"\n\n" for each in rest))
        expected = []
        if 0 < at < len(blocks) - 1:
            expected.append(("gap", f"1 sequence number missing: {at}"))
        elif at:
            expected.append(("no_end", f"cut short after {len(rest)} events"))
        found = [each for each in told(problems) if each[0] != "text"]
        assert found == expected
        is_delta = b'"response.output_text.delta"' in block
        assert sum(each.kind == "text" for each in problems) == is_delta


def test_whatever_comes_twice_of_a_recorded_stream_is_told(log: Path) -> None:
    content = (corpus() / "responses" / "test_codex_stream.0.sse").read_bytes()
    blocks = content.split(b"\n\n")[:-1]
    for at in range(1, len(blocks)):
        twice = [*blocks[: at + 1], *blocks[at:]]
        problems = check(log, b"".join(each + b"\n\n" for each in twice))
        found = [each for each in told(problems) if each[0] != "text"]
        assert found == [("duplicate", f"1 sequence number that had come before: {at}")]


def test_a_recorded_stream_cut_anywhere_has_no_end(log: Path) -> None:
    content = (corpus() / "responses" / "test_codex_stream.0.sse").read_bytes().rstrip(b"\n")
    for stop in range(1, len(content), 97):
        kinds = [each.kind for each in check(log, content[:stop])]
        assert kinds in (["no_end"], ["truncated", "no_end"], ["truncated"], ["no_events"])
        if b"\n\n" in content[:stop]:
            assert kinds[-1] == "no_end"
