"""From chunks to events: lines, fields and the event under construction.

The grammar is that of WHATWG HTML, section 9.2.6. A chunk is read line by line where it
lies; only what a chunk leaves unfinished is carried over: the line that it cuts
(`_line`) and the fields of the event so far. Lines that mean nothing (comments, unknown
fields, the rest of an event that was too large) are never carried.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from .._errors import EventTooLarge
from .._options import check_eof, check_max_event_size, check_source
from ._search import first_eol
from ._source import Searchable, check_chunk, owned, searchable

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BOM = b"\xef\xbb\xbf"
_FIELDS = frozenset((b"data", b"event", b"id", b"retry"))
# What a line is that sets no field.
_COMMENT = b":"
_UNKNOWN = b""
# As many bytes of a line tell its field: the longest name and a colon.
_HEAD = 6
_LF = 0x0A
_SPACE = 0x20
_NO_LIMIT = math.inf
# The lines of an event are mostly shorter together.
_SHORT_LINES = 1 << 10
_MAX_RETRY = 2**64 - 1
_common_prefix = re.compile(rb"(?:event: ([^\r\n]*+)\r?\n)?data: ").match
_MIN_WINDOW = 1 << 10
_MAX_WINDOW = 1 << 14
# A number with this many significant digits is above `_MAX_RETRY`.
_RETRY_DIGITS = 21


def field_of(head: bytes, ended: bool) -> bytes | None:
    """The field that a line sets, `_COMMENT` or `_UNKNOWN`, from the line's first bytes.

    `None` as long as more bytes than those decide; never when the line has `ended`.
    """
    name, colon, _ = head.partition(b":")
    if colon and not name:
        return _COMMENT
    if not colon and not ended and len(name) < _HEAD:
        return None
    return name if name in _FIELDS else _UNKNOWN


def parse_retry(value: bytes) -> int:
    """A number of any length, which saturates; `int` itself refuses very long ones."""
    return min(int(value.lstrip(b"0")[:_RETRY_DIGITS] or b"0"), _MAX_RETRY)


class Splitter:
    """Splits chunks into events; `_advance` leaves the next one in the `_event_*` fields."""

    def __init__(
        self,
        source: Iterator[Buffer] | None,
        max_event_size: int | None,
        eof: Literal["discard", "dispatch"],
        dataless: bool = False,
    ) -> None:
        self._source = check_source(source)
        check_eof(eof)
        limit = check_max_event_size(max_event_size)
        self._limit: float = _NO_LIMIT if limit is None else limit
        self._eof = eof
        # Beyond the specification: whether an event without data, which it drops, is
        # dispatched if a line of its own gave it a name, an id or a retry.
        self._dataless = dataless

        self._queue: deque[Buffer] = deque()
        self._closed = False
        self._ended = False
        # The chunk being read: its bytes, what searches them, the next byte, the end, and
        # the offset of its first byte from the start of the stream.
        self._view = memoryview(b"")
        self._buf: Searchable = b""
        self._pos: int = 0
        self._end = 0
        self._base = 0

        # Bytes at the start of the stream that may yet turn out to be a BOM.
        self._bom: bytes | None = b""
        # The last line ended in CR at the end of a chunk: an LF that follows belongs to it.
        self._after_cr = False
        # The line that the last chunk cut: its bytes if it may matter, its field if known.
        self._in_line = False
        self._line = bytearray()
        self._field: bytes | None = None
        self._line_offset = 0

        self._index = 0
        self._last_event_id = ""
        self._last_retry: int | None = None
        self._dropping = False
        self._clear_block()

        # The data of the blocks from `_pos` on, last one first, that have the name
        # `_found_event`; of each block `_run_prefix` bytes come before and `_run_gap` bytes
        # after it. A reader takes them all before it goes on line by line.
        self._run: list[bytes] = []
        self._run_prefix = 0
        self._run_gap = 0
        # How far ahead a run is looked for: less where runs are short.
        self._window = _MIN_WINDOW

        # The event that was found: `_view[_found_start:_found_end]`, or bytes of its own.
        self._found_data: bytes | None = None
        self._found_start = 0
        self._found_end = 0
        self._found_event = "message"
        # Whether lines of its own gave it a name that is not empty, and a valid id.
        self._found_name = False
        self._found_id = False
        self._found_retry: int | None = None
        # Its first line that is no comment, and the blank line behind its last one.
        self._found_offset = 0
        self._found_lines_end = 0

    def _clear_block(self) -> None:
        self._block_offset: int | None = None
        self._event: bytes | None = None
        self._id: bytes | None = None
        self._retry: int | None = None
        # The data: one line in place in the current chunk, or joined bytes.
        self._place: tuple[int, int] | None = None
        self._data: bytes | bytearray | None = None

    # Chunks.

    def push(self, chunk: Buffer) -> None:
        """Adds a chunk, which is referred to in place: it must not change afterwards."""
        if self._closed:
            raise ValueError("the reader is closed: create another one to read another stream")
        check_chunk(chunk)
        self._queue.append(chunk)

    def finish(self) -> None:
        """Tells that no more chunks come."""
        self._closed = True

    def _next_chunk(self) -> bool:
        """Makes the next chunk the current one; false when there is none (yet)."""
        if not self._queue:
            if self._closed or self._source is None:
                return False
            chunk = self._pull(self._source)
            if chunk is None:
                self._closed = True
                return False
        else:
            chunk = self._queue.popleft()
        if type(chunk) is bytes:
            self._view = memoryview(chunk)
            self._buf = chunk
        else:
            self._view = check_chunk(chunk)
            self._buf = searchable(self._view)
        self._end = len(self._view)
        return True

    def _pull(self, source: Iterator[Buffer]) -> Buffer | None:
        """The next chunk of the source, past those that only go on with a long data line."""
        goes_on = self._field == b"data" and self._in_line and self._limit == _NO_LIMIT
        for chunk in source:
            if not goes_on or type(chunk) is not bytes or b"\n" in chunk or b"\r" in chunk:
                return owned(chunk)
            self._line += chunk
            self._base += len(chunk)
        return None

    def _leave_chunk(self) -> None:
        """Lets go of a chunk that was read, keeping what the event so far needs of it."""
        if self._place is not None:
            self._data = self._in_place()
            self._place = None
        self._base += self._end
        self._view = memoryview(b"")
        self._buf = b""
        self._pos = self._end = 0

    # Runs. Nearly all events of model output have one shape: an `event` line with one space
    # and a `data` line with one space, or the latter alone; and many in a row have the same
    # name. `bytes.split` takes such a run apart at the cost of its bytes. Looking ahead
    # changes nothing that can be seen, as these blocks set no id and no retry. Whatever else
    # comes is read line by line.

    def _find_run(self) -> bool:
        """Makes the blocks at `_pos` the run, if they have the common shape.

        Only amid a chunk: `_read_chunk` has taken up what the chunk before it left open.
        """
        start = self._pos
        if (
            start == self._end
            or self._block_offset is not None
            or self._dropping
            or self._limit < _MAX_WINDOW
            or not (match := _common_prefix(self._view, start))
        ):
            return False
        # The first block decides what ends lines, and whether there is a run at all.
        buf = self._buf
        lf = buf.find(b"\n", match.end(), start + _MAX_WINDOW)
        if lf < 0:
            return False
        eol = b"\r\n" if buf[lf - 1] == 0x0D else b"\n"
        blank = lf + 1 + len(eol)
        if buf[lf + 1 : blank] != eol:
            return False
        prefix = match[0]
        self._run_prefix = len(prefix)
        self._found_name = bool(match[1])
        self._run_gap = 2 * len(eol)
        self._found_event = (match[1] or b"message").decode("utf-8", "replace")
        if buf[blank : blank + len(prefix)] != prefix:
            # A run of one.
            data = bytes(buf[match.end() : blank - self._run_gap])
            if b"\r" in data:
                return False
            self._run = [data]
            return True
        separator = eol + eol + prefix
        window = bytes(buf[match.end() : max(start + self._window, blank)])
        run = window.split(separator)
        lines = separator.count(b"\n") * (len(run) - 1)
        crs = lines if eol == b"\r\n" else 0
        if window.count(b"\n") == lines and window.count(b"\r") == crs:
            # Only separators hold line ends. The window cuts the last block.
            run.pop()
            self._window = min(self._window * 2, _MAX_WINDOW)
        else:
            ends = (index for index, part in enumerate(run) if b"\n" in part or b"\r" in part)
            end = next(ends)
            data, ended, _ = run[end].partition(eol + eol)
            del run[end:]
            if ended and b"\n" not in data and b"\r" not in data:
                run.append(data)
            self._window = max(self._window // 2, _MIN_WINDOW)
        run.reverse()
        self._run = run
        return bool(run)

    # Lines.

    def _advance(self) -> bool:
        """Reads on to the next event; false when the chunks so far hold no other."""
        while not (self._pos < self._end and self._read_chunk()):
            self._leave_chunk()
            if not self._next_chunk():
                return False
        return True

    def _read_chunk(self) -> bool:
        """Reads the current chunk up to the next event; false at its end."""
        buf, end = self._buf, self._end
        if self._bom is not None and not self._skip_bom(self._bom):
            return False
        if self._after_cr and self._pos < end:
            self._after_cr = False
            if buf[self._pos] == _LF:
                self._pos += 1
        if self._in_line and not self._continue_line():
            return False
        while self._pos < end:
            start = self._pos
            # Unlike that of `str`, `splitlines` of `bytes` knows LF, CR and CRLF only.
            lines = bytes(buf[start : start + _SHORT_LINES]).splitlines(keepends=True)
            if lines[-1][-1] != _LF:
                # It may go on behind these bytes, or its CR may be half of a CRLF.
                lines.pop()
            if not lines:
                eol = self._line_end(start)
                if eol < 0:
                    self._begin_cut_line(self._base + start)
                    self._carry(start)
                    return False
                self._skip_eol(eol)
                if eol > start:
                    self._take_line(bytes(buf[start : min(start + _HEAD, eol)]), start, eol)
                elif self._dispatch(self._base + start):
                    return True
            for line in lines:
                text = line.rstrip(b"\r\n")
                self._pos = start + len(line)
                if text:
                    self._take_line(text, start, start + len(text))
                elif self._dispatch(self._base + start):
                    return True
                start = self._pos
        return False

    def _line_end(self, start: int) -> int:
        """The index of the CR or LF that ends the line at `start`, or -1."""
        return first_eol(self._buf, start, self._end)

    def _skip_bom(self, held: bytes) -> bool:
        """Skips one BOM at the start of the stream; false when more bytes decide."""
        seen = held + bytes(self._buf[self._pos : self._pos + len(_BOM) - len(held)])
        if len(seen) < len(_BOM) and _BOM.startswith(seen):
            self._bom = seen
            self._pos = self._end
            return False
        self._bom = None
        if seen == _BOM:
            self._pos += len(_BOM) - len(held)
        elif held:
            self._begin_bom_line()
        return True

    def _begin_bom_line(self) -> None:
        """Makes the start of a BOM, which is no BOM, the start of a (meaningless) line."""
        self._bom = None
        self._begin_cut_line(0)
        self._field = _UNKNOWN
        self._block_offset = 0

    def _skip_eol(self, eol: int) -> None:
        """Moves behind a line end, of which the next chunk may hold the second half."""
        self._pos = eol + 1
        if self._buf[eol] == 0x0D:
            if self._pos == self._end:
                self._after_cr = True
            elif self._buf[self._pos] == _LF:
                self._pos += 1

    def _begin_cut_line(self, offset: int) -> None:
        self._in_line = True
        self._line.clear()
        self._line_offset = offset
        self._field = None

    def _carry(self, start: int) -> None:
        """Takes the rest of the chunk as part of a line that goes on in the next one."""
        rest = self._view[start:] if start else self._view
        self._pos = self._end
        if self._field is None:
            self._field = field_of(bytes(self._line) + bytes(rest[:_HEAD]), ended=False)
            if self._field != _COMMENT and self._block_offset is None:
                self._block_offset = self._line_offset
        if self._dropping or self._field in (_COMMENT, _UNKNOWN):
            self._line.clear()
            return
        self._line += rest
        if self._field == b"retry":
            self._shorten_retry()
        if self._limit != _NO_LIMIT:
            self._check(self._size() + self._cut_value_size())

    def _shorten_retry(self) -> None:
        """Keeps a number that spans chunks from growing: more digits only saturate it."""
        at = self._value_start(self._line, len(b"retry"))
        value = self._line[at:]
        if value and not value.isdigit():
            self._field = _UNKNOWN
            self._line.clear()
        elif len(value) > _RETRY_DIGITS:
            self._line[at:] = value.lstrip(b"0")[:_RETRY_DIGITS] or b"0"

    def _continue_line(self) -> bool:
        """Goes on with the line that the last chunk cut; false if this chunk cuts it too."""
        start = self._pos
        eol = first_eol(self._buf, start, self._end)
        if eol < 0:
            self._carry(start)
            return False
        self._skip_eol(eol)
        self._end_cut_line(self._view[start:eol])
        return True

    def _end_cut_line(self, rest: memoryview) -> None:
        self._in_line = False
        if self._dropping or self._field in (_COMMENT, _UNKNOWN):
            return
        line, self._line = self._line, bytearray()
        field = field_of(bytes(line[:_HEAD]) + bytes(rest[:_HEAD]), ended=True)
        if not field:
            return
        line += rest
        with memoryview(line) as view:
            self._set_field(field, bytes(view[self._value_start(line, len(field)) :]))

    # Fields.

    def _take_line(self, head: bytes, start: int, end: int) -> None:
        """Takes a line of the current chunk that is not blank; `head` tells its field."""
        if self._dropping:
            return
        field = field_of(head, ended=True)
        if field == _COMMENT:
            return
        if self._block_offset is None:
            self._block_offset = self._base + start
        if not field:
            return
        at = start + len(field) + 1
        if at >= end:
            at = end
        elif self._buf[at] == _SPACE:
            at += 1
        if field == b"data" and self._place is None and self._data is None:
            self._place = at, end
            if self._limit != _NO_LIMIT:
                self._check(self._size())
        else:
            self._set_field(field, bytes(self._buf[at:end]))

    @staticmethod
    def _value_start(line: bytearray, name: int) -> int:
        """Where the value of a line begins whose field name has `name` bytes."""
        at = min(name + 1, len(line))
        return at + 1 if line[at : at + 1] == b" " else at

    def _set_field(self, field: bytes, value: bytes) -> None:
        id_before = self._id
        if field == b"data":
            self._add_data(value)
        elif field == b"event":
            self._event = value
        elif field == b"id":
            self._id = value
        elif value.isdigit():
            self._retry = self._last_retry = parse_retry(value)
        if self._limit != _NO_LIMIT:
            self._check(self._size())
        # An id with NUL counts as long as its line lasts: no cut changes what is too large.
        if field == b"id" and b"\0" in value:
            self._id = id_before

    def _add_data(self, value: bytes) -> None:
        if self._place is not None:
            self._data = self._in_place()
            self._place = None
        if self._data is None:
            self._data = value
            return
        if isinstance(self._data, bytes):
            self._data = bytearray(self._data)
        self._data += b"\n"
        self._data += value

    def _in_place(self) -> bytes:
        assert self._place is not None
        start, end = self._place
        return bytes(self._view[start:end])

    # Limits.

    def _size(self) -> int:
        """The bytes that the event so far holds, without a line that is not ended."""
        size = len(self._event or b"") + len(self._id or b"")
        if self._place is not None:
            return size + self._place[1] - self._place[0]
        return size + len(self._data or b"")

    def _cut_value_size(self) -> int:
        """What the line that the chunk cut adds to `_size`: the last of a field wins."""
        field = self._field
        if field is None or field in (b"retry", _COMMENT, _UNKNOWN):
            return 0
        value = len(self._line) - self._value_start(self._line, len(field))
        if field == b"event":
            return value - len(self._event or b"")
        if field == b"id":
            return value - len(self._id or b"")
        joint = self._place is not None or self._data is not None
        return value + joint

    def _check(self, size: int) -> None:
        if size <= self._limit:
            return
        offset = self._block_offset
        assert offset is not None
        index = self._index
        self._index += 1
        self._dropping = True
        self._line.clear()
        self._clear_block()
        raise EventTooLarge(limit=int(self._limit), offset=offset, index=index)

    @property
    def last_event_id(self) -> str:
        """The last event id as of the last blank line, `""` if none."""
        return self._last_event_id

    @property
    def retry(self) -> int | None:
        """The last valid reconnection time in milliseconds, if any."""
        return self._last_retry

    @property
    def pending(self) -> int:
        """The bytes held for the unfinished event."""
        if self._dropping:
            return 0
        size = self._size()
        if not self._in_line:
            return size
        return size + (len(self._line) if self._field is None else self._cut_value_size())

    # Events.

    def _dispatch(self, offset: int) -> bool:
        """Ends the block at its blank line's offset; true when that makes an event."""
        if self._dropping:
            self._dropping = False
            self._clear_block()
            return False
        if self._id is not None:
            self._last_event_id = self._id.decode("utf-8", "replace")
        has_data = self._place is not None or self._data is not None
        has_other = self._event or self._id or self._retry is not None
        if not (has_data or (self._dataless and has_other)):
            self._clear_block()
            return False
        self._found_lines_end = offset
        self._find(b"" if self._data is None else bytes(self._data))
        return True

    def _find(self, data: bytes) -> None:
        """Makes the block the found event, with `data` where it is not in place."""
        if self._place is not None:
            self._found_data = None
            self._found_start, self._found_end = self._place
        else:
            self._found_data = data
        self._found_event = (self._event or b"message").decode("utf-8", "replace")
        self._found_name = bool(self._event)
        self._found_id = self._id is not None
        self._found_retry = self._retry
        assert self._block_offset is not None
        self._found_offset = self._block_offset
        self._clear_block()

    def _at_end(self, report_empty: bool) -> bool:
        """Ends the stream; true when that makes an event.

        With `report_empty` a block without data makes an (empty) event too, if it has an
        `event` line or if its last line is cut.
        """
        if self._ended or not self._closed:
            return False
        self._ended = True
        if self._bom:
            self._begin_bom_line()
        if self._eof == "discard" or self._dropping:
            self._in_line = self._dropping = False
            self._line.clear()
            self._clear_block()
            return False
        cut = self._in_line and self._field != _COMMENT
        if self._in_line:
            self._end_cut_line(memoryview(b""))
        if report_empty and (cut or self._event is not None) and self._data is None:
            self._data = b""
        return self._dispatch(self._base + self._pos)
