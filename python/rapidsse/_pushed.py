"""`Pushed`: the events of a stream whose chunks are pushed, for `feed` and `close`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ._source import owned

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Pushed"]

EventT = TypeVar("EventT")
EventT_co = TypeVar("EventT_co", covariant=True)


class _Reader(Protocol[EventT_co]):
    def push(self, chunk: Buffer) -> None: ...
    def finish(self) -> None: ...
    def __iter__(self) -> Iterator[EventT_co]: ...


class Pushed(Generic[EventT]):
    """One stream of a reader. Nothing that was decoded is lost, whatever is raised meanwhile.

    An error in the place of an event is raised by the next call if events precede it. Any other
    exception, such as `KeyboardInterrupt`, is raised at once, and the next call returns the events.
    """

    def __init__(self, reader: _Reader[EventT]) -> None:
        self._reader = reader
        self._events: list[EventT] = []
        self._error: Exception | None = None

    def feed(self, chunk: Buffer) -> list[EventT]:
        """Takes a chunk, and returns the events so far."""
        self._reader.push(owned(chunk))
        return self._take()

    def close(self) -> list[EventT]:
        """Ends the stream, and returns the events so far."""
        self._reader.finish()
        return self._take()

    @property
    def has_error(self) -> bool:
        """The next call raises."""
        return self._error is not None

    def _take(self) -> list[EventT]:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        events = self._events
        try:
            # `extend` keeps what it appended before the error.
            events.extend(self._reader)
        except Exception as error:
            if not events:
                raise
            self._error = error
        self._events = []
        return events
