"""Runs: a faster way through events that look alike. Optional: nothing else needs it.

Nearly all events of model output are an `event` line and a `data` line with one space behind the
colon, or the latter alone, and many in a row have the same name. `bytes.split` takes such a run
apart at the cost of its bytes. They set no id and no `retry`, so that nothing can be seen of
looking ahead. Whatever looks different is left to the lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ._chunks import Chunk
from ._frame import Frame

MAX_EVENT: Final = 1 << 14
"""No event of a run has more bytes."""

_MIN_WINDOW = 1 << 10
_EVENT = b"event: "
_DATA = b"data: "
# Found in bytes three times as fast as b"\n" and b"\r".
_LF = 0x0A
_CR = 0x0D


def run(chunk: Chunk) -> Iterator[Frame]:
    """The events from `chunk.pos` on, where an event begins, as long as they have this shape.

    `chunk.pos` moves past each event as it is taken. The frame is always the same object, which
    the next event overwrites.
    """
    frame = Frame(chunk.view, 0, 0, chunk.offset, 0, 0, "")
    begin = chunk.pos
    window_size = _MIN_WINDOW
    while True:
        window = bytes(chunk.buf[begin : begin + window_size])
        opening, frame.name = _opening(window)
        lf = window.find(b"\n", len(opening))
        if not opening or lf < 0:
            return
        eol = b"\r\n" if window[lf - 1] == _CR else b"\n"
        run = window[len(opening) :].split(eol + eol + opening)
        run[-1], has_end, _ = run[-1].partition(eol + eol)
        if not has_end:
            # The window cuts it.
            del run[-1]
        if not run:
            return
        for data in run:
            if _LF in data or _CR in data:
                return
            frame.copy = data
            frame.begin = begin
            frame.start = begin + len(opening)
            frame.end = end = frame.start + len(data)
            frame.lines_end = end + len(eol)
            chunk.pos = begin = end + 2 * len(eol)
            yield frame
        # Where runs are short, a large window would be taken apart many times.
        window_size = (
            max(window_size // 2, _MIN_WINDOW) if has_end else min(window_size * 2, MAX_EVENT)
        )


def _opening(window: bytes) -> tuple[bytes, str]:
    """What stands before the data of the first event, and its name; empty if not as expected."""
    if window.startswith(_DATA):
        return _DATA, ""
    line, lf, rest = window.partition(b"\n")
    text = line.removesuffix(b"\r")
    if not (text.startswith(_EVENT) and rest.startswith(_DATA)) or _CR in text:
        return b"", ""
    return line + lf + _DATA, text[len(_EVENT) :].decode("utf-8", "replace")
