"""Runs: a faster way through events of the most common shape. Optional: nothing else needs it.

Nearly all events of model output are an `event` line and a `data` line with one space behind the
colon, or the latter alone, and many in a row have the same name. `bytes.split` takes such a run
apart at the cost of its bytes. They set no id and no `retry`, so that reading ahead
is invisible. In the `data` line of a large event, its end and its long strings are found in one
pass over its bytes. Events of any other shape are read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .._limits import LONG_PAYLOAD
from ._chunks import Chunk
from ._frame import Frame
from ._search import first_eol
from ._spans import SpanFinder

MAX_EVENT: Final = LONG_PAYLOAD
"""Larger events are taken one by one, and only where no size is too large."""

_MIN_WINDOW = 1 << 11
_EVENT = b"event: "
_DATA = b"data: "
# Found in bytes three times as fast as b"\n" and b"\r".
_LF = 0x0A
_CR = 0x0D
# The end of a line and a blank line.
_ends = re.compile(rb"(\r?\n)\r?\n").match


def run(chunk: Chunk, finder: SpanFinder | None, *, is_limited: bool) -> Iterator[Frame]:
    """The events from `chunk.pos` on, where an event begins, as long as they have this shape.

    `chunk.pos` moves past each event as it is taken. The frame is mostly the same object, which the
    next event overwrites. Of large events the spans are found with `finder`, if there is one.
    """
    frame = Frame(chunk.view, 0, 0, chunk.offset, 0, 0, "")
    begin = chunk.pos
    window_size = _MIN_WINDOW
    while True:
        window = bytes(chunk.buf[begin : begin + window_size])
        opening, frame.name = _opening(window)
        if not opening:
            return
        lf = window.find(b"\n", len(opening))
        if lf < 0:
            if len(window) < window_size:
                # The chunk ends in it.
                return
            if window_size < MAX_EVENT:
                window_size *= 2
                continue
            large = None if is_limited else _large_event(chunk, finder, opening, frame.name)
            if large is None:
                return
            begin = chunk.pos
            yield large
            continue
        eol = b"\r\n" if window[lf - 1] == _CR else b"\n"
        run = window[len(opening) :].split(eol + eol + opening)
        run[-1], has_end, _ = run[-1].partition(eol + eol)
        if not has_end:
            # The window cuts it.
            del run[-1]
        if not run:
            return
        before, after, has_cr = len(opening), len(eol), _CR in window
        for data in run:
            if _LF in data or (has_cr and _CR in data):
                return
            frame.copy = data
            frame.begin = begin
            frame.start = start = begin + before
            frame.end = end = start + len(data)
            frame.lines_end = lines_end = end + after
            chunk.pos = begin = lines_end + after
            yield frame
        # Where runs are short, a large window would be taken apart many times.
        window_size = (
            max(window_size // 2, _MIN_WINDOW) if has_end else min(window_size * 2, MAX_EVENT)
        )


def _large_event(
    chunk: Chunk, finder: SpanFinder | None, opening: bytes, name: str
) -> Frame | None:
    """The large event at `chunk.pos`, if it ends in this chunk and has one `data` line."""
    begin = chunk.pos
    start = begin + len(opening)
    spans = None
    if finder is None:
        end = first_eol(chunk.buf, start, chunk.end)
    else:
        spans, end = finder.scan(chunk.view, chunk.buf, start, chunk.end, in_line=True)
        spans = [(first - start, last - start) for first, last in spans]
    blank = None if end < 0 else _ends(bytes(chunk.buf[end : end + 4]))
    if blank is None:
        return None
    chunk.pos = end + blank.end()
    lines_end = end + blank.end(1)
    return Frame(chunk.view, start, end, chunk.offset, begin, lines_end, name, spans=spans)


def _opening(window: bytes) -> tuple[bytes, str]:
    """What stands before the data of the first event, and its name; empty if not as expected."""
    if window.startswith(_DATA):
        return _DATA, ""
    lf = window.find(b"\n")
    if not (window.startswith(_EVENT) and window.startswith(_DATA, lf + 1)):
        return b"", ""
    name = window[len(_EVENT) : lf].removesuffix(b"\r")
    if _CR in name:
        return b"", ""
    return window[: lf + 1 + len(_DATA)], name.decode("utf-8", "replace")
