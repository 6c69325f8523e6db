"""The answers of a response, of which there may be several: when all have come, what is said twice,
and where the next response begins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from examples import examples
from table_oracle import expected_tables
from table_reading import EVERYTHING, assert_same, rows

Row = dict[str, Any]
TABLES = {name: EVERYTHING[name] for name in ("responses", "items")}


def sse(*events: Any) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)


def read(path: Path, *events: Any) -> dict[str, list[Row]]:
    """The tables of a log, which are those of the oracle."""
    content = sse(*events)
    path.write_bytes(content)
    found = rows(path, TABLES, format="sse", compression="none")
    assert_same(found, {name: expected_tables(str(path), [(0, content)])[name] for name in TABLES})
    return found


def responses(path: Path, *events: Any) -> list[tuple[str | None, bool]]:
    """The text of each response, and whether it is complete."""
    return [(row["output_text"], row["complete"]) for row in read(path, *events)["responses"]]


def chat(*choices: Row, id: str | None = "c1", **members: Any) -> Row:
    return {"id": id, "object": "chat.completion.chunk", "choices": list(choices), **members}


def choice(index: int, finish: str | None = None, **delta: Any) -> Row:
    return {"index": index, "delta": delta, "finish_reason": finish}


def candidate(text: str, index: int = 0, finish: str | None = None) -> Row:
    ends = {} if finish is None else {"finishReason": finish}
    return {"index": index, "content": {"parts": [{"text": text}]}, **ends}


def gemini(*candidates: Row, id: str | None = None, **members: Any) -> Row:
    return {"candidates": list(candidates), **({} if id is None else {"responseId": id}), **members}


# All answers have to finish.


@pytest.mark.parametrize("finished", range(4))
def test_a_response_of_three_choices(tmp_path: Path, finished: int) -> None:
    begun = [chat(choice(number, role="assistant", content="abc"[number])) for number in range(3)]
    ends = [chat(choice(number, "stop")) for number in (2, 0, 1)[:finished]]
    assert responses(tmp_path / "log", *begun, *ends) == [("abc", finished == 3)]


def test_candidates_and_completions(tmp_path: Path) -> None:
    both = gemini(candidate("a", 0), candidate("b", 1))
    one = gemini(candidate("", 1, "MAX_TOKENS"))
    assert responses(tmp_path / "log", both, one) == [("ab", False)]
    assert responses(tmp_path / "log", both, one, gemini(candidate("!", 0, "STOP"))) == [
        ("a!b", True)
    ]
    texts = [
        {"object": "text_completion", "choices": [{"index": number, "text": text}]}
        for number, text in enumerate("xy")
    ]
    end = {"object": "text_completion", "choices": [{"index": 1, "finish_reason": "length"}]}
    assert responses(tmp_path / "log", *texts, end) == [("xy", False)]


def test_a_prompt_that_is_blocked_has_no_answers(tmp_path: Path) -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"totalTokenCount": 3}}
    assert responses(tmp_path / "log", blocked) == [(None, True)]
    # What is said of the prompt is no answer that would have to finish.
    said = gemini(candidate("a", 0, "STOP"), promptFeedback={"safetyRatings": []})
    assert responses(tmp_path / "log", said) == [("a", True)]


# What is said twice.


def test_the_whole_message_after_its_deltas(tmp_path: Path) -> None:
    function = {"name": "f", "arguments": '{"a": 1}'}
    whole = {"content": "Let me see", "tool_calls": [{"id": "t", "function": function}]}
    log = (
        chat(choice(0, role="assistant", content="Let me", reasoning="hm")),
        chat(choice(0, content=" see")),
        chat(choice(0, tool_calls=[{"index": 0, "id": "t", "function": function}])),
        chat({"index": 0, "finish_reason": "tool_calls", "message": whole}),
    )
    found = read(tmp_path / "log", *log)
    assert [row["output_text"] for row in found["responses"]] == ["Let me see"]
    said = [(row["kind"], row["text"], row["arguments"]) for row in found["items"]]
    assert said == [
        ("reasoning", "hm", None),
        ("message", "Let me see", None),
        ("call", None, '{"a": 1}'),
    ]


def test_what_only_the_message_says_counts(tmp_path: Path) -> None:
    """Each choice for itself, and each type of item."""
    log = (
        chat(choice(0, role="assistant", content="one")),
        chat({"index": 1, "message": {"content": "tw"}}),
        chat(
            {"index": 0, "finish_reason": "stop", "message": {"content": "one", "refusal": "no"}},
            {"index": 1, "finish_reason": "stop", "message": {"content": "o", "reasoning": "hm"}},
        ),
        chat(choice(1, content="two")),
    )
    found = read(tmp_path / "log", *log)
    assert found["responses"][0]["output_text"] == "onetwo"
    said = [(row["choice"], row["kind"], row["text"]) for row in found["items"]]
    assert said == [(0, "message", "one"), (1, "message", "two"), (1, "reasoning", "hm")]


# Where the next one begins, of an API whose answers have no roles.


def test_another_id_begins_another_response(tmp_path: Path) -> None:
    cut, whole = gemini(candidate("a"), id="g1"), gemini(candidate("b", 0, "STOP"), id="g2")
    assert responses(tmp_path / "log", cut, whole) == [("a", False), ("b", True)]
    usage = {"usageMetadata": {"totalTokenCount": 9}}
    counted = [cut | usage, gemini(candidate("c"), id="g2") | usage, whole | usage]
    assert responses(tmp_path / "log", *counted) == [("a", False), ("cb", True)]
    # A count of tokens alone goes with what it follows.
    assert responses(tmp_path / "log", whole, {"responseId": "g3", **usage}) == [("b", True)]


@pytest.mark.parametrize(
    "part",
    [
        {"functionCall": {"name": "f", "args": {}}},
        {"text": "hm", "thought": True},
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
    ],
)
def test_a_response_that_begins_without_text(tmp_path: Path, part: Row) -> None:
    usage = {"usageMetadata": {"promptTokenCount": 5}}
    one = gemini(candidate("a", 0, "STOP"), **usage)
    further = gemini({"index": 0, "content": {"parts": [part]}}, **usage)
    assert responses(tmp_path / "log", one, further, one) == [("a", True), ("a", True)]
    # But an empty text is none.
    empty = gemini(candidate(""), **usage)
    assert responses(tmp_path / "log", one, empty) == [("a", True)]


# Events that are a member of another object.


def test_wrapped_events(tmp_path: Path) -> None:
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
    log = (
        {"response": gemini(candidate("a"), id="g1", modelVersion="gemini-z"), "traceId": "t"},
        {"response": gemini(candidate("b", 0, "STOP"), id="g1", usageMetadata=usage)},
        {"response": gemini({"content": {"parts": [{"functionCall": {"args": {"x": [1]}}}]}})},
    )
    found = read(tmp_path / "log", *log)
    columns = "response_id", "model", "output_text", "total_tokens", "complete"
    assert [tuple(row[name] for name in columns) for row in found["responses"]] == [
        ("g1", "gemini-z", "ab", 5, True),
        (None, None, None, None, False),
    ]
    assert [(row["text"], row["arguments"]) for row in found["items"]] == [
        ("ab", None),
        (None, '{"x": [1]}'),
    ]


def test_what_is_not_wrapped(tmp_path: Path) -> None:
    """A response object of another API, also after one that is like it, and a named event."""
    inner = gemini(candidate("a", 0, "STOP"))
    log = (
        {"response": {"id": "r"}},
        {"response": 5},
        {"response": inner},
        {"type": "other", "response": inner},
    )
    assert responses(tmp_path / "log", *log) == [("a", True)]


# Counts, and what the client sends.


def test_counts_with_a_decimal_point_and_of_groq(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 3.0, "completion_tokens": 1e2, "total_tokens": 10.5}
    end = chat(choice(0, "stop", content="a"))
    (row,) = read(tmp_path / "log", {**end, "usage": usage})["responses"]
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (3, 100, None)
    groq = {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}
    (row,) = read(tmp_path / "log", {**end, "x_groq": {"id": "q", "usage": groq}})["responses"]
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (4, 5, 9)


@pytest.mark.parametrize(
    ("counts", "cached"),
    [
        ({"prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 2}, 4),
        ({"cached_tokens": 5}, 5),
        ({"prompt_tokens_details": {"cached_tokens": 0}, "prompt_cache_hit_tokens": 4}, 0),
    ],
)
def test_cached_tokens_of_other_servers(tmp_path: Path, counts: Row, cached: int) -> None:
    usage = {"prompt_tokens": 6, "total_tokens": 8, **counts}
    in_choice = chat({**choice(0, "stop", content="a"), "usage": usage})
    for event in (chat(choice(0, "stop", content="a"), usage=usage), in_choice):
        (row,) = read(tmp_path / "log", event)["responses"]
        assert (row["input_tokens"], row["cached_tokens"], row["total_tokens"]) == (6, cached, 8)


def test_what_the_client_sends_is_no_response(tmp_path: Path) -> None:
    log = (
        {"type": "response.create", "response": {"modalities": ["text"]}},
        {"type": "response.created", "response": {"id": "r1"}},
        {"type": "response.cancel"},
        {"type": "response.done", "response": {"id": "r1", "status": "cancelled"}},
        {"type": "response.create", "response": {}},
    )
    (row,) = read(tmp_path / "log", *log)["responses"]
    assert (row["response_id"], row["status"], row["complete"]) == ("r1", "cancelled", True)


@pytest.mark.deep
@pytest.mark.parametrize("member", ["choices", "candidates"])
def test_very_many_answers_in_one_event(tmp_path: Path, member: str) -> None:
    """Each is looked at once: compared with all before, they would take minutes."""
    answers: list[dict[str, Any]] = [
        {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
        if member == "choices"
        else {"content": {"parts": [{"text": "a"}, {"text": "a"}]}, "finishReason": None}
    ] * examples(10_000, deep=200_000)
    kind = {"object": "chat.completion.chunk"} if member == "choices" else {"responseId": "r"}
    log = tmp_path / "log.sse"
    log.write_bytes(b"data: " + json.dumps(kind | {member: answers}).encode() + b"\n\n")
    (response,) = rows(log)["responses"]
    assert response["output_text"] == "a" * len(answers) * (1 if member == "choices" else 2)
