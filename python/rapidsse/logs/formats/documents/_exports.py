"""Lists as exports of databases and log stores write them: names with values, and rows with times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ...._api_events import type_of
from ...._values import members, parts
from ..values._pieces import event_in, is_event, is_one_event_text
from ..values._roles import Role, role_of

__all__ = ["in_time_order", "list_by_numbers", "object_of_pairs"]

_NAMES = ("key", "name", "field")
_TIMES = (
    "timestamp", "@timestamp", "_time", "time", "ts", "t", "date", "datetime", "asctime",
    "eventTime", "event_time", "created_at", "createdAt", "logged_at", "received_at",
    "ingestionTime", "__REALTIME_TIMESTAMP",
)  # fmt: skip
_MAX_DEPTH = 2

Time = float | str | tuple[float, int]
"""What a time is compared by."""


def object_of_pairs(elements: Sequence[Any]) -> dict[str, Any] | None:
    """The object that a list of names and values stands for, such as the attributes of a span;
    `None` if it is another list, such as events under keys, or a name is in it twice."""
    found = dict[str, Any]()
    for each in map(members, elements):
        name = next((each[key] for key in _NAMES if key in each), None)
        if "value" not in each or not isinstance(name, str) or name in found:
            return None
        found[name] = each["value"]
    return None if not found or _are_events(found) else found


def _are_events(values: Mapping[str, Any]) -> bool:
    """Whether the values are the events of a stream, under names that say nothing, or their types."""
    events = 0
    for name, value in values.items():
        if role_of(name) is not Role.UNKNOWN and name != type_of(members(value)):
            return False
        if is_event(value) or (isinstance(value, str) and is_one_event_text(value)):
            events += 1
        elif not type_of(members(value)):
            # Events of no known API, such as a ping, may be among them.
            return False
    return events > 1


def list_by_numbers(fields: Mapping[Any, Any]) -> Sequence[Any] | None:
    """The list that an object with numbers for its keys stands for, as PHP and Firebase write some,
    if it begins with an event, which may be in an envelope; `None` if it is another object."""
    if len(fields) < 2 or not all(isinstance(key, str) and _INDEX.fullmatch(key) for key in fields):
        return None
    elements = [fields[key] for key in sorted(fields, key=int)]
    first = members(elements[0])
    found = (None, first) if is_event(first) else event_in(first)
    return elements if found is not None and isinstance(found[1], dict) else None


_INDEX = re.compile("[0-9]{1,9}")


def in_time_order(elements: Sequence[Any]) -> Sequence[Any]:
    """The elements, the oldest first. Log stores give the newest first, if nothing else is asked
    for; what has no times, or times in another order, stays as it is."""
    times = [time for each in elements if (time := _time(each)) is not None]
    if len(times) < len(elements) or not _fall(times):
        return elements
    return elements[::-1]


def _kind(time: Time) -> type[Any]:
    return float if isinstance(time, int) else type(time)


def _fall(times: Sequence[Time]) -> bool:
    kinds = {_kind(time) for time in times}
    if len(times) < 2 or len(kinds) > 1:
        return False
    # All are of the same kind.
    pairs: Any = pairwise(times)
    return all(first >= second for first, second in pairs) and times[0] != times[-1]


def _time(element: Any) -> Time | None:
    """The time of a row: its first value, or what a member of this name holds. Delays, durations
    and numbers of other kinds are none."""
    if row := parts(element):
        if (pairs := object_of_pairs(row)) is not None:
            return _in_members(pairs, 0)
        return _number(row[0]) if len(row) > 1 else None
    return _in_members(members(element), 0)


def _in_members(fields: Mapping[Any, Any], depth: int) -> Time | None:
    for name in _TIMES:
        if (time := _number(fields.get(name))) is not None:
            return time
    if depth < _MAX_DEPTH - 1:
        for value in fields.values():
            if (time := _in_members(members(value), depth + 1)) is not None:
                return time
    return None


# As texts only those times can be compared that begin with the year.
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
# Nanoseconds are strings in JSON, because they are too large for the numbers of JavaScript; Redis
# numbers the entries of a millisecond.
_DIGITS = re.compile(r"(\d{10,19}(?:\.\d{1,9})?)(?:-(\d{1,9}))?")
# From 2001 to 2128, in seconds, milliseconds, microseconds and nanoseconds since 1970: smaller
# numbers are delays and counters.
_UNITS = tuple((10**power, 5 * 10**power) for power in (9, 12, 15, 18))


def _number(value: Any) -> Time | None:
    """A time, as what it is compared by."""
    if isinstance(value, str):
        if (digits := _DIGITS.fullmatch(value)) is not None:
            number = float(digits[1]) if "." in digits[1] else int(digits[1])
            if not _is_time(number):
                return None
            return number if digits[2] is None else (number, int(digits[2]))
        return value.rstrip("Z") if _DATE.match(value) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _is_time(value):
        return value
    return None


def _is_time(number: float) -> bool:
    return any(least <= number < most for least, most in _UNITS)
