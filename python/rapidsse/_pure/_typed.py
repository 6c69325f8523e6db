"""`TypedReader`: each event's payload, decoded when the event is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, final

from .._errors import EventTooLarge
from ._span_splitter import SMALL, SpanSplitter
from ._spans import SpanFinder, Spans

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from .._rust import PayloadHandler

# A payload with a string of this length is never handed over whole, nor is one this large.
_LONG_SPAN = 512
_LARGE = 1 << 20
_BRACE = ord("{")
is_done = re.compile(rb"\s*\[DONE\]\s*").fullmatch


@final
class TypedReader(SpanSplitter):
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
        defer_if_contains: bytes | None = None,
        dataless: bool = False,
    ) -> None:
        super().__init__(source, SpanFinder(keys), max_event_size, eof, dataless)
        # One by one is the reference: `decode_lines` only saves calls.
        del decode_lines
        self._decode = decode
        self._handler = handler
        self._defer_if_contains = defer_if_contains

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
                if self._defer_if_contains is not None and self._defer_if_contains in data:
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

    def _take_payload(self, complete: bool) -> Any:
        payload = self._found_payload()
        if is_done(payload):
            return self._handler.done()
        index = self._index
        self._index += 1
        spans: Spans | None = None
        if len(payload) >= SMALL:
            spans = self._spans_of(payload)
        if spans is None or (
            len(payload) < _LARGE and all(end - start < _LONG_SPAN for start, end in spans)
        ):
            data = bytes(payload)
            if self._defer_if_contains is None or self._defer_if_contains not in data:
                # Whatever it raises, the handler tells.
                with suppress(Exception):
                    return self._decode(data)
            if spans is None:
                spans = self._spans_of(payload)
        return self._handler.payload(
            payload, spans, self._found_offset, index, self._found_event, complete
        )
