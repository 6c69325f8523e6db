"""`open_log`: a log of whatever format, read as bodies of events or event by event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, Literal, Self, cast, overload

from ._bodies import Body, Compression, Damage, Format, Framing, check
from ._events import LogEvent, LogEvents, LogFailure
from ._options import DEFAULTS, ReadOptions
from ._records import Records
from .sources._open import open_source
from .sources._source import InMemory, Source

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import TypeVar

    FoundT = TypeVar("FoundT", default=LogEvent)
else:
    from typing import TypeVar

    FoundT = TypeVar("FoundT")

__all__ = ["Body", "Damage", "Log", "LogEvent", "LogFailure", "open_log"]

OnError = Literal["raise", "yield", "skip"]


class Log(Generic[FoundT]):
    """An opened log; a context manager, and an iterator over its events, once.

    `open_log` makes it. Iterating gives `LogEvent`s, and raises or gives what `on_error`
    says of events that do not decode; it raises `InputError` where the log itself breaks,
    after all the events before.
    """

    options: ReadOptions
    """How it is read, as it was asked for."""
    source: str
    """The name of the log, as it was given; `"-"` is standard input, `"<memory>"` content in
    memory."""
    format: Format
    """One of those that `docs/logs.md` lists, such as `"sse"` or `"jsonl"`."""
    size: int | None
    """The bytes of the file, where they are known."""

    def __init__(
        self,
        path: str | os.PathLike[str] | InMemory | Source,
        options: ReadOptions = DEFAULTS,
        *,
        on_error: OnError = "raise",
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        if isinstance(path, os.PathLike):
            path = os.fsdecode(path)
        source = open_source(path) if isinstance(path, str | InMemory) else path
        self._records = Records(source, options, start=start, stop=stop)
        self._on_error: OnError = on_error
        self._events: LogEvents | None = None
        self.options = options
        self.source = source.name
        self.size = source.size
        self.format = self._records.format

    @property
    def skipped(self) -> int:
        """The records so far that hold no event stream, and the lines that hold no event."""
        return self._records.skipped

    @property
    def passed_over(self) -> int:
        """The event streams so far that were not read, because another one in the same record is
        its response."""
        return self._records.passed_over

    @property
    def needs_known_api(self) -> bool:
        """Whether nothing else than an event of a known API, or an error, says that its events are
        such: neither its format was given nor the field that holds them."""
        options = self.options
        return options.format is options.event_field is options.body_field is None

    @property
    def looks_like(self) -> str:
        """What its content looks like, in words: for a log in which no event was found."""
        return self._records.looks_like

    @property
    def compression(self) -> Compression:
        """`"none"`, `"gzip"`, `"zstd"`, `"bzip2"` or `"xz"`."""
        return self._records.content.compression

    @property
    def consumed(self) -> int:
        """The bytes of the file that were read so far."""
        return self._records.source.consumed

    @property
    def content(self) -> int:
        """The bytes of the content, decompressed, that were taken so far."""
        return self._records.content.size

    @property
    def framing(self) -> Framing:
        """Whether the bodies are event streams, or one event per line."""
        return self._records.framing

    @property
    def is_plain(self) -> bool:
        """Whether any part of the content can be read: it is in memory, or a regular file, and
        not compressed."""
        return self._records.content.is_plain

    @property
    def in_memory(self) -> bool:
        """Whether the content stays in place, where it was given."""
        return self._records.content.in_memory

    def head(self, size: int) -> tuple[bytes, bool]:
        """The first bytes of the content that is to be read, at least `size` of them unless it is
        smaller, and whether they are all. They are still there to be read."""
        return self._records.content.first(size)

    def bodies(self) -> Iterator[Body | Damage]:
        """The bodies, and the records that hold no readable one; once.

        A body's chunks are to be read before the next body is asked for. Where the log
        breaks, `InputError` is raised after all that is good, by the chunks or here.
        """
        return self._records.bodies()

    def __iter__(self) -> Iterator[FoundT]:
        if self._events is None:
            # They keep the records, and not the log, which would keep them: what is left early
            # is closed at once.
            self._events = LogEvents(self._records, self.source, self._on_error)
        return cast("Iterator[FoundT]", self._events)

    def close(self) -> None:
        """Closes the file; any thread may do so. Events stay usable. Whatever still iterates over
        the log raises `ValueError`, unless it has come to the end."""
        if self._events is not None:
            self._events.close()
        self._records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@overload
def open_log(
    path: str | os.PathLike[str] | InMemory,
    *,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    event_field: str | None = None,
    on_error: Literal["raise", "skip"] = "raise",
    max_event_size: int | None = None,
) -> Log[LogEvent]: ...
@overload
def open_log(
    path: str | os.PathLike[str] | InMemory,
    *,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    event_field: str | None = None,
    on_error: Literal["yield"],
    max_event_size: int | None = None,
) -> Log[LogEvent | LogFailure]: ...
def open_log(
    path: str | os.PathLike[str] | InMemory,
    *,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    event_field: str | None = None,
    on_error: OnError = "raise",
    max_event_size: int | None = None,
) -> Log[LogEvent] | Log[LogEvent | LogFailure]:
    """Opens a log: a file, an fsspec URL such as `s3://...`, or `"-"`, standard input; or its
    content, as `bytes` or another buffer.

    `format` and `compression` are recognised by the content, unless they are named.
    `body_field` names the field of a "jsonl-body" record that holds the body, by its keys
    joined with dots, such as `"response.body"`; without it the record's response is found by
    its names and its events. `event_field` names in the same way the field of a line that holds
    one event, which makes the log a "jsonl-event".

    `on_error` is for events that do not decode, and for records without a readable body:
    `"raise"` raises `DecodeError` or `EventTooLarge` in its place (iteration can go on),
    `"yield"` gives a `LogFailure`, `"skip"` goes on. `max_event_size` (bytes) makes a larger
    event such a failure.

    Raises `InputError` if the log cannot be read, and `ValueError` for a keyword's value.
    """
    options = ReadOptions(format, compression, body_field, max_event_size, event_field)
    check("on_error", on_error, ("raise", "yield", "skip"))
    if not isinstance(path, str | os.PathLike | InMemory):
        raise TypeError(f"a log is a path, a URL or a buffer, not {type(path).__name__}")
    return Log(path, options, on_error=on_error)
