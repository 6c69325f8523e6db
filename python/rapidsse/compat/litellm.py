"""The lines of `litellm.llms.custom_httpx.sse_lines`.

litellm splits the text of a stream into lines with a splitter that is as fast as text allows, and
that takes a BOM for part of the first line. `rapidsse.compat.install("litellm")` makes it skip one.
What litellm sends through the `openai` SDK is accelerated by `install("openai")`.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from importlib import import_module
from typing import Any

from ._seams import Seam

__all__ = ["aiter_sse_lines", "iter_sse_lines"]

_BOM = "\ufeff"


def iter_sse_lines(text_chunks: Iterable[str]) -> Iterator[str]:
    """Yields the lines of the text, a last one that nothing ends included."""
    return _sse_lines().iter_sse_lines(_without_bom(text_chunks))  # type: ignore[no-any-return]


def aiter_sse_lines(text_chunks: AsyncIterable[str]) -> AsyncIterator[str]:
    """Like `iter_sse_lines`, for text that comes later."""
    return _sse_lines().aiter_sse_lines(_awithout_bom(text_chunks))  # type: ignore[no-any-return]


def _without_bom(chunks: Iterable[str]) -> Iterator[str]:
    first = True
    for chunk in chunks:
        yield chunk.removeprefix(_BOM) if first else chunk
        first = first and not chunk


async def _awithout_bom(chunks: AsyncIterable[str]) -> AsyncIterator[str]:
    first = True
    async for chunk in chunks:
        yield chunk.removeprefix(_BOM) if first else chunk
        first = first and not chunk


def _sse_lines() -> Any:
    return import_module("litellm.llms.custom_httpx.sse_lines")


def seams() -> list[Seam]:
    """What `install` replaces: a method, as the functions are known by name in many modules."""
    splitter = _sse_lines()._SSELineSplitter
    split = splitter.feed

    def feed(self: Any, text: str) -> tuple[str, ...]:
        if text and "_rapidsse_begun" not in vars(self):
            self._rapidsse_begun = True
            text = text.removeprefix(_BOM)
        lines: tuple[str, ...] = split(self, text)
        return lines

    return [Seam(splitter, "feed", feed, ("self", "text"))]
