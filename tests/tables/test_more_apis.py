"""Cohere's events, Gemini's as its Python SDK writes them, and what servers say in other places than
the API's documentation has."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_providers import blocks, kinds, only, rows


def of(content: bytes, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of the items."""
    return [tuple(row[name] for name in columns) for row in rows(content, "items")]


def cohere(type: str, index: int | None = None, **message: Any) -> dict[str, Any]:
    event = {"type": type, "delta": {"message": message}}
    return event if index is None else {**event, "index": index}


TOKENS = {
    "billed_units": {"input_tokens": 5, "output_tokens": 2},
    "tokens": {"input_tokens": 71, "output_tokens": 4},
    "cached_tokens": 64,
}
COHERE = [
    {"id": "c1", **cohere("message-start", role="assistant", content=[], tool_calls=[])},
    cohere("tool-plan-delta", tool_plan="I will "),
    cohere("tool-plan-delta", tool_plan="look."),
    cohere("content-start", 0, content={"type": "thinking", "thinking": ""}),
    cohere("content-delta", 0, content={"thinking": "hm"}),
    {"type": "content-end", "index": 0},
    cohere("content-start", 1, content={"type": "text", "text": ""}),
    cohere("content-delta", 1, content={"text": "Hel"}),
    cohere("content-delta", 1, content={"text": "lo"}),
    cohere("citation-start", 0, citations={"start": 0, "end": 2, "text": "He"}),
    {"type": "citation-end", "index": 0},
    {"type": "content-end", "index": 1},
    cohere("tool-call-start", 0, tool_calls={
        "id": "t1", "type": "function", "function": {"name": "f", "arguments": ""}}),
    cohere("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"a":'}}),
    cohere("tool-call-delta", 0, tool_calls={"function": {"arguments": "1}"}}),
    {"type": "tool-call-end", "index": 0},
    {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": TOKENS}},
]  # fmt: skip


def test_a_response_of_cohere(tmp_path: Path) -> None:
    content = blocks(*COHERE, "[DONE]")
    assert only(content, "response_id", "status", "output_text", "complete") == (
        *("c1", "TOOL_CALL", "Hello", True),
    )
    assert only(content, "input_tokens", "output_tokens", "cached_tokens") == (71, 4, 64)
    assert of(content, "index", "kind", "type", "call_id", "name", "text", "arguments") == [
        (0, "reasoning", "tool_plan", None, None, "I will look.", None),
        (1, "reasoning", "thinking", None, None, "hm", None),
        (2, "message", "text", None, None, "Hello", None),
        (3, "call", "tool_call", "t1", "f", None, '{"a":1}'),
    ]
    assert {row["complete"] for row in rows(content, "items")} == {True}
    assert kinds(tmp_path, content) == []


def test_cohere_cut_or_failed(tmp_path: Path) -> None:
    assert kinds(tmp_path, blocks(*COHERE[:9])) == ["no_end"]
    assert of(blocks(*COHERE[:9]), "complete")[-1] == (False,)
    end = {"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "overloaded"}}
    content = blocks(*COHERE[:9], end)
    assert only(content, "status", "error_message") == ("ERROR", "overloaded")


@pytest.mark.parametrize("kind", ["content-start", "content-delta", "tool-call-start"])
def test_the_id_of_cohere_that_another_event_tells(kind: str) -> None:
    log = b"".join(b'data: {"type":"%b","id":"c"}\n\n' % kind.encode() for _ in range(2))
    assert [row["response_id"] for row in rows(log, "events")] == ["c", "c"]


def test_two_responses_of_cohere() -> None:
    content = blocks(*COHERE, {**COHERE[0], "id": "c2"}, *COHERE[1:])
    assert [row["response_id"] for row in rows(content)] == ["c1", "c2"]


SNAKE = {"model_version": "gemini-x", "response_id": "g1"}
COUNTS = {
    "prompt_token_count": 3,
    "candidates_token_count": 2,
    "total_token_count": 9,
    "thoughts_token_count": 4,
    "cached_content_token_count": 1,
}


def gemini(*parts: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    candidate = {"content": {"parts": parts, "role": "model"}, "finish_reason": finish}
    return {**SNAKE, "candidates": [{**candidate, "index": 0}], **more}


def test_gemini_as_its_sdk_writes_it(tmp_path: Path) -> None:
    content = blocks(
        gemini({"text": "Hi", "thought": None}),
        gemini({"function_call": {"id": None, "name": "f", "args": {"a": 1}}}),
        gemini({"executable_code": {"code": "1", "language": "PYTHON"}}),
        gemini({"code_execution_result": {"outcome": "OUTCOME_OK", "output": "1"}}),
        gemini({"text": "!"}, finish="STOP", usage_metadata=COUNTS),
    )
    assert only(content, "response_id", "model", "status", "output_text", "complete") == (
        *("g1", "gemini-x", "STOP", "Hi!", True),
    )
    tokens = "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "total_tokens"
    assert only(content, *tokens) == (3, 1, 2, 4, 9)
    assert of(content, "type", "name", "text", "arguments", "result", "complete") == [
        ("text", None, "Hi", None, None, True),
        ("functionCall", "f", None, '{"a": 1}', None, True),
        ("executableCode", None, None, "1", None, True),
        ("codeExecutionResult", None, None, None, "1", True),
        ("text", None, "!", None, None, True),
    ]
    assert kinds(tmp_path, content) == []
    assert kinds(tmp_path, blocks(gemini({"text": "Hi"}))) == ["no_end"]


def test_a_blocked_prompt_as_the_sdk_writes_it() -> None:
    content = blocks({**SNAKE, "prompt_feedback": {"block_reason": "SAFETY"}})
    assert only(content, "status", "complete") == ("SAFETY", True)


def test_two_responses_as_the_sdk_writes_them() -> None:
    other = {"response_id": "g2"}
    first = gemini({"text": "A"}), gemini({"text": "B"}, finish="STOP")
    content = blocks(*first, *({**event, **other} for event in first))
    found = [(row["response_id"], row["output_text"]) for row in rows(content)]
    assert found == [("g1", "AB"), ("g2", "AB")]


def chunk(finish: str | None = None, **members: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": "x"}, "finish_reason": finish}
    event = {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
    return {**event, **members}


USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
NULLS = dict.fromkeys(USAGE)


@pytest.mark.parametrize(
    "late",
    [
        {"choices": [], "x_groq": {"id": "r", "usage": USAGE}},
        {"choices": [{"index": 0, "delta": {}, "usage": USAGE}]},
        {"choices": [], "usage": USAGE},
    ],
)
def test_tokens_that_come_after_the_end(late: dict[str, Any]) -> None:
    content = blocks(chunk(), chunk("stop"), chunk(**late), "[DONE]")
    assert only(content, "total_tokens", "complete") == (5, True)


@pytest.mark.parametrize("nulls", [NULLS, {}, {"prompt_tokens": None, "extra": 1}])
def test_a_usage_of_nulls_counts_nothing(nulls: dict[str, Any]) -> None:
    content = blocks(chunk(usage=USAGE), chunk("stop", usage=nulls), chunk(choices=[], usage=nulls))
    assert only(content, "input_tokens", "output_tokens", "total_tokens") == (3, 2, 5)


@pytest.mark.parametrize("error", ["over capacity", {"message": "over capacity"}])
def test_an_error_of_groq(tmp_path: Path, error: object) -> None:
    content = blocks(chunk(), chunk(choices=[], x_groq={"id": "r", "error": error}))
    assert only(content, "error_message", "complete") == ("over capacity", False)
    assert kinds(tmp_path, content) == ["no_end"]


def test_blocks_without_a_stop_end_with_their_message() -> None:
    content = blocks(
        {"type": "message_start", "message": {"id": "m", "type": "message", "content": []}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "content_block_start", "index": 1, "content_block": {
            "type": "tool_use", "id": "t", "name": "f", "input": {}}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    )  # fmt: skip
    assert of(content, "type", "complete") == [("text", True), ("tool_use", True)]


STEPS = [
    {"type": "user_input", "content": [{"type": "text", "text": "question"}]},
    {"type": "thought", "summary": [{"type": "text", "text": "hm"}]},
    {"type": "model_output", "content": [{"type": "text", "text": "Hi"}]},
    {"type": "function_call", "id": "f1", "name": "f", "arguments": {"a": 1}},
]


def interaction(status: str, **members: Any) -> dict[str, Any]:
    state = {"id": "i1", "model": "gemini-x", "status": status, **members}
    names = {"in_progress": "created"}
    return {"type": f"interaction.{names.get(status, 'completed')}", "interaction": state}


STEP_EVENTS = [
    {"type": "step.start", "index": 0, "step": {"type": "thought"}},
    {"type": "step.start", "index": 1, "step": {"type": "model_output"}},
    {"type": "step.delta", "index": 1, "delta": {"type": "text", "text": "Hi"}},
]


@pytest.mark.parametrize("streamed", [False, True])
def test_the_steps_that_only_the_end_of_an_interaction_lists(streamed: bool) -> None:
    begins = [interaction("in_progress"), *(STEP_EVENTS if streamed else [])]
    content = blocks(*begins, interaction("requires_action", steps=STEPS))
    assert only(content, "status", "output_text", "complete") == ("requires_action", "Hi", True)
    assert of(content, "index", "kind", "call_id", "name", "text", "arguments", "complete") == [
        (0, "reasoning", None, None, "hm", None, True),
        (1, "message", None, None, "Hi", None, True),
        (2, "call", "f1", "f", None, '{"a":1}', True),
    ]


def test_the_outputs_of_an_older_interaction() -> None:
    content = blocks(interaction("completed", outputs=[{"type": "text", "text": "Hi"}]))
    assert only(content, "output_text") == ("Hi",)
    assert of(content, "kind", "text", "complete") == [("message", "Hi", True)]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_steps_without_a_stop_end_with_their_interaction(status: str) -> None:
    content = blocks(interaction("in_progress"), *STEP_EVENTS[1:], interaction(status))
    assert of(content, "text", "complete") == [("Hi", status == "completed")]


def test_streamed_commands_of_a_shell_are_arguments() -> None:
    action = {"commands": [], "timeout_ms": None}
    call = {"type": "shell_call", "id": "s", "call_id": "c", "action": action}

    def command(index: int, kind: str, **said: str) -> dict[str, Any]:
        name = f"response.shell_call_command.{kind}"
        return {"type": name, "output_index": 0, "command_index": index, **said}

    content = blocks(
        {"type": "response.created", "response": {"id": "r1", "status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": call},
        command(0, "delta", delta="ls "),
        command(0, "delta", delta="-l"),
        command(0, "done", command="ls -l"),
        command(1, "delta", delta="pwd"),
    )
    columns = "kind", "type", "call_id", "arguments", "complete"
    assert of(content, *columns) == [("call", "shell_call", "c", "ls -l\npwd", False)]


def test_response_objects_that_only_python_takes_for_equal() -> None:
    begun = {"id": "r", "status": "in_progress", "created_at": True}
    content = blocks(
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": {**begun, "created_at": 1}},
    )
    (row,) = rows(content)
    assert row["created_at"] == datetime.datetime.fromtimestamp(1, datetime.UTC)


def test_events_of_no_known_api_are_counted(tmp_path: Path) -> None:
    """They are no problem, but nothing tells whether they are all."""
    path = tmp_path / "log.sse"
    path.write_bytes(blocks({"type": "finish-step", "id": 1}, {"type": "finish"}, *COHERE))
    assert kinds(tmp_path, path.read_bytes()) == []
    tool = Path(sys.executable).parent / "rapidsse"
    seen = subprocess.run([tool, "verify", path], capture_output=True, text=True, check=True)
    assert "2 events are of no known API" in seen.stdout
    out = tmp_path / "out"
    command = [tool, "decode", path, "-o", out, "--json"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(seen.stdout)["totals"]["unknown_events"] == 2
