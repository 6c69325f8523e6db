"""`Counts`: what is counted over all bodies of a log, and by the names of its events."""

from __future__ import annotations

from ..._limits import MAX_NAME, MAX_NAMES, OTHER_TYPES
from ._objects import LogCounts


class Counts:
    """The events and failures, and the bytes of their lines."""

    __slots__ = (
        "_bytes",
        "_event_bytes",
        "_events",
        "_failure_bytes",
        "_failures",
        "_nonstandard",
        "_unknown_lines",
        "types",
    )

    def __init__(self) -> None:
        self._events = self._failures = 0
        self._event_bytes = self._failure_bytes = 0
        self._bytes = 0
        self._nonstandard = self._unknown_lines = 0
        # The events of each name, and their bytes.
        self.types: dict[str, tuple[int, int]] = {}

    def event(self, name: str, length: int, *, is_standard: bool) -> None:
        """Adds a decoded event, which is JSON by the standard, or only as the SDKs read it."""
        self._events += 1
        self._nonstandard += not is_standard
        self._event_bytes += length
        if len(name) * 4 > MAX_NAME:
            name = name[:MAX_NAME].encode()[:MAX_NAME].decode("utf-8", "ignore")
        if name not in self.types and len(self.types) >= MAX_NAMES:
            name = OTHER_TYPES
        events, size = self.types.get(name, (0, 0))
        self.types[name] = events + 1, size + length

    def failure(self, length: int) -> None:
        """Adds an event that did not decode."""
        self._failures += 1
        self._failure_bytes += length

    def body(self, length: int, unknown_lines: int) -> None:
        """Adds a body that was read to its end."""
        self._bytes += length
        self._unknown_lines += unknown_lines

    def totals(self, read: int, unknown_lines: int) -> LogCounts:
        """All of them; `read` bytes of a body that has not ended, and its lines that are no field,
        are among them."""
        return LogCounts(
            events=self._events,
            failures=self._failures,
            event_bytes=self._event_bytes,
            failure_bytes=self._failure_bytes,
            other_bytes=self._bytes + read - self._event_bytes - self._failure_bytes,
            nonstandard=self._nonstandard,
            unknown_lines=self._unknown_lines + unknown_lines,
        )
