"""How large a table is compared to its logs, estimated from the first bytes of some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from .._errors import InputError
from ..logs._open import Log
from ..logs.formats._table import FORMAT_TABLE
from ..logs.tables._schemas import Table, chosen
from ._open import open_range
from ._split import LogRange, Reading, Split

__all__ = ["column_ratios"]

_POINTS = 8
_SAMPLE = 4 << 20
_SAMPLE_MAX = 64 << 20
"""Bytes of a log: 4 MiB, or 64 MiB where the first event is larger or the format is a document."""

_USUAL = {"events": 0.6, "images": 0.7, "responses": 0.02, "items": 0.05, "failures": 0.001}
"""Bytes of a table per byte of its logs, where none can be read now."""


def column_ratios(
    splits: Sequence[Split], table: str, columns: Sequence[str] | None = None
) -> dict[str, float]:
    """Returns the bytes in memory of each column per byte of the logs as stored.

    About 4 MiB each of up to 8 logs, or ranges of logs, are read: larger ones more likely, and
    always the same. Those that cannot be read do not count; if none can, ordinary logs are
    assumed.
    """
    name, names = chosen(table, columns)
    sums = dict.fromkeys(names, 0.0)
    points = 0
    for (log_range, reading), times in _samples(splits).items():
        try:
            ratios = _ratios(log_range, reading, name, names)
        except InputError:
            continue
        if ratios is not None:
            points += times
            for column in names:
                sums[column] += times * ratios[column]
    if not points:
        return dict.fromkeys(names, _USUAL[name] / len(names))
    return {column: total / points for column, total in sums.items()}


def _samples(splits: Sequence[Split]) -> Counter[tuple[LogRange, Reading]]:
    """Returns what lies at 8 points of equal distance in all the bytes, and how many in each."""
    samples = Counter[tuple[LogRange, Reading]]()
    total = sum(split.size for split in splits)
    points = [total * (2 * number + 1) // (2 * _POINTS) for number in range(_POINTS)]
    begin = 0
    for split in splits:
        inside = [point - begin for point in points if begin <= point < begin + split.size]
        if inside:
            ranges = split.ranges
            ends = list(accumulate(log_range.nbytes for log_range in ranges))
            for point in inside:
                number = next(number for number, end in enumerate(ends) if point < end)
                samples[ranges[number], split.reading] += 1
        begin += split.size
    return samples


def _ratios(
    log_range: LogRange, reading: Reading, table: Table, columns: Sequence[str]
) -> dict[str, float] | None:
    """Returns the ratios of one log; `None` if its first bytes hold no event."""
    log = open_range(log_range, reading)
    if log is None:
        return None
    with log:
        expansion = _expansion(log)
        for head in _heads(log):
            options = reading.options.of_format(log.format, "none")
            with Log(head, options) as part:
                part.source = log.source
                sizes = _sizes(part, reading, table, columns)
            if sizes is not None:
                return {name: size * expansion / len(head) for name, size in sizes.items()}
    return None


def _expansion(log: Log) -> float:
    """Returns the bytes of content per byte of the file, estimated from its first bytes."""
    if log.compression == "none":
        return 1.0
    head, whole = log.head(1)
    consumed, size = log.consumed, len(head)
    # What a chunk of the file holds is all there when the next is read.
    while not whole and log.consumed == consumed and len(head) < _SAMPLE_MAX:
        size = len(head)
        head, whole = log.head(size + 1)
    return len(head) / log.consumed if whole else size / consumed


def _heads(log: Log) -> Iterator[bytes]:
    """Yields whole events from the beginning of the log; more of them each time."""
    is_document = FORMAT_TABLE[log.format].cuts is None
    size = _SAMPLE_MAX if is_document else _SAMPLE
    while size <= _SAMPLE_MAX:
        head, whole = log.head(size)
        if whole:
            if head:
                yield head
            return
        if is_document:
            return
        ends = (b"\n",) if log.format != "sse" else (b"\n\n", b"\r\n\r\n", b"\r\r")
        end = max(head.rfind(each) + len(each) if each in head else 0 for each in ends)
        # The next event may be larger than all events before.
        if end > size // 2 or (end and size == _SAMPLE_MAX):
            yield head[:end]
        size *= 4


def _sizes(
    log: Log, reading: Reading, table: Table, columns: Sequence[str]
) -> dict[str, int] | None:
    """Returns the bytes of each column; `None` if there is no event."""
    from ..logs.tables._tables import LogTables

    tables = LogTables(
        {table: columns}, max_event_size=reading.options.max_event_size, count_all=False
    )
    sizes = dict.fromkeys(columns, 0)
    for _, batch in tables.read(log):
        for name in columns:
            sizes[name] += batch.column(name).nbytes
    return sizes if tables.totals.of_events.events else None
