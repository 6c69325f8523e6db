"""Whether the list of events that a record has for its response holds several responses.

A record is one request, so only what is certain counts: an answer that begins, by its role, under
another id than the one before it, which had finished or whose chunks shared their id.
"""

from __future__ import annotations

import re
from typing import Any

from ..._apis import HEADS, at, has_head
from ..._values import members, parts
from ._ids import Ids
from ._json import record_or_none

__all__ = ["has_several"]

_DATA = re.compile(rb"^data:(.*)$", re.MULTILINE)
_ROLES = tuple(head for head in HEADS if head.each and head.role)
_ROLE = re.compile(b"|".join(b'"%b"' % head.role[-1].encode() for head in _ROLES))


def has_several(data: bytes) -> bool:
    """Whether these events are those of several responses."""
    if sum(1 for _ in zip(_ROLE.finditer(data), range(2), strict=False)) < 2:
        return False
    ids = Ids()
    last: str | None = None
    # How many chunks in sequence have had the last id, and the one before it.
    count = before = 0
    begins = False
    for match in _DATA.finditer(data):
        event = record_or_none(match[1])
        if event is None:
            continue
        was_finished = last is not None and ids.has_finished(last)
        id = ids.of(event)
        if id == last:
            count += 1
        else:
            begins = last is not None and _has_role(event)
            if begins and was_finished:
                return True
            before, count, last = count, 1, id
        if begins and before > 1 and count > 1:
            return True
    return False


def _has_role(event: Any) -> bool:
    fields = members(event)
    return any(
        at(answer, head.role) is not None
        for head in _ROLES
        if has_head(fields, head.name)
        for answer in parts(fields[head.name])
    )
