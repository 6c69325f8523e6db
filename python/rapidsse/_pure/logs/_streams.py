"""Which events of a log belong together: a stream is what one request was answered with.

Nothing separates the streams of a log; their events do: a response
begins, another id comes up, or something goes on after its end. Where the recording says what one
request was answered with, nothing of this is guessed: a body is one stream, unless it says itself
that another response begins.
"""

from __future__ import annotations

from functools import partial

from ..._apis import BEGINS, Api
from ..._values import MAX_INT
from ._evidence import Evidence
from ._fields import Fields
from ._items import Items
from ._numbers import SequenceNumbers
from ._objects import Handler, StreamEnd
from ._texts import Texts


class Stream:
    """A stream so far."""

    __slots__ = (
        "_evidence",
        "_has_end",
        "_has_error",
        "api",
        "events",
        "failures",
        "id",
        "items",
        "numbers",
        "offset",
        "texts",
    )

    def __init__(self, offset: int, *, keeps_texts: bool, keeps_items: bool) -> None:
        self.offset = offset
        self.api: Api | None = None
        self.id: str | None = None
        self.events = 0
        self.failures = 0
        self.numbers = SequenceNumbers()
        self.texts = Texts() if keeps_texts else None
        self.items = Items() if keeps_items else None
        self._evidence = Evidence()
        # Whether the event has come that ends it, and an error.
        self._has_end = self._has_error = False

    @property
    def is_complete(self) -> bool:
        """Whether all of it has come."""
        return self._has_end or (self._evidence.is_finished and not self._has_error)

    def ends_before(self, event: Fields, *, is_one_response: bool) -> bool:
        """Whether the event is the first of another stream."""
        api = event.api
        if api is None:
            return False
        if event.type in BEGINS:
            has_other_id = None not in (self.id, id := event.response_id) and id != self.id
            return not is_one_response or self._has_end or has_other_id
        if self.api is None or is_one_response:
            return False
        if self.api is not api:
            # An event recognised by its shape alone may be of any API with that shape.
            shares_heads = not set(self.api.heads).isdisjoint(api.heads)
            return not (event.is_known_by_shape and shares_heads)
        if api.chunks:
            return self._evidence.is_left_by(event, api)
        return self._is_left_by(event)

    def _is_left_by(self, event: Fields) -> bool:
        """The same for an API without chunks."""
        id = event.response_id
        if id is None or self.id is None:
            return self._has_end
        if id == self.id:
            return False
        # Numbers that go on are stronger than an id that differs.
        number, highest = event.sequence_number, self.numbers.highest
        goes_on = differ = self._evidence.changes_id
        if number is not None and highest is not None:
            goes_on = number == highest + 1 or (differ and number > highest)
        return self._has_end or not goes_on

    def add(self, event: Fields, payload: bytes | memoryview) -> None:
        self.events += 1
        self.api = self.api or event.api
        self.id = self.id or event.response_id
        if event.sequence_number is not None:
            self.numbers.add(event.sequence_number)
        if self.texts is not None:
            for part, member, text in event.texts:
                self.texts.add(part, text, member)
        if self.items is not None:
            self.items.add(event, payload)
        self._has_error |= event.has_error
        if event.api is not None:
            self._evidence.add(event)
            self._has_end |= event.ends_stream
            self._has_error |= any(answer.fails for answer in event.answers)


class StreamTracker:
    """Finds the stream of each event, and tells the handler of each stream that has ended."""

    def __init__(self, handler: Handler, *, keeps_texts: bool, keeps_items: bool) -> None:
        self._handler = handler
        self._stream_at = partial(Stream, keeps_texts=keeps_texts, keeps_items=keeps_items)
        self._stream: Stream | None = None
        self.is_one_response = False

    def event(self, offset: int, event: Fields, payload: bytes | memoryview) -> tuple[Stream, bool]:
        """The stream that the event belongs to, and whether it is the first of its API in it, or
        comes after all."""
        stream = self._stream
        if stream is not None and stream.ends_before(event, is_one_response=self.is_one_response):
            self.end()
        stream = self._current(offset)
        is_edge = stream.api is None or stream.is_complete
        stream.add(event, payload)
        return stream, is_edge

    def failure(self, offset: int) -> Stream:
        """The stream that an event belongs to that did not decode."""
        stream = self._current(offset)
        stream.failures += 1
        return stream

    def end(self) -> None:
        """Ends the current stream, if there is one: at the end of its body, or at an end mark."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self._handler.stream(
                StreamEnd(
                    stream=stream.offset,
                    api="" if stream.api is None else stream.api.name,
                    response_id=stream.id,
                    events=stream.events,
                    failures=stream.failures,
                    missing=min(stream.numbers.missing, MAX_INT),
                    duplicates=stream.numbers.duplicates,
                    complete=stream.is_complete,
                    texts=() if stream.texts is None else stream.texts.joined(),
                    texts_whole=stream.texts is None or stream.texts.are_whole,
                    pieces=() if stream.items is None else stream.items.joined(),
                    pieces_whole=stream.items is None or stream.items.are_whole,
                )
            )

    def _current(self, offset: int) -> Stream:
        if self._stream is None:
            self._stream = self._stream_at(offset)
        return self._stream
