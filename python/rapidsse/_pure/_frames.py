"""Frames: the events of a stream as they stand in it (WHATWG HTML, section 9.2.6).

A chunk is read line by line in place. Only what it leaves unfinished is kept: the line that it
cuts, and the fields of the event so far. So each byte is read once, however the stream is cut,
and memory is one unfinished event.
"""

from __future__ import annotations

from ._block import Block
from ._chunks import Chunk
from ._fields import COMMENT, HEAD, IGNORED, UNKNOWN, CutLine, field_of, mark_of
from ._frame import Dropped, Frame, Item, TooLarge
from ._lines import Lines

_SPACE = 0x20


class FrameParser:
    """Finds the events of one stream, chunk by chunk.

    `limit` is `max_event_size`. With `dataless`, an event without data is one if a line of its
    own gave it a name, an id or a `retry`, which is beyond the specification. So is `also_data`:
    a field of this name is data, too, and names the event unless `event` does.
    """

    def __init__(self, *, limit: int | None, dataless: bool, also_data: bytes = b"") -> None:
        self._also_data = also_data
        self._limit = limit
        self._dataless = dataless
        self._lines = Lines()
        self._line: CutLine | None = None
        self._block = Block()
        # Where the event begins whose lines are being dropped, as it was too large.
        self._dropping: int | None = None
        self.last_event_id = ""
        self.retry: int | None = None
        self.unknown_lines = 0
        """The lines so far that are no comment and no field of the specification, but for those of
        events that were too large."""

    def next(self, chunk: Chunk) -> Item | None:
        """The next event that ends in this chunk; `None` once the chunk is used up."""
        for start, end, is_ended in self._lines.of(chunk):
            if not is_ended or self._line is not None:
                item: Item | None = self._take_part(chunk, start, end, is_ended)
            elif start == end:
                item = self._dispatch(chunk.offset + start, is_complete=True)
            else:
                item = self._take_line(chunk, start, end)
            if item is not None:
                return item
        self._block.leave_chunk()
        return None

    def finish(self, end: int, *, reports_cut: bool) -> Item | None:
        """The event that the end of the stream, at this offset, leaves unfinished, if any.

        With `reports_cut`, that is also one without data, if it has an `event` line or if its
        last line is cut. After a `TooLarge` there is one more item, to be asked for.
        """
        line, self._line = self._line, None
        if line is not None:
            is_cut = line.field != COMMENT
            too_large = self._add_to_line(line, memoryview(b""), is_ended=True)
            if too_large is not None:
                return too_large
        else:
            is_cut = False
        block = self._block
        if reports_cut and block.data is None and (is_cut or block.event is not None):
            block.data = bytearray()
        return self._dispatch(end, is_complete=False)

    def discard(self) -> None:
        """Drops the unfinished event."""
        self._line = None
        self._dropping = None
        self._block = Block()

    @property
    def pending(self) -> int:
        """The bytes held for the unfinished event."""
        if self._dropping is not None:
            return 0
        line = self._line
        if line is None:
            return self._block.size
        if line.field is None:
            return self._block.size + len(line.text)
        return self._block.size_with(line.field, line.value_size)

    @property
    def is_between_events(self) -> bool:
        return (
            self._block.offset is None
            and self._line is None
            and self._dropping is None
            and not self._lines.is_after_cr
        )

    # Lines.

    def _take_line(self, chunk: Chunk, start: int, end: int) -> TooLarge | None:
        """Takes a line that lies in the chunk and is not blank."""
        if self._dropping is not None:
            return None
        head = bytes(chunk.buf[start : min(start + HEAD, end)])
        field = field_of(head, is_ended=True, also_data=self._also_data)
        assert field is not None
        if field == COMMENT:
            return None
        if self._block.offset is None:
            self._block.offset = chunk.offset + start
        if field == UNKNOWN:
            self.unknown_lines += 1
            return None
        at = min(start + mark_of(head, self._also_data) + len(field) + 1, end)
        if at < end and chunk.buf[at] == _SPACE:
            at += 1
        return self._set(field, chunk.view[at:end])

    def _take_part(self, chunk: Chunk, start: int, end: int, is_ended: bool) -> TooLarge | None:
        """Takes a part of a line that the end of this chunk cuts, or that of the one before."""
        line = self._line
        if line is None:
            line = CutLine(chunk.offset + start, self._also_data)
            if self._dropping is not None:
                line.ignore()
        self._line = None if is_ended else line
        return self._add_to_line(line, chunk.view[start:end], is_ended=is_ended)

    def _add_to_line(self, line: CutLine, part: memoryview, *, is_ended: bool) -> TooLarge | None:
        line.add(part, is_ended=is_ended)
        field = line.field
        if self._dropping is not None or field is None or field == COMMENT:
            return None
        if self._block.offset is None:
            self._block.offset = line.offset
        if field in (UNKNOWN, IGNORED):
            self.unknown_lines += is_ended and field == UNKNOWN
            return None
        if is_ended:
            return self._set(field, line.take_value())
        return self._check(field, line.value_size)

    # Fields.

    def _set(self, field: bytes, value: memoryview | bytearray) -> TooLarge | None:
        if self._limit is not None:
            too_large = self._check(field, len(value))
            if too_large is not None:
                return too_large
        self._block.set(field, value)
        if field == b"retry" and self._block.retry is not None:
            self.retry = self._block.retry
        return None

    def _check(self, field: bytes, value_size: int) -> TooLarge | None:
        """Drops the event if a line with so large a value makes it too large."""
        if self._limit is None or self._block.size_with(field, value_size) <= self._limit:
            return None
        self._dropping = self._block.offset
        assert self._dropping is not None
        self._block = Block()
        if self._line is not None:
            self._line.ignore()
        return TooLarge(self._dropping, self._limit)

    # Events.

    def _dispatch(self, lines_end: int, *, is_complete: bool) -> Frame | Dropped | None:
        """Ends the block; `lines_end` is the offset of the blank line."""
        block, self._block = self._block, Block()
        if self._dropping is not None:
            offset, self._dropping = self._dropping, None
            return Dropped(offset, lines_end, is_complete)
        if block.id is not None:
            self.last_event_id = block.id.decode("utf-8", "replace")
        if block.data is None:
            is_event = block.event or block.id or block.retry is not None
            if not (self._dataless and is_event):
                return None
        assert block.offset is not None
        data = memoryview(b"" if block.data is None else block.data).toreadonly()
        return Frame(
            source=data,
            start=0,
            end=len(data),
            base=0,
            begin=block.offset,
            lines_end=lines_end,
            name=block.name.decode("utf-8", "replace"),
            sets_id=block.id is not None,
            retry=block.retry,
            is_complete=is_complete,
        )
