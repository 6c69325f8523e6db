"""Reads a live event stream with aiohttp.

    OPENAI_API_KEY=... python read_with_aiohttp.py https://api.openai.com/v1/responses

prints text as it arrives and saves partial images.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from rapidsse import Base64, Decoder, UnknownEvent, openai

DECODER = Decoder(openai.ResponseStreamEvent)
HEADERS = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"}
REQUEST = {
    "model": "gpt-5",
    "input": "Draw a cat and say what you drew.",
    "tools": [{"type": "image_generation", "partial_images": 1}],
    "stream": True,
}
# A model may think for minutes before it sends a byte, and take more than the 5 minutes in
# all that are aiohttp's default.
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=600)


def show(event: openai.ResponseStreamEvent | UnknownEvent) -> None:
    match event:
        case openai.ResponseTextDeltaEvent(delta=text):
            print(text, end="", flush=True)
        case openai.ResponseImageGenCallPartialImageEvent(partial_image_b64=Base64() as image):
            image.save("partial.png")


@asynccontextmanager
async def aopened(
    session: aiohttp.ClientSession, url: str, request: Any
) -> AsyncIterator[AsyncIterator[bytes]]:
    """Yields the body as it arrives. Leaving it early closes the connection; reading it all keeps it."""
    async with session.post(url, json=request, timeout=TIMEOUT) as response:
        if response.status != 200:
            # With the server's explanation, which `raise_for_status` would not read.
            raise aiohttp.ClientResponseError(
                response.request_info,
                response.history,
                status=response.status,
                message=await response.text(),
                headers=response.headers,
            )
        # Not the lines that iterating over `content` itself gives: the length of a line is
        # limited there, and an image is one line.
        yield response.content.iter_any()


async def amain(url: str) -> None:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        aopened(session, url, REQUEST) as body,
    ):
        # Without types: `async for frame in rapidsse.aiter_sse(body)`.
        async for event in DECODER.aiter(body):
            show(event)


if __name__ == "__main__":
    asyncio.run(amain(sys.argv[1]))
