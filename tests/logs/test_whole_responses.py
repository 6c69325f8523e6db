"""Responses that were not streamed, and the output of batches."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

import rapidsse
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import completed, created, delta, png, sse, usage

PNG = base64.b64encode(png(2, 2)).decode()
OTHER_PNG = base64.b64encode(png(3, 3)).decode()
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1700000000,
    "model": "model-1",
    "status": "completed",
    "output": [
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
        },
        {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PNG},
    ],
    "usage": usage(7, 5),
}
CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "model-2",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello", "tool_calls": None},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "model-3",
    "content": [
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "text", "text": "Hello"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 4},
}


def write(folder: Path, *values: Any, indent: int | None = None) -> str:
    path = folder / "log"
    path.write_text("".join(json.dumps(value, indent=indent) + "\n" for value in values))
    return str(path)


def table(path: str, name: str = "responses") -> list[dict[str, Any]]:
    return pa.RecordBatchReader.from_stream(rapidsse.scan(path, table=name)).read_all().to_pylist()


def openai_batch(custom_id: str, body: Any, status: int = 200) -> dict[str, Any]:
    response = {"status_code": status, "request_id": "req_1", "body": body}
    return {"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": None}


def names(path: str) -> list[str]:
    with rapidsse.open_log(path) as log:
        return [event.event for event in log]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrap", ["bare", "record", "text", "batch"])
def test_a_response(wrap: str, indent: int | None, tmp_path: Path) -> None:
    value: Any = {
        "bare": RESPONSE,
        "record": {"request": {"input": "x"}, "response": RESPONSE},
        "text": {"response": {"status": 200, "body": json.dumps(RESPONSE)}},
        "batch": openai_batch("mine", RESPONSE),
    }[wrap]
    path = write(tmp_path, value, indent=indent)
    [row] = table(path)
    assert (row["response_id"], row["model"], row["status"]) == ("resp_1", "model-1", "completed")
    assert (row["output_text"], row["total_tokens"], row["n_images"]) == ("Hello", 12, 1)
    assert row["complete"]
    assert row["custom_id"] == ("mine" if wrap == "batch" else None)
    [image] = table(path, "images")
    assert (image["item_id"], image["width"]) == ("ig_1", 2)
    assert table(path, "failures") == []


@pytest.mark.parametrize("value", [RESPONSE, CHAT, MESSAGE, openai_batch("mine", RESPONSE)])
def test_a_response_that_was_not_streamed_is_complete(value: Any, tmp_path: Path) -> None:
    problems: list[Problem] = []
    with rapidsse.open_log(write(tmp_path, value)) as log:
        Verifier(problems.append).verify(log)
    assert problems == []


def test_a_stream_of_which_only_the_end_is_there(tmp_path: Path) -> None:
    problems: list[Problem] = []
    end = {**completed(output=RESPONSE["output"]), "sequence_number": 7}
    with rapidsse.open_log(sse(end)) as log:
        Verifier(problems.append).verify(log)
    assert [problem.kind for problem in problems] == ["text"]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_chat_completion(indent: int | None, tmp_path: Path) -> None:
    [row] = table(write(tmp_path, CHAT, indent=indent))
    assert (row["response_id"], row["output_text"], row["total_tokens"]) == (
        "chatcmpl-1",
        "Hello",
        7,
    )
    assert row["complete"]


def test_geminis_responses(tmp_path: Path) -> None:
    content = {"parts": [{"text": "Hello"}], "role": "model"}
    gemini = {
        "candidates": [{"content": content, "finishReason": "STOP"}],
        "usageMetadata": {"totalTokenCount": 7},
        "modelVersion": "gemini-x",
    }
    rows = table(
        write(tmp_path, {"key": "a", "response": gemini}, {"request": {}, "response": gemini})
    )
    assert [(row["output_text"], row["status"], row["custom_id"]) for row in rows] == [
        ("Hello", "STOP", "a"),
        ("Hello", "STOP", None),
    ]


def test_the_calls_of_a_chat_completion(tmp_path: Path) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call, call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    with rapidsse.open_log(write(tmp_path, {**CHAT, "choices": [choice]})) as log:
        [event] = log
    [chunk] = event.json()["choices"]
    assert [each["index"] for each in chunk["delta"]["tool_calls"]] == [0, 1]


def test_a_message(tmp_path: Path) -> None:
    path = write(tmp_path, MESSAGE)
    assert names(path) == [
        "message_start",
        *["content_block_start", "content_block_delta", "content_block_stop"] * 3,
        "message_delta",
        "message_stop",
    ]
    with rapidsse.open_log(path) as log:
        deltas = [event.json()["delta"] for event in log if event.event == "content_block_delta"]
    assert deltas == [
        {"type": "thinking_delta", "thinking": "Hm"},
        {"type": "text_delta", "text": "Hello"},
        {"type": "input_json_delta", "partial_json": '{"a":1}'},
    ]


def test_the_output_of_a_batch(tmp_path: Path) -> None:
    error = {"error": {"message": "no such model", "type": "invalid_request_error", "code": "404"}}
    lines = [
        openai_batch("a", RESPONSE),
        openai_batch("b", CHAT),
        openai_batch("c", error, 404),
        {
            "id": "x",
            "custom_id": "d",
            "response": None,
            "error": {"code": "batch_expired", "message": "late"},
        },
        {"custom_id": "e", "result": {"type": "succeeded", "message": MESSAGE}},
        {
            "custom_id": "f",
            "result": {
                "type": "errored",
                "error": {
                    "type": "error",
                    "error": {"type": "overloaded_error", "message": "busy"},
                },
            },
        },
        {"custom_id": "g", "result": {"type": "expired"}},
    ]
    rows = {row["custom_id"]: row for row in table(write(tmp_path, *lines))}
    assert [rows[id]["status"] for id in "abcd"] == ["completed", "stop", "failed", "failed"]
    errors = {id: (rows[id]["error_code"], rows[id]["error_message"]) for id in "cdfg"}
    assert errors == {
        "c": ("404", "no such model"),
        "d": ("batch_expired", "late"),
        "f": ("overloaded_error", "busy"),
        "g": ("expired", "the request was expired"),
    }


EMBEDDINGS = {
    "object": "list",
    "model": "embed-1",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1.5]}],
    "usage": {"prompt_tokens": 6, "total_tokens": 6},
}
IMAGES = {
    "created": 1700000000,
    "data": [{"b64_json": PNG}, {"b64_json": OTHER_PNG}],
    "usage": usage(7, 5),
}


def test_batches_of_other_endpoints(tmp_path: Path) -> None:
    moderation = {"id": "modr-1", "model": "moderate-1", "results": [{"flagged": False}]}
    lines = [
        openai_batch("a", EMBEDDINGS),
        openai_batch("b", IMAGES),
        openai_batch("c", moderation),
        openai_batch("d", {"detail": "no"}, 422),
    ]
    path = write(tmp_path, *lines)
    columns = ("custom_id", "model", "status", "total_tokens", "n_images", "error_code")
    assert [tuple(row[name] for name in columns) for row in table(path)] == [
        ("a", "embed-1", "completed", 6, 0, None),
        ("b", None, "completed", 12, 2, None),
        ("c", "moderate-1", "completed", None, 0, None),
        ("d", None, "failed", None, 0, "422"),
    ]
    assert len(table(path, "images")) == 2
    assert all(row["complete"] for row in table(path)[:3])


@pytest.mark.parametrize("value", [EMBEDDINGS, IMAGES])
@pytest.mark.parametrize("indent", [None, 2])
def test_whole_responses_of_other_endpoints(value: Any, indent: int | None, tmp_path: Path) -> None:
    path = write(tmp_path, value, indent=indent)
    [row] = table(path)
    assert row["status"] == "completed"
    assert row["total_tokens"] == (6 if value is EMBEDDINGS else 12)
    numbers = [(row["index"], row["kind"]) for row in table(path, "items")]
    assert numbers == ([] if value is EMBEDDINGS else [(0, "image"), (1, "image")])


def test_a_streamed_response_is_preferred(tmp_path: Path) -> None:
    stream = sse(created("resp_1"), delta("Hello"), completed("resp_1")).decode()
    path = write(tmp_path, {"raw": stream, "parsed": RESPONSE}, {"response": RESPONSE})
    assert names(path)[:3] == [
        "response.created",
        "response.output_text.delta",
        "response.completed",
    ]
    assert len(table(path)) == 2
    with rapidsse.open_log(path) as log:
        list(log)
        assert log.passed_over == 1


def test_what_only_looks_like_a_whole_response(tmp_path: Path) -> None:
    item = {"type": "message", "role": "assistant", "content": [], "id": "msg_1"}
    path = write(tmp_path, {"x": item}, {"object": "response"})
    assert table(path) == []


GEMINI = {
    "candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}],
    "usageMetadata": {"totalTokenCount": 7},
}
BODIES = [json.dumps(value) for value in (RESPONSE, CHAT, MESSAGE, GEMINI, [GEMINI, GEMINI])]
JSON_HEADERS = {"Content-Type": ["application/json"]}


def har(bodies: list[str], **content: str) -> str:
    contents = [{"mimeType": "application/json", "text": body, **content} for body in bodies]
    entries = [{"response": {"status": 200, "content": each}} for each in contents]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def cassette(bodies: list[str]) -> str:
    responses = [{"headers": JSON_HEADERS, "body": {"string": body}} for body in bodies]
    return json.dumps({"version": 1, "interactions": [{"response": each} for each in responses]})


def cassette_in_yaml(bodies: list[str]) -> str:
    lines = ["http_interactions:"]
    for body in bodies:
        encoded = base64.b64encode(body.encode()).decode()
        lines += ["- response:", "    body:", f"      string: !!binary {encoded}"]
    return "\n".join(lines) + "\n"


def httpmock(bodies: list[str]) -> str:
    mocks = [f"when: {{path: /}}\nthen:\n  body: {json.dumps(body)}\n" for body in bodies]
    return "---\n".join(mocks)


@pytest.mark.parametrize("write_all", [har, cassette, cassette_in_yaml, httpmock])
def test_recorded_answers_of_json(write_all: Any, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(write_all([*BODIES, "{}", '{"error": 1}', "[1]", "{"]))
    rows = table(str(path))
    texts = [row["output_text"] for row in rows]
    assert texts == ["Hello", "Hello", "Hello", "Hello", "HelloHello"]
    assert [row["total_tokens"] for row in rows][:2] == [12, 7]
    assert len(table(str(path), "images")) == 1
    assert table(str(path), "failures") == []


def test_a_body_of_json_that_is_said_to_be_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(har(BODIES[:1], mimeType="text/event-stream"))
    assert [row["output_text"] for row in table(str(path))] == ["Hello"]
