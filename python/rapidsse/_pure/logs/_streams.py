"""Which events of a log belong together: a stream is what one request was answered with.

Nothing separates the streams of a log, so that they are told apart by their events: a response
begins, another id comes up, or something goes on after its end.
"""

from __future__ import annotations

from ..._apis import BEGINS, TEXT_DELTAS, Api
from ._fields import MAX_INT, Fields
from ._numbers import SequenceNumbers
from ._objects import Handler, StreamEnd

# Of a stream without an end not all is kept.
MAX_TEXT = 64 << 20
MAX_PARTS = 1 << 16
MAX_FINISHED = 1 << 16


class Texts:
    """The text of each part of the output, put together from its deltas."""

    __slots__ = ("_parts", "_size", "are_whole")

    def __init__(self) -> None:
        self.are_whole = True
        self._size = 0
        # UTF-8 takes less than the deltas themselves.
        self._parts: dict[tuple[int, int], bytearray] = {}

    def add(self, part: tuple[int, int], delta: str) -> None:
        if not self.are_whole:
            return
        text = delta.encode()
        is_new = part not in self._parts
        if self._size + len(text) > MAX_TEXT or (is_new and len(self._parts) == MAX_PARTS):
            self.are_whole = False
            return
        self._size += len(text)
        self._parts.setdefault(part, bytearray()).extend(text)

    def joined(self) -> tuple[tuple[int, int, str], ...]:
        return tuple((*part, text.decode()) for part, text in sorted(self._parts.items()))


class Stream:
    """A stream so far."""

    __slots__ = (
        "api",
        "events",
        "failures",
        "finished",
        "id",
        "is_complete",
        "keeps_texts",
        "numbers",
        "offset",
        "texts",
    )

    def __init__(self, offset: int, *, keeps_texts: bool) -> None:
        self.offset = offset
        self.keeps_texts = keeps_texts
        self.api: Api | None = None
        self.id: str | None = None
        self.events = 0
        self.failures = 0
        self.is_complete = False
        self.numbers = SequenceNumbers()
        # The choices of a chat that have their finish reason.
        self.finished: set[int] = set()
        self.texts = Texts()

    def ends_before(self, event: Fields) -> bool:
        """Whether the event is the first of another stream."""
        api, id = event.api, event.response_id
        if api is None:
            return False
        if event.type in BEGINS:
            return True
        if self.api is None:
            return False
        if self.api is not api:
            return True
        # Chunks may follow the one that completes the response.
        is_over = self.is_complete and not api.chunks
        is_other = is_over
        if id is not None:
            is_other = id != self.id and (is_over or self.id is not None)
        # Some servers give every completion the same id.
        return is_other or any(
            not choice.is_finished and choice.role and choice.index in self.finished
            for choice in event.choices
        )

    def add(self, event: Fields) -> None:
        self.events += 1
        self.api = self.api or event.api
        self.id = self.id or event.response_id
        self.is_complete = self.is_complete or event.ends_stream
        if event.sequence_number is not None:
            self.numbers.add(event.sequence_number)
        if self.keeps_texts and event.type in TEXT_DELTAS and event.delta is not None:
            self.texts.add((event.output_index or 0, event.content_index or 0), event.delta)
        for choice in event.choices:
            if self.keeps_texts and choice.content is not None:
                self.texts.add((choice.index, 0), choice.content)
            if choice.is_finished and len(self.finished) < MAX_FINISHED:
                self.finished.add(choice.index)


class StreamTracker:
    """Finds the stream of each event, and tells the handler of each stream that has ended."""

    def __init__(self, handler: Handler, *, keeps_texts: bool) -> None:
        self._handler = handler
        self._keeps_texts = keeps_texts
        self._stream: Stream | None = None

    def event(self, offset: int, event: Fields) -> tuple[Stream, bool]:
        """The stream that the event belongs to, and whether it is the first of its API in it."""
        if self._stream is not None and self._stream.ends_before(event):
            self.end()
        stream = self._current(offset)
        begins = stream.api is None
        stream.add(event)
        return stream, begins

    def failure(self, offset: int) -> Stream:
        """The stream that an event belongs to that did not decode."""
        stream = self._current(offset)
        stream.failures += 1
        return stream

    def done(self) -> None:
        """The mark has come that ends a stream."""
        if self._stream is not None:
            if self._stream.api is not None and self._stream.api.chunks:
                self._stream.is_complete = True
            self.end()

    def end(self) -> None:
        """Ends the current stream, if there is one."""
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
                    texts=stream.texts.joined(),
                    texts_whole=stream.texts.are_whole,
                )
            )

    def _current(self, offset: int) -> Stream:
        if self._stream is None:
            self._stream = Stream(offset, keeps_texts=self._keeps_texts)
        return self._stream
