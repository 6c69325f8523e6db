"""The items of a response: finds the streamed item that an item of the final output repeats.

Some servers leave out items at the end, and ids, so that the place in the list is another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Item", "Places"]

_Said = tuple[str | None, ...]
_SAYS = ("text", "summary", "refusal", "arguments")


@dataclass(slots=True)
class Item:
    """An item, as far as it came: texts by the names of their columns."""

    type: str = ""
    id: str | None = None
    columns: dict[str, str] = field(default_factory=dict[str, str])
    is_whole: bool = False
    """Whether it came as a whole, and not in pieces."""
    has_ended: bool = False

    @property
    def size(self) -> int:
        """About how many characters are in it."""
        return len(self.type) + len(self.id or "") + sum(map(len, self.columns.values()))

    @property
    def said(self) -> _Said:
        """What it says, by which it is known again without an id."""
        return self.type, *(self.columns.get(name) or None for name in _SAYS)


class Places:
    """The numbers of the items that are known, for those of an output with `count` items."""

    def __init__(self, items: dict[int, Item], count: int) -> None:
        self._items = items
        self._lists_all = count >= len(items)
        self._taken: set[int] = set()
        # The numbers of the items that say the same, or are of the same type: the first at the end.
        self._alike: dict[_Said, list[int]] | None = None

    def take(self, number: int) -> None:
        """Says that an item of the output has this number."""
        self._taken.add(number)

    def of(self, item: Item, position: int) -> int | None:
        """The number of an item at this position of the output; `None` if it is a new one."""
        if position not in self._taken:
            known = self._items.get(position)
            if known is None:
                return position
            if known.type == item.type and (self._lists_all or known.said == item.said):
                return position
        number = self.of_same(item)
        return self._first((item.type,)) if number is None else number

    def of_same(self, item: Item) -> int | None:
        """The number of the first item that says the same."""
        return self._first(item.said)

    def _first(self, said: _Said) -> int | None:
        if self._alike is None:
            self._alike = {}
            for number in sorted(self._items, reverse=True):
                item = self._items[number]
                for key in (item.said, (item.type,)):
                    self._alike.setdefault(key, []).append(number)
        numbers = self._alike.get(said, [])
        while numbers and numbers[-1] in self._taken:
            numbers.pop()
        return numbers[-1] if numbers else None
