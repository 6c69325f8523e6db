"""Writes examples/image_generation.sse: a made-up recording of a Responses API stream.

It has the shape of the documented image-generation stream: a message in text deltas, two partial
images, and the final image in `output_item.done` and in `response.completed`. Identifiers, texts
and the image are made up. Run it from any folder:

    python scripts/make_demo_stream.py
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from demo_picture import SIDE, mosaic, png, render

TARGET = Path(__file__).resolve().parent.parent / "examples" / "image_generation.sse"

RESPONSE = "resp_demo0001c0ffee5eaf00d5ca1ab1e"
REASONING = "rs_demo0001c0ffee5eaf00d5ca1ab1e"
MESSAGE = "msg_demo0001c0ffee5eaf00d5ca1ab1e"
IMAGE = "ig_demo0001c0ffee5eaf00d5ca1ab1e"
CREATED, COMPLETED = 1767225600, 1767225617
DELTAS = [
    *("Here", " is", " a", " sea", " of", " bytes", " at", " dusk", ":"),
    *(" its", " waves", " come", " in", " from", " the", " left", " and", " stand"),
    *(" as", " frames", " on", " the", " right", "."),
]
PROMPT = (
    "A calm sea of bytes at dusk under a violet sky; the waves roll in from the left and "
    "become neatly framed blocks on the right."
)
USAGE = {
    "input_tokens": 1874,
    "input_tokens_details": {"cached_tokens": 1024},
    "output_tokens": 412,
    "output_tokens_details": {"reasoning_tokens": 256},
    "total_tokens": 2286,
}


def response(**changes: Any) -> dict[str, Any]:
    """The `response` object of an event."""
    return {
        "id": RESPONSE,
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": "gpt-5-nano-2025-08-07",
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "medium", "summary": None},
        "service_tier": "auto",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [
            {
                "type": "image_generation",
                "background": "auto",
                "model": "gpt-image-1",
                "output_format": "png",
                "partial_images": 2,
                "quality": "auto",
                "size": "auto",
            }
        ],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
    } | changes


def events() -> list[dict[str, Any]]:
    """The stream's events in order, without their sequence numbers."""
    rows = render()
    partials = [base64.b64encode(png(mosaic(rows, cell))).decode() for cell in (32, 8)]
    final = base64.b64encode(png(rows)).decode()
    text = "".join(DELTAS)

    reasoning = {"id": REASONING, "type": "reasoning", "summary": []}
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
    opened = {"id": MESSAGE, "type": "message", "content": [], "role": "assistant"}
    message = {**opened, "status": "completed", "content": [part]}
    picture = {
        "id": IMAGE,
        "type": "image_generation_call",
        "status": "completed",
        "action": "generate",
        "background": "opaque",
        "output_format": "png",
        "quality": "high",
        "result": final,
        "revised_prompt": PROMPT,
        "size": f"{SIDE}x{SIDE}",
    }
    in_text = {"item_id": MESSAGE, "output_index": 1, "content_index": 0}
    in_call = {"item_id": IMAGE, "output_index": 2}
    call = "response.image_generation_call"
    return [
        {"type": "response.created", "response": response()},
        {"type": "response.in_progress", "response": response()},
        {"type": "response.output_item.added", "item": reasoning, "output_index": 0},
        {"type": "response.output_item.done", "item": reasoning, "output_index": 0},
        {
            "type": "response.output_item.added",
            "item": {**opened, "status": "in_progress"},
            "output_index": 1,
        },
        {"type": "response.content_part.added", **in_text, "part": {**part, "text": ""}},
        *(
            {"type": "response.output_text.delta", **in_text, "delta": delta, "logprobs": []}
            for delta in DELTAS
        ),
        {"type": "response.output_text.done", **in_text, "logprobs": [], "text": text},
        {"type": "response.content_part.done", **in_text, "part": part},
        {"type": "response.output_item.done", "item": message, "output_index": 1},
        {
            "type": "response.output_item.added",
            "item": {"id": IMAGE, "type": "image_generation_call", "status": "in_progress"},
            "output_index": 2,
        },
        {"type": f"{call}.in_progress", **in_call},
        {"type": f"{call}.generating", **in_call},
        *(
            {
                "type": f"{call}.partial_image",
                **in_call,
                "background": "opaque",
                "output_format": "png",
                "partial_image_b64": partial,
                "partial_image_index": index,
                "quality": "high",
                "size": f"{SIDE}x{SIDE}",
            }
            for index, partial in enumerate(partials)
        ),
        {"type": f"{call}.completed", **in_call},
        {"type": "response.output_item.done", "item": picture, "output_index": 2},
        {
            "type": "response.completed",
            "response": response(
                status="completed",
                completed_at=COMPLETED,
                output=[reasoning, message, picture],
                service_tier="default",
                usage=USAGE,
            ),
        },
    ]


def main() -> None:
    """Renders the image and writes the stream, the same bytes every time."""
    lines = []
    for number, event in enumerate(events()):
        payload = json.dumps({**event, "sequence_number": number}, separators=(",", ":"))
        lines.append(f"event: {event['type']}\ndata: {payload}\n\n")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes("".join(lines).encode("ascii"))
    print(f"{TARGET}: {len(lines)} events, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
