"""Frameworks that make their own clients stream through `rapidsse.compat.install()`, from a local
server.

The streams contain events without data, which rapidsse drops, and on which the `openai` SDK fails:
so a framework that ends one has read it with rapidsse.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from live_server import LiveServer, Scenario
from swap_reading import is_there

WORDS = ["Zwölf ", "Boxkämpfer ", "€ ", "\u2028", "jagen"]
TEXT = "".join(WORDS)
MODEL = "gpt-5"


def stream(payloads: list[dict[str, Any]], extra: bytes) -> bytes:
    """The payloads as events, the first with `extra` before it."""
    lines = [json.dumps(payload, ensure_ascii=False).encode() for payload in payloads]
    names = [f"event: {payload['type']}\r\n" if "type" in payload else "" for payload in payloads]
    events = [
        name.encode() + b"data: " + line + b"\r\n\r\n"
        for name, line in zip(names, lines, strict=True)
    ]
    return extra + b"".join(events) + b"data: [DONE]\r\n\r\n"


def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return head | {"choices": [choice]}


def chat(*words: str) -> list[dict[str, Any]]:
    deltas = [{"role": "assistant", "content": ""}, *({"content": word} for word in words)]
    return [*map(chunk, deltas), chunk({}, "stop")]


def responses() -> list[dict[str, Any]]:
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    done = part | {"text": TEXT}
    item = {"type": "message", "id": "m", "role": "assistant", "content": [], "status": "completed"}
    response = {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": MODEL,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "status": "in_progress",
    }
    usage = {
        "input_tokens": 1,
        "output_tokens": 1,
        "total_tokens": 2,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    full = item | {"content": [done]}
    completed = response | {"status": "completed", "output": [full], "usage": usage}
    place = {"item_id": "m", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **place, "part": part},
        *(
            {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
            for word in WORDS
        ),
        {"type": "response.output_text.done", **place, "text": TEXT, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": done},
        {"type": "response.output_item.done", "output_index": 0, "item": full},
        {"type": "response.completed", "response": completed},
    ]
    return [event | {"sequence_number": number} for number, event in enumerate(events)]


NO_DATA = b": keep-alive\r\n\r\nevent: ping\r\n\r\n"
STREAMING = Path(__file__).parents[1] / "support" / "framework_streaming.py"


# The packages of the frameworks, and what each streams.
FRAMEWORKS = {
    "langchain-openai": ("langchain_openai", chat(*WORDS)),
    "langchain-openai, sync": ("langchain_openai", chat(*WORDS)),
    "langchain-openai, Responses": ("langchain_openai", responses()),
    "openai-agents": ("agents", responses()),
    "pydantic-ai": ("pydantic_ai", chat(*WORDS)),
    "pydantic-ai, Responses": ("pydantic_ai", responses()),
    # An object, whose text grows. Not among the test's packages: it needs an older `openai` than
    # those that are supported, and an older `rich`.
    "instructor": ("instructor", chat('{"text": "', *WORDS, '"}')),
    "instructor, sync": ("instructor", chat('{"text": "', *WORDS, '"}')),
}


@pytest.fixture(scope="module")
def results(live_server: LiveServer) -> dict[str, dict[str, Any]]:
    """What the frameworks that are there deliver: one process imports them all."""
    arguments: list[list[str]] = []
    for name, (package, payloads) in FRAMEWORKS.items():
        if not is_there(package):
            continue
        plain = live_server.add(Scenario(stream(payloads, b"")))
        body = stream(payloads, NO_DATA)
        # One byte each: inside CRLF and inside characters, too.
        urls = [live_server.add(Scenario(body, cut=cut)) for cut in (1, 65536)]
        arguments.append([name, plain, *urls])
    command = [sys.executable, str(STREAMING), json.dumps(arguments)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"name"')]
    return {line["name"]: line for line in lines}


@pytest.mark.once
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_streaming(name: str, results: dict[str, dict[str, Any]]) -> None:
    package, _ = FRAMEWORKS[name]
    if not is_there(package):
        pytest.skip(f"{name} is not installed")
    result = results[name]
    assert any("Boxk" in repr(item) for item in result["theirs"])
    assert result["ours"] == [result["theirs"]] * 2
    # Which shows that the streams above needed rapidsse.
    assert result["error"]
