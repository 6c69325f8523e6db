"""`Split`: the work of one reader, small enough to be sent by the million."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ..logs._options import ReadOptions
    from ..logs.listing._listing import LogFile

__all__ = ["LogRange", "Reading", "Split", "pack"]


@dataclass(frozen=True, slots=True)
class LogRange:
    """A log, or the streams that begin in its bytes from `start` up to `stop`.

    `size` (bytes), `mtime_ns` and `tag` are the log's state when the split was planned; `None`
    where it was unknown.
    """

    source: str
    size: int | None = None
    mtime_ns: int | None = None
    tag: str | None = None
    start: int = 0
    stop: int | None = None

    @classmethod
    def of(cls, log: LogFile, start: int = 0, stop: int | None = None) -> LogRange:
        """Returns a range of a log, or all of it, in the state that its listing says."""
        return cls(log.source, log.size, log.mtime_ns, log.tag, start, stop)

    @property
    def nbytes(self) -> int:
        """Bytes to read, as stored; 0 where unknown."""
        return (self.size or 0) if self.stop is None else self.stop - self.start

    def differs(self, size: int | None, mtime_ns: int | None, tag: str | None) -> bool:
        """Returns whether the log's state is another now. What is `None` is not compared."""
        pairs = (self.size, size), (self.mtime_ns, mtime_ns), (self.tag, tag)
        return any(before != now for before, now in pairs if None not in (before, now))


# How Python encodes any `str`: a file name need not be text.
_NAMES = "surrogatepass"

# A range as a split packs it.
_Row = tuple[bytes, int | None, int | None, str | None, int, int | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the logs of a split are read, and the folder that relative names start from."""

    options: ReadOptions
    folder: str


@dataclass(frozen=True, slots=True)
class Split:
    """Some small logs, or a range of a large one. `plan_splits` makes it, `read_split` reads it.

    Picklable and hashable; it takes some tens of bytes per log.
    """

    size: int
    """Bytes to read, as stored; of a cut log, those of the range."""
    logs: int
    """The number of logs that it reads from."""
    reading: Reading
    packed: bytes

    @property
    def ranges(self) -> tuple[LogRange, ...]:
        """The logs or the range to read, in this order."""
        rows = msgspec.msgpack.decode(zlib.decompress(self.packed), type=list[_Row])
        return tuple(LogRange(row[0].decode("utf-8", _NAMES), *row[1:]) for row in rows)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the logs."""
        return tuple(log_range.source for log_range in self.ranges)

    def __repr__(self) -> str:
        first = self.ranges[0]
        cut = "" if first.stop is None else f" from {first.start:,} to {first.stop:,}"
        more = "" if self.logs == 1 else f" and {self.logs - 1:,} more"
        return f"<Split of {first.source}{cut}{more}, {self.size:,} bytes>"


def pack(ranges: Sequence[LogRange], reading: Reading) -> Split:
    """Returns the split of these ranges."""
    rows: list[_Row] = [
        (
            each.source.encode("utf-8", _NAMES),
            each.size,
            each.mtime_ns,
            each.tag,
            each.start,
            each.stop,
        )
        for each in ranges
    ]
    # The names have most in common.
    packed = zlib.compress(msgspec.msgpack.encode(rows), 1)
    return Split(sum(each.nbytes for each in ranges), len(ranges), reading, packed)
