"""The body of a streamed response of Gemini: event streams, and the JSON that stands in for one.

The API reports some errors as plain JSON, instead of the events or between two of them. No line of
an event stream begins as JSON does.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from .._field_names import ANY_FIELD

__all__ = ["Body", "Plain", "json_texts"]

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:%b[ \t]*[:\r\n]|:)" % ANY_FIELD)
_BEGINNING_BYTES = 16


class Plain:
    """Divides a body into its event stream and what follows that is none.

    Of a body that begins as no event stream does, nothing is one.
    """

    def __init__(self) -> None:
        self._beginning: bytes | None = b""
        self._line_ended = False
        self._rest: list[bytes] = []

    def events(self, chunk: bytes) -> bytes:
        """What a chunk adds to the event stream."""
        if self._rest:
            self._rest.append(chunk)
            return b""
        if self._beginning is not None:
            self._beginning += chunk
            begins = _BEGINNING.match(self._beginning)
            if begins is None and len(self._beginning) < _BEGINNING_BYTES:
                return b""
            chunk, self._beginning = self._beginning, None
            if begins is None:
                self._rest.append(chunk)
                return b""
        if self._line_ended and chunk[:1] in (b"{", b"["):
            self._rest.append(chunk)
            return b""
        if chunk:
            self._line_ended = chunk[-1:] in (b"\r", b"\n")
        at = _json_line(chunk)
        if at < 0:
            return chunk
        self._rest.append(chunk[at:])
        return chunk[:at]

    @property
    def text(self) -> str:
        """What is no event stream, once the body has ended."""
        return b"".join([self._beginning or b"", *self._rest]).decode("utf-8", "replace").strip()


def _json_line(chunk: bytes) -> int:
    """Where a line begins as JSON does, or -1.

    Line ends are few, and found at memory speed; a search for two characters is not as fast.
    """
    found: list[int] = []
    for end in (b"\n", b"\r"):
        at = chunk.find(end)
        while at >= 0:
            if chunk[at + 1 : at + 2] in (b"{", b"["):
                found.append(at + 1)
                break
            at = chunk.find(end, at + 1)
    return min(found, default=-1)


class Body:
    """The chunks of a response of httpx, requests or aiohttp, which is closed when this is left.

    No generator: an event loop that ends closes those that are left in any order.
    """

    def __init__(self, response: Any) -> None:
        self._response = response

    def __enter__(self) -> Iterator[bytes]:
        if hasattr(self._response, "iter_bytes"):
            chunks: Iterator[bytes] = self._response.iter_bytes()
        else:
            chunks = self._response.iter_content(None)
        return chunks

    def __exit__(self, *_: object) -> None:
        self._response.close()

    async def __aenter__(self) -> AsyncIterator[bytes]:
        if hasattr(self._response, "aiter_bytes"):
            chunks: AsyncIterator[bytes] = self._response.aiter_bytes()
        else:
            chunks = self._response.content.iter_any()
        return chunks

    async def __aexit__(self, *_: object) -> None:
        if hasattr(self._response, "aclose"):
            await self._response.aclose()
        else:
            # Of aiohttp: drops the connection, unless all was read.
            self._response.close()


_decoder = json.JSONDecoder()


def json_texts(text: str) -> Iterator[str]:
    """The values of a text of JSON, of which an array counts as its items; last, what is no JSON."""
    while text:
        try:
            value, end = _decoder.raw_decode(text)
        except (ValueError, RecursionError):
            yield text
            return
        match value:
            case [*items]:
                yield from map(json.dumps, items)
            case _:
                yield text[:end]
        text = text[end:].lstrip()
