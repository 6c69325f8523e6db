"""`TypedReader`: each event's payload, decoded when the event is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Literal, final

from .._limits import LONG_PAYLOAD, MAX_COPY, MIN_CUT
from ._deferred import Deferred, Handler
from ._frame import Frame, TooLarge
from ._reader import Reader, in_use
from ._spans import SpanFinder
from ._stream import Stream

if TYPE_CHECKING:
    from typing_extensions import Buffer

_DONE = re.compile(rb"\s*+\[DONE\]\s*+").fullmatch


@final
class TypedReader(Reader):
    """Splits chunks into events and decodes each payload as soon as it is asked for."""

    def __init__(
        self,
        source: Iterator[Buffer] | None = None,
        *,
        decode: Callable[[bytes], Any],
        decode_lines: Callable[[bytes], list[Any]] | None = None,
        prototype: Callable[..., Any] | None = None,
        decode_cut: Callable[..., Any] | None = None,
        handler: Handler,
        keys: AbstractSet[str] | None,
        max_event_size: int | None = None,
        eof: Literal["discard", "dispatch"] = "dispatch",
        defer_if_contains: bytes | None = None,
        dataless: bool = False,
    ) -> None:
        # One by one, and whole, is the reference: the others only save time.
        del decode_lines, prototype, decode_cut
        self._keywords: dict[str, Any] = {
            "decode": decode,
            "handler": handler,
            "keys": keys,
            "max_event_size": max_event_size,
            "eof": eof,
            "defer_if_contains": defer_if_contains,
            "dataless": dataless,
        }
        self._finder = SpanFinder(keys)
        stream = Stream(
            source,
            max_event_size=max_event_size,
            eof=eof,
            dataless=dataless,
            reports_cut=True,
            finder=self._finder,
        )
        super().__init__(stream)
        self._decode = decode
        self._handler = handler
        self._mark = defer_if_contains
        self._index = 0

    def another(self, source: Iterator[Buffer] | None = None) -> TypedReader:
        """A reader of another stream, with the same keywords."""
        self._check_unused()
        return TypedReader(source, **self._keywords)

    def __next__(self) -> Any:
        if self._is_in_use:
            raise in_use()
        self._is_in_use = True
        try:
            while (item := self._items.next()) is not None:
                if type(item) is Frame:
                    value = self._value(item)
                elif type(item) is TooLarge:
                    self._index += 1
                    value = self._handler.too_large(item.error(self._index - 1))
                else:
                    continue
                if value is not NotImplemented:
                    return value
        finally:
            self._is_in_use = False
        raise StopIteration

    def _value(self, frame: Frame) -> Any:
        """What `decode` or the handler makes of a payload."""
        data = frame.copy
        if data is None and frame.end - frame.start < LONG_PAYLOAD:
            data = bytes(frame.data)
        if (data is None or not data.startswith(b"{")) and is_done(frame.data):
            return self._handler.done()
        self._index += 1
        spans = frame.spans
        if data is None:
            if spans is None:
                spans = self._finder.of(frame.data)
            # Others are for the handler, which cuts base64 out, or reads the payload in place.
            is_large = frame.end - frame.start >= MAX_COPY
            if not is_large and all(end - start < MIN_CUT for start, end in spans):
                data = bytes(frame.data)
        if data is not None and (self._mark is None or data.find(self._mark) < 0):
            try:
                return self._decode(data)
            except Exception:  # noqa: BLE001, S110 (the handler finds it again, and names it)
                pass
        if spans is None:
            spans = self._finder.of(frame.data)
        return self._handler.deferred(
            Deferred(
                payload=frame.data,
                spans=tuple(spans),
                offset=frame.offset,
                index=self._index - 1,
                name=frame.name or "message",
                complete=frame.is_complete,
            )
        )


def is_done(payload: bytes | memoryview) -> bool:
    """Whether a payload is the mark that ends a stream of chat completions."""
    return payload[:1] != b"{" and _DONE(payload) is not None
