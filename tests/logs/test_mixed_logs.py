"""Logs with interleaved responses."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

import rapidsse
from rapidsse.cli import main
from rapidsse.logs.formats.lines._ids import Ids
from rapidsse.logs.formats.lines._mixed import Waiting
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import choice, chunk, completed, created, delta


def chat(id: str, *texts: str) -> list[Any]:
    return [
        chunk(id, choices=[choice(role="assistant", content="")]),
        *(chunk(id, choices=[choice(content=text)]) for text in texts),
        chunk(id, choices=[choice(finish="stop")]),
    ]


FIRST, SECOND, THIRD = chat("a", "Hel", "lo"), chat("b", "Wor", "ld", "!"), chat("c", "x")
RESPONSES = [
    [created("resp_1"), delta("Hel"), delta("lo"), completed("resp_1")],
    [created("resp_2"), delta("Wor"), delta("ld"), completed("resp_2")],
]


def by_turns(*streams: list[Any]) -> list[tuple[int, Any]]:
    turns = zip_longest(*([(n, each) for each in stream] for n, stream in enumerate(streams)))
    return [each for turn in turns for each in turn if each is not None]


MIXED = by_turns([*FIRST, "[DONE]"], [*SECOND, "[DONE]"], [*THIRD, "[DONE]"])


def text_of(event: Any) -> str:
    return event if isinstance(event, str) else json.dumps(event)


def as_lines(wrap: Callable[[int, str], str]) -> Callable[[list[tuple[int, Any]]], str]:
    return lambda mixed: "".join(wrap(number, text_of(event)) for number, event in mixed)


def docker(number: int, event: str) -> str:
    lines = [{"log": text, "stream": "stdout", "container_name": f"web-{number}"}
             for text in (f"data: {event}\n", "\n")]  # fmt: skip
    return "".join(json.dumps(line) + "\n" for line in lines)


NAMED: dict[str, Callable[[int, str], str]] = {
    "docker": docker,
    "compose": lambda n, event: f"web-{n}  | data: {event}\nweb-{n}  | \n",
    "kubectl": lambda n, event: f"[pod/web-{n}/api] data: {event}\n[pod/web-{n}/api] \n",
    "fluent": lambda n, event: json.dumps(
        {"log": f"data: {event}", "kubernetes": {"pod_name": f"web-{n}", "labels": {"app": "x"}}}
    ) + "\n",
    "gcp": lambda n, event: json.dumps(
        {"textPayload": f"data: {event}", "resource": {"labels": {"pod_name": f"web-{n}"}}}
    ) + "\n",
    "journald": lambda n, event: json.dumps({"MESSAGE": f"data: {event}", "_PID": f"{n}"}) + "\n",
    "syslog": lambda n, event: f"Jan  1 00:00:00 host app[{n}]: data: {event}\n",
    "a request's id": lambda n, event: json.dumps(
        {"request_id": f"r{n}", "event": json.loads(event) if event != "[DONE]" else event}
    ) + "\n",
}  # fmt: skip
BY_IDS: dict[str, Callable[[int, str], str]] = {
    "an event stream": lambda n, event: f"data: {event}\n\n",
    "lines": lambda n, event: "" if event == "[DONE]" else f"{event}\n",
    "lines with end marks": lambda n, event: f"{event}\n",
    "objects": lambda n, event: json.dumps({"t": 1, "raw": f"data: {event}\n\n"}) + "\n",
    "logged lines": lambda n, event: f"2026-01-01T00:00:00Z data: {event}\n",
}


def rows(log: bytes) -> list[tuple[Any, ...]]:
    table = pa.table(rapidsse.scan(log, table="responses")).to_pylist()
    return [(row["response_id"], row["output_text"], row["complete"]) for row in table]


def problems(log: bytes) -> list[Problem]:
    found: list[Problem] = []
    with rapidsse.open_log(log) as opened:
        Verifier(found.append).verify(opened)
    return found


@pytest.mark.parametrize("name", [*NAMED, *BY_IDS])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_chunks_by_turns(name: str, compress: Callable[[bytes], bytes]) -> None:
    log = compress(as_lines({**NAMED, **BY_IDS}[name])(MIXED).encode())
    assert rows(log) == [("a", "Hello", True), ("b", "World!", True), ("c", "x", True)]
    assert problems(log) == []


@pytest.mark.parametrize("name", NAMED)
def test_responses_by_turns(name: str) -> None:
    """Their deltas have no id: the recording says which stream they are of."""
    log = as_lines(NAMED[name])(by_turns(*RESPONSES)).encode()
    with rapidsse.open_log(log) as opened:
        ids = [event.response_id for event in opened]
    assert ids == ["resp_1"] * 4 + ["resp_2"] * 4
    assert problems(log) == []


@pytest.mark.parametrize("name", BY_IDS)
def test_chunks_one_after_another_stay_in_place(name: str) -> None:
    twice = [(0, event) for stream in (FIRST, SECOND, FIRST, SECOND) for event in stream]
    log = as_lines(BY_IDS[name])(twice).encode()
    assert [row[:2] for row in rows(log)] == [("a", "Hello"), ("b", "World!")] * 2
    with rapidsse.open_log(log) as opened:
        assert opened.format in ("sse", "jsonl", "jsonl-event")


def test_an_id_that_differs_in_each_chunk_is_one_response() -> None:
    events = [{**event, "id": f"x{n}"} for n, event in enumerate(FIRST)]
    log = as_lines(BY_IDS["an event stream"])([(0, event) for event in events]).encode()
    assert [row[1] for row in rows(log)] == ["Hello"]


def test_what_has_no_id_belongs_to_the_event_before() -> None:
    broken = [(0, FIRST[0]), (1, SECOND[0]), (0, FIRST[1]), (0, "{broken"), *MIXED[6:]]
    log = as_lines(BY_IDS["an event stream"])(broken).encode()
    with rapidsse.open_log(log, on_error="yield") as opened:
        streams = [(event.stream, type(event).__name__) for event in opened]
    assert [stream for stream, kind in streams if kind == "LogFailure"] == [0]


@pytest.mark.parametrize("name", ["an event stream", "lines", "docker"])
def test_a_log_that_breaks_gives_what_is_good(name: str) -> None:
    text = as_lines({**NAMED, **BY_IDS}[name])(MIXED).encode()
    log = gzip.compress(text)[:-4]
    ids = set[str | None]()
    opened = rapidsse.open_log(log)
    with opened, pytest.raises(rapidsse.InputError, match="end early"):
        ids.update(event.response_id for event in opened)
    assert ids == {"a", "b", "c"}


def test_an_event_that_is_too_large() -> None:
    mixed = [*MIXED[:6], (0, {"x": "y" * 5000}), *MIXED[6:]]
    log = as_lines(BY_IDS["an event stream"])(mixed).encode()
    with rapidsse.open_log(log, max_event_size=1000, on_error="yield") as opened:
        found = list(opened)
    assert [each.kind for each in found if isinstance(each, rapidsse.logs.LogFailure)] == [
        "too_large"
    ]
    assert len(found) == sum(event != "[DONE]" for _, event in mixed)


def test_long_names_are_kept_short() -> None:
    mixed = by_turns(chat("a" * 5000, "x", "y"), chat("b" * 5000, "z"))
    ids = Ids()
    assert all(len(ids.of(event) or "") <= 200 for _, event in mixed)
    assert ids.are_mixed
    log = as_lines(NAMED["docker"])(mixed).replace("web-", 5000 * "w").encode()
    assert [row[1] for row in rows(log)] == ["xy", "z"]


@pytest.mark.once
def test_names_that_are_nested_deep() -> None:
    """Whatever can be read of them: how deep that is depends on Python."""
    mixed = by_turns(FIRST, SECOND)
    for depth in range(850, 1010):
        pod = "[" * depth + "]" * depth
        lines = (
            f'{{"pod": {pod if number else 1}, "event": {text_of(event)}}}\n'
            for number, event in mixed
        )
        with rapidsse.open_log("".join(lines).encode(), on_error="yield") as log:
            assert len(list(log)) >= len(FIRST)


def test_what_waits_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rapidsse.logs.formats.lines._mixed._BLOCK", 100)
    monkeypatch.setattr("rapidsse.logs.formats.lines._mixed._IN_MEMORY", 500)
    expected: dict[int, bytes] = {}
    with Waiting() as waiting:
        for number in range(300):
            source, text = number % 7, b"%d," % number
            waiting.add(source, text)
            expected[source] = expected.get(source, b"") + text
            assert sum(map(len, waiting._texts.values())) <= 600
        bodies = waiting.bodies(3)
        found = [(body.offset, b"".join(map(bytes, body.chunks))) for body in bodies]
    starts = accumulate(map(len, expected.values()), initial=3)
    assert found == list(zip(starts, expected.values(), strict=False))


def verified(content: bytes) -> list[str]:
    found: list[Problem] = []
    with rapidsse.open_log(content) as log:
        Verifier(found.append).verify(log)
    return [problem.kind for problem in found]


ALONE = [event for n in range(300) for event in chat(f"alone{n}", "x" * 200)]
LATE = [*ALONE, *(event for _, event in by_turns(FIRST, SECOND))]
MESSAGES = [
    {"type": "message_start", "message": {"id": "msg", "role": "assistant", "content": []}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    {"type": "message_stop"},
]
OTHER_MESSAGES, NEXT_MESSAGES = (
    [{**MESSAGES[0], "message": {"id": id, "content": []}}, *MESSAGES[1:]] for id in ("b", "c")
)
WITHOUT_IDS = [event for _, event in by_turns(MESSAGES, OTHER_MESSAGES)]


NUMBERED, OTHER_NUMBERED = (
    [
        {**event, "sequence_number": number}
        for number, event in enumerate([created(id), delta(), completed(id)])
    ]
    for id in ("resp_1", "resp_2")
)
# Without any id.
IMAGE = [
    {"type": "image_generation.partial_image", "b64_json": "QUJD", "partial_image_index": 0},
    {"type": "image_generation.completed", "b64_json": "QUJD"},
]
# The first goes on behind the second, within it, or is the last to end.
UNTOLD = {
    "late": (LATE, 1),
    "without ids": (WITHOUT_IDS, 1),
    "one within the other": ([*MESSAGES[:2], *OTHER_MESSAGES, *MESSAGES[2:]], 1),
    "three": ([*MESSAGES[:1], *OTHER_MESSAGES[:1], *NEXT_MESSAGES, *MESSAGES[1:], *MESSAGES[1:]], 2),
    "numbered": ([event for _, event in by_turns(NUMBERED, OTHER_NUMBERED)], 1),
    "numbered, within": ([*NUMBERED[:2], *OTHER_NUMBERED, *NUMBERED[2:]], 1),
    "of two APIs": ([*FIRST[:2], *NUMBERED[:2], *FIRST[2:], *NUMBERED[2:]], 2),
}  # fmt: skip


@pytest.mark.parametrize("name", UNTOLD)
@pytest.mark.parametrize("is_by_lines", [True, False])
def test_what_is_not_told_apart_is_named(
    name: str, is_by_lines: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, count = UNTOLD[name]
    ends = ("", "\n") if is_by_lines else ("data: ", "\n\n")
    path = tmp_path / "log"
    path.write_text("".join(f"{ends[0]}{json.dumps(event)}{ends[1]}" for event in events))
    kinds = verified(path.read_bytes())
    assert kinds[0] == "no_end"
    assert kinds.count("interleaved") == count
    rows = pa.table(rapidsse.scan(path, table="failures")).to_pylist()
    assert [row["kind"] for row in rows] == ["interleaved"] * count
    streams = pa.table(rapidsse.scan(path, table="responses"))["stream"].to_pylist()
    assert all(row["stream"] in streams[1:] for row in rows)
    for command in ("decode", "verify", "report"):
        page = ["-o", str(tmp_path / "page.html")] if command == "report" else []
        assert main([command, str(path), *page]) == 1, command
    capsys.readouterr()


@pytest.mark.parametrize(
    "events",
    [
        [*FIRST[:2], *SECOND, *THIRD],
        [*FIRST[:2], *SECOND, *THIRD[:2], *FIRST],
        [*MESSAGES[:2], *OTHER_MESSAGES, *MESSAGES],
        [*NUMBERED[:2], *OTHER_NUMBERED, *NUMBERED, *FIRST[:2], *MESSAGES],
        [*NUMBERED[:2], *OTHER_NUMBERED[:2], *IMAGE, *IMAGE],
        [*FIRST[:2], *SECOND[:2], *IMAGE],
    ],
)
def test_a_stream_that_is_cut_short_is_not_interleaved(
    events: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"data: {json.dumps(event)}\n\n" for event in events))
    assert set(verified(path.read_bytes())) == {"no_end"}
    assert len(pa.table(rapidsse.scan(path, table="failures"))) == 0
    assert main(["decode", str(path)]) == 0
    capsys.readouterr()
