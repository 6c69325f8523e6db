"""How large a table is for the size of its logs, reckoned from the beginnings of some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from .._errors import InputError
from ..logs._bodies import Compression
from ..logs._log import Log
from ..logs._schemas import Table, chosen
from ._read import open_piece
from ._split import Piece, Reading, Split

if TYPE_CHECKING:
    from ..logs._bodies import Format

__all__ = ["column_ratios"]

_POINTS = 8
_SAMPLE = 4 << 20
_SAMPLE_MAX = 64 << 20
"""For what has no event in less; and for what is read as a whole."""

_USUAL = {"events": 0.6, "images": 0.7, "responses": 0.02, "failures": 0.001}
"""Of logs that cannot be read now."""


def column_ratios(
    splits: Sequence[Split], table: str, columns: Sequence[str] | None = None
) -> dict[str, float]:
    """Bytes in memory of each column for each byte of the logs as they lie there.

    A few MiB each of up to 8 logs, or parts of logs, are read. A log is looked into the more
    likely the larger it is, and always the same ones. Those that cannot be read do not count;
    without any other, ordinary logs are assumed.
    """
    name, names = chosen(table, columns)
    sums = dict.fromkeys(names, 0.0)
    points = 0
    for (piece, reading), times in _pieces(splits).items():
        try:
            found = _ratios(piece, reading, name, names)
        except InputError:
            found = None
        if found is None:
            continue
        points += times
        for column in names:
            sums[column] += times * found[column]
    if not points:
        return dict.fromkeys(names, _USUAL[name] / len(names))
    return {column: sums[column] / points for column in names}


def _pieces(splits: Sequence[Split]) -> Counter[tuple[Piece, Reading]]:
    """What lies at places of equal distance in all that is to be read, and how many of them."""
    found = Counter[tuple[Piece, Reading]]()
    total = sum(split.size for split in splits)
    begin, points = 0, [total * (2 * number + 1) // (2 * _POINTS) for number in range(_POINTS)]
    for split in splits:
        inside = [point - begin for point in points if begin <= point < begin + split.size]
        if inside:
            pieces = split.pieces
            ends = list(accumulate(map(_size, pieces)))
            for point in inside:
                number = next(number for number, end in enumerate(ends) if point < end)
                found[pieces[number], split.reading] += 1
        begin += split.size
    return found


def _size(piece: Piece) -> int:
    return (piece.size or 0) if piece.stop is None else piece.stop - piece.start


def _ratios(
    piece: Piece, reading: Reading, table: Table, columns: Sequence[str]
) -> dict[str, float] | None:
    """Those of one log; `None` if no event is found in its beginning."""
    log = open_piece(piece, reading)
    if log is None:
        return None
    with log:
        form, expansion = log.format, _expansion(log)
        for head in _heads(log):
            sizes = _sizes(head, form, piece, reading, table, columns)
            if sizes is not None:
                return {name: size * expansion / len(head) for name, size in sizes.items()}
    return None


def _expansion(log: Log) -> float:
    """Bytes of content for each byte of the file, which its beginning tells."""
    if log.compression == "none":
        return 1.0
    size, whole = 0, False
    first = log.consumed
    while not whole and log.consumed == first and size < _SAMPLE_MAX:
        before = size
        head, whole = log.head(size + 1)
        size = len(head)
    # With the next bytes of the file comes the next content, too.
    taken = size if whole or log.consumed == first else before
    return taken / (log.consumed if whole else first)
