"""Tells whether an installed rapidsse does its main job: `python smoke.py ENGINE`.

Run by check_wheels.py in a fresh environment, from a folder that is not the repository.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import rapidsse
from rapidsse import Decoder, openai

# A transparent pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
EVENTS = [
    {
        "type": "response.output_text.delta",
        "content_index": 0,
        "delta": "Hello",
        "item_id": "msg_1",
        "logprobs": [],
        "output_index": 0,
        "sequence_number": 0,
    },
    {
        "type": "response.image_generation_call.partial_image",
        "item_id": "ig_1",
        "output_index": 1,
        "partial_image_b64": base64.b64encode(PNG).decode(),
        "partial_image_index": 0,
        "sequence_number": 1,
    },
]


def main(engine: str) -> None:
    assert rapidsse.engine == engine, f"the engine is {rapidsse.engine}, not {engine}"
    stream = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in EVENTS).encode()

    assert [event.json() for event in rapidsse.iter_sse(stream)] == EVENTS
    delta, partial = Decoder(openai.ResponseStreamEvent).iter(stream)
    assert isinstance(delta, openai.ResponseTextDeltaEvent)
    assert delta.delta == "Hello"
    assert isinstance(partial, openai.ResponseImageGenCallPartialImageEvent)

    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image.png")
        partial.partial_image_b64.save(image)
        assert image.read_bytes() == PNG

        source = Path(folder, "stream.sse")
        source.write_bytes(stream)
        command = Path(sysconfig.get_path("scripts"), "rapidsse")
        subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
        images = Path(folder, "images")
        subprocess.run(
            [command, "decode", source, "--images", images], check=True, stdout=subprocess.DEVNULL
        )
        assert [path.read_bytes() for path in images.rglob("*.png")] == [PNG]
    print(f"rapidsse {rapidsse.__version__} works on the {engine} engine")


if __name__ == "__main__":
    main(sys.argv[1])
