"""`open_log`: a log of whatever format, read as bodies of events or event by event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, Literal, Self, cast, overload

from .._errors import InputError
from ._bodies import FORMATS, Body, Compression, Damage, Format, Framing, Skipped, check
from ._events import LogEvent, LogEvents, LogFailure
from ._options import DEFAULTS, ReadOptions
from .formats._detect import HEAD, HEAD_MAX, detect
from .sources._content import Content
from .sources._input import InMemory, Input
from .sources._opening import open_input

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import TypeVar

    from ._bodies import Part

    FoundT = TypeVar("FoundT", default=LogEvent)
else:
    from typing import TypeVar

    FoundT = TypeVar("FoundT")

__all__ = ["Body", "Damage", "Log", "LogEvent", "LogFailure", "open_log", "open_range"]

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
    """The log as it was named; `"-"` is standard input, `"<memory>"` what was in memory."""
    format: Format
    """`"sse"`, `"jsonl"` (an event a line), `"jsonl-body"` (a request a line), `"vcr"`, `"har"`."""
    size: int | None
    """The bytes of the file, where they are known."""
    skipped: int
    """The records so far whose body is no event stream (jsonl-body, vcr, har)."""

    def __init__(
        self,
        path: str | InMemory | Input,
        options: ReadOptions = DEFAULTS,
        *,
        on_error: OnError = "raise",
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self.skipped = 0
        self.options = options
        self._on_error: OnError = on_error
        self._taken = False
        self._events: LogEvents | None = None
        self._input = path if isinstance(path, Input) else open_input(path)
        self.source = self._input.source
        try:
            self._content = Content(self._input, options.compression, start=start, stop=stop)
            self.format = options.format or self._detect()
        except BaseException:
            self._input.close()
            raise
        self.size = self._input.size

    def _detect(self) -> Format:
        # A pipe's first bytes mostly tell, without waiting for more.
        size = HEAD if self.mapped else 1
        while True:
            head, whole = self._content.head(size)
            found = detect(head, whole=whole, name=self.source)
            if found == "jsonl" and self.options.body_field is not None:
                return "jsonl-body"
            if found is not None:
                return found
            if whole or len(head) >= HEAD_MAX:
                raise InputError(
                    self.source,
                    "its content is of no known format; if it has one, name it: "
                    + ", ".join(FORMATS),
                )
            size = max(HEAD, 4 * len(head))

    @property
    def compression(self) -> Compression:
        """`"none"`, `"gzip"`, `"zstd"`, `"bzip2"` or `"xz"`."""
        return self._content.compression

    @property
    def consumed(self) -> int:
        """The bytes of the file that were read so far; of a mapped file all, at once."""
        return self._input.consumed

    @property
    def content(self) -> int:
        """The bytes of the content, decompressed, that were taken so far."""
        return self._content.size

    @property
    def framing(self) -> Framing:
        """Whether the bodies are event streams, or events a line."""
        return "lines" if self.format == "jsonl" else "sse"

    @property
    def mapped(self) -> bool:
        """Whether the content lies in place: in memory, or a file that is regular and local, and
        not compressed."""
        return self._content.mapped is not None

    def head(self, size: int) -> tuple[bytes, bool]:
        """The first bytes of the content that is to be read, at least `size` of them unless it is
        smaller, and whether they are all. They are still there to be read."""
        return self._content.first(size)

    def bodies(self) -> Iterator[Body | Damage]:
        """The bodies, and the records that hold no readable one; once.

        A body's chunks are to be read before the next body is asked for. Where the log
        breaks, `InputError` is raised after all that is good, by the chunks or here.
        """
        if self._taken:
            raise RuntimeError("the log has been read: open it again")
        self._taken = True
        for part in self._parts():
            if isinstance(part, Skipped):
                self.skipped += 1
            else:
                yield part
        self._input.check_unchanged()

    def _parts(self) -> Iterator[Part]:
        match self.format:
            case "sse" | "jsonl":
                return iter((Body(self._content.start, self._content.chunks()),))
            case "jsonl-body":
                from .formats._jsonl import record_bodies

                return record_bodies(self._content, self.options.body_field)
            case "vcr":
                from .formats._cassette import cassette_bodies

                return cassette_bodies(self._content)
            case "har":
                from .formats._har import har_bodies

                return har_bodies(self._content)

    def __iter__(self) -> Iterator[FoundT]:
        if self._events is None:
            self._events = LogEvents(
                self, on_error=self._on_error, max_event_size=self.options.max_event_size
            )
        return cast("Iterator[FoundT]", self._events)

    def close(self) -> None:
        """Closes the file. Events stay usable."""
        self._content.close()
        self._input.close()

    def __del__(self) -> None:
        # The thread that reads ahead would wait for ever.
        if hasattr(self, "_content"):
            self.close()

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
    on_error: Literal["yield"],
    max_event_size: int | None = None,
) -> Log[LogEvent | LogFailure]: ...
def open_log(
    path: str | os.PathLike[str] | InMemory,
    *,
    format: Format | None = None,
    compression: Compression | None = None,
    body_field: str | None = None,
    on_error: OnError = "raise",
    max_event_size: int | None = None,
) -> Log[LogEvent] | Log[LogEvent | LogFailure]:
    """Opens a log: a file, an fsspec URL such as `s3://...`, or `"-"`, standard input; or its
    content, as `bytes` or another buffer.

    `format` and `compression` are recognised by the content, unless they are named.
    `body_field` names the field of a "jsonl-body" record that holds the body, by its keys
    joined with dots, such as `"response.body"`; without it the first string that looks like
    an event stream is the body.

    `on_error` is for events that do not decode, and for records without a readable body:
    `"raise"` raises `DecodeError` or `EventTooLarge` in its place (iteration can go on),
    `"yield"` gives a `LogFailure`, `"skip"` goes on. `max_event_size` (bytes) makes a larger
    event such a failure.

    Raises `InputError` if the log cannot be read, and `ValueError` for a keyword's value.
    """
    options = ReadOptions(format, compression, body_field, max_event_size)
    check("on_error", on_error, ("raise", "yield", "skip"))
    return Log(path if isinstance(path, InMemory) else os.fspath(path), options, on_error=on_error)


def open_range(path: str, start: int, stop: int, options: ReadOptions = DEFAULTS) -> Log:
    """The bytes from `start` up to `stop` of a plain file of format sse, jsonl or jsonl-body.

    Offsets stay those of the file, and so does the format, which is told by its beginning.
    """
    log = Log(path, replace(options, compression="none"), start=start, stop=stop)
    if not log.mapped or log.format in ("vcr", "har"):
        log.close()
        raise ValueError(f"{path} has no ranges: it is no plain file of events")
    return log
