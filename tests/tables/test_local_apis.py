"""Events of Ollama, of Bedrock's Converse and of OpenAI's Assistants."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_providers import blocks, kinds, only, rows

TOKENS = "input_tokens", "cached_tokens", "output_tokens", "total_tokens"


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def of(content: bytes, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of the items."""
    return [tuple(row[name] for name in columns) for row in rows(content, "items")]


def ollama(done: bool = False, **members: Any) -> dict[str, Any]:
    head = {"model": "llama3.2", "created_at": "2023-08-04T08:52:19.385406455-07:00"}
    return {**head, **members, "done": done}


def said(text: str, **members: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text, **members}}


COUNTS = {"total_duration": 4883583458, "prompt_eval_count": 26, "eval_count": 282}
CALLS = [{"function": {"name": name, "arguments": {"city": "Oslo"}}} for name in "fg"]
CHAT = [
    ollama(**said("", thinking="hm")),
    ollama(**said("Hel")),
    ollama(**said("lo")),
    ollama(**said("", tool_calls=CALLS)),
    ollama(True, **said(""), done_reason="stop", **COUNTS),
]
GENERATED = [
    ollama(response="Hel"),
    ollama(response="lo"),
    ollama(True, response="", done_reason="stop", context=[1, 2], **COUNTS),
]


@pytest.mark.parametrize("write", [lines, blocks])
@pytest.mark.parametrize("events", [CHAT, GENERATED])
def test_a_response_of_ollama(tmp_path: Path, write: Any, events: list[dict[str, Any]]) -> None:
    content = write(*events)
    assert only(content, "model", "status", "output_text", "complete") == (
        *("llama3.2", "stop", "Hello", True),
    )
    assert only(content, *TOKENS) == (26, None, 282, None)
    assert kinds(tmp_path, content) == []
    assert kinds(tmp_path, write(*events[:2])) == ["no_end"]
    twice = [row["output_text"] for row in rows(write(*events, *events))]
    assert twice == ["Hello", "Hello"]


def test_items_of_ollama() -> None:
    assert of(lines(*CHAT), "kind", "name", "text", "arguments", "complete") == [
        ("reasoning", None, "hm", None, True),
        ("message", None, "Hello", None, True),
        ("call", "f", None, '{"city": "Oslo"}', True),
        ("call", "g", None, '{"city": "Oslo"}', True),
    ]


def test_whole_responses_of_ollama_are_apart(tmp_path: Path) -> None:
    content = lines(*(ollama(True, **said(text), **COUNTS) for text in ("A", "B")))
    assert [row["output_text"] for row in rows(content)] == ["A", "B"]
    assert kinds(tmp_path, content) == []


@pytest.mark.parametrize(
    "event",
    [{"done": False}, {"done": 1, "response": "a"}, {"done": True, "response": {"a": 1}}],
)
def test_what_is_not_of_ollama(event: dict[str, Any]) -> None:
    assert rows(lines(event, event)) == []


def block(index: int, **delta: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": delta, "contentBlockIndex": index}}


USE = {"toolUse": {"toolUseId": "t1", "name": "f"}}
USAGE = {"inputTokens": 10, "outputTokens": 4, "totalTokens": 14, "cacheReadInputTokens": 3}
CONVERSE: list[dict[str, Any]] = [
    {"messageStart": {"role": "assistant"}},
    block(0, reasoningContent={"text": "hm"}),
    {"contentBlockStop": {"contentBlockIndex": 0}},
    block(1, text="Hel"),
    block(1, text="lo"),
    {"contentBlockStop": {"contentBlockIndex": 1}},
    {"contentBlockStart": {"start": USE, "contentBlockIndex": 2}},
    block(2, toolUse={"input": '{"a":'}),
    block(2, toolUse={"input": "1}"}),
    {"contentBlockStop": {"contentBlockIndex": 2}},
    {"messageStop": {"stopReason": "tool_use"}},
    {"metadata": {"usage": USAGE, "metrics": {"latencyMs": 5}}},
]


@pytest.mark.parametrize("write", [lines, blocks])
def test_a_response_of_converse(tmp_path: Path, write: Any) -> None:
    content = write(*CONVERSE)
    assert only(content, "status", "output_text", "complete") == ("tool_use", "Hello", True)
    assert only(content, *TOKENS) == (10, 3, 4, 14)
    assert of(content, "kind", "call_id", "name", "text", "arguments", "complete") == [
        ("reasoning", None, None, "hm", None, True),
        ("message", None, None, "Hello", None, True),
        ("call", "t1", "f", None, '{"a":1}', True),
    ]
    assert kinds(tmp_path, content) == []
    assert kinds(tmp_path, write(*CONVERSE[:5])) == ["no_end"]
    assert [row["output_text"] for row in rows(write(*CONVERSE, *CONVERSE))] == ["Hello"] * 2


def test_a_count_of_tokens_is_that_of_its_own_api() -> None:
    chunk = {"object": "chat.completion.chunk", "id": "c", "choices": [], "metadata": {}}
    chunks = [{**chunk, "choices": [{"delta": {"role": "assistant", "content": text}}]}
              for text in ("A", "B")]  # fmt: skip
    content = blocks(*chunks, chunk)
    assert only(content, "output_text", "n_events") == ("AB", 3)


RUN = {"id": "run_1", "object": "thread.run", "model": "gpt-4o", "status": "queued"}
SPENT = {"prompt_tokens": 20, "completion_tokens": 11, "total_tokens": 31}


def message_delta(text: str) -> dict[str, Any]:
    part = {"index": 0, "type": "text", "text": {"value": text, "annotations": []}}
    return {"id": "m1", "object": "thread.message.delta", "delta": {"content": [part]}}


def call_delta(**call: Any) -> dict[str, Any]:
    details = {"type": "tool_calls", "tool_calls": [{"index": 0, **call}]}
    return {"id": "s1", "object": "thread.run.step.delta", "delta": {"step_details": details}}


ASSISTANT: list[tuple[str, dict[str, Any]]] = [
    ("thread.run.created", RUN),
    ("thread.run.in_progress", {**RUN, "status": "in_progress"}),
    ("thread.run.step.created", {"id": "s1", "object": "thread.run.step", "run_id": "run_1"}),
    ("thread.run.step.delta", call_delta(
        id="t1", type="function", function={"name": "f", "arguments": ""})),
    ("thread.run.step.delta", call_delta(type="function", function={"arguments": '{"a":1}'})),
    ("thread.run.step.delta", call_delta(
        id="t2", type="function", function={"name": "g", "arguments": "{}"})),
    ("thread.message.created", {"id": "m1", "object": "thread.message", "run_id": "run_1"}),
    ("thread.message.delta", message_delta("Hel")),
    ("thread.message.delta", message_delta("lo")),
    ("thread.message.completed", {"id": "m1", "run_id": "run_1", "status": "completed"}),
    ("thread.run.completed", {**RUN, "status": "completed", "usage": SPENT}),
]  # fmt: skip


def named(*events: tuple[str, dict[str, Any]]) -> bytes:
    pairs = ((name.encode(), json.dumps(event).encode()) for name, event in events)
    return b"".join(b"event: %b\ndata: %b\n\n" % pair for pair in pairs)


def test_a_run_of_an_assistant(tmp_path: Path) -> None:
    content = named(*ASSISTANT) + b"event: done\ndata: [DONE]\n\n"
    assert only(content, "response_id", "model", "status", "output_text", "complete") == (
        *("run_1", "gpt-4o", "completed", "Hello", True),
    )
    assert only(content, *TOKENS) == (20, None, 11, 31)
    assert of(content, "kind", "call_id", "name", "text", "arguments", "complete") == [
        ("call", "t1", "f", None, '{"a":1}', True),
        ("call", "t2", "g", None, "{}", True),
        ("message", None, None, "Hello", None, True),
    ]
    assert kinds(tmp_path, content) == []
    assert kinds(tmp_path, named(*ASSISTANT[:-1])) == ["no_end"]


def test_runs_of_assistants_that_follow_each_other(tmp_path: Path) -> None:
    cut = named(*ASSISTANT[:-1])
    thread = named(("thread.created", {"id": "t", "object": "thread"}))
    content = thread + cut + named(*ASSISTANT)
    assert [row["complete"] for row in rows(content)] == [False, True]
    assert [row["output_text"] for row in rows(content)] == ["Hello", "Hello"]


def test_a_run_that_failed() -> None:
    error = {"code": "rate_limit_exceeded", "message": "too many"}
    failed = {**RUN, "status": "failed", "last_error": error}
    content = named(ASSISTANT[0], ("thread.run.failed", failed))
    assert only(content, "status", "error_code", "error_message") == (
        *("failed", "rate_limit_exceeded", "too many"),
    )
