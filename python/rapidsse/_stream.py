"""Event streams without a schema: `Parser`, `iter_sse` and `aiter_sse`.

All three use the engine's `FrameReader` and deliver its `ServerSentEvent`s.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from ._engine import FrameReader, ServerSentEvent
from ._pushed import Pushed
from ._source import AsyncEvents, async_chunks_of, buffer_of, chunks_of

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Parser", "aiter_sse", "iter_sse"]

Eof = Literal["discard", "dispatch"]


class Parser:
    """Parses an event stream that is fed to it in chunks (sans-I/O).

    Follows WHATWG HTML, section 9.2.6, "Interpreting an event stream": LF, CR and CRLF end
    lines, wherever the chunks are cut; one leading BOM is skipped; invalid UTF-8 becomes
    U+FFFD. Its time is linear in the bytes, whatever the sizes of the chunks, and its memory one
    unfinished event; comments and unknown fields are never kept.

    `max_event_size` is the limit in bytes past which an event raises `EventTooLarge` (`None`: no
    limit); data, event name and id count. `eof` says what happens to a last event without its blank
    line: `"discard"` drops it, as the specification does, `"dispatch"` delivers it. A wrong value
    raises `ValueError`, a wrong type of `max_event_size` `TypeError`, and a call while another one
    lasts `RuntimeError`.
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
        """Starts anew: the next chunk is the first of another stream."""
        self._reader = FrameReader(max_event_size=self._max_event_size, eof=self._eof)
        self._pushed: Pushed[ServerSentEvent] = Pushed(self._reader)
        self._closed = False

    def feed(self, chunk: Buffer) -> list[ServerSentEvent]:
        """Takes the next bytes of the stream and returns the events that they complete.

        Events refer to a `bytes` chunk in place; any other buffer is copied, so that it can be
        reused.

        Raises `EventTooLarge` for an event past `max_event_size`, in the event's place: if events
        precede it, they are returned first and the next call raises. The call that raises has
        still taken its chunk: the events after the error come with the next calls (`feed(b"")`
        will do). Raises `TypeError` for a `str` or another non-buffer, and `ValueError` after
        `close`.
        """
        if self._closed:
            raise ValueError("the Parser is closed: call reset() to parse another stream")
        return self._pushed.feed(chunk)

    def close(self) -> list[ServerSentEvent]:
        """Ends the stream and returns the last event, if `eof` makes it one.

        Raises `EventTooLarge` as `feed` does; the next call then returns the rest.
        """
        self._closed = True
        return self._pushed.close()

    @property
    def last_event_id(self) -> str:
        """The last event id, which a client sends as `Last-Event-ID` to reconnect; `""` if none."""
        return self._reader.last_event_id

    @property
    def retry(self) -> int | None:
        """The last reconnection time that the stream set, in milliseconds; `None` if it set none."""
        return self._reader.retry

    @property
    def pending(self) -> int:
        """The number of bytes kept for the unfinished event."""
        return self._reader.pending


def iter_sse(
    source: Buffer | Iterable[Buffer],
    *,
    max_event_size: int | None = None,
    eof: Eof = "discard",
) -> Iterator[ServerSentEvent]:
    """The events of a buffer, or of an iterable of buffers such as `response.iter_bytes()`.

    Follows WHATWG HTML, section 9.2.6; the keywords are those of `Parser`. A buffer is
    never copied: events with one `data` line refer to it in place. The next chunk is taken from an
    iterable only after all events of the chunks before it.

    Raises `TypeError` for a `str`, which must be encoded first, and for anything else that
    is neither. The iterator raises `EventTooLarge` in the place of an event past
    `max_event_size`, and what the source raises; it can continue after either.
    """
    view = buffer_of(source)
    if view is not None:
        reader = FrameReader(max_event_size=max_event_size, eof=eof)
        reader.push(view)
        reader.finish()
        return reader
    return FrameReader(
        chunks_of(source, instead="aiter_sse"), max_event_size=max_event_size, eof=eof
    )


def aiter_sse(
    source: Buffer | AsyncIterable[Buffer],
    *,
    max_event_size: int | None = None,
    eof: Eof = "discard",
) -> AsyncIterator[ServerSentEvent]:
    """The events of a buffer, or of an async iterable such as `response.aiter_bytes()`.

    Otherwise like `iter_sse`.
    """
    reader = FrameReader(max_event_size=max_event_size, eof=eof)
    view = buffer_of(source)
    if view is not None:
        reader.push(view)
        reader.finish()
        return AsyncEvents(reader, None)
    return AsyncEvents(reader, async_chunks_of(source, instead="iter_sse"))
