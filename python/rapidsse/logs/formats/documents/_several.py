"""Whether the list of events that a record has for its response holds several responses.

A record is one request, so only what is certain counts: an event that says that a response of
another id begins, or an answer that begins, by its role where answers have one, under another id
than the one before it, which had finished or whose chunks shared their id.
"""

from __future__ import annotations

import re
from typing import Any

from ...._api_events import api_of, at, has_head, id_in, type_of
from ...._apis import APIS, BEGINS, HEADS
from ...._values import members, parts
from ..lines._ids import Ids
from ..values._json import record_or_none

__all__ = ["has_several"]

_DATA = re.compile(rb"^data:(.*)$", re.MULTILINE)
_ANSWERS = tuple(head for head in HEADS if head.each)
_MARKS = (
    *BEGINS,
    *(head.role[-1] for head in _ANSWERS if head.role),
    *(id[-1] for api in APIS if api.chunks and not api.roles for id in api.response.ids),
)
_MARK = re.compile(b"|".join(b'"%b"' % re.escape(mark.encode()) for mark in _MARKS))


def has_several(data: bytes) -> bool:
    """Whether these events are those of several responses."""
    if sum(1 for _ in zip(_MARK.finditer(data), range(2), strict=False)) < 2:
        return False
    begun: str | None = None
    ids = Ids()
    last: str | None = None
    # How many chunks in sequence have had the last id, and the one before it.
    count = before = 0
    begins = False
    for match in _DATA.finditer(data):
        event = record_or_none(match[1])
        if event is None:
            continue
        if (id := _begun_by(event)) is not None:
            if begun not in (None, id):
                return True
            begun = id
        was_finished = last is not None and ids.has_finished(last)
        id = ids.of(event)
        if id == last:
            count += 1
        else:
            begins = last is not None and _has_first(event)
            if begins and was_finished:
                return True
            before, count, last = count, 1, id
        if begins and before > 1 and count > 1:
            return True
    return False


def _begun_by(event: Any) -> str | None:
    """The id of the response, if the event always begins one."""
    fields = members(event)
    api = api_of(fields) if type_of(fields) in BEGINS else None
    return None if api is None else id_in(fields, api.response.ids)


def _has_first(event: Any) -> bool:
    """Whether the event may be the first of an answer."""
    fields = members(event)
    return any(
        not head.role or at(answer, head.role) is not None
        for head in _ANSWERS
        if has_head(fields, head.name)
        for answer in parts(fields[head.name])
    )
