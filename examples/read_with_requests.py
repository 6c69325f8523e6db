"""Reads a live event stream with requests.

    OPENAI_API_KEY=... python read_with_requests.py https://api.openai.com/v1/responses

prints text as it arrives and saves partial images.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import requests

from rapidsse import Base64, Decoder, UnknownEvent, openai

DECODER = Decoder(openai.ResponseStreamEvent)
HEADERS = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"}
REQUEST = {
    "model": "gpt-5",
    "input": "Draw a cat and say what you drew.",
    "tools": [{"type": "image_generation", "partial_images": 1}],
    "stream": True,
}
# Seconds to connect and between two reads: a model may think for minutes before it sends a
# byte, and without a limit the program would wait for a lost connection forever.
TIMEOUT = (10, 600)


def show(event: openai.ResponseStreamEvent | UnknownEvent) -> None:
    match event:
        case openai.ResponseTextDeltaEvent(delta=text):
            print(text, end="", flush=True)
        case openai.ResponseImageGenCallPartialImageEvent(partial_image_b64=Base64() as image):
            image.save("partial.png")


@contextmanager
def opened(session: requests.Session, url: str, request: Any) -> Iterator[Iterator[bytes]]:
    """Yields the body as it arrives. Leaving it early closes the connection; reading it all keeps it."""
    with session.post(url, json=request, stream=True, timeout=TIMEOUT) as response:
        if response.status_code != 200:
            # The server's explanation, which `raise_for_status` would not read.
            message = f"{response.status_code}: {response.text}"
            raise requests.HTTPError(message, response=response)
        # `iter_content` and `iter_lines` deliver events as they arrive only if the server
        # sends HTTP chunks; `read1` always does. Its errors are those of urllib3.
        yield iter(partial(response.raw.read1, 65536, decode_content=True), b"")


def main(url: str) -> None:
    with requests.Session() as session:
        session.headers.update(HEADERS)
        with opened(session, url, REQUEST) as body:
            # Without types: `for frame in rapidsse.iter_sse(body)`.
            for event in DECODER.iter(body):
                show(event)


if __name__ == "__main__":
    main(sys.argv[1])
