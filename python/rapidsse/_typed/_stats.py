"""`DecodeStats`: how many events a decoder could not decode, or did not know.

The annotations are objects, not strings: `inspect` and msgspec would look names up in the module that
`__module__` names, which is the public one.
"""

# `threading` takes longer to import than all of this package.
from _thread import allocate_lock

from msgspec import Struct

from .._errors import FailureKind

__all__ = ["Counts", "DecodeStats"]


class DecodeStats(Struct, frozen=True):
    """Counts over all streams that a `Decoder` has read.

    `failures` counts the events that failed, by kind and under any `on_error`; `skipped` is the
    number of them that were left out. `unknown_events` counts `UnknownEvent`s, `unknown_items` the
    `UnknownItem`s inside other events, and `dropped_fields` the fields of the generated Structs that
    read as None because their value had another type.
    """

    __module__ = "rapidsse"

    failures: dict[FailureKind, int] = {}
    skipped: int = 0
    unknown_events: int = 0
    unknown_items: int = 0
    dropped_fields: int = 0


class Counts:
    """The counters behind `DecodeStats`, for any number of threads.

    Locked, as only events that are not as their type says are counted.
    """

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._failures: dict[FailureKind, int] = {}
        self._skipped = 0
        self._unknown_events = 0
        self._unknown_items = 0
        self._dropped_fields = 0

    def failure(self, kind: FailureKind, *, skipped: bool) -> None:
        with self._lock:
            self._failures[kind] = self._failures.get(kind, 0) + 1
            self._skipped += skipped

    def unknown(self, *, events: int, items: int, dropped: int) -> None:
        with self._lock:
            self._unknown_events += events
            self._unknown_items += items
            self._dropped_fields += dropped

    def snapshot(self) -> DecodeStats:
        with self._lock:
            return DecodeStats(
                dict(self._failures),
                self._skipped,
                self._unknown_events,
                self._unknown_items,
                self._dropped_fields,
            )
