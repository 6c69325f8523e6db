"""Reads a live event stream with urllib3.

    OPENAI_API_KEY=... python read_with_urllib3.py https://api.openai.com/v1/responses

prints text as it arrives and saves partial images.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import urllib3

from rapidsse import Base64, Decoder, UnknownEvent, openai

DECODER = Decoder(openai.ResponseStreamEvent)
HEADERS = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"}
REQUEST = {
    "model": "gpt-5",
    "input": "Draw a cat and say what you drew.",
    "tools": [{"type": "image_generation", "partial_images": 1}],
    "stream": True,
}
# A model may think for minutes before it sends a byte; without a limit the program
# would wait for a lost connection forever.
TIMEOUT = urllib3.Timeout(connect=10, read=600)


def show(event: openai.ResponseStreamEvent | UnknownEvent) -> None:
    match event:
        case openai.ResponseTextDeltaEvent(delta=text):
            print(text, end="", flush=True)
        case openai.ResponseImageGenCallPartialImageEvent(partial_image_b64=Base64() as image):
            image.save("partial.png")


@contextmanager
def opened(pool: urllib3.PoolManager, url: str, request: Any) -> Iterator[Iterator[bytes]]:
    """Yields the body as it arrives. Leaving it early closes the connection; reading it all keeps it."""
    with pool.request(
        "POST", url, json=request, headers=HEADERS, preload_content=False, timeout=TIMEOUT
    ) as response:
        if response.status != 200:
            explanation = response.data.decode(errors="replace")
            raise urllib3.exceptions.HTTPError(f"{response.status}: {explanation}")
        # `stream` delivers events as they arrive only if the server sends HTTP chunks;
        # `read1` always does.
        yield iter(partial(response.read1, 65536, decode_content=True), b"")


def main(url: str) -> None:
    with urllib3.PoolManager() as pool, opened(pool, url, REQUEST) as body:
        # Without types: `for frame in rapidsse.iter_sse(body)`.
        for event in DECODER.iter(body):
            show(event)


if __name__ == "__main__":
    main(sys.argv[1])
