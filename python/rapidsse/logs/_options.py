"""`ReadOptions`: how a log is read, passed as one object from the caller to the reader."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import index

from .._arguments import check_max_event_size
from ._bodies import COMPRESSIONS, FORMATS, Compression, Format, check

__all__ = [
    "DEFAULTS",
    "MAX_EVENT_SIZE",
    "TASK_ROWS",
    "ReadOptions",
    "at_least_one",
]

TASK_ROWS = 1 << 16
"""Those of a task that only passes batches on, or writes them."""

MAX_EVENT_SIZE = 256 << 20
"""Bytes: the default limit of what reads logs into tables."""


_FIELDS = {"body_field": "jsonl-body", "event_field": "jsonl-event"}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What every reader of logs takes; the keywords of `open_log`.

    `format` and `compression` are recognised by the content where they are `None`. `body_field`
    names the field of a "jsonl-body" record that holds the body, `event_field` that of a
    "jsonl-event" line that holds the event. An event larger than
    `max_event_size` bytes is a failure; `None`: there is no limit.
    """

    format: Format | None = None
    compression: Compression | None = None
    body_field: str | None = None
    max_event_size: int | None = None
    event_field: str | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError` or `TypeError` for a value that is not allowed."""
        check("format", self.format, FORMATS)
        check("compression", self.compression, COMPRESSIONS)
        # The class is frozen. An object that has only `__index__` could not be compared with a size.
        object.__setattr__(self, "max_event_size", check_max_event_size(self.max_event_size))
        for name in ("body_field", "event_field"):
            field = getattr(self, name)
            if field is not None and not isinstance(field, str):
                raise TypeError(f"{name} must be a str or None, not {type(field).__name__}")
        if self.body_field is not None and self.event_field is not None:
            raise ValueError("body_field and event_field exclude each other: give one of them")
        for name, format in _FIELDS.items():
            if getattr(self, name) is not None and self.format not in (None, format):
                raise ValueError(
                    f"{name} is for logs of format {format}, not {self.format}: leave out one of "
                    "the two"
                )

    def of_format(self, format: Format | None, compression: Compression | None) -> ReadOptions:
        """Returns the options for a log that was found to be of this format and compression: a
        field that such a log does not have is left out."""
        fields = {name: None for name, known in _FIELDS.items() if format not in (None, known)}
        return replace(self, format=format, compression=compression, **fields)


DEFAULTS = ReadOptions()


def at_least_one(name: str, value: int) -> int:
    """Returns a keyword's number. Raises `ValueError` below 1, `TypeError` for what is none."""
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if number < 1:
        raise ValueError(f"{name} is at least 1, not {value}")
    return number
