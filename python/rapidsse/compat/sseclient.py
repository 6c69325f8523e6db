"""sseclient-py 1.9 on the engine of rapidsse.

`from rapidsse.compat import sseclient` replaces `import sseclient`.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Protocol

from .._engine import FrameReader
from ._bodies import transcoded
from ._seams import Seam

__all__ = ["Event", "SSEClient"]


class _EventSource(Protocol):
    """A response of requests or urllib3, or any other iterable of chunks that can be closed."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> object: ...


class Event:
    """One event. `id` and `retry` (a `str`) are those of its own lines, or `None`."""

    def __init__(
        self,
        id: str | None = None,
        event: str = "message",
        data: str = "",
        retry: str | None = None,
    ) -> None:
        self.id = id
        self.event = event
        self.data = data
        self.retry = retry

    def __str__(self) -> str:
        text = f"{self.event} event"
        if self.id:
            text += f" #{self.id}"
        text += f", {_counted(len(self.data), 'byte')}" if self.data else ", no data"
        if self.retry:
            text += f", retry in {self.retry}ms"
        return text


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class SSEClient:
    """The events of `event_source`, decoded from the encoding `char_enc`."""

    def __init__(self, event_source: _EventSource, char_enc: str = "utf-8") -> None:
        self._event_source = event_source
        self._char_enc = char_enc

    def events(self) -> Iterator[Event]:
        """Yields the events, including a last one that no blank line ends.

        Errors of the event source pass through. Raises `LookupError` for an unknown encoding.
        """
        yield from _events(self._event_source, self._char_enc, Event)

    def close(self) -> None:
        """Closes the event source."""
        self._event_source.close()


def _events(source: Iterable[bytes], char_enc: str, event_class: Any) -> Iterator[Any]:
    is_utf8 = codecs.lookup(char_enc).name == "utf-8"
    chunks = iter(source) if is_utf8 else transcoded(source, char_enc)
    for frame in FrameReader(chunks, eof="dispatch"):
        yield event_class(
            frame.id if frame._sets_id else None,
            frame.event,
            frame.data,
            None if frame.retry is None else str(frame.retry),
        )


def seams() -> list[Seam]:
    """What `install` replaces: how an `sseclient.SSEClient` is read, whoever made it."""
    theirs = import_module("sseclient")

    def events(self: Any) -> Iterator[Any]:
        return _events(self._event_source, self._char_enc, theirs.Event)

    uses = ("_event_source", "_char_enc")
    return [
        Seam(theirs.Event, "__init__", None, ("self", "id", "event", "data", "retry")),
        Seam(theirs.SSEClient, "events", events, ("self",), uses),
    ]
