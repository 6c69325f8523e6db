"""Reads a live event stream with httpx2, sync or async.

    OPENAI_API_KEY=... python read_with_httpx2.py https://api.openai.com/v1/responses [--async]

prints text as it arrives and saves partial images.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2

from rapidsse import Base64, Decoder, UnknownEvent, openai

DECODER = Decoder(openai.ResponseStreamEvent)
HEADERS = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"}
REQUEST = {
    "model": "gpt-5",
    "input": "Draw a cat and say what you drew.",
    "tools": [{"type": "image_generation", "partial_images": 1}],
    "stream": True,
}
# A model may think for minutes before it sends a byte; httpx2 waits 5 seconds by default.
TIMEOUT = httpx2.Timeout(10, read=600)


def show(event: openai.ResponseStreamEvent | UnknownEvent) -> None:
    match event:
        case openai.ResponseTextDeltaEvent(delta=text):
            print(text, end="", flush=True)
        case openai.ResponseImageGenCallPartialImageEvent(partial_image_b64=Base64() as image):
            image.save("partial.png")


@contextmanager
def opened(client: httpx2.Client, url: str, request: Any) -> Iterator[Iterator[bytes]]:
    """Yields the body as it arrives. Leaving it early closes the connection; reading it all keeps it."""
    with client.stream("POST", url, json=request, timeout=TIMEOUT) as response:
        if response.status_code != 200:
            response.read()
            raise error(response)
        # With a chunk size, it would delay events until that many bytes have arrived.
        yield response.iter_bytes()


@asynccontextmanager
async def aopened(
    client: httpx2.AsyncClient, url: str, request: Any
) -> AsyncIterator[AsyncIterator[bytes]]:
    async with client.stream("POST", url, json=request, timeout=TIMEOUT) as response:
        if response.status_code != 200:
            await response.aread()
            raise error(response)
        yield response.aiter_bytes()


def error(response: httpx2.Response) -> httpx2.HTTPStatusError:
    """Returns an error with the server's explanation, which `raise_for_status` would not read."""
    message = f"{response.status_code}: {response.text}"
    return httpx2.HTTPStatusError(message, request=response.request, response=response)


def main(url: str) -> None:
    with httpx2.Client(headers=HEADERS) as client, opened(client, url, REQUEST) as body:
        # Without types: `for frame in rapidsse.iter_sse(body)`.
        for event in DECODER.iter(body):
            show(event)


async def amain(url: str) -> None:
    async with (
        httpx2.AsyncClient(headers=HEADERS) as client,
        aopened(client, url, REQUEST) as body,
    ):
        # Without types: `async for frame in rapidsse.aiter_sse(body)`.
        async for event in DECODER.aiter(body):
            show(event)


if __name__ == "__main__":
    if "--async" in sys.argv:
        asyncio.run(amain(sys.argv[1]))
    else:
        main(sys.argv[1])
