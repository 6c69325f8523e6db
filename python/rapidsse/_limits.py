"""The thresholds of the streams, in bytes, as in `rust/core/src/limits.rs`, and the limits of logs
and tables. `LONG_PAYLOAD`, `MIN_CUT` and `MAX_COPY` change no result: they say from which size on
another way is faster.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BATCH_BYTES",
    "BATCH_ROWS",
    "LONG_PAYLOAD",
    "MAX_COPY",
    "MAX_DEPTH",
    "MAX_NAME",
    "MAX_NAMES",
    "MAX_PARTS",
    "MAX_TEXT",
    "MAX_VALUE",
    "MIN_CUT",
    "MIN_ELIDED",
    "OTHER_TYPES",
]

LONG_PAYLOAD: Final = 1 << 14
"""A payload of at least this length is searched for base64 before it is decoded; a shorter one only
where it does not decode as it is."""

MIN_CUT: Final = 512
"""Base64 of at least this length is cut out of its payload; reading shorter base64 costs less."""

MAX_COPY: Final = 1 << 20
"""A payload of at least this length is read in place; a shorter one is copied, because the buffer
protocol costs more."""

MAX_DEPTH: Final = 128
"""Objects and lists inside one another: in a payload, a record or a document."""

MAX_VALUE: Final = (1 << 31) - (128 << 20)
"""Larger events are no rows of a table, because Arrow's strings have offsets of 32 bits. What is
left of 2 GiB is more than a batch holds when one such event is added to it."""

BATCH_ROWS: Final = 16_384
"""The most rows of a batch of a table, by default: `LogReader`'s default too."""

BATCH_BYTES: Final = 4 << 20
"""Those of a batch's columns, by default."""

MAX_TEXT: Final = 64 << 20
"""Of the texts of one stream, so much is kept: of its deltas, its final texts and its items. The
engines count bytes, the tables characters."""

MAX_PARTS: Final = 65_536
"""The most texts, items, images and answers of one stream that are distinguished."""

MIN_ELIDED: Final = 1024
"""Base64 of so many characters is too long to stand in a text: its length is given instead."""

MAX_NAMES: Final = 1000
"""Types of events, or models, that are counted by name: a log may hold any number of them."""

MAX_NAME: Final = 200
"""Of such a name, so much counts. The engines count bytes, the tables characters."""

OTHER_TYPES: Final = "(other types)"
"""Under this name the types are counted that come after `MAX_NAMES` others."""
