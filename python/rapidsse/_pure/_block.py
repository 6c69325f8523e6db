"""The event under construction: what the lines since the last blank one have set.

WHATWG HTML, section 9.2.6: `data` lines add up, of every other field the last line counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._fields import COMMENT, IGNORED, UNKNOWN, parse_retry


@dataclass(slots=True)
class Block:
    """The lines of one event so far.

    `offset` is that of its first line that is no comment. `data` is a view of the chunk being
    read as long as there is one `data` line, and that in place; else bytes of its own.
    """

    offset: int | None = None
    event: bytes | None = None
    id: bytes | None = None
    retry: int | None = None
    data: memoryview | bytearray | None = None
    # The field beside `data` that gave it data.
    named_by: bytes = b""

    @property
    def size(self) -> int:
        """The bytes that `max_event_size` limits: those of data, event name and id."""
        return len(self.data or b"") + len(self.event or b"") + len(self.id or b"")

    @property
    def name(self) -> bytes:
        """The name of the event: that of the field that gave it data, unless `event` names it."""
        return self.named_by if self.event is None else self.event

    def size_with(self, field: bytes, value_size: int) -> int:
        """The size of the block with one more line, or with the part of it so far."""
        if field in (b"retry", COMMENT, UNKNOWN, IGNORED):
            return self.size
        if field == b"event":
            return self.size + value_size - len(self.event or b"")
        if field == b"id":
            return self.size + value_size - len(self.id or b"")
        # Data: an LF joins it to the lines before it.
        return self.size + value_size + (self.data is not None)

    def set(self, field: bytes, value: memoryview | bytearray) -> None:
        """Takes a line of this field."""
        if field == b"data":
            self._add_data(value)
        elif field == b"event":
            self.event = bytes(value)
        elif field not in (b"id", b"retry"):
            self.named_by = field
            self._add_data(value)
        elif field == b"retry":
            retry = parse_retry(bytes(value))
            self.retry = self.retry if retry is None else retry
        elif b"\0" not in bytes(value):
            self.id = bytes(value)

    def _add_data(self, value: memoryview | bytearray) -> None:
        if self.data is None:
            self.data = value
            return
        self.leave_chunk()
        assert isinstance(self.data, bytearray)
        self.data += b"\n"
        self.data += value

    def leave_chunk(self) -> None:
        """Copies what lies in the chunk that is about to go."""
        if isinstance(self.data, memoryview):
            self.data = bytearray(self.data)
