"""The responses and images of each provider, in the shapes in which they send them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from rapidsse import Base64, open_log, scan
from rapidsse.logs._open import Log
from rapidsse.logs._options import ReadOptions
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import png

PNG = base64.b64encode(png(3, 2)).decode()
URL = f"data:image/png;base64,{PNG}"


def blocks(*events: dict[str, Any] | str) -> bytes:
    """An event stream; the SSE field `event` has the type, as Anthropic sends it."""
    lines: list[str] = []
    for event in events:
        if isinstance(event, dict) and "type" in event:
            lines.append(f"event: {event['type']}\n")
        text = event if isinstance(event, str) else json.dumps(event)
        lines.append(f"data: {text}\n\n")
    return "".join(lines).encode()


def rows(content: bytes, table: str = "responses") -> list[dict[str, Any]]:
    return pa.table(scan(content, table=table)).to_pylist()


def only(content: bytes, *columns: str) -> tuple[Any, ...]:
    (row,) = rows(content)
    return tuple(row[column] for column in columns)


def kinds(tmp_path: Path, content: bytes) -> list[str]:
    path = tmp_path / "log.sse"
    path.write_bytes(content)
    problems: list[Problem] = []
    with Log(str(path), ReadOptions(None, None, None, None)) as log:
        Verifier(problems.append).verify(log)
    return [problem.kind for problem in problems]


def start(id: str = "msg_a", **usage: int) -> dict[str, Any]:
    message = {"id": id, "type": "message", "model": "claude-y", "usage": usage}
    return {"type": "message_start", "message": message}


def block(index: int, **delta: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


STOP = {
    "type": "message_delta",
    "delta": {"stop_reason": "tool_use"},
    "usage": {"output_tokens": 9},
}
MESSAGE = [
    start(input_tokens=4, cache_read_input_tokens=2, cache_creation_input_tokens=3),
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "text": ""}},
    block(0, type="thinking_delta", thinking="hm"),
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "A"}},
    block(1, type="text_delta", text="b"),
    block(2, type="input_json_delta", partial_json="{}"),
]


def test_a_message(tmp_path: Path) -> None:
    content = blocks(*MESSAGE, STOP)
    assert only(content, "response_id", "model", "status", "output_text", "complete") == (
        *("msg_a", "claude-y", "tool_use", "Ab", True),
    )
    tokens = "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "total_tokens"
    assert only(content, *tokens) == (4, 2, 3, 9, None)
    assert kinds(tmp_path, content) == []


def test_a_message_that_fails(tmp_path: Path) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    content = blocks(*MESSAGE, error, start("msg_b"), STOP, {"type": "message_stop"})
    found = [(row["error_code"], row["error_message"], row["complete"]) for row in rows(content)]
    assert found == [("overloaded_error", "Overloaded", False), (None, None, True)]
    assert kinds(tmp_path, content) == ["no_end"]


def candidate(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = {"content": {"role": "model", "parts": list(parts)}, **more}
    return {"candidates": [answer], "modelVersion": "gemini-z", "responseId": "g1"}


def test_gemini(tmp_path: Path) -> None:
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 7}
    content = blocks(
        candidate({"text": "why", "thought": True}, {"text": "He"}) | {"usageMetadata": usage},
        candidate({"text": "llo"}),
        candidate(finishReason="MAX_TOKENS") | {"usageMetadata": usage | {"totalTokenCount": 12}},
    )
    columns = "response_id", "model", "status", "output_text", "reasoning_tokens", "total_tokens"
    assert only(content, *columns) == ("g1", "gemini-z", "MAX_TOKENS", "Hello", 7, 12)
    assert kinds(tmp_path, content) == []
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "responseId": "g2"}
    two = rows(content + blocks(blocked))
    assert [(row["response_id"], row["status"]) for row in two] == [
        *(("g1", "MAX_TOKENS"), ("g2", "SAFETY")),
    ]


def test_an_interaction() -> None:
    interaction = {"id": "i1", "model": "gemini-z", "status": "in_progress"}
    done = interaction | {"status": "completed", "usage": {"total_tokens": 5}}
    lines = [
        {"event_type": "interaction.created", "interaction": interaction},
        {"event_type": "step.delta", "index": 0, "delta": {"type": "thought_summary", "text": "x"}},
        {"event_type": "step.delta", "index": 1, "delta": {"type": "text", "text": "Hi"}},
        {"event_type": "interaction.completed", "interaction": done},
    ]
    content = b"".join(b"data: %b\n\n" % json.dumps(line).encode() for line in lines)
    columns = "response_id", "status", "output_text", "total_tokens", "complete"
    assert only(content, *columns) == ("i1", "completed", "Hi", 5, True)


def test_realtime() -> None:
    details = {"type": "failed", "error": {"code": "server_error", "message": "broken"}}
    response = {"id": "r", "status": "failed", "status_details": details, "output": []}
    usage = {"input_token_details": {"cached_tokens": 6}}
    content = blocks(
        {"type": "response.created", "response": {"id": "r", "status": "in_progress"}},
        {"type": "response.text.delta", "delta": "par"},
        {"type": "response.done", "response": response | {"usage": usage}},
    )
    columns = "status", "output_text", "cached_tokens", "error_code", "error_message", "complete"
    assert only(content, *columns) == ("failed", "par", 6, "server_error", "broken", True)


def part(content: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    delta = {} if content is None else {"content": content}
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


@pytest.mark.parametrize("object", ["", None, "chat.completion", "chat.completion.done", "other"])
def test_chat_of_any_object(object: str | None) -> None:
    content = blocks(part("a", object=object), part("b", "stop", object=object), "[DONE]")
    assert only(content, "output_text", "status", "complete") == ("ab", "stop", True)


def test_content_as_a_list_of_parts() -> None:
    parts = [{"type": "text", "text": "x"}, {"type": "reasoning", "text": "no"}, "y"]
    assert only(blocks(part(parts), part("z", "length")), "output_text") == ("xyz",)


def test_older_completions() -> None:
    first = {"object": "text_completion", "choices": [{"text": "a", "finish_reason": ""}]}
    last = {"object": "text_completion", "choices": [{"text": "b", "finish_reason": "length"}]}
    assert only(blocks(first, last), "output_text", "status") == ("ab", "length")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ("no memory", None, "no memory"),
        ({"code": 429, "message": "slow down"}, "429", "slow down"),
        ({"type": "server_error", "message": "m"}, "server_error", "m"),
        ({"error": {"code": "deep", "message": "deeper"}}, "deep", "deeper"),
    ],
)
def test_errors(tmp_path: Path, error: Any, code: str | None, message: str) -> None:
    for last in ({"error": error}, part("", "error", error=error)):
        content = blocks(part("a"), last, "[DONE]")
        assert only(content, "error_code", "error_message") == (code, message)
        assert kinds(tmp_path, content) == ["no_end"]
    assert kinds(tmp_path, blocks({"error": error})) == ["error"]


@pytest.mark.parametrize(
    "line", ['error:{"message":"m"}\n\n', 'error: {"message":\nerror:"m"}\n\n']
)
def test_an_error_in_a_field_of_its_own(tmp_path: Path, line: str) -> None:
    content = blocks(part("a")) + line.encode()
    assert only(content, "error_message", "complete") == ("m", False)
    assert kinds(tmp_path, content) == ["no_end"]
    assert [event.event for event in open_log(content)] == ["message", "error"]


def test_the_type_in_the_event_line_alone() -> None:
    content = b'event: response.created\ndata: {"response":{"id":"r"}}\n\n'
    content += b'event: response.output_text.delta\ndata: {"delta":"a"}\n\n' * 3
    content += b'event: response.incomplete\ndata: {"response":{"id":"r"}}\n\n'
    columns = "response_id", "output_text", "status", "complete"
    assert only(content, *columns) == ("r", "aaa", "incomplete", True)


# Where a response begins and ends.


def test_ids_that_differ_within_a_response() -> None:
    parts = [part(letter) | {"id": f"c-{letter}"} for letter in "abc"]
    usage = {"id": "c-u", "choices": [], "usage": {"total_tokens": 4}}
    content = blocks(*parts, part(None, "stop") | {"id": "c-s"}, usage)
    assert only(content, "output_text", "total_tokens") == ("abc", 4)


def test_ids_that_tell_responses_apart() -> None:
    content = b"".join(
        blocks(part("a") | {"id": id}, part("b") | {"id": id}, part("c") | {"id": id})
        for id in ("c1", "c2")
    )
    assert [row["response_id"] for row in rows(content)] == ["c1", "c2"]


def test_a_body_is_one_response(tmp_path: Path) -> None:
    stream = b"".join(blocks(part("a") | {"id": id}, part("b") | {"id": id}) for id in ("c1", "c2"))
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({"response": stream.decode()}) + "\n")
    (row,) = pa.table(scan(str(path), table="responses")).to_pylist()
    assert (row["response_id"], row["output_text"]) == ("c1", "abab")
    assert len(rows(stream)) == 2


def test_empty_events_keep_a_connection_alive(tmp_path: Path) -> None:
    content = b"data:\n\ndata: \ndata:\n\nevent: ping\ndata: \n\n" + blocks(part("a", "stop"))
    assert rows(content, "failures") == []
    assert kinds(tmp_path, content) == []


# JSON as the SDKs read it.


def test_numbers_that_are_none() -> None:
    payload = json.dumps(part("a", "stop") | {"p": [float("nan"), float("-inf")]})
    content = blocks(payload, '{"a":1e999}')
    assert rows(content, "failures") == []
    assert only(content, "output_text", "n_events") == ("a", 2)
    assert [event.json() for event in open_log(content)][1] == {"a": float("inf")}


def test_halves_of_a_character_are_joined() -> None:
    halves = [part(text) for text in ("x\ud83d", "\ude00y", "\ud83d", "z\ude00")]
    content = blocks(*halves, part(None, "stop"))
    assert only(content, "output_text") == ("x\U0001f600y\ufffdz\ufffd",)
    assert rows(content, "failures") == []


# Images.


@pytest.mark.parametrize(
    ("event", "item_id"),
    [
        (part([{"type": "image_url", "image_url": {"url": URL}}]), None),
        ({"type": "response.x", "item": {"type": "computer", "id": "k", "image": URL}}, "k"),
        (candidate({"inlineData": {"mimeType": "image/png", "data": PNG}}), None),
        (
            {"content": [{"type": "image", "source": {"media_type": "image/png", "data": PNG}}]},
            None,
        ),
        ({"output": [{"type": "image", "data": PNG, "mime_type": "image/png"}]}, None),
        ({"a": {"b": [[f"{URL}"]]}}, None),
    ],
)
def test_images_wherever_they_lie(event: dict[str, Any], item_id: str | None) -> None:
    (row,) = rows(blocks(event), "images")
    assert (row["width"], row["height"], row["item_id"]) == (3, 2, item_id)
    assert row["bytes"] == png(3, 2)


def test_a_large_data_url_is_no_part_of_a_payload() -> None:
    text = "QUJD" * 8_000
    for url in (f"data:image/png;base64,{text}", f"see data:text/plain;base64,{text} there"):
        content = blocks({"type": "x", "anything": [url]})
        (row,) = pa.table(scan(content, columns=["payload"])).to_pylist()
        assert len(row["payload"]) < 200
        assert f"<base64 {len(text)} characters>" in row["payload"]


@pytest.mark.parametrize("kind", [str, str.encode, lambda url: memoryview(url.encode())])
def test_base64_of_a_data_url(kind: Any) -> None:
    image = Base64(kind(URL))
    assert (image.decode(), image.media_type) == (png(3, 2), "image/png")
    assert (len(image), image.nbytes, str(image)) == (len(PNG), len(png(3, 2)), PNG)
    assert image == Base64(PNG)
