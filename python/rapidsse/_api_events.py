"""Reading an event by the table of the APIs: its type, its API, and what lies at a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ._apis import (
    APIS,
    CHUNKS,
    CODE,
    EACH,
    ERROR,
    FAILURES,
    FIRST_FAILED_CODE,
    HEADS,
    IMAGE_ITEMS,
    MESSAGE,
    OBJECT,
    RESPONSES,
    TYPE_KEYS,
    Api,
    Head,
    Path,
    Response,
    Types,
)
from ._values import integer, parts, string

__all__ = [
    "api_of",
    "api_of_type",
    "at",
    "every",
    "has_head",
    "id_in",
    "image_of",
    "output_of",
    "says_failure",
    "trail_of",
    "type_of",
]


def _type_of_head(head: Head) -> type | tuple[type, ...]:
    if head.each:
        return list
    if head.whole:
        return str, type(None)
    return str if head.text else bool if head.flag else dict


_HEAD_TYPES = {head.name: _type_of_head(head) for head in HEADS}


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
    if (api := api_of_type(event, type_of(event, name))) is not None:
        return api
    for api in APIS:
        if any(all(has_head(event, head) for head in shape) for shape in api.shapes):
            return api
    return None


def api_of_type(event: Mapping[str, Any], type: str) -> Api | None:
    """The API of an event by its type, which `type_of` gave."""
    for api in APIS if type else ():
        types = api.types
        if type.startswith(types.prefixes) and type not in types.requests and _has(types, event):
            return api
    return None


def _has(types: Types, event: Mapping[str, Any]) -> bool:
    """Whether the member that names the event's type may do so for these types."""
    if types.keys == TYPE_KEYS:
        return True
    keys = (key for key in TYPE_KEYS if isinstance(event.get(key), str))
    return next(keys, types.keys[0]) in types.keys


def says_failure(event: Mapping[str, Any], name: str = "") -> bool:
    """Whether an event of no known API is an error in another form than that of an `ERROR_FIELD`.

    `name` is its SSE field `event`.
    """
    if event.get(OBJECT) == ERROR:
        return api_of(event, name) is None
    if name not in _NAMELESS or type_of(event) or api_of(event, name) is not None:
        return False
    return any(map(_is_full, map(event.get, FAILURES))) or (
        bool(string(event.get(MESSAGE))) and _is_failed(event.get(CODE))
    )


_NAMELESS = ("", "message")


def _is_full(value: Any) -> bool:
    return isinstance(value, (str, list, dict)) and bool(cast("object", value))


def _is_failed(code: Any) -> bool:
    if isinstance(code, str):
        if not _DIGITS.fullmatch(code):
            return bool(code)
        code = int(code)
    number = integer(code)
    return number is not None and not 0 <= number < FIRST_FAILED_CODE


_DIGITS = re.compile("[0-9]{1,18}")


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
    return head in event and isinstance(event[head], _HEAD_TYPES[head])


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
