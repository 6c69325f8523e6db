"""What a log consists of: bodies of events, and damaged records in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "COMPRESSIONS",
    "FORMATS",
    "SKIPPED",
    "Body",
    "Compression",
    "Damage",
    "DamageKind",
    "Format",
    "Framing",
    "Part",
    "Skipped",
    "check",
]

Format = Literal["sse", "jsonl", "jsonl-body", "vcr", "har"]
Compression = Literal["none", "gzip", "zstd", "bzip2", "xz"]
Framing = Literal["sse", "lines"]
DamageKind = Literal["record", "encoding", "too_large"]

FORMATS: tuple[Format, ...] = get_args(Format)
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)


@dataclass(slots=True)
class Body:
    """A run of streams: `chunks`, to be read once, of which the first begins at `offset`."""

    offset: int
    chunks: Iterable[Buffer]


@dataclass(slots=True)
class Damage:
    """A record that holds no readable body.

    `offset` and `length` are those of the record (jsonl-body), or of what of the body could
    not be decoded (vcr, har). `data` is `None` where it was not kept.
    """

    offset: int
    length: int
    kind: DamageKind
    message: str
    data: bytes | None = None


class Skipped:
    """A record whose body is no event stream."""


SKIPPED = Skipped()

# What the readers of the formats give.
Part = Body | Damage | Skipped


def check(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    """Raises `ValueError` for a keyword's value that is none of those allowed."""
    if value is not None and value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
