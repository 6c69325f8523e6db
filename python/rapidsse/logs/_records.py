"""The bodies of an opened log, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator

from .._errors import InputError
from ._bodies import FORMATS, Body, Damage, Format, Framing, PassedOver, Skipped
from ._options import ReadOptions
from .formats._table import FORMAT_TABLE
from .formats.detect._detect import HEAD_MAX, detect
from .formats.detect._foreign import HEAD_FOREIGN, foreign
from .formats.detect._looks import BEGINS, looks_like
from .formats.values._streams import HEAD
from .sources._content import Content
from .sources._source import Source, closed

__all__ = ["Records"]


class Records:
    """What is in a log, to be read once; it owns the source, and closes it."""

    def __init__(
        self, source: Source, options: ReadOptions, *, start: int = 0, stop: int | None = None
    ) -> None:
        """Raises `InputError` if the log cannot be read, or is of no known format."""
        self.source = source
        self.options = options
        self._skipped = 0
        self.passed_over = 0
        self._taken = self._closed = False
        self._begins = b""
        try:
            self.content = Content(source, options.compression, start=start, stop=stop)
            self.format: Format = options.format or self._detect()
        except BaseException:
            source.close()
            raise

    @property
    def framing(self) -> Framing:
        """Whether the bodies are event streams, or one event per line."""
        return FORMAT_TABLE[self.format].framing

    @property
    def looks_like(self) -> str:
        """What the log looks like: for a log without events."""
        fields = {"jsonl-body": self.options.body_field, "jsonl-event": self.options.event_field}
        if (field := fields.get(self.format)) is not None:
            return f"no line has one in the field {field!r}"
        if self.options.format is not None:
            # Nothing was detected, so no bytes were looked at.
            return f"it was read as {self.format}, the format that was given"
        return looks_like(self._begins)

    @property
    def skipped(self) -> int:
        """The records and lines so far in which there is no event stream."""
        return self._skipped + self.content.skipped

    def bodies(self) -> Iterator[Body | Damage]:
        """`Log.bodies`."""
        if self._closed:
            raise closed(self.source.name)
        if self._taken:
            raise RuntimeError("the log has been read: open it again")
        self._taken = True
        for part in FORMAT_TABLE[self.format].bodies(self.content, self.options):
            if isinstance(part, Skipped):
                self._skipped += 1
            elif isinstance(part, PassedOver):
                self.passed_over += 1
            else:
                yield part
        self.source.check_unchanged()

    def _detect(self) -> Format:
        # A pipe's first bytes mostly tell, without waiting for more.
        size = 1 if self.source.size is None else HEAD
        while True:
            head, whole = self.content.head(size)
            # Decompression gives larger steps. The same bytes decide the format of a log,
            # compressed or not.
            if len(head) > (most := max(size, HEAD)):
                head, whole = head[:most], False
            self._begins = head[: 2 * BEGINS]
            if (reason := foreign(head)) is not None:
                raise InputError(self.source.name, reason)
            if b"\0" in head and len(head) < HEAD_FOREIGN and not whole:
                size = HEAD_FOREIGN
                continue
            found = detect(head, whole=whole, name=self.source.name)
            if found in ("jsonl", "jsonl-event", "jsonl-body"):
                if self.options.event_field is not None:
                    return "jsonl-event"
                if self.options.body_field is not None:
                    return "jsonl-body"
            if found is not None:
                return found
            if whole or len(head) >= HEAD_MAX:
                raise InputError(
                    self.source.name,
                    "its content is of no known format; if it has one, name it (--log-format, format=): "
                    + ", ".join(FORMATS),
                )
            size = max(HEAD, 4 * len(head))

    def close(self) -> None:
        """Closes the source. What still reads the bodies raises `ValueError`."""
        self._closed = True
        self.content.close()

    def __del__(self) -> None:
        # The thread that reads ahead would wait for ever.
        if hasattr(self, "format"):
            self.close()
