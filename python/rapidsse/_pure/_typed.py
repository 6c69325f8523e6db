"""`TypedReader`: each event's payload, decoded when the event is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, final

from .._errors import EventTooLarge
from ._search import first_eol
from ._spans import SpanFinder, Spans
from ._splitter import Splitter

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from .._rust import PayloadHandler

# Smaller payloads are copied: cheaper than the buffer protocol.
_SMALL = 1 << 14
# A payload with a string of this length is never handed over whole, nor is one this large.
_LONG_SPAN = 512
_LARGE = 1 << 20
_BRACE = ord("{")
_is_done = re.compile(rb"\s*\[DONE\]\s*").fullmatch


@final
class TypedReader(Splitter):
    """Splits chunks into events and decodes each payload as soon as it is asked for."""

    def __init__(
        self,
        source: Iterator[Buffer] | None = None,
        *,
        decode: Callable[[bytes], Any],
        decode_lines: Callable[[bytes], list[Any]] | None = None,
        handler: PayloadHandler,
        keys: AbstractSet[str] | None,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "dispatch",
        handed_over: bytes | None = None,
        dataless: bool = False,
    ) -> None:
        super().__init__(source, max_event_size, eof, dataless)
        # One by one is the reference: `decode_lines` only saves calls.
        del decode_lines
        self._decode = decode
        self._handler = handler
        self._handed_over = handed_over
        self._finder = SpanFinder(keys)
        # The spans of the large data line searched last, and its value's stream offset.
        self._line_spans: Spans = []
        self._line_value = -1

    def __iter__(self) -> TypedReader:
        return self

    def __next__(self) -> Any:
        while True:
            if self._run or self._find_run():
                data = self._run.pop()
                self._pos += self._run_prefix + len(data) + self._run_gap
                if (not data or data[0] != _BRACE) and data.strip() == b"[DONE]":
                    value = self._handler.done()
                    if value is not NotImplemented:
                        return value
                    continue
                index = self._index
                self._index = index + 1
                if self._handed_over is not None and self._handed_over in data:
                    value = self._refused(len(data), index)
                else:
                    try:
                        value = self._decode(data)
                    except Exception:  # noqa: BLE001 (whatever it is, the handler tells)
                        value = self._refused(len(data), index)
                if value is not NotImplemented:
                    return value
                continue
            try:
                complete = self._advance()
                if not (complete or self._at_end(report_empty=True)):
                    raise StopIteration
            except EventTooLarge as error:
                value = self._handler.too_large(error)
            else:
                value = self._take_payload(complete)
            if value is not NotImplemented:
                return value

    def _refused(self, size: int, index: int) -> Any:
        """Hands over the data of the last block of a run, which `decode` refused or is not to see."""
        end = self._pos - self._run_gap
        start = end - size
        payload = self._view[start:end].toreadonly()
        offset = self._base + start - self._run_prefix
        spans = self._finder.of(payload)
        return self._handler.payload(payload, spans, offset, index, self._found_event, True)

    def _line_end(self, start: int) -> int:
        """The search for the end of a large data line finds its strings on the way."""
        near = min(start + _SMALL, self._end)
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

    def _spans_of(self, payload: bytes | memoryview) -> Spans:
        """The spans of the found event."""
        start = self._found_start
        # The value begins behind the colon, and behind a space if one follows it.
        if self._found_data is None and self._base + start - self._line_value in (0, 1):
            return [(begin - start, end - start) for begin, end in self._line_spans]
        return self._finder.of(payload)

    def _take_payload(self, complete: bool) -> Any:
        payload: bytes | memoryview
        if self._found_data is None:
            payload = self._view[self._found_start : self._found_end].toreadonly()
        else:
            payload = self._found_data
        if _is_done(payload):
            return self._handler.done()
        index = self._index
        self._index += 1
        spans: Spans | None = None
        if len(payload) >= _SMALL:
            spans = self._spans_of(payload)
        if spans is None or (
            len(payload) < _LARGE and all(end - start < _LONG_SPAN for start, end in spans)
        ):
            data = bytes(payload)
            if self._handed_over is None or self._handed_over not in data:
                # Whatever it raises, the handler tells.
                with suppress(Exception):
                    return self._decode(data)
            if spans is None:
                spans = self._spans_of(payload)
        return self._handler.payload(
            payload, spans, self._found_offset, index, self._found_event, complete
        )
