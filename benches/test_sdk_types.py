"""Accelerated clients, which yield the types of their SDKs: the rows of most code that exists."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import httpx
import httpx2
import pytest

import rapidsse
import rapidsse.compat
from conftest import Compare, corpus, cut, drain
from rows import Figure, Row

Side = Callable[[list[bytes]], Iterator[Any]]


def sides(package: str, client: str, module: str, type: str) -> tuple[Side, Side]:
    """What reads a body with an accelerated client of an SDK, and with another."""
    sdk: Any = pytest.importorskip(package)
    streaming = import_module(f"{package}._streaming")
    cast_to = getattr(import_module(f"{package}.types{module}"), type)
    http: Any = httpx2 if package in ("openai", "anthropic") else httpx
    request = http.Request("POST", "http://localhost")
    new = getattr(sdk, client)

    def side(client: Any) -> Side:
        def read(chunks: list[bytes]) -> Iterator[Any]:
            response = http.Response(200, content=iter(chunks), request=request)
            stream: Iterator[Any] = streaming.Stream(
                cast_to=cast_to, response=response, client=client
            )
            return stream

        return read

    theirs = new(api_key="none", base_url="http://localhost")
    ours = new(api_key="none", base_url="http://localhost")
    return side(rapidsse.compat.accelerate(ours)), side(theirs)


def measure(
    compare: Compare,
    row: Row,
    both: tuple[Side, Side],
    data: bytes,
    size: int = 65536,
    rounds: int = 3,
) -> None:
    ours, theirs = both
    chunks = cut(data, size)
    events = list(ours(chunks))
    assert events == list(theirs(chunks))
    compare(
        row,
        lambda: drain(ours(chunks)),
        lambda: drain(theirs(chunks)),
        rounds=rounds,
        bytes=len(data),
        events=len(events),
    )


def event(payload: Any, name: str = "") -> bytes:
    line = f"event: {name}\n" if name else ""
    return f"{line}data: {json.dumps(payload, separators=(',', ':'))}\n\n".encode()


WORDS = [
    " the",
    " light",
    " of",
    " lanterns",
    ",",
    " façade",
    " 東京",
    ' "plain"',
    "\n\n",
    ".",
] * 300


def chunks_of_text() -> bytes:
    """The text as Chat Completions chunks."""
    common = {"id": "chatcmpl-C1", "object": "chat.completion.chunk", "created": 1760000000}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in WORDS]
    bodies = [
        event({
            **common,
            "model": "gpt-5-nano",
            "service_tier": "default",
            "system_fingerprint": None,
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}],
            "usage": None,
            "obfuscation": "Zk1",
        })
        for delta in deltas
    ]  # fmt: skip
    return b"".join(bodies)


def message_of_text() -> bytes:
    """The text as events of the Messages API."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    }
    block = {"type": "text", "text": ""}
    payloads: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": w}}
            for w in WORDS
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_stop"},
    ]
    return b"".join(event(payload, payload["type"]) for payload in payloads)


def test_openai_corpus(compare: Compare) -> None:
    bodies = [path.read_bytes() for path in sorted(corpus().rglob("*.sse"))]
    data = b"".join(
        body for body in bodies if b'"chat.completion.chunk"' not in body and body.endswith(b"\n\n")
    )
    row = Row("accelerate(openai), recorded streams", "openai SDK, typed", "× its speed", 10)
    measure(compare, row, sides("openai", "OpenAI", ".responses", "ResponseStreamEvent"), data)


def test_openai_chat(compare: Compare) -> None:
    row = Row("accelerate(openai), chat chunks", "openai SDK, typed", "× its speed", 15)
    both = sides("openai", "OpenAI", ".chat", "ChatCompletionChunk")
    measure(compare, row, both, chunks_of_text())


def test_anthropic_text(compare: Compare) -> None:
    row = Row("accelerate(anthropic), text", "anthropic SDK, typed", "× its speed", 20)
    both = sides("anthropic", "Anthropic", "", "RawMessageStreamEvent")
    measure(compare, row, both, message_of_text())


def test_groq_text(compare: Compare) -> None:
    row = Row("accelerate(groq), chat chunks", "groq SDK, typed", "× its speed", 10)
    measure(compare, row, sides("groq", "Groq", ".chat", "ChatCompletionChunk"), chunks_of_text())


def test_groq_big_event(compare: Compare) -> None:
    delta = {"content": "x" * 2**22}
    choice = {"index": 0, "delta": delta, "finish_reason": None, "logprobs": None}
    data = event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
                  "choices": [choice]})  # fmt: skip
    row = Row(
        "accelerate(groq), one 4 MiB event, in 1 KiB chunks", "groq SDK, typed", "× its speed", 100
    )
    both = sides("groq", "Groq", ".chat", "ChatCompletionChunk")
    measure(compare, row, both, data, 1024, rounds=5)


FIRST = """
import sys, time
import httpx2, openai
from openai.types.responses import ResponseStreamEvent
import rapidsse.compat.openai
client = openai.OpenAI(api_key="none", base_url="http://localhost")
if sys.argv[1] == "accelerated":
    rapidsse.compat.openai.accelerate(client)
response = httpx2.Response(
    200, content=iter([open(0, "rb").read()]), request=httpx2.Request("POST", "http://localhost")
)
stream = openai.Stream(cast_to=ResponseStreamEvent, response=response, client=client)
start = time.process_time()
next(stream)
print(time.process_time() - start)
"""


@pytest.mark.parametrize("age", ["valid", "with fields missing"])
def test_first_event(record: Callable[[Figure], None], text: bytes, age: str) -> None:
    first = text[: text.index(b"\n\n") + 2]
    if age != "valid":
        first = first.replace(b'"parallel_tool_calls"', b'"parallel"')

    def seconds(side: str) -> float:
        command = [sys.executable, "-c", FIRST, side]
        return float(subprocess.run(command, input=first, check=True, capture_output=True).stdout)

    more = [(seconds("accelerated") - seconds("sdk")) * 1000 for _ in range(3)]
    row = Row(
        f"first event after accelerate(openai), {age}, more than the SDK's", None, "ms", 20, 20
    )
    record(Figure(row, rapidsse.engine, more, statistics.median(more) / 1000))
