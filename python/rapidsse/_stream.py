"""Event streams without a schema: `Parser`, `iter_sse` and `aiter_sse`.

All three take the engine's `FrameReader` and give its `ServerSentEvent`s.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from ._engine import FrameReader, ServerSentEvent
from ._errors import EventTooLarge
from ._source import AsyncEvents, async_chunks_of, buffer_of, chunks_of, owned

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Parser", "aiter_sse", "iter_sse"]

Eof = Literal["discard", "dispatch"]


class Parser:
    """Parses an event stream that is fed to it in chunks (sans-I/O).

    Follows WHATWG HTML, section 9.2.6, "Interpreting an event stream": LF, CR and CRLF end
    lines, wherever the chunks are cut; one leading BOM is skipped; invalid UTF-8 becomes
    U+FFFD. Takes time linear in the bytes, whatever the sizes of the chunks, and holds no
    more than one unfinished event; comments and unknown fields are never held.

    `max_event_size` is the size in bytes past which an event is refused with
    `EventTooLarge` (`None`: no limit): its data, event name and id count. `eof` says what
    happens to a last event that no blank line ends: `"discard"` drops it, as the
    specification does, `"dispatch"` delivers it. Both keywords raise `ValueError` for any
    other value.
    """

    def __init__(
        self,
        *,
        max_event_size: int | None = None,
        eof: Eof = "discard",
    ) -> None:
        self._max_event_size = max_event_size
        self._eof: Eof = eof
        self.reset()

    def reset(self) -> None:
        """Goes back to the start: the next chunk fed is the first of another stream."""
        self._reader = FrameReader(max_event_size=self._max_event_size, eof=self._eof)
        self._closed = False
        self._error: EventTooLarge | None = None

    def feed(self, chunk: Buffer) -> list[ServerSentEvent]:
        """Takes the next bytes of the stream and returns the events that they end.

        A `bytes` chunk is referred to in place by the events that lie within it; any other
        buffer is copied, so that it may be reused.

        Raises `EventTooLarge` for an event past `max_event_size`, in the event's place:
        where events precede it, they are returned first and the next call raises. The call
        that raises has taken its chunk all the same: the events after the error come with
        the calls that follow (`feed(b"")` will do). Raises `TypeError` for a `str` or
        another non-buffer, and `ValueError` after `close`.
        """
        if self._closed:
            raise ValueError("the Parser is closed: call reset() to parse another stream")
        self._reader.push(owned(chunk))
        return self._take()

    def close(self) -> list[ServerSentEvent]:
        """Tells that the stream has ended and returns the events that this brings forth.

        Raises `EventTooLarge` as `feed` does; the next call then returns the rest.
        """
        self._closed = True
        self._reader.finish()
        return self._take()

    def _take(self) -> list[ServerSentEvent]:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        events: list[ServerSentEvent] = []
        try:
            # `extend` keeps what it appended before the error.
            events.extend(self._reader)
        except EventTooLarge as error:
            if not events:
                raise
            self._error = error
        return events

    @property
    def last_event_id(self) -> str:
        """The last event id, to be sent as `Last-Event-ID` when reconnecting; `""` if none."""
        return self._reader.last_event_id

    @property
    def retry(self) -> int | None:
        """The last reconnection time that the stream set, in milliseconds, if any."""
        return self._reader.retry

    @property
    def pending(self) -> int:
        """The bytes held for an event that is not finished."""
        return self._reader.pending


def iter_sse(
    source: Buffer | Iterable[Buffer],
    *,
    max_event_size: int | None = None,
    eof: Eof = "discard",
) -> Iterator[ServerSentEvent]:
    """The events of a buffer, or of an iterable of buffers such as `response.iter_bytes()`.

    Follows WHATWG HTML, section 9.2.6; the keywords are those of `Parser`. A buffer is
    never copied: events with one `data` line refer to it in place. Chunks are taken from
    an iterable only when the events of those before are used up.

    Raises `TypeError` for a `str`, which must be encoded first, and for anything else that
    is neither. The iterator raises `EventTooLarge` in the place of an event past
    `max_event_size`, and what the source raises; it can go on after either.
    """
    view = buffer_of(source)
    if view is not None:
        reader = FrameReader(max_event_size=max_event_size, eof=eof)
        reader.push(view)
        reader.finish()
        return reader
    return FrameReader(chunks_of(source), max_event_size=max_event_size, eof=eof)


def aiter_sse(
    source: Buffer | AsyncIterable[Buffer],
    *,
    max_event_size: int | None = None,
    eof: Eof = "discard",
) -> AsyncIterator[ServerSentEvent]:
    """The events of a buffer, or of an async iterable such as `response.aiter_bytes()`.

    Like `iter_sse` in everything else.
    """
    reader = FrameReader(max_event_size=max_event_size, eof=eof)
    view = buffer_of(source)
    if view is not None:
        reader.push(view)
        reader.finish()
        return AsyncEvents(reader, None)
    return AsyncEvents(reader, async_chunks_of(source, instead="iter_sse"))
