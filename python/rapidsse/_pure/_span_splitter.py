"""A splitter that finds the spans of large data lines while it looks for their ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from ._search import first_eol
from ._spans import SpanFinder, Spans
from ._splitter import Splitter

if TYPE_CHECKING:
    from typing_extensions import Buffer

# Smaller payloads are copied: cheaper than the buffer protocol.
SMALL = 1 << 14


class SpanSplitter(Splitter):
    """Splits chunks into events, with the spans of their payloads."""

    def __init__(
        self,
        source: Iterator[Buffer] | None,
        finder: SpanFinder,
        max_event_size: int | None,
        eof: Literal["discard", "dispatch"],
        dataless: bool = False,
    ) -> None:
        super().__init__(source, max_event_size, eof, dataless)
        self._finder = finder
        # The spans of the large data line searched last, and its value's stream offset.
        self._line_spans: Spans = []
        self._line_value = -1

    def _line_end(self, start: int) -> int:
        """The search for the end of a large data line finds its strings on the way."""
        near = min(start + SMALL, self._end)
        eol = first_eol(self._buf, start, near)
        if eol >= 0 or near == self._end:
            return eol
        if self._finder.finds_nothing or bytes(self._view[start : start + 5]) != b"data:":
            return first_eol(self._buf, near, self._end)
        value = start + 5
        self._line_value = self._base + value
        self._line_spans, eol = self._finder.scan(
            self._view, self._buf, value, self._end, in_line=True
        )
        return eol

    def _found_payload(self) -> bytes | memoryview:
        """The data of the found event, in place where it lies in the chunk."""
        if self._found_data is None:
            return self._view[self._found_start : self._found_end].toreadonly()
        return self._found_data

    def _spans_of(self, payload: bytes | memoryview) -> Spans:
        """The spans of the found event."""
        start = self._found_start
        # The value begins behind the colon, and behind a space if one follows it.
        if self._found_data is None and self._base + start - self._line_value in (0, 1):
            return [(begin - start, end - start) for begin, end in self._line_spans]
        return self._finder.of(payload)
