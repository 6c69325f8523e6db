"""`Responses`: the rows of the responses table, one per stream of a known API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._responses import Response
from ._rows import TableRows

if TYPE_CHECKING:
    from ..._engine import StreamEnd

__all__ = ["Responses"]


class Responses:
    """Adds the rows of one log. `custom_id` is that of the body at hand."""

    def __init__(self, rows: TableRows, source: str) -> None:
        self._rows = rows
        self._source = source
        self.custom_id: str | None = None

    def add(self, end: StreamEnd, response: Response, n_images: int) -> None:
        """Adds the row of a stream that has ended, of which `response` has read the events."""
        code, message = response.error
        tokens = response.tokens
        self._rows.add(
            {
                "source": self._source,
                "stream": end.stream,
                "response_id": end.response_id,
                "model": response.model,
                "status": response.status,
                "created_at": response.created_at,
                "completed_at": response.completed_at,
                "input_tokens": tokens.input,
                "cached_tokens": tokens.cached,
                "cache_write_tokens": tokens.cache_write,
                "output_tokens": tokens.output,
                "reasoning_tokens": tokens.reasoning,
                "total_tokens": tokens.total,
                "output_text": (
                    response.output_text or "".join(part.text for part in end.texts) or None
                ),
                "n_events": end.events,
                "n_images": n_images,
                "error_code": code,
                "error_message": message,
                "complete": end.complete,
                "missing": end.missing,
                "duplicates": end.duplicates,
                "custom_id": self.custom_id,
            }
        )
