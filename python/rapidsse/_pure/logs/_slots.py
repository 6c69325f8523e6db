"""`Slots`: the numbers of the items of an answer, where events do not number them, or number several
alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..._limits import MAX_PARTS


@dataclass(frozen=True, slots=True)
class Call:
    """What an event says of a call: which one it is."""

    index: int | None
    """Its number, which several calls may have."""
    id: str | None
    """Its id: some servers make up another one for each event."""
    has_name: bool
    """Whether it has a name, as the first event of a call has."""


class Slot(NamedTuple):
    number: int
    has_id: bool


class Slots:
    """See the module."""

    __slots__ = ("_calls", "_count", "_runs")

    def __init__(self) -> None:
        # Of each answer the last item of those that follow each other.
        self._runs: dict[int, tuple[int, str]] = {}
        self._calls: dict[int, Calls] = {}
        self._count = 0

    @property
    def are_full(self) -> bool:
        """Whether there are so many that no more are to be told apart."""
        return len(self._runs) > MAX_PARTS or self._count > MAX_PARTS

    def of_run(self, answer: int, item: str, is_text: bool) -> int:
        """The slot of an item that goes on if it is a text and the last one is as well."""
        slot, last = self._runs.get(answer, (-1, ""))
        if not is_text or last != item:
            slot += 1
        self._runs[answer] = slot, item
        return slot

    def id_size(self, answer: int, call: Call) -> int:
        """How many bytes are kept of a call's id."""
        calls = self._calls.get(answer)
        slot = None if calls is None else calls.place(call)
        if call.id is None or (slot is not None and slot.has_id):
            return 0
        return len(call.id.encode())

    def of_call(self, answer: int, call: Call) -> int:
        """The slot of a call."""
        calls = self._calls.setdefault(answer, Calls())
        slot = calls.place(call)
        if slot is None:
            slot = Slot(calls.next, False)
            calls.next += 1
            self._count += 1
        if call.id is not None and not slot.has_id:
            calls.by_id[call.index, call.id] = slot.number
            slot = Slot(slot.number, True)
        if call.index is not None:
            calls.by_index[call.index] = slot
        calls.last = slot
        return slot.number


class Calls:
    """The calls of an answer."""

    __slots__ = ("by_id", "by_index", "last", "next")

    def __init__(self) -> None:
        self.next = 0
        self.last: Slot | None = None
        # The last one with each index.
        self.by_index: dict[int, Slot] = {}
        self.by_id: dict[tuple[int | None, str], int] = {}

    def place(self, call: Call) -> Slot | None:
        """Where a call was met before; `None` if another one begins."""
        current = self.last if call.index is None else self.by_index.get(call.index)
        if call.id is None:
            return None if call.index is None and call.has_name else current
        if (number := self.by_id.get((call.index, call.id))) is not None:
            return Slot(number, True)
        # Where ids change from event to event, only the first one has a name.
        if current is None or call.index is None or (current.has_id and call.has_name):
            return None
        return current
