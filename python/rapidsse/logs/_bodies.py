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
    "PASSED_OVER",
    "SKIPPED",
    "Body",
    "Compression",
    "Damage",
    "DamageKind",
    "Format",
    "Framing",
    "Part",
    "PassedOver",
    "Skipped",
    "check",
]

Format = Literal[
    "sse",
    "sse-lines",
    "sse-mixed",
    "jsonl",
    "jsonl-event",
    "jsonl-body",
    "jsonl-mixed",
    "json",
    "yaml",
    "xml",
    "vcr",
    "har",
]
"""The names of the formats of logs; `docs/logs.md` says what each is."""
Compression = Literal["none", "gzip", "zstd", "bzip2", "xz"]
"""The names of the compressions of logs."""
Framing = Literal["sse", "lines"]
DamageKind = Literal["record", "encoding", "too_large"]

FORMATS: tuple[Format, ...] = get_args(Format)
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)


@dataclass(slots=True)
class Body:
    """A run of streams: `chunks`, to be read once, of which the first begins at `offset`.

    `is_response`: it is what one request was answered with, and nothing else. `custom_id` is the
    id that a batch gave to the request.
    """

    offset: int
    chunks: Iterable[Buffer]
    is_response: bool = False
    custom_id: str | None = None


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


class PassedOver:
    """An event stream of a record that is not its response: a prompt that quotes one, or the same
    response again; or an event beside another one in the same line."""


SKIPPED = Skipped()
PASSED_OVER = PassedOver()

Part = Body | Damage | Skipped | PassedOver
"""What the readers of the formats yield."""


def check(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    """Raises `ValueError` for a keyword's value that is none of those allowed."""
    if value is not None and value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
