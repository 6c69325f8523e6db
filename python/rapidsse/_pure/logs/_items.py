"""`Items`: the pieces of the items of a stream's output, put together from what its events add.

`_api_items.py` lists their paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from ..._api_items import ITEMS, Additions, Leaf
from ..._apis import BASE64_KEYS, EACH, INDEX, TEXT, THOUGHT, at
from ..._json import decode_json, joined
from ..._limits import MAX_PARTS, MAX_TEXT
from ._fields import MAX_INT, Fields, integer, mapping, string, texts_in
from ._objects import Piece
from ._raw import RawJson


class Found(NamedTuple):
    """A value in an event: the keys and indices that lead to it, and the elements of lists through
    which they do."""

    value: Any
    trail: tuple[str | int, ...]
    elements: tuple[Any, ...]


class Key(NamedTuple):
    """Which piece of which item: see `Piece`."""

    item: str
    column: str
    number: int | None
    item_id: str | None
    part: int


class Last(NamedTuple):
    """The last item of an answer."""

    slot: int
    item: str
    id: str | None


def _found(found: Found, path: tuple[str, ...]) -> Iterator[Found]:
    """The values at a path."""
    if not path:
        yield found
    elif path[0] == EACH:
        for number, element in enumerate(_elements(found.value)):
            elements = (*found.elements, element)
            yield from _found(Found(element, (*found.trail, number), elements), path[1:])
    elif (fields := mapping(found.value)) is not None and path[0] in fields:
        trail = (*found.trail, path[0])
        yield from _found(Found(fields[path[0]], trail, found.elements), path[1:])


def _elements(value: object) -> list[Any]:
    elements: list[Any] = cast(Any, value) if type(value) is list else []
    return elements


class Items:
    """See the module."""

    __slots__ = ("_last", "_pieces", "_size", "are_whole")

    def __init__(self) -> None:
        self.are_whole = True
        self._size = 0
        self._pieces: dict[Key, bytearray] = {}
        # Of each answer, by whether its items follow each other.
        self._last: dict[tuple[int, bool], Last] = {}

    def add(self, event: Fields, payload: bytes | memoryview) -> None:
        """Takes in what an event adds."""
        if event.api is None:
            return
        raw = RawJson(payload)
        for additions in ITEMS[event.api.name].additions:
            if not additions.types or event.type in additions.types:
                for found in _found(Found(event.value, (), ()), additions.path):
                    if mapping(found.value) is not None and not _is_said(additions, found):
                        self._add(event, raw, additions, found)

    def joined(self) -> tuple[Piece, ...]:
        """The pieces, in the order in which they began."""
        return tuple(
            Piece(*key, joined(text.decode("utf-8", "surrogatepass")))
            for key, text in self._pieces.items()
        )

    def _add(self, event: Fields, raw: RawJson, additions: Additions, found: Found) -> None:
        item: str | None = None
        place: tuple[int | None, str | None, int] = (None, None, 0)
        for leaf in additions.leaves:
            texts = _texts(leaf, found, raw)
            if texts and (item is None or (additions.runs and item != leaf.item)):
                place = self._place(event, additions, leaf, found)
                item = leaf.item
            for text in texts:
                self._put(Key(leaf.item, leaf.column, *place), leaf, text)

    def _place(
        self, event: Fields, additions: Additions, leaf: Leaf, found: Found
    ) -> tuple[int | None, str | None, int]:
        """The answer, or else the item, that a value adds to, its id, and the part of it."""
        if found.elements:
            answer = mapping(found.elements[0])
            number = 0 if answer is None else integer(answer.get(INDEX)) or 0
            is_item = len(found.elements) > 1
            return number, None, self._slot(additions, leaf, found, number) if is_item else 0
        part = integer(event.value.get(additions.part)) or 0
        output = event.output_index
        if output is None:
            output = integer(event.value.get(INDEX))
        if output is None and event.item_id:
            return None, event.item_id, part
        return output or 0, None, part

    def _slot(self, additions: Additions, leaf: Leaf, found: Found, answer: int) -> int:
        """The number of an item of an answer."""
        last = self._last.get((answer, additions.runs))
        slot, begins, id = -1 if last is None else last.slot, last is None, None
        if additions.runs:
            begins |= leaf.how not in ("text", "thought") or (last and last.item) != leaf.item
        else:
            index = integer(found.value.get(INDEX))
            id = string(at(found.value, additions.id)) or None
            if index is not None:
                slot, begins = index, False
            elif id is not None:
                begins |= last is not None and id != last.id
            elif not begins and string(at(found.value, additions.name)):
                begins = True
            elif last is not None:
                id = last.id
        slot = min(slot + begins, MAX_INT)
        if last is not None or len(self._last) < MAX_PARTS:
            self._last[answer, additions.runs] = Last(slot, leaf.item, id)
        return slot

    def _put(self, key: Key, leaf: Leaf, text: str) -> None:
        piece = self._pieces.get(key)
        if not self.are_whole or (piece is not None and leaf.how in ("first", "mark")):
            return
        added = text.encode("utf-8", "surrogatepass")
        size = self._size + len(added)
        if piece is None:
            size += len((key.item_id or "").encode())
        elif leaf.how == "whole":
            size -= len(piece)
        if size > MAX_TEXT or (piece is None and len(self._pieces) == MAX_PARTS):
            self.are_whole = False
            return
        self._size = size
        if piece is None or leaf.how == "whole":
            self._pieces[key] = bytearray(added)
        else:
            piece += added


def _is_said(additions: Additions, found: Found) -> bool:
    """Whether another member of the answer says the same."""
    answer = mapping(found.elements[0]) if additions.unless else None
    return answer is not None and mapping(answer.get(additions.unless)) is not None


def _texts(leaf: Leaf, found: Found, raw: RawJson) -> list[str]:
    """What a leaf adds: of its paths the first that has something counts."""
    for path in leaf.paths:
        values = _found(Found(found.value, found.trail, ()), path)
        texts = [text for value in values for text in _texts_of(leaf, value, raw)]
        if texts:
            return texts
    return []


def _texts_of(leaf: Leaf, found: Found, raw: RawJson) -> Iterator[str]:
    value, fields = found.value, mapping(found.value)
    match leaf.how:
        case "text":
            yield from filter(None, texts_in(value))
        case "thought":
            is_thought = fields is not None and fields.get(THOUGHT) is True
            if is_thought and fields is not None and type(text := fields.get(TEXT)) is str:
                yield from filter(None, [text])
        case "mark":
            if value is not None:
                yield ""
        case "json" if value is not None and type(value) is not str:
            yield raw.at(found.trail)
        case _ if type(value) is str:
            if not value and found.trail[-1] in BASE64_KEYS:
                # What may be long base64 was not decoded.
                value = decode_json(raw.at(found.trail).encode())[0]
            if value:
                yield value
        case _:
            pass
