"""`Items`: the pieces of the items of a stream's output, put together from what its events add.

`_api_items.py` lists their paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..._api_events import at
from ..._api_items import ITEMS, Additions, Leaf
from ..._apis import BASE64_KEYS, EACH, INDEX, TEXT, THOUGHT
from ..._json import decode_json, joined
from ..._limits import MAX_PARTS, MAX_TEXT
from ..._values import integer, parts, string
from ._fields import Fields, mapping, texts_in
from ._objects import Piece
from ._raw import RawJson
from ._slots import Call, Slots


class ValueAt(NamedTuple):
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


def _values_at(found: ValueAt, path: tuple[str, ...]) -> Iterator[ValueAt]:
    """The values at a path."""
    if not path:
        yield found
    elif path[0] == EACH:
        for number, element in enumerate(parts(found.value)):
            elements = (*found.elements, element)
            yield from _values_at(ValueAt(element, (*found.trail, number), elements), path[1:])
    elif (fields := mapping(found.value)) is not None and path[0] in fields:
        trail = (*found.trail, path[0])
        yield from _values_at(ValueAt(fields[path[0]], trail, found.elements), path[1:])


class Items:
    """See the module."""

    __slots__ = ("_pieces", "_size", "_slots", "_sources", "are_whole")

    def __init__(self) -> None:
        self.are_whole = True
        self._size = 0
        self._pieces: dict[Key, bytearray] = {}
        self._slots = Slots()
        # By answer and type of item, from which of several sources its pieces are.
        self._sources: dict[tuple[int, str], int] = {}

    def add(self, event: Fields, payload: bytes | memoryview) -> None:
        """Takes in what an event adds."""
        if event.api is None:
            return
        raw = RawJson(payload)
        for additions in ITEMS[event.api.name].additions:
            if not additions.types or event.type in additions.types:
                for found in _values_at(ValueAt(event.value, event.trail, ()), additions.path):
                    if mapping(found.value) is not None:
                        self._add(event, raw, additions, found)

    def joined(self) -> tuple[Piece, ...]:
        """The pieces, in the order in which they began."""
        return tuple(
            Piece(*key, joined(text.decode("utf-8", "surrogatepass")))
            for key, text in self._pieces.items()
        )

    def _add(self, event: Fields, raw: RawJson, additions: Additions, found: ValueAt) -> None:
        item: str | None = None
        place: tuple[int | None, str | None, int] = (None, None, 0)
        for leaf in additions.leaves:
            texts = _texts(leaf, found, raw)
            if found.elements and self._is_said(additions, leaf, found):
                continue
            if texts and (item is None or (additions.runs and item != leaf.item)):
                place = self._place(event, additions, leaf, found)
                item = leaf.item
            for text in texts:
                self._put(Key(leaf.item, leaf.column, *place), leaf, additions.source, text)

    def _is_said(self, additions: Additions, leaf: Leaf, found: ValueAt) -> bool:
        """Whether another source says the same of an answer."""
        source = self._sources.get((_number(found), leaf.item), additions.source)
        return source != additions.source

    def _place(
        self, event: Fields, additions: Additions, leaf: Leaf, found: ValueAt
    ) -> tuple[int | None, str | None, int]:
        """The answer, or else the item, that a value adds to, its id, and the part of it."""
        if found.elements:
            if additions.lists_items:
                slot = self._slot(additions, leaf, found, 0)
                has_answers = event.api is not None and event.api.chunks
                return (0, None, slot) if has_answers else (slot, None, 0)
            number = _number(found)
            is_item = len(found.elements) > 1
            return number, None, self._slot(additions, leaf, found, number) if is_item else 0
        if additions.is_only:
            return 0, None, 0
        part = integer(at(event.value, additions.part)) or 0
        output = event.output_index
        if output is None:
            output = integer(event.value.get(INDEX))
        if output is None and event.item_id:
            return None, event.item_id, part
        return output or 0, None, part

    def _slot(self, additions: Additions, leaf: Leaf, found: ValueAt, answer: int) -> int:
        """The number of an item of an answer."""
        if additions.runs:
            slot = self._slots.of_run(answer, leaf.item, leaf.how in ("text", "thought"))
        else:
            index = integer(found.value.get(INDEX))
            id = string(at(found.value, additions.id)) or None
            has_name = any(string(at(found.value, path)) for path in additions.names)
            call = Call(index, id, has_name)
            self._size += self._slots.id_size(answer, call)
            slot = self._slots.of_call(answer, call)
        if self._size > MAX_TEXT or self._slots.are_full:
            self.are_whole = False
        return slot

    def _put(self, key: Key, leaf: Leaf, source: int, text: str) -> None:
        piece = self._pieces.get(key)
        if not self.are_whole or (piece is not None and leaf.how in ("first", "mark", "link")):
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
        if piece is None and key.number is not None:
            self._sources.setdefault((key.number, key.item), source)
        if piece is None or leaf.how == "whole":
            self._pieces[key] = bytearray(added)
        else:
            piece += added


def _number(found: ValueAt) -> int:
    """The number of the answer in which a value is."""
    answer = mapping(found.elements[0])
    return 0 if answer is None else integer(answer.get(INDEX)) or 0


def _texts(leaf: Leaf, found: ValueAt, raw: RawJson) -> list[str]:
    """What a leaf adds: of its paths the first that has something counts."""
    for path in leaf.paths:
        values = _values_at(ValueAt(found.value, found.trail, ()), path)
        texts = [text for value in values for text in _texts_of(leaf, value, raw)]
        if texts:
            return texts
    return []


def _texts_of(leaf: Leaf, found: ValueAt, raw: RawJson) -> Iterator[str]:
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
        case "link" if type(value) is str and raw.at(found.trail).startswith('"data:'):
            pass
        case _ if type(value) is str:
            if not value and found.trail[-1] in BASE64_KEYS:
                # What may be long base64 was not decoded.
                value = decode_json(raw.at(found.trail).encode())[0]
            if value:
                yield value
        case _:
            pass
