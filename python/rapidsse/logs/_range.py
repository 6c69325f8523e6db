"""Part of a plain log: the streams, or the records, that begin in a range of its bytes.

Where a range begins and ends, the log can mostly not be cut: each edge stands for the next
place where it can be (`_boundaries`). Those who read the ranges on the two sides of an edge find
the same place, so nothing is read twice or by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ._open import Log, open_range
from .formats._boundaries import CUTS, Cuts, Searchable, next_boundary
from .sources._opening import open_input
from .sources._remote import is_url
from .sources._remote_file import RemoteFile
from .sources._remote_input import RemoteInput

if TYPE_CHECKING:
    import mmap

    from ._options import ReadOptions

__all__ = ["open_streams"]

# A stream's rest behind the range is fetched in steps while its end is looked for.
_STEP = 1 << 20


def open_streams(
    source: str | RemoteFile, start: int, stop: int, options: ReadOptions
) -> Log | None:
    """The streams that begin in the bytes from `start` up to `stop` of a plain log; or `None`.

    `options.format` is one of those in `CUTS`. Of a remote log nothing is fetched but its range, what
    of the last stream lies behind it, and less than `_STEP` around the edges. Raises
    `InputError`.
    """
    assert options.format is not None, "only a log whose format is known is cut"
    cuts, max_event_size = CUTS[options.format], options.max_event_size
    if isinstance(source, str) and is_url(source):
        source = RemoteFile(source)
    if isinstance(source, RemoteFile):
        begin = _begin(source, cuts, start, stop, max_event_size)
        if begin is None:
            return None
        pieces = _streams(source, cuts, begin, stop, max_event_size)
        return Log(RemoteInput(source, pieces), replace(options, compression="none"), start=begin)
    file = open_input(source)
    try:
        content = file.map()
        begin = end = None
        if content is not None:
            begin = _begin(content, cuts, start, stop, max_event_size)
            if begin is not None:
                end = next_boundary(content, cuts, stop, max_event_size=max_event_size)
                end = len(content) if end is None else end
    finally:
        file.close()
    if begin is None or end is None:
        return None
    return open_range(source, begin, end, options)


def _begin(
    content: mmap.mmap | Searchable, cuts: Cuts, start: int, stop: int, max_event_size: int | None
) -> int | None:
    if start == 0:
        return 0
    return next_boundary(content, cuts, start, before=stop, max_event_size=max_event_size)


def _streams(
    file: RemoteFile, cuts: Cuts, begin: int, stop: int, max_event_size: int | None
) -> Iterator[bytes]:
    at = min(stop, len(file))
    yield from file.read(begin, at)
    while at < len(file):
        before = min(at + _STEP, len(file))
        end = next_boundary(file, cuts, at, before=before, max_event_size=max_event_size)
        yield from file.read(at, before if end is None else end)
        if end is not None:
            return
        at = before
