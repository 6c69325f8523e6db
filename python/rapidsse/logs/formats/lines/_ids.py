"""Separates the events of a log by the ids of their chunks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from ...._api_events import api_of, at, has_head, id_in
from ...._apis import HEADS, Api
from ...._values import members, parts
from ..._short_ids import shortened
from ..values._json import record_or_none

__all__ = ["MAX_SOURCES", "Ids", "are_mixed", "recur"]

MAX_SOURCES = 100_000
"""The most sources, or ids, that are separated."""


class Ids:
    """Separates the events of a log by the ids of their chunks. What has none belongs to the one
    before it."""

    def __init__(self) -> None:
        self._last: str | None = None
        # The ids, and whether their responses have finished.
        self._finished: dict[str, bool] = {}
        self._went_on: set[str] = set()

    @property
    def are_mixed(self) -> bool:
        """Whether two responses, neither of which had finished, are interleaved."""
        return len(self._went_on) > 1

    def has_finished(self, id: str) -> bool:
        """Whether the response with this id has finished."""
        return self._finished.get(id, False)

    def of(self, event: Any) -> str | None:
        """The id to which an event belongs."""
        fields = members(event)
        api = api_of(fields) if fields else None
        if api is None or not api.chunks:
            return self._last
        id = id_in(fields, api.response.ids)
        if id is None:
            return self._last
        id = shortened(id)
        if self._finished.get(id) is False and id != self._last:
            self._went_on.add(id)
        if len(self._finished) < MAX_SOURCES:
            self._finished[id] = self._finished.get(id, False) or _finishes(fields, api)
        self._last = id
        return id

    def of_payload(self, payload: bytes) -> str | None:
        """The id to which the event with this payload belongs."""
        return self.of(record_or_none(payload))


def _finishes(event: Any, api: Api) -> bool:
    for head in HEADS:
        if head.finishes and head.name in api.heads and has_head(event, head.name):
            answers = parts(event[head.name]) if head.each else (event[head.name],)
            if any(
                at(answer, path) not in (None, "") for answer in answers for path in head.finishes
            ):
                return True
    return False


def are_mixed(events: Iterable[Any]) -> bool:
    """Whether a log that begins with these events has interleaved responses."""
    ids = Ids()
    for event in events:
        ids.of(event)
    return ids.are_mixed


def recur(sources: Iterable[Hashable]) -> bool:
    """Whether one of the sources comes again after another one."""
    seen = set[Hashable]()
    last: Hashable = None
    for source in sources:
        if source != last and source in seen:
            return True
        seen.add(source)
        last = source
    return False
