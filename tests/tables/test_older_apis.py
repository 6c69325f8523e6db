"""Events of Cohere's older Chat, and of Text Generation Inference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_local_apis import TOKENS, lines, named, of
from test_providers import blocks, kinds, only, rows

META = {"billed_units": {"input_tokens": 3}, "tokens": {"input_tokens": 67.0, "output_tokens": 5}}


def cohere(type: str, **members: Any) -> dict[str, Any]:
    return {"is_finished": type == "stream-end", "event_type": type, **members}


def chat(id: str = "g1") -> list[dict[str, Any]]:
    calls = [{"name": name, "parameters": {"city": "Oslo"}} for name in "fg"]
    response = {"response_id": f"r_{id}", "generation_id": id, "text": "Hello", "meta": META}
    return [
        cohere("stream-start", generation_id=id),
        cohere("search-queries-generation", search_queries=[{"text": "q", "generation_id": "s"}]),
        cohere("text-generation", text="Hel"),
        cohere("text-generation", text="lo"),
        cohere("citation-generation", citations=[{"start": 0, "end": 5, "text": "Hello"}]),
        cohere("tool-calls-chunk", text="I look", tool_call_delta={"index": 0, "name": "f"}),
        cohere("tool-calls-generation", text="I look it up", tool_calls=calls),
        cohere("stream-end", finish_reason="COMPLETE", response={**response, "finish_reason": "COMPLETE"}),
    ]  # fmt: skip


def typed(*events: dict[str, Any]) -> bytes:
    """With the type in the `event` line only."""
    pairs = ((event["event_type"], event) for event in events)
    return named(*((type, {k: v for k, v in e.items() if k != "event_type"}) for type, e in pairs))


@pytest.mark.parametrize("write", [lines, blocks, typed])
def test_a_response_of_the_older_chat(tmp_path: Path, write: Any) -> None:
    content = write(*chat())
    assert only(content, "response_id", "status", "output_text", "complete") == (
        *("g1", "COMPLETE", "Hello", True),
    )
    assert only(content, *TOKENS) == (67, None, 5, None)
    assert kinds(tmp_path, content) == []
    assert kinds(tmp_path, write(*chat()[:-1])) == ["no_end"]
    several = [*chat("a")[:4], *chat("b"), *chat("c")]
    found = [(row["response_id"], row["complete"]) for row in rows(write(*several))]
    assert found == [("a", False), ("b", True), ("c", True)]


def test_a_type_of_the_older_chat_in_another_member_is_of_others() -> None:
    """Such as a part of another SDK's streams: `{"type":"stream-start"}`."""
    events = [{"type": "stream-start", "warnings": []}, {"type": "text-generation", "text": "a"}]
    assert rows(blocks(*events)) == []
    # Where both members name a type, the first counts.
    both = [{**event, "type": "other"} for event in chat()]
    assert rows(blocks(*both)) == []
    assert rows(blocks({"type": 1, **chat()[0]}, *chat()[1:])) != []


def test_items_of_the_older_chat() -> None:
    assert of(lines(*chat()), "kind", "name", "text", "arguments", "complete") == [
        ("message", None, "Hello", None, True),
        ("call", "f", None, '{"city": "Oslo"}', True),
        ("call", "g", None, '{"city": "Oslo"}', True),
    ]


def token(index: int, text: str, **members: Any) -> dict[str, Any]:
    said = {"id": index, "text": text, "logprob": -0.25, "special": False}
    nothing = {"generated_text": None, "details": None}
    return {"index": index, "token": said | members.pop("token", {}), **nothing, **members}


DETAILS = {"finish_reason": "eos_token", "generated_tokens": 3, "input_length": 7, "seed": None}
GENERATED = [
    token(1, "Hel"),
    token(2, "lo"),
    token(3, "</s>", token={"special": True}, generated_text="Hello", details=DETAILS),
]


@pytest.mark.parametrize("write", [lines, blocks])
def test_a_generation(tmp_path: Path, write: Any) -> None:
    content = write(*GENERATED)
    assert only(content, "response_id", "status", "output_text", "complete") == (
        *(None, "eos_token", "Hello", True),
    )
    assert only(content, *TOKENS) == (7, None, 3, None)
    assert of(content, "kind", "choice", "text") == [("message", 0, "Hello")]
    assert kinds(tmp_path, content) == []
    assert kinds(tmp_path, write(*GENERATED[:2])) == ["no_end"]
    twice = [row["output_text"] for row in rows(write(*GENERATED, *GENERATED))]
    assert twice == ["Hello", "Hello"]


def test_a_generation_that_failed(tmp_path: Path) -> None:
    content = blocks(*GENERATED[:2], {"error": "CUDA", "error_type": "generation"})
    assert only(content, "output_text", "error_message", "complete") == ("Hello", "CUDA", False)
    assert kinds(tmp_path, content) == ["no_end"]


@pytest.mark.parametrize(
    "event",
    [
        {"token": {"text": "a"}},
        {"token": "a", "generated_text": None},
        {"token": {"text": "a"}, "generated_text": 5},
        {"text": "a", "is_finished": False},
    ],
)
def test_what_is_of_neither(event: dict[str, Any]) -> None:
    assert rows(lines(event, event)) == []
