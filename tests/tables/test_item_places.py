"""Which of the streamed items those of the whole output are, which some servers list without ids and
not all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_items import check, response, sse

from rapidsse.logs._open import Log
from rapidsse.logs._options import ReadOptions
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier

Row = dict[str, Any]


def message(text: str, **members: Any) -> Row:
    return {"type": "message", "content": [{"type": "output_text", "text": text}], **members}


def call(arguments: str, **members: Any) -> Row:
    return {"type": "function_call", "name": "f", "arguments": arguments, **members}


def done(number: int, item: Row) -> Row:
    return {"type": "response.output_item.done", "output_index": number, "item": item}


def delta(number: int, text: str) -> Row:
    return {"type": "response.output_text.delta", "output_index": number, "delta": text}


def read(path: Path, log: bytes) -> list[tuple[Any, ...]]:
    rows = check(path, log)
    return [(row["index"], row["kind"], row["text"] or row["arguments"]) for row in rows]


def problems(path: Path, log: bytes) -> list[str]:
    path.write_bytes(log)
    found: list[Problem] = []
    with Log(str(path), ReadOptions(None, None, None, None)) as opened:
        Verifier(found.append).verify(opened)
    return [problem.kind for problem in found]


THOUGHT = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}


@pytest.mark.parametrize("id", [{}, {"id": "m1"}])
def test_an_output_that_leaves_out_an_item(tmp_path: Path, id: Row) -> None:
    streamed = [done(0, THOUGHT | id), delta(1, "Hi"), done(1, message("Hi", **id))]
    log = response(*streamed[:1], *streamed[1:], output=[message("Hi")])
    if not id:
        assert read(tmp_path / "log", log) == [(0, "reasoning", "hm"), (1, "message", "Hi")]
        assert problems(tmp_path / "log", log) == []
        return
    # Both have the same id: it is one item.
    assert len(read(tmp_path / "log", log)) == 1


def test_calls_of_the_same_type_are_known_by_what_they_say(tmp_path: Path) -> None:
    streamed = [done(number, call(f'{{"n":{number}}}')) for number in range(3)]
    log = response(*streamed, output=[call('{"n":2}'), call('{"n":1}')])
    expected = [(number, "call", f'{{"n":{number}}}') for number in range(3)]
    assert read(tmp_path / "log", log) == expected


def test_items_that_only_the_end_has(tmp_path: Path) -> None:
    log = response(done(0, THOUGHT), output=[message("Hi"), THOUGHT, call("{}")])
    assert read(tmp_path / "log", log) == [
        (0, "reasoning", "hm"),
        (1, "message", "Hi"),
        (2, "call", "{}"),
    ]


def test_deltas_without_items(tmp_path: Path) -> None:
    log = response(delta(2, "H"), delta(2, "i"), output=[message("Hi")])
    assert read(tmp_path / "log", log) == [(2, "message", "Hi")]
    assert problems(tmp_path / "log", log) == []


def test_a_response_that_is_completed_has_complete_items(tmp_path: Path) -> None:
    (row,) = check(tmp_path / "log", response(delta(0, "Hi"), output=[]))
    assert (row["text"], row["complete"], row["assembled"]) == ("Hi", True, True)
    cut = {"type": "response.incomplete", "response": {"id": "r1", "output": []}}
    begun = {"type": "response.created", "response": {"id": "r1"}}
    (row,) = check(tmp_path / "log", sse(begun, delta(0, "Hi"), cut))
    assert not row["complete"]


def test_verify_compares_what_the_end_lists(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert problems(path, response(delta(1, "Hi"), output=[message("Ho")])) == ["text", "text"]
    assert problems(path, response(delta(0, "Hi"), output=[message("Ho")])) == ["text"]
    both = [delta(1, "Hi"), delta(4, "Ho")]
    assert problems(path, response(*both, output=[message("Hi"), message("Ho")])) == []
    assert problems(path, response(*both, output=[message("Ho"), message("Hi")])) != []
