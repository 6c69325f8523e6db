"""Part of a plain log: the streams, or the records, that begin in a range of its bytes.

Where a range begins and ends, the log can mostly not be cut: each edge stands for the next
place where it can be (`_boundaries`). Those who read the ranges on the two sides of an edge find
the same place, so nothing is read twice or by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ._open import Log
from .formats._boundaries import Cuts, Searchable, next_boundary
from .formats._table import FORMAT_TABLE
from .sources._file import FileSource
from .sources._open import open_source
from .sources._remote import is_url
from .sources._remote_file import RemoteFile
from .sources._source import changed

if TYPE_CHECKING:
    from ._options import ReadOptions

__all__ = ["Edges", "open_streams"]

# A stream's rest behind the range is fetched in steps while its end is looked for.
_STEP = 1 << 20


class Edges:
    """The places that edges of ranges stand for, found by one of the two readers that share each.

    For logs that do not change meanwhile. Many threads may use it: at worst both search. Processes
    do not share it: each searches for the edges of its own splits.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], int | None] = {}

    def add(self, source: str, edge: int, place: int | None) -> None:
        """Keeps the place that the edge stands for, for the other reader; `None`: the log's end."""
        self._places[source, edge] = place

    def take(self, source: str, edge: int) -> tuple[int | None, bool]:
        """The place, and whether it is known. It is asked for once."""
        key = source, edge
        try:
            return self._places.pop(key), True
        except KeyError:
            return None, False


def open_streams(
    source: str | RemoteFile,
    start: int,
    stop: int,
    options: ReadOptions,
    edges: Edges | None = None,
) -> Log | None:
    """The streams that begin in the bytes from `start` up to `stop` of a plain log; or `None`.

    `options.format` is one that can be cut. `edges` are those that readers of local logs share. Of a
    remote log nothing is fetched but its range, what of the last stream lies behind it, and less
    than `_STEP` around the edges. Raises `InputError`.
    """
    assert options.format is not None, "only a log whose format is known is cut"
    cuts, max_event_size = FORMAT_TABLE[options.format].cuts, options.max_event_size
    assert cuts is not None, f"logs of format {options.format} are not cut"
    options = replace(options, compression="none")
    if isinstance(source, str) and is_url(source):
        source = RemoteFile(source)
    if isinstance(source, RemoteFile):
        begin = _begin(source.window, cuts, start, stop, max_event_size)
        if begin is None:
            return None
        parts = _streams(source, cuts, begin, stop, max_event_size)
        return Log(source.source(parts), options, start=begin)
    file = open_source(source)
    try:
        if not isinstance(file, FileSource):
            raise changed(source)
        begin, end = _ends(file, cuts, start, stop, max_event_size, edges or Edges())
        if begin is not None:
            return Log(file, options, start=begin, stop=end)
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def _ends(
    file: FileSource,
    cuts: Cuts,
    start: int,
    stop: int,
    max_event_size: int | None,
    edges: Edges,
) -> tuple[int | None, int | None]:
    """Where the streams of a range begin, or `None`, and end."""
    window, name = file.window(), file.name
    begin, is_known = edges.take(name, start)
    if is_known and (begin is None or begin >= stop):
        # No stream begins here, and the next one behind both edges is the same.
        edges.add(name, stop, begin)
        return None, None
    if not is_known:
        begin = _begin(window, cuts, start, stop, max_event_size)
        if begin is None:
            return None, None
        if start:
            edges.add(name, start, begin)
    end, is_known = edges.take(name, stop)
    if not is_known:
        end = next_boundary(window, cuts, stop, max_event_size=max_event_size)
        edges.add(name, stop, end)
    return begin, end


def _begin(
    content: Searchable, cuts: Cuts, start: int, stop: int, max_event_size: int | None
) -> int | None:
    if start == 0:
        return 0
    return next_boundary(content, cuts, start, before=stop, max_event_size=max_event_size)


def _streams(
    file: RemoteFile, cuts: Cuts, begin: int, stop: int, max_event_size: int | None
) -> Iterator[bytes]:
    at = min(stop, file.size)
    yield from file.read(begin, at, to_the_end=True)
    while at < file.size:
        before = min(at + _STEP, file.size)
        end = next_boundary(file.window, cuts, at, before=before, max_event_size=max_event_size)
        yield from file.read(at, before if end is None else end)
        if end is not None:
            return
        at = before
