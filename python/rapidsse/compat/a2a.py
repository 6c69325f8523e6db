"""The event streams of `a2a-sdk` on the engine of rapidsse.

`rapidsse.compat.install("a2a")` accelerates all of its clients. `parse_sse_stream` replaces that of
`a2a.client.transports.http_helpers`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING

from ._bodies import abatches
from ._seams import Seam

if TYPE_CHECKING:
    import httpx

__all__ = ["parse_sse_stream"]


async def parse_sse_stream(response: httpx.Response) -> AsyncGenerator[tuple[str, str]]:
    """Yields the name and the data of each event of a response that has data.

    Errors of httpx pass through.
    """
    async with aclosing(abatches(response, response.encoding)) as batches:
        async for batch in batches:
            for event in batch:
                yield event.event, event.data


def seams() -> list[Seam]:
    """What `install` replaces."""
    helpers = import_module("a2a.client.transports.http_helpers")
    return [Seam(helpers, "parse_sse_stream", parse_sse_stream, ("response",))]
