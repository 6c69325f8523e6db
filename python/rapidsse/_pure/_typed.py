"""`TypedReader`: each event's payload, decoded when the event is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Literal, final

from .._errors import EventTooLarge
from ._spans import encode_keys, find_spans_of
from ._splitter import Splitter

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from .._rust import PayloadHandler

# Smaller payloads are copied: cheaper than the buffer protocol.
_SMALL = 1 << 14
# A payload with a string of this length is never handed over whole, nor is one this large.
_LONG_SPAN = 512
_LARGE = 1 << 20
_is_done = re.compile(rb"\s*\[DONE\]\s*").fullmatch


@final
class TypedReader(Splitter):
    """Splits chunks into events and decodes each payload as soon as it is asked for."""

    def __init__(
        self,
        source: Iterator[Buffer] | None = None,
        *,
        decode: Callable[[bytes], Any],
        handler: PayloadHandler,
        keys: AbstractSet[str] | None,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "dispatch",
    ) -> None:
        super().__init__(source, max_event_size, eof)
        self._decode = decode
        self._handler = handler
        self._keys = encode_keys(keys)

    def __iter__(self) -> TypedReader:
        return self

    def __next__(self) -> Any:
        while True:
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

    def _take_payload(self, complete: bool) -> Any:
        payload: bytes | memoryview
        if self._found_data is None:
            payload = self._view[self._found_start : self._found_end].toreadonly()
        else:
            payload = self._found_data
        if _is_done(payload):
            return NotImplemented
        index = self._index
        self._index += 1
        spans: list[tuple[int, int]] | None = None
        if len(payload) >= _SMALL:
            spans = find_spans_of(payload, self._keys)
        if spans is None or (
            len(payload) < _LARGE and all(end - start < _LONG_SPAN for start, end in spans)
        ):
            try:
                return self._decode(bytes(payload))
            except Exception:  # noqa: BLE001 (whatever it is, the handler tells)
                if spans is None:
                    spans = find_spans_of(payload, self._keys)
        return self._handler.payload(
            payload, spans, self._found_offset, index, self._found_event, complete
        )
