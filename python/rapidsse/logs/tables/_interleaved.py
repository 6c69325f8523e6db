"""Finds responses that are interleaved where nothing told their events apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..._api_events import api_of, every, id_in, type_of
from ..._apis import BEGINS, EACH, ENDS, HEADS, RESPONSES, Api
from .._short_ids import shortened

if TYPE_CHECKING:
    from ..._engine import StreamEnd

__all__ = ["INTERLEAVED", "Interleaved"]

INTERLEAVED = (
    "it has the rest of a response whose other events are in a stream before it: where responses "
    "are interleaved, only the ids of chunks tell them apart; with such ids, read the log as "
    "sse-mixed or jsonl-mixed (--log-format, format=)"
)
_MAX_IDS = 1000
_FIRST = [
    (head, (head.name, *((EACH,) if head.each else ()), *head.role)) for head in HEADS if head.role
]


class Interleaved:
    """Looks at the streams of a body, one after another.

    Of two interleaved responses the first is cut short where the second begins, which takes in the
    events of both. What comes of either after the other one's end is a stream again, without a
    beginning; and an event with the id of the first shows that it went on.
    """

    def __init__(self) -> None:
        # The ids of the last responses that were cut short.
        self._cut: dict[str, None] = {}
        # The id and the API of the last response, whether it was cut short, and how many of each
        # API were before it.
        self._last: str | None = None
        self._api = ""
        self._is_cut = False
        self._open: Counter[str] = Counter()
        # The stream at hand, whether its response begins there, with which id, and whether it has an
        # event of one that was cut short.
        self._stream = -1
        self._begins = False
        self._begun: str | None = None
        self._goes_on = False

    def event(self, stream: int, value: dict[str, Any], name: str) -> None:
        """Takes in an event. Those that count are the first of a stream, and those that end one or
        have all of its response: these are delivered whatever else is asked for."""
        # Most logs have none.
        if not self._cut or (api := api_of(value, name)) is None:
            return
        is_first = stream != self._stream
        if not (is_first or _is_response(value, name)):
            return
        id = id_in(value, api.response.ids)
        id = None if id is None else shortened(id)
        if is_first:
            self._stream, self._goes_on = stream, False
            self._begins = _begins(value, name, api)
            self._begun = id if self._begins else None
        self._goes_on |= id in self._cut and id != self._begun

    def end(self, end: StreamEnd) -> bool:
        """Takes in the end of a stream. Whether it has the rest of a response before it."""
        if not end.api:
            return False
        id = None if end.response_id is None else shortened(end.response_id)
        is_seen = end.stream == self._stream
        is_rest = is_seen and self._goes_on
        if id is not None and id != self._last:
            if self._is_cut:
                self._open[self._api] += 1
            else:
                self._open.clear()
            self._last, self._api = id, end.api
        elif self._open[end.api] and not (is_seen and self._begins):
            is_rest = True
            self._open[end.api] -= 1
        self._is_cut = not end.complete
        if id is not None:
            self._cut.pop(id, None)
            if self._is_cut:
                self._cut[id] = None
            if len(self._cut) > _MAX_IDS:
                del self._cut[next(iter(self._cut))]
        return is_rest


def _is_response(value: dict[str, Any], name: str) -> bool:
    has_one = any(isinstance(value.get(member), dict) for member in RESPONSES)
    return has_one or type_of(value, name) in ENDS


def _begins(value: dict[str, Any], name: str, api: Api) -> bool:
    """Whether the event is the first of a response."""
    if type_of(value, name) in BEGINS:
        return True
    roles = (every(value, path) for head, path in _FIRST if head.name in api.heads)
    return any(isinstance(role, str) and role for found in roles for role in found)
