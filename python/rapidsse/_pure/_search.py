"""Searches that cost as much as they find, and no more.

`find` alone would run to the end of the buffer for a byte that is not there: in one of many
gigabytes, for every line. So all searches go in blocks, small ones first; a block of the
largest size still lies in the cache when it is searched for the next byte.
"""

from __future__ import annotations

from ._source import Searchable

_FIRST_BLOCK = 1 << 12
_LAST_BLOCK = 1 << 18


def find_first(buf: Searchable, start: int, end: int, needles: tuple[bytes, ...]) -> int:
    """The index of the first of these bytes in `buf[start:end]`, or -1."""
    size = _FIRST_BLOCK
    while start < end:
        stop = min(start + size, end)
        first = -1
        for needle in needles:
            found = buf.find(needle, start, stop)
            if found >= 0:
                first = stop = found
        if first >= 0:
            return first
        start = stop
        size = min(size * 4, _LAST_BLOCK)
    return -1


_EOL = (b"\n", b"\r")


def first_eol(buf: Searchable, start: int, end: int) -> int:
    """The index of the first CR or LF in `buf[start:end]`, or -1."""
    # Nearly every line ends within the first block, and in LF.
    stop = min(start + _FIRST_BLOCK, end)
    lf = buf.find(b"\n", start, stop)
    cr = buf.find(b"\r", start, stop if lf < 0 else lf)
    if cr >= 0:
        return cr
    return lf if lf >= 0 else find_first(buf, stop, end, _EOL)
