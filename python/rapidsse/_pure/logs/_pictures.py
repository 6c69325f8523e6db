"""The pictures in an event: in the members that an API has for them, in data URLs, and in objects
that give their media type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from ..._apis import (
    IMAGE_DATA,
    IMAGE_FIELDS,
    IMAGE_ITEMS,
    IMAGE_MEDIA,
    IMAGE_URL,
    ITEM_ID,
    MEDIA_TYPES,
    PARTIAL_FIELDS,
    PARTIAL_IMAGES,
    PARTIAL_INDEX,
)
from ..._cut_json import cut_json
from ..._json import joined
from ..._values import integer, string
from ._objects import Picture, Span

# A data URL says within so many characters what it is.
_URL_HEAD = 256
_IN_URL = ";base64,"


def pictures(payload: bytes | memoryview, spans: Sequence[Span]) -> tuple[Picture, ...]:
    """The pictures of an event's payload: those of its own members first."""
    return tuple(_Search(payload, spans).found())


class _Search:
    __slots__ = ("_cut", "_event", "_view")

    def __init__(self, payload: bytes | memoryview, spans: Sequence[Span]) -> None:
        self._view = memoryview(payload)
        self._event, self._cut, _ = cut_json(payload, spans)

    def found(self) -> Iterator[Picture]:
        """The pictures, in the order of the JSON."""
        event = self._event
        # Of an output the `id` is the item's; before there is one, it is that of the event's item.
        stack: list[tuple[object, Any]] = [(None, event)]
        while stack:
            id, value = stack.pop()
            if isinstance(value, str):
                if self._is_image_url(value):
                    yield self._picture(joined(value), id, "final", None)
            elif isinstance(value, list):
                elements: list[Any] = cast(Any, value)
                stack.extend((id, each) for each in reversed(elements))
            elif isinstance(value, dict):
                fields = cast("dict[str, Any]", value)
                if isinstance(fields.get(ITEM_ID), str):
                    id = fields[ITEM_ID]
                yield from self._own(fields, id)
                key = _image_key(fields)
                if key is not None:
                    # An image without an id is its item's.
                    own = fields.get("id") if key != IMAGE_DATA else id
                    if data := string(fields[key]):
                        yield self._picture(data, own, "final", None)
                if fields is not event and isinstance(fields.get("id"), str) and "type" in fields:
                    id = fields["id"]
                found = (key, *IMAGE_FIELDS)
                rest = [
                    (id, each)
                    for name, each in fields.items()
                    if name not in found or not isinstance(each, str)
                ]
                stack.extend(reversed(rest))

    def _own(self, event: dict[str, Any], id: object) -> Iterator[Picture]:
        """Those that an event has in members of its own, which may itself lie in another object."""
        for field in IMAGE_FIELDS:
            data = string(event.get(field))
            if data:
                partial = field in PARTIAL_FIELDS or string(event.get("type")) in PARTIAL_IMAGES
                index = integer(event.get(PARTIAL_INDEX)) if partial else None
                yield self._picture(data, id, "partial" if partial else "final", index)

    def _is_image_url(self, value: str) -> bool:
        """Whether `value` stands for the data URL of an image."""
        span = self._cut.get(value)
        if span is not None:
            head = bytes(self._view[span.start : min(span.start + _URL_HEAD, span.end)])
            value = head.decode("ascii", "replace")
        return value.startswith(IMAGE_URL) and _IN_URL in value[:_URL_HEAD]

    def _picture(self, data: str, item: object, kind: str, index: int | None) -> Picture:
        span = self._cut.get(data)
        text = data.encode() if span is None else self._view[span.start : span.end]
        # Whether texts are the same, this engine leaves to its caller.
        return Picture(string(item), kind, index, text, 0)


def _image_key(fields: dict[str, Any]) -> str | None:
    """The member of an object that is an image."""
    kind = fields.get("type")
    if isinstance(kind, str) and kind in IMAGE_ITEMS:
        return IMAGE_ITEMS[kind] if IMAGE_ITEMS[kind] in fields else None
    if isinstance(fields.get(IMAGE_DATA), str):
        types = (string(fields.get(name)) or "" for name in MEDIA_TYPES)
        if any(type.startswith(IMAGE_MEDIA) for type in types):
            return IMAGE_DATA
    return None
