"""Sample streams: recorded ones, and events of the APIs to build others from."""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "examples" / "image_generation.sse"


def corpus() -> Path:
    """The folder of recorded streams; skips the test where there is none."""
    folder = Path(os.environ.get("RAPIDSSE_CORPUS", ROOT / ".." / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"no recorded streams at {folder}: set RAPIDSSE_CORPUS to their folder")
    return folder


def sse(*events: Any) -> bytes:
    """Events as a stream; a `str` is a payload as it stands."""
    payloads = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return "".join(f"data: {payload}\n\n" for payload in payloads).encode(errors="surrogatepass")


def payloads(log: bytes) -> list[str]:
    """The payloads of a log whose lines end in LF and whose events have one data line."""
    lines = log.decode().split("\n")
    found = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    return [payload for payload in found if payload != "[DONE]"]


def png(width: int = 3, height: int = 2, grey: int = 0) -> bytes:
    """A PNG file of one shade."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    lines = (b"\0" + bytes([grey]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def response(id: str = "resp_1", **fields: Any) -> dict[str, Any]:
    return {"id": id, "object": "response", "model": "model-1", "output": [], **fields}


def created(id: str = "resp_1") -> dict[str, Any]:
    return {"type": "response.created", "response": response(id), "sequence_number": 0}


def delta(text: str = "a") -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text, "item_id": "msg_1"}


def completed(id: str = "resp_1", **fields: Any) -> dict[str, Any]:
    body = response(id, **{"status": "completed", **fields})
    return {"type": "response.completed", "response": body}


def usage(input: int, output: int, cached: int = 0, reasoning: int = 0) -> dict[str, Any]:
    return {
        "input_tokens": input,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": input + output,
    }


def partial(item_id: Any, content: bytes, index: int = 0) -> dict[str, Any]:
    return {
        "type": "response.image_generation_call.partial_image",
        "item_id": item_id,
        "partial_image_index": index,
        "partial_image_b64": text(content),
    }


def call(item_id: str, content: bytes) -> dict[str, Any]:
    return {"id": item_id, "type": "image_generation_call", "result": text(content)}


def done(item_id: str, content: bytes) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": call(item_id, content)}


def chunk(id: str = "chatcmpl-1", **fields: Any) -> dict[str, Any]:
    return {
        "id": id,
        "object": "chat.completion.chunk",
        "model": "model-2",
        "choices": [],
        **fields,
    }


def choice(index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish}


def numbered(*numbers: int | None) -> list[dict[str, Any]]:
    """Text deltas with these sequence numbers."""
    return [delta("a") | ({} if n is None else {"sequence_number": n}) for n in numbers]
