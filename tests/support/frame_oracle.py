"""A naive implementation of WHATWG HTML, sections 9.2.5 and 9.2.6, step by step as in the text.

It reads a whole stream at once, and its only aim is to be obviously right.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Event(NamedTuple):
    event: str
    data: str
    id: str
    retry: int | None


class Stream(NamedTuple):
    events: list[Event]
    # Of each event, whether lines of its own gave it a name that is not empty, and an id.
    lines: list[tuple[bool, bool]]
    last_event_id: str
    retry: int | None


def read(stream: bytes, eof: str = "discard", dataless: bool = False) -> Stream:
    """With `dataless`, it also dispatches events without data, which the specification drops."""
    text = stream.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    lines = re.split("\r\n|\r|\n", text)
    # The last piece is not ended by a line end: it is no line, or a last one that was cut.
    rest = lines.pop()
    if eof == "dispatch":
        lines += [rest, ""] if rest else [""]

    events: list[Event] = []
    own_lines: list[tuple[bool, bool]] = []
    last_event_id = id_buffer = ""
    retry: int | None = None
    event_type = data = ""
    own_retry: int | None = None
    own_id: str | None = None
    for line in lines:
        if line == "":
            last_event_id = id_buffer
            if data or (dataless and (event_type or own_id or own_retry is not None)):
                events.append(Event(event_type or "message", data[:-1], last_event_id, own_retry))
                own_lines.append((event_type != "", own_id is not None))
            event_type = data = ""
            own_retry = own_id = None
            continue
        if line.startswith(":"):
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            event_type = value
        elif field == "data":
            data += value + "\n"
        elif field == "id":
            if "\0" not in value:
                id_buffer = own_id = value
        elif field == "retry" and re.fullmatch("[0-9]+", value):
            own_retry = retry = min(int(value.lstrip("0")[:30] or "0"), 2**64 - 1)
    # The id of an event that was never dispatched is not the last one.
    return Stream(events, own_lines, last_event_id, retry)
