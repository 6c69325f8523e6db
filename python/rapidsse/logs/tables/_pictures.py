"""The images that an event holds, wherever they lie: in the members that an API has for them, in data
URLs, and in objects that give their media type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ..._apis import (
    IMAGE_DATA,
    IMAGE_FIELDS,
    IMAGE_ITEMS,
    IMAGE_MEDIA,
    ITEM_ID,
    MEDIA_TYPES,
    PARTIAL_FIELDS,
    PARTIAL_IMAGES,
    PARTIAL_INDEX,
    TYPE_KEYS,
)
from ..._typed._base64 import Base64
from ._payloads import Payload, integer, sequence, text

__all__ = ["Picture", "pictures"]


@dataclass(slots=True)
class Picture:
    """Base64 in an event. `partial` is its index among the partial images, if it has one;
    pictures with the same `content` are the same text, unless it is 0."""

    item_id: str | None
    kind: str
    partial: int | None
    data: Base64
    content: int


def pictures(payload: Payload) -> Iterator[Picture]:
    """The pictures that an event holds: those of its own members first."""
    event = payload.fields
    for field in IMAGE_FIELDS:
        data = text(event.get(field))
        if data:
            partial = field in PARTIAL_FIELDS or text(event.get(TYPE_KEYS[0])) in PARTIAL_IMAGES
            index = integer(event.get(PARTIAL_INDEX)) if partial else None
            kind = "partial" if partial else "final"
            yield _picture(payload, data, event.get(ITEM_ID), kind, index)
    for id, data in _deeper(payload, event):
        yield _picture(payload, data, id, "final", None)


def _deeper(payload: Payload, event: dict[str, Any]) -> Iterator[tuple[object, str]]:
    """Ids and texts of the other images, in the order of the JSON."""
    # Of an output the `id` is the item's; before there is one, it is that of the event's item.
    stack: list[tuple[object, Any]] = [(event.get(ITEM_ID), event)]
    while stack:
        id, value = stack.pop()
        if isinstance(value, str):
            if payload.is_image_url(value):
                yield id, value
        elif isinstance(value, list):
            stack.extend((id, each) for each in reversed(sequence(value)))
        elif isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            key = _image_key(fields)
            if key is not None:
                # An image without an id is its item's.
                own = fields.get("id") if key != IMAGE_DATA else id
                if data := text(fields[key]):
                    yield own, data
            if fields is not event and isinstance(fields.get("id"), str) and "type" in fields:
                id = fields["id"]
            rest = [(id, each) for name, each in fields.items() if name != key]
            stack.extend(reversed(rest))


def _image_key(fields: dict[str, Any]) -> str | None:
    """The member of an object that is an image."""
    kind = fields.get("type")
    if isinstance(kind, str) and kind in IMAGE_ITEMS:
        return IMAGE_ITEMS[kind] if IMAGE_ITEMS[kind] in fields else None
    if isinstance(fields.get(IMAGE_DATA), str):
        types = (text(fields.get(name)) or "" for name in MEDIA_TYPES)
        if any(type.startswith(IMAGE_MEDIA) for type in types):
            return IMAGE_DATA
    return None


def _picture(payload: Payload, data: str, item: object, kind: str, index: int | None) -> Picture:
    return Picture(text(item), kind, index, payload.base64(data), payload.content(data))
