"""The fields of an event that streams and columns are made of.

A value of another type than a field's reads as if it were null; of equal keys the last counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..._api_events import (
    api_of,
    api_of_type,
    at,
    every,
    has_head,
    id_in,
    says_failure,
    trail_of,
    type_of,
)
from ..._apis import (
    ASIDES,
    CHUNKS,
    CONTENT_INDEX,
    DELTA,
    EACH,
    ENDS,
    ERROR,
    ERROR_FIELD,
    ERROR_PARENTS,
    FAILED_FINISHES,
    HEADS,
    IMAGE_FIELDS,
    INDEX,
    ITEM_ID,
    OBJECT,
    OUTPUT_INDEX,
    RESPONSES,
    SEQUENCE_NUMBER,
    TEXT,
    TEXT_DELTAS,
    TEXT_PARTS,
    TYPE_KEYS,
    USAGES,
    Api,
    Head,
    Path,
)
from ..._json import joined
from ..._values import integer, string


def mapping(value: object) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if type(value) is dict else None


class Answer:
    """What a head of the event says of one answer."""

    __slots__ = ("fails", "has_content", "has_role", "index", "is_finished", "member", "texts")

    def __init__(self, head: Head, value: Any) -> None:
        fields = mapping(value) or {}
        finishes = (at(fields, path) for path in head.finishes)
        finish = next((each for each in finishes if each not in (None, "")), None)
        self.index = (integer(fields.get(INDEX)) or 0) if head.each else None
        self.fails = finish in FAILED_FINISHES if type(finish) is str else False
        says_end = value is True if head.flag else head.whole and value is not None
        self.is_finished = says_end or (finish is not None and not self.fails)
        self.has_role = bool(head.role and string(at(fields, head.role)))
        values = [value] if head.text else [_value_at(fields, path) for path in head.texts]
        self.has_content = any(map(_has_content, values))
        # Of several members the first that has a text counts.
        self.member, self.texts = 0, list[str]()
        for member, each in enumerate(values):
            if texts := list(texts_in(each)):
                self.member, self.texts = member, texts
                break

    @property
    def goes_on(self) -> bool:
        return not self.is_finished and not self.fails


def _value_at(value: dict[str, Any], path: Path) -> Any:
    """What lies at the path to a text: a list, if the path leads through one."""
    return every(value, path) if EACH in path else at(value, path)


def _has_error(value: dict[str, Any]) -> bool:
    error = value.get(ERROR_FIELD)
    return mapping(error) is not None or bool(string(error))


def _has_content(value: object, *, may_be_list: bool = True) -> bool:
    """Whether there is an object, and more in it than an empty text."""
    if isinstance(value, list):
        parts = cast("list[object]", value)
        return may_be_list and any(_has_content(part, may_be_list=False) for part in parts)
    if not isinstance(value, dict):
        return False
    part = cast("dict[str, Any]", value)
    if type(text := part.get(TEXT)) is str:
        return bool(text)
    return not part.keys() <= {TYPE_KEYS[0], TEXT, *ASIDES}


def texts_in(value: object, *, may_be_list: bool = True) -> Iterator[str]:
    """The texts of the output that a value is."""
    if type(value) is str:
        yield value
    elif type(value) is dict:
        part = cast("dict[str, Any]", value)
        kind = part.get(TYPE_KEYS[0])
        is_text = type(kind) is not str or kind in TEXT_PARTS
        is_aside = any(part.get(name) is True for name in ASIDES)
        if is_text and not is_aside and type(part.get(TEXT)) is str:
            yield part[TEXT]
    elif type(value) is list and may_be_list:
        for element in cast("list[object]", value):
            yield from texts_in(element, may_be_list=False)


class Fields:
    """What is looked at in an event's JSON; `name` is its SSE field `event`."""

    __slots__ = (
        "answers",
        "api",
        "content_index",
        "delta",
        "is_known_by_shape",
        "item_id",
        "name",
        "output_index",
        "sequence_number",
        "trail",
        "type",
        "value",
    )

    def __init__(self, value: dict[str, Any], name: str = "") -> None:
        self.trail = trail_of(value)
        self.value = value = at(value, self.trail)
        self.name = name
        self.type = type_of(value, name)
        self.item_id = string(value.get(ITEM_ID))
        self.delta = string(value.get(DELTA))
        self.sequence_number = integer(value.get(SEQUENCE_NUMBER))
        self.output_index = integer(value.get(OUTPUT_INDEX))
        self.content_index = integer(value.get(CONTENT_INDEX))
        self.api = api_of(value, name)
        has_object = string(value.get(OBJECT)) in CHUNKS
        self.is_known_by_shape = not has_object and api_of_type(value, self.type) is None
        self.answers = [] if self.api is None else list(self._answers(self.api))

    def _answers(self, api: Api) -> Iterator[Answer]:
        for head in HEADS:
            is_there = head.name in api.heads and has_head(self.value, head.name)
            if is_there and not head.usage:
                value = self.value[head.name]
                for each in value if head.each else (value,):
                    if not head.each or mapping(each) is not None:
                        yield Answer(head, each)

    @property
    def written_type(self) -> str:
        """Its type, if its payload says it."""
        return joined(type_of(self.value))

    @property
    def response_id(self) -> str | None:
        """The id of the response, where the event has it."""
        return None if self.api is None else string(id_in(self.value, self.api.response.ids))

    @property
    def texts(self) -> Iterator[tuple[tuple[int, int], int, str]]:
        """The texts that it adds, each with the part of the output to which it does, and the
        number of the member that holds it, of several."""
        chunks = self.api is not None and self.api.chunks
        output = self.output_index
        if output is None:
            output = integer(self.value.get(INDEX))
        of_event = output or 0, self.content_index or 0
        if self.type in TEXT_DELTAS and type(delta := self.value.get(DELTA)) is str:
            yield of_event, 0, delta
        if chunks or self.type in TEXT_DELTAS:
            for answer in self.answers:
                for text in answer.texts:
                    part = (answer.index or 0, 0) if chunks else of_event
                    yield part, answer.member, text

    @property
    def ends_stream(self) -> bool:
        """Its type says that all of its stream has come."""
        return self.type in ENDS

    @property
    def has_response(self) -> bool:
        return any(mapping(self.value.get(member)) is not None for member in RESPONSES)

    @property
    def has_error(self) -> bool:
        parents = (mapping(self.value.get(name)) for name in ERROR_PARENTS)
        objects = (self.value, *(parent for parent in parents if parent is not None))
        if self.type == ERROR or any(_has_error(each) for each in objects):
            return True
        return self.api is None and says_failure(self.value, self.name)

    @property
    def has_usage(self) -> bool:
        heads = (head.name for head in HEADS if head.usage)
        names = (name for name in heads if self.api is None or name in self.api.heads)
        return any(mapping(self.value.get(name)) is not None for name in (*USAGES, *names))

    def holds_state(self, *, is_edge: bool) -> bool:
        """Whether the event says more of its response than a delta does."""
        api = self.api
        if self.has_response or self.has_error or self.has_usage:
            return True
        if api is None:
            return False
        if (api.chunks and is_edge) or not all(answer.goes_on for answer in self.answers):
            return True
        # Without a response object the last event says what one would.
        return not api.response.member and self.ends_stream

    @property
    def holds_image(self) -> bool:
        return any(type(self.value.get(field)) is str for field in IMAGE_FIELDS)
