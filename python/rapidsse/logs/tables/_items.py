"""The items table: the items of each stream's output.

An item that came as a whole counts as it is. Of another one the engine has put the pieces
together: see `_api_items.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from ..._api_events import api_of, every, output_of, type_of
from ..._api_items import ITEMS, ObjectFields, kind_of
from ..._apis import (
    APIS,
    BASE64_KEYS,
    FAILED,
    FAILED_FINISHES,
    ITEM,
    OUTPUT_INDEX,
    Api,
    Path,
)
from ..._limits import MAX_PARTS, MAX_TEXT, MIN_ELIDED
from ..._values import MAX_INT, ToText, integer, members, string, to_text
from ._item_places import Item, Places
from ._payloads import Payload, mark
from ._rows import TableRows
from ._totals import Totals

if TYPE_CHECKING:
    from ..._engine import Event, Piece, StreamEnd

__all__ = ["Items"]

MAX_KEPT = MAX_TEXT
"""Characters of a stream's whole items that are kept until it ends,"""

MAX_ITEMS = MAX_PARTS
"""and how many items are remembered, so that a later event changes them."""

MAX_ID = 1000
"""Characters of an id that are compared."""

MAX_NUMBER = MAX_INT
"""The largest number that the column holds; further items have it, too."""

_APIS = {api.name: api for api in APIS}
_IMAGE = "image"
_BETWEEN = {"summary": "\n\n", "commands": "\n"}
_ARGUMENTS = "commands", "arguments", "input"
_KEYS = "|".join(map(re.escape, BASE64_KEYS))
_long_base64 = re.compile(
    rf'(;base64,|"(?:{_KEYS})"\s*+:\s*+")'
    rf"((?:[A-Za-z0-9+/=]|\\/|\\u00(?:2[bBfF]|3[dD])){{{MIN_ELIDED},}}+)"
)


class Items:
    """Collects the rows of one log."""

    def __init__(self, rows: TableRows, source: str, totals: Totals) -> None:
        self.custom_id: str | None = None
        self._rows = rows
        self._source = source
        self._totals = totals
        self._new_stream()

    def _new_stream(self) -> None:
        # The items that an event held as a whole, by their numbers, and the numbers by the ids.
        self._items: dict[int, Item] = {}
        self._numbers: dict[str, int] = {}
        # That of the next item which says none: also those count that are in the table already.
        self._next = 0
        self._size = 0
        # Those that are in the table already.
        self._written: set[int] = set()
        # Whether the response has said that all went well.
        self._has_ended = False

    def add(self, payload: Payload, event: Event) -> None:
        """Takes in the items that an event holds as a whole."""
        fields = payload.fields
        kind, api = type_of(fields, event.name), api_of(fields, event.name)
        if api is None or kind not in (items := ITEMS[api.name]).events:
            return
        if kind in items.outputs:
            response = members(fields.get(api.response.member))
            states = {kind.rpartition(".")[2], string(response.get("status"))}
            self._has_ended |= kind in api.ends and FAILED.isdisjoint(states)
            self._add_output(payload, api, response, has_ended=kind in api.ends)
        elif isinstance(value := fields.get(ITEM), dict):
            item = _item(payload, members(value), items.object, has_ended=kind in items.done)
            self._add(item, integer(fields.get(OUTPUT_INDEX)))
        if self._size > MAX_KEPT or len(self._items) >= MAX_ITEMS // 2:
            self._write_early(event)

    def _add_output(
        self, payload: Payload, api: Api, response: dict[str, Any], *, has_ended: bool
    ) -> None:
        """Adds the items of a whole output."""
        items = ITEMS[api.name]
        output = [
            each
            for each in output_of(response, api.response)
            if members(each).get("type") not in items.inputs
        ]
        places = Places(self._items, len(output))
        for position, value in enumerate(output):
            if isinstance(value, dict):
                item = _item(payload, members(value), items.object, has_ended=has_ended)
                known = None if item.id is None else self._numbers.get(item.id)
                place = places.of(item, position) if known is None else known
                places.take(self._add(item, place))

    def _add(self, item: Item, number: int | None) -> int:
        """Adds an item that came as a whole, and returns its number."""
        known = None if item.id is None else self._numbers.get(item.id)
        if known is not None:
            number = known
        elif number is None:
            number = self._next
        self._count(number)
        if item.id is not None and len(self._numbers) < MAX_ITEMS and len(item.id) <= MAX_ID:
            self._numbers[item.id] = number
        before = self._items.get(number)
        is_less = before is not None and before.has_ended and not item.has_ended
        if number not in self._written and not is_less:
            self._size += item.size - (0 if before is None else before.size)
            self._items[number] = item
        return number

    def _count(self, number: int) -> None:
        self._next = min(max(self._next, number + 1), MAX_NUMBER)

    def _write_early(self, event: Event) -> None:
        """Writes what has ended before its stream has; all of it, if too much has not."""
        sizes = [item.size for item in self._items.values() if not item.has_ended]
        writes_all = len(sizes) > MAX_ITEMS // 4 or sum(sizes) > MAX_KEPT // 2
        for number, item in list(self._items.items()):
            if item.has_ended or writes_all:
                self._write(event.place.stream, event.response_id, None, number, item)
                self._size -= item.size
                del self._items[number]
                if len(self._written) < MAX_ITEMS:
                    self._written.add(number)

    def end(self, end: StreamEnd) -> None:
        """The stream has ended: writes its items."""
        api = _APIS.get(end.api)
        if api is not None:
            rows = self._of_answers(end) if api.chunks else self._of_output(end, api)
            for choice, number, item in rows:
                self._write(end.stream, end.response_id, choice, number, item)
        if self._next or self._items or self._numbers or self._written or self._has_ended:
            self._new_stream()

    def _of_answers(self, end: StreamEnd) -> Iterator[tuple[int | None, int, Item]]:
        """The items of the choices of a response, or its candidates, in their order."""
        answers: dict[int, dict[tuple[str, int], Item]] = {}
        ended: set[int] = set()
        for piece in end.pieces:
            answer = piece.number or 0
            if piece.column != "end":
                items = answers.setdefault(answer, {})
                item = items.setdefault((piece.item, piece.part), Item(piece.item))
                item.columns[piece.column] = piece.text
            elif piece.text not in FAILED_FINISHES:
                ended.add(answer)
        for answer, items in sorted(answers.items()):
            for number, item in enumerate(items.values()):
                item.has_ended = answer in ended and end.pieces_whole
                yield answer, number, item

    def _of_output(self, end: StreamEnd, api: Api) -> Iterator[tuple[None, int, Item]]:
        """The items of a response, in the order of their numbers."""
        pieces: dict[int, list[Piece]] = {}
        for piece in end.pieces:
            number = self._number_of(piece, ITEMS[api.name].apart)
            self._count(number)
            pieces.setdefault(number, []).append(piece)
        # Where no event lists the items, they end with the response at the latest.
        has_ended = self._has_ended or (end.complete and not ITEMS[api.name].outputs)
        streamed = {
            number: _assembled(found, has_ended=has_ended, is_whole=end.pieces_whole)
            for number, found in pieces.items()
            if not self._has_whole(number)
        }
        self._drop_listed(streamed, pieces.keys())
        for number in sorted(pieces.keys() | self._items.keys()):
            if number in self._written:
                continue
            whole = self._items.get(number)
            if whole is not None and not whole.has_ended and number in streamed:
                _fill_in(whole, streamed[number])
            if whole is not None:
                whole.has_ended |= self._has_ended and end.pieces_whole
            yield None, number, whole or streamed[number]

    def _has_whole(self, number: int) -> bool:
        """Whether all of an item is known without its pieces."""
        whole = self._items.get(number)
        return number in self._written or (whole is not None and whole.has_ended)

    def _drop_listed(self, streamed: dict[int, Item], numbers: Collection[int]) -> None:
        """Gives an item that only the end has the number of the pieces that say the same.

        `streamed` are the items made of pieces, `numbers` those of all pieces.
        """
        others = {number: item for number, item in self._items.items() if number not in numbers}
        places = Places(others, 0)
        for number, item in streamed.items():
            if number not in self._items:
                listed = places.of_same(item)
                if listed is not None:
                    places.take(listed)
                    self._items[number] = self._items.pop(listed)

    def _number_of(self, piece: Piece, apart: tuple[str, ...]) -> int:
        """The number of a piece's item, which may be known by its id alone."""
        if apart:
            name = f"{piece.item if piece.item in apart else ''} {piece.number}"
            return self._numbers.setdefault(name, self._next)
        if piece.number is not None:
            return piece.number
        return self._numbers.setdefault(piece.item_id or "", self._next)

    def _write(
        self, stream: int, response_id: str | None, choice: int | None, number: int, item: Item
    ) -> None:
        columns = item.columns
        type = columns.get("type") or item.type
        kind = kind_of(type, columns.get("media", ""))
        self._totals.add_item(kind, is_complete=item.has_ended)
        self._rows.add(
            {
                "source": self._source,
                "stream": stream,
                "response_id": response_id,
                "choice": choice,
                "index": number,
                "kind": kind,
                "type": type or None,
                "item_id": item.id,
                "call_id": columns.get("call_id"),
                "name": columns.get("name"),
                "text": _elided(columns.get("text") or columns.get("summary")),
                "refusal": columns.get("refusal") or None,
                "arguments": _elided(next(filter(None, map(columns.get, _ARGUMENTS)), None)),
                "result": _elided(columns.get("result")),
                "status": columns.get("status"),
                "complete": item.has_ended,
                "assembled": not item.is_whole,
                "custom_id": self.custom_id,
            }
        )


def _assembled(pieces: list[Piece], *, has_ended: bool, is_whole: bool) -> Item:
    """The item that was streamed as these pieces; `is_whole` says whether they are all of it."""
    item = Item()
    by_column: dict[str, list[Piece]] = {}
    for piece in pieces:
        item.type = item.type or piece.item
        by_column.setdefault(piece.column, []).append(piece)
    for column, found in by_column.items():
        texts = [piece.text for piece in sorted(found, key=lambda each: each.part)]
        item.columns[column] = _BETWEEN.get(column, "").join(texts)
    item.has_ended = (has_ended or "end" in item.columns) and is_whole
    return item


def _fill_in(item: Item, pieces: Item) -> None:
    """Adds to an item that has begun the pieces that came."""
    item.is_whole = False
    item.type = item.type or pieces.type
    item.columns |= pieces.columns


def _item(payload: Payload, value: dict[str, Any], lies: ObjectFields, *, has_ended: bool) -> Item:
    """The item that an object is."""
    text = to_text(is_standard=payload.is_standard)
    type = text(value.get("type")) or ""
    item = Item(type, text(value.get("id")), is_whole=True, has_ended=has_ended)
    columns: dict[str, str | None] = {
        "text": _joined(value, lies.text, text),
        "summary": _joined(value, lies.summary, text, _BETWEEN["summary"]),
        "refusal": _joined(value, lies.refusal, text),
        "call_id": _joined(value, lies.call_id, text),
        "name": _joined(value, lies.name, text),
        "status": text(value.get("status")),
    }
    if kind_of(type) != _IMAGE:
        columns["arguments"] = _json(payload, value, lies.arguments, text)
        columns["result"] = _json(payload, value, lies.result, text)
    item.columns = {name: found for name, found in columns.items() if found}
    return item


def _joined(
    value: dict[str, Any], paths: tuple[Path, ...], text: ToText, between: str = ""
) -> str | None:
    """The texts at the first of these paths that has any."""
    for path in paths:
        if path[0] not in value:
            continue  # Most items have few of them.
        texts = [found for each in every(value, path) if (found := text(each))]
        if texts:
            return between.join(texts)
    return None


def _json(
    payload: Payload, value: dict[str, Any], paths: tuple[Path, ...], text: ToText
) -> str | None:
    """The first value at these paths: a text, or its JSON."""
    for path in paths:
        if path[0] not in value:
            continue
        for found in every(value, path):
            if found is not None and found != "":
                marked = payload.marked(found)
                if not isinstance(marked, str):
                    marked = json.dumps(marked, ensure_ascii=False, separators=(",", ":"))
                return text(marked)
    return None


def _elided(value: str | None) -> str | None:
    """The text with the length of each long base64 in its place; `None` if it is empty."""
    if value is not None and _has_long_word(value):
        value = _long_base64.sub(lambda found: found[1] + mark(found[2]), value)
    return value or None


def _has_long_word(text: str) -> bool:
    """Whether `MIN_ELIDED` characters follow one another without a space. Only then is there base64 to
    elide, and searching for it takes much longer."""
    at = 0
    while len(text) - at >= MIN_ELIDED:
        space = text.rfind(" ", at, at + MIN_ELIDED)
        if space < 0:
            return True
        at = space + 1
    return False
