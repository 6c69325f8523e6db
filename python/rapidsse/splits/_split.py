"""`Split`: what one reader is to read, small enough to be sent by the million."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ..logs._options import ReadOptions

__all__ = ["Piece", "Reading", "Split"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A log, or the streams that begin in its bytes from `start` up to `stop`.

    `size`, `mtime_ns` and `tag` are the log's state when it was planned, as far as it was known.
    """

    source: str
    size: int | None = None
    mtime_ns: int | None = None
    tag: str | None = None
    start: int = 0
    stop: int | None = None


# A piece as it is packed: a file name need not be text.
_Row = tuple[bytes, int | None, int | None, str | None, int, int | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the logs of a split are read, and the folder that relative names start from."""

    options: ReadOptions
    folder: str


@dataclass(frozen=True, slots=True)
class Split:
    """A run of small logs, or a part of a large one; `plan_splits` makes it, `read_split` reads it.

    Picklable, hashable, and of some tens of bytes a log.
    """

    size: int
    """Bytes to be read, as they lie there; of a part of a log, those of its range."""
    logs: int
    """The logs that it reads from."""
    reading: Reading
    packed: bytes

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What is read, in this order."""
        rows = msgspec.msgpack.decode(zlib.decompress(self.packed), type=list[_Row])
        return tuple(Piece(os.fsdecode(row[0]), *row[1:]) for row in rows)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the logs."""
        return tuple(piece.source for piece in self.pieces)

    def __repr__(self) -> str:
        first = self.pieces[0]
        part = "" if first.stop is None else f" from {first.start:,} to {first.stop:,}"
        more = "" if self.logs == 1 else f" and {self.logs - 1:,} more"
        return f"<Split of {first.source}{part}{more}, {self.size:,} bytes>"


def pack(pieces: Sequence[Piece], reading: Reading) -> Split:
    """A split of these pieces."""
    rows: list[_Row] = [
        (os.fsencode(each.source), each.size, each.mtime_ns, each.tag, each.start, each.stop)
        for each in pieces
    ]
    size = sum((each.size or 0) if each.stop is None else each.stop - each.start for each in pieces)
    # The names have most in common.
    packed = zlib.compress(msgspec.msgpack.encode(rows), 1)
    return Split(size, len(pieces), reading, packed)
