"""A naive search for the pictures of an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from json_oracle import get, plain

Picture = tuple[str | None, str, int | None, bytes]


def pictures(event: dict[str, Any]) -> list[Picture]:
    """Item, kind, index and text of each: those of the event's own members first."""
    found = list(within(event, None, is_event=True))
    return [(*known, text.encode()) for *known, text in found if text]  # type: ignore[misc]


def own(event: dict[str, Any], item: str | None) -> Iterator[Any]:
    index = get(event, "partial_image_index", int)
    is_partial = get(event, "type", str) in (
        "response.image_generation_call.partial_image",
        "image_generation.partial_image",
        "image_edit.partial_image",
    )
    yield item, "partial", index, get(event, "partial_image_b64", str)
    kind = "partial" if is_partial else "final"
    yield item, kind, index if is_partial else None, get(event, "b64_json", str)


def within(value: Any, item: str | None, *, is_event: bool = False) -> Iterator[Any]:
    if isinstance(value, str):
        if value.startswith("data:image/") and ";base64," in value[:256]:
            yield item, "final", None, plain(value)
    elif isinstance(value, list):
        for each in value:
            yield from within(each, item)
    elif isinstance(value, dict):
        types = (get(value, key, str) or "" for key in ("mimeType", "mime_type", "media_type"))
        item = item if (own_item := get(value, "item_id", str)) is None else own_item
        yield from own(value, item)
        key = None
        if value.get("type") == "image_generation_call":
            key = "result"
            yield get(value, "id", str), "final", None, get(value, "result", str)
        elif any(type.startswith("image/") for type in types) and "data" in value:
            key = "data" if isinstance(value["data"], str) else None
            yield item, "final", None, get(value, "data", str)
        if not is_event and "type" in value and isinstance(value.get("id"), str):
            item = get(value, "id", str)
        for name, each in value.items():
            taken = (key, "b64_json", "partial_image_b64")
            if name not in taken or not isinstance(each, str):
                yield from within(each, item)
