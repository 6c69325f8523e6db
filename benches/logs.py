"""Generates the logs for the benchmarks: the same bytes on every machine.

- image log: streams of 17 events in the order of the API reference's streamed image
  generation, each with one 2 MB base64 image in the partial event, in `output_item.done`
  and in `response.completed`; 20 streams are 120 MB.
- text log: 100,800 events in 26 MB, nearly all `response.output_text.delta`.
- big event: one partial image of 16 MiB.

`python benches/logs.py` writes them to build/bench.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "build" / "bench"

IMAGE_BYTES = 1_500_000  # 2,000,000 bytes of base64
EVENTS_PER_IMAGE_STREAM = 17
EVENTS_PER_TEXT_STREAM = 2100


def renew() -> None:
    """Writes the logs that are there anew, as they are.

    How the system keeps a file in memory depends on how and when it was written: rows of both sides
    differ by up to three times between an old file and a copy of it.
    """
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in {".sse", ".jsonl", ".zst"}:
            copy = path.with_name(f"{path.name}.new")
            shutil.copyfile(path, copy)
            copy.replace(path)


_SETTINGS: dict[str, Any] = {
    "background": False,
    "error": None,
    "frequency_penalty": 0.0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": "gpt-5-nano-2025-08-07",
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": "medium", "summary": None},
    "safety_identifier": None,
    "service_tier": "auto",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}
_TOOL = {
    "type": "image_generation",
    "background": "auto",
    "model": "gpt-image-1",
    "moderation": "auto",
    "n": 1,
    "output_compression": 100,
    "output_format": "png",
    "quality": "auto",
    "size": "auto",
}
_USAGE = {
    "input_tokens": 50,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 2100,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 2150,
}
_WORDS = (
    *(" the", " a", " of", " and", " in", " light", " village", " nestled", " between"),
    *(" rolling", " hills", ",", ".", " whose", " curious", " lanterns", " façade", " crème"),
    *(" —", " “quoted”", ' "plain"', "\n\n", " 東京", " 🌊", " bridge", " morning", " river"),
)


def _event(type: str, sequence_number: int, **fields: Any) -> bytes:
    payload = {"type": type, **fields, "sequence_number": sequence_number}
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return f"event: {type}\ndata: {text}\n\n".encode()


def _response(id: str, status: str, tools: list[Any], output: list[Any]) -> dict[str, Any]:
    done = status == "completed"
    return {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": 1741484430,
        "status": status,
        "completed_at": 1741484470 if done else None,
        **_SETTINGS,
        "tools": tools,
        "output": output,
        "usage": _USAGE if done else None,
    }


def image(seed: int, size: int = IMAGE_BYTES) -> bytes:
    """Returns `size` incompressible bytes that begin like a PNG."""
    return b"\x89PNG\r\n\x1a\n" + random.Random(seed).randbytes(size - 8)


def _partial_image(id: str, text: str, sequence_number: int) -> bytes:
    return _event(
        "response.image_generation_call.partial_image",
        sequence_number,
        background="opaque",
        item_id=f"ig_{id}",
        output_format="png",
        output_index=1,
        partial_image_b64=text,
        partial_image_index=0,
        quality="high",
        size="1536x1024",
    )


def _image_stream(number: int) -> bytes:
    id = random.Random(number).randbytes(24).hex()
    text = base64.b64encode(image(number)).decode()
    thought = {"id": f"rs_{id}", "type": "reasoning", "summary": []}
    call = {"id": f"ig_{id}", "type": "image_generation_call", "status": "in_progress"}
    drawn = {
        **call,
        "status": "generating",
        "action": "generate",
        "background": "opaque",
        "output_format": "png",
        "quality": "high",
        "result": text,
        "revised_prompt": "A quiet village between rolling hills, in the morning.",
        "size": "1536x1024",
    }
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    message = {
        "id": f"msg_{id}",
        "type": "message",
        "status": "in_progress",
        "content": [],
        "role": "assistant",
    }
    written = {**message, "status": "completed", "content": [part]}
    started = _response(id, "in_progress", [_TOOL], [])
    finished = _response(id, "completed", [_TOOL], [thought, drawn, thought, written])
    of_call = {"item_id": f"ig_{id}", "output_index": 1}
    of_text = {"content_index": 0, "item_id": f"msg_{id}", "output_index": 3}
    return b"".join(
        (
            _event("response.created", 0, response=started),
            _event("response.in_progress", 1, response=started),
            _event("response.output_item.added", 2, item=thought, output_index=0),
            _event("response.output_item.done", 3, item=thought, output_index=0),
            _event("response.output_item.added", 4, item=call, output_index=1),
            _event("response.image_generation_call.in_progress", 5, **of_call),
            _event("response.image_generation_call.generating", 6, **of_call),
            _partial_image(id, text, 7),
            _event("response.output_item.done", 8, item=drawn, output_index=1),
            _event("response.output_item.added", 9, item=thought, output_index=2),
            _event("response.output_item.done", 10, item=thought, output_index=2),
            _event("response.output_item.added", 11, item=message, output_index=3),
            _event("response.content_part.added", 12, **of_text, part=part),
            _event("response.output_text.done", 13, **of_text, logprobs=[], text=""),
            _event("response.content_part.done", 14, **of_text, part=part),
            _event("response.output_item.done", 15, item=written, output_index=3),
            _event("response.completed", 16, response=finished),
        )
    )


def _text_stream(number: int) -> bytes:
    rng = random.Random(number)
    id = rng.randbytes(24).hex()
    words = rng.choices(_WORDS, k=EVENTS_PER_TEXT_STREAM - 8)
    text = "".join(words)
    message = {
        "id": f"msg_{id}",
        "type": "message",
        "status": "in_progress",
        "content": [],
        "role": "assistant",
    }
    empty = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    part = {**empty, "text": text}
    written = {**message, "status": "completed", "content": [part]}
    started = _response(id, "in_progress", [], [])
    where = {"content_index": 0, "item_id": f"msg_{id}", "output_index": 0}
    events = [
        _event("response.created", 0, response=started),
        _event("response.in_progress", 1, response=started),
        _event("response.output_item.added", 2, item=message, output_index=0),
        _event("response.content_part.added", 3, **where, part=empty),
    ]
    events += (
        _event("response.output_text.delta", n, **where, delta=word, logprobs=[])
        for n, word in enumerate(words, 4)
    )
    n = EVENTS_PER_TEXT_STREAM - 4
    events += (
        _event("response.output_text.done", n, **where, logprobs=[], text=text),
        _event("response.content_part.done", n + 1, **where, part=part),
        _event("response.output_item.done", n + 2, item=written, output_index=0),
        _event("response.completed", n + 3, response=_response(id, "completed", [], [written])),
    )
    return b"".join(events)


def _write(name: str, streams: Iterator[bytes]) -> Path:
    path = FOLDER / name
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            file.writelines(streams)
        unfinished.rename(path)
    return path


def image_log(streams: int = 20) -> Path:
    """The image log: 6 MB and 17 events per stream."""
    return _write(f"image-{streams}.sse", map(_image_stream, range(streams)))


def text_log(streams: int = 48) -> Path:
    """The text log: 0.54 MB and 2,100 events per stream."""
    return _write(f"text-{streams}.sse", map(_text_stream, range(streams)))


def big_event(size: int = 16 * 2**20) -> bytes:
    """One partial image event of about `size` bytes."""
    text = base64.b64encode(image(0, size * 3 // 4)).decode()
    return _partial_image("0" * 48, text, 0)


if __name__ == "__main__":
    for path in (image_log(), text_log()):
        print(f"{path}: {path.stat().st_size:,} bytes")
