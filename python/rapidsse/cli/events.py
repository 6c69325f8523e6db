"""The events of a log with their place in it, typed, or the failure that stands there.

A log may hold Responses API events, Images API events and Chat Completions chunks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import openai
from .._decoder import Decoder
from .._engine import TypedReader
from .._errors import DecodeError, EventTooLarge
from .._handler import is_json
from .._openai_kinds import CHUNK_TYPE, TypedEvent, is_chunk
from .source import Source

if TYPE_CHECKING:
    from .._rust import _Payload as Payload

__all__ = ["Event", "EventReader", "Failure"]


@dataclass(slots=True)
class Event:
    """A decoded event: `offset` and `index` as in the errors, `value` a Struct."""

    offset: int
    index: int
    payload: bytes | memoryview
    type: str
    value: Any


@dataclass(slots=True)
class Failure:
    """What did not decode. `payload` is `None` where it was never buffered."""

    offset: int
    index: int
    event: str
    kind: str
    reason: str
    payload: bytes | memoryview | None


class EventReader:
    """Decodes logs one after another; reusing it saves building the decoders again."""

    def __init__(self, *, max_event_size: int | None = None) -> None:
        self._max_event_size = max_event_size
        self._typed: Decoder[Any] = Decoder(TypedEvent)
        self._chunks: Decoder[Any] = Decoder(openai.ChatCompletionChunk)
        self._in_chat = False

    @property
    def unknown_items(self) -> int:
        """The unknown members inside events met so far, over all logs."""
        return self._typed.stats.unknown_items

    def read(self, source: Source) -> Iterator[Event | Failure]:
        """Every event of the log in order. Raises `InputError`."""
        self._in_chat = False
        pulled = source.chunks() if source.mapped is None else None
        reader = TypedReader(
            pulled,
            decode=_defer,
            handler=self,
            keys=frozenset(),
            max_event_size=self._max_event_size,
        )
        if source.mapped is not None:
            # Pushed, not pulled: the reader refers to a pushed buffer in place.
            reader.push(source.mapped)
            reader.finish()
        yield from reader

    def payload(
        self,
        payload: Payload,
        spans: list[tuple[int, int]],
        offset: int,
        index: int,
        event: str,
        complete: bool,
    ) -> Event | Failure:
        """One payload for the reader."""
        # Only base64, which the reader is not asked for, is left in its chunks.
        assert isinstance(payload, (bytes, memoryview))
        try:
            value = self._decode(payload)
        except DecodeError as error:
            cut = not complete and not is_json(payload)
            kind = "truncated" if cut else error.kind
            return Failure(offset, index, event, kind, error.reason, payload)
        return Event(offset, index, payload, _type_of(value), value)

    def done(self) -> Any:
        """The mark that ends a stream: a log may go on after it."""
        return NotImplemented

    def too_large(self, error: EventTooLarge) -> Failure:
        """The reader dropped an event."""
        reason = f"larger than {error.limit} bytes (--max-event-size)"
        return Failure(error.offset, error.index, "", "too_large", reason, None)

    def _decode(self, payload: bytes | memoryview) -> Any:
        # A chunk is never a typed event, so the order only saves failed attempts.
        if self._in_chat and is_chunk(payload):
            return self._chunks.decode(payload)
        try:
            value = self._typed.decode(payload)
        except DecodeError as error:
            if error.kind != "schema" or not is_chunk(payload):
                raise
            self._in_chat = True
            return self._chunks.decode(payload)
        self._in_chat = False
        return value


def _defer(payload: bytes) -> Any:
    """Leaves every payload to the handler, which is told where it lies."""
    raise LookupError


def _type_of(value: Any) -> str:
    if isinstance(value, openai.ChatCompletionChunk):
        return CHUNK_TYPE
    return str(value.type)
