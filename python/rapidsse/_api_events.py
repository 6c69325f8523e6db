"""Reading an event by the table of the APIs: its type, its API, and what lies at a path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ._apis import (
    APIS,
    CHUNKS,
    EACH,
    ERROR,
    HEADS,
    IMAGE_ITEMS,
    OBJECT,
    RESPONSES,
    TYPE_KEYS,
    Api,
    Path,
    Response,
)
from ._values import parts

__all__ = [
    "api_of",
    "at",
    "every",
    "has_head",
    "id_in",
    "image_of",
    "output_of",
    "trail_of",
    "type_of",
]

_EACH_HEAD = {head.name: head.each for head in HEADS}


def type_of(event: Mapping[str, Any], name: str = "") -> str:
    """The type of an event, of which `name` is the SSE field `event`; empty if it has none.

    An event that is named as an error is one, whatever the type of the error is.
    """
    if name == ERROR:
        return ERROR
    for key in TYPE_KEYS:
        if isinstance(type := event.get(key), str):
            return type
    return name


def api_of(event: Mapping[str, Any], name: str = "") -> Api | None:
    """The API of an event, if it is known; `name` is its SSE field `event`."""
    kind = event.get(OBJECT)
    if isinstance(kind, str) and (api := CHUNKS.get(kind)) is not None:
        return api
    type = type_of(event, name)
    if type:
        for api in APIS:
            if type.startswith(api.prefixes) and type not in api.requests:
                return api
    for api in APIS:
        if any(has_head(event, shape) for shape in api.shapes):
            return api
    return None


def trail_of(event: Mapping[str, Any]) -> Path:
    """The keys that lead to the event itself: some servers send it as a member of another object,
    which says nothing about its API."""
    if not type_of(event) and api_of(event) is None:
        for member in RESPONSES:
            inner = event.get(member)
            if isinstance(inner, dict) and api_of(cast("dict[str, Any]", inner)) is not None:
                return (member,)
    return ()


def has_head(event: Mapping[str, Any], head: str) -> bool:
    """Whether the event has that member of `HEADS`."""
    return isinstance(event.get(head), list if _EACH_HEAD[head] else dict)


def output_of(response: Mapping[str, Any], says: Response) -> list[Any]:
    """The items that a response lists."""
    lists = (parts(response.get(name)) for name in says.output.lists)
    return next((items for items in lists if items), list[Any]())


def image_of(item: Mapping[str, Any]) -> Any:
    """The image that an item of a response is; `None` if it is something else."""
    kind = item.get("type")
    field = IMAGE_ITEMS.get(kind) if isinstance(kind, str) else None
    return None if field is None else item.get(field)


def at(value: Any, path: Path) -> Any:
    """The value at a path of nested objects; `None` where there is none."""
    for key in path:
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


def id_in(event: Mapping[str, Any], ids: tuple[Path, ...]) -> str | None:
    """The first of these ids that is a string and not empty."""
    found = (at(event, path) for path in ids)
    return next((id for id in found if isinstance(id, str) and id), None)


def every(value: Any, path: Path) -> list[Any]:
    """The values at a path, in their order."""
    for depth, key in enumerate(path):
        if key == EACH:
            rest = path[depth + 1 :]
            return [found for element in parts(value) for found in every(element, rest)]
        if not isinstance(value, dict) or key not in value:
            return []
        value = cast("dict[str, Any]", value)[key]
    return [value]
