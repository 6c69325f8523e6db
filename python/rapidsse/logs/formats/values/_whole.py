"""Whole responses, as a request without `stream` receives them, and as batches return them.

They are read as the events by which the same response is streamed; `WHOLES` says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ...._api_events import says_failure, type_of
from ...._api_wholes import BATCH_DONE, BATCH_FAILED, USAGE_NAMES, WHOLES, Blocks, Whole
from ...._apis import APIS, DELTA, ERROR, ERROR_FIELD, INDEX, OBJECT, OUTPUT, TYPE_KEYS, USAGES
from ...._json import encode_json, joined
from ...._values import members, parts
from ._roles import is_request

__all__ = ["batch_event", "batch_id", "errors_in", "events_of_whole", "is_whole"]

Fields = Mapping[Any, Any]
Event = dict[str, Any]


def is_whole(value: Fields) -> bool:
    """Whether an object is a whole response, and no event of one."""
    return _whole_of(value) is not None


def events_of_whole(value: Fields) -> list[bytes]:
    """The events of a whole response, as JSON; none of another object."""
    whole = _whole_of(value)
    return [] if whole is None else [encode_json(each) for each in _events(whole, value)]


def _whole_of(value: Fields) -> Whole | None:
    return next((whole for whole in WHOLES if _is(whole, value)), None)


def _is(whole: Whole, value: Fields) -> bool:
    return (
        all(_says(value, name, values) for name, values in whole.says)
        and all(name in value for name in whole.has)
        and all(isinstance(value.get(name), list) for name in whole.lists)
        and (not whole.each or _has_each(whole, parts(value.get(whole.each))))
        and (whole.answer is None or _has_answers(value, *whole.answer))
    )


def _says(value: Fields, name: str, values: tuple[str | None, ...]) -> bool:
    said = value.get(name)
    return said in values if said is None or isinstance(said, str) else False


def _has_each(whole: Whole, elements: Any) -> bool:
    return bool(elements) and all(
        any(
            name in each and (value is None or each[name] == value)
            for name, value in whole.each_has
        )
        for each in map(members, elements)
    )


def _has_answers(value: Fields, answers: str, answer: str, delta: str) -> bool:
    choices = parts(value.get(answers))
    return (
        bool(choices)
        and all(isinstance(members(choice).get(answer), dict) for choice in choices)
        and not any(members(choice).get(delta) for choice in choices)
    )


def _events(whole: Whole, value: Fields) -> Iterator[Event]:
    if whole.answer is not None:
        return iter((_chunk(whole, value, *whole.answer),))
    if whole.blocks is not None:
        return _in_blocks(whole.blocks, whole.member, value)
    if whole.each and not whole.member:
        return _of_each(whole, value)
    return iter(({TYPE_KEYS[0]: _type(whole, value), whole.member: _response(whole, value)},))


def _type(whole: Whole, value: Fields) -> str:
    status = value.get("status")
    if not isinstance(status, str):
        return whole.types[0][1]
    return dict(whole.types).get(status, whole.other)


def _response(whole: Whole, value: Fields) -> Event:
    if not whole.each:
        return dict(value)
    rest = {key: each for key, each in value.items() if key != whole.each}
    return {**rest, "status": whole.types[0][0], USAGES[0]: _counts(value)}


def _of_each(whole: Whole, value: Fields) -> Iterator[Event]:
    rest = {key: each for key, each in value.items() if key != whole.each}
    for index, each in enumerate(map(members, parts(value[whole.each]))):
        yield {TYPE_KEYS[0]: whole.types[0][1], INDEX: index, **rest, **each}


def _chunk(whole: Whole, value: Fields, answers: str, answer: str, delta: str) -> Event:
    def as_delta(choice: Fields) -> Event:
        rest = {key: each for key, each in choice.items() if key != answer}
        said = dict(members(choice[answer]))
        if elements := parts(said.get(whole.numbered)):
            said[whole.numbered] = [{INDEX: n, **members(e)} for n, e in enumerate(elements)]
        return {**rest, delta: said}

    choices = [as_delta(members(choice)) for choice in parts(value[answers])]
    return {**value, OBJECT: whole.object, answers: choices}


def _in_blocks(blocks: Blocks, member: str, value: Fields) -> Iterator[Event]:
    start: Event = {**value, blocks.parts: [], **dict.fromkeys(blocks.says)}
    yield {TYPE_KEYS[0]: blocks.begins, member: start}
    for index, block in enumerate(map(members, parts(value[blocks.parts]))):
        yield from _block(blocks, index, dict(block))
    said = {key: value.get(key) for key in blocks.says}
    usage = {key: value[key] for key in USAGES if value.get(key) is not None}
    yield {TYPE_KEYS[0]: blocks.changes, DELTA: said, **usage}
    if said[blocks.says[0]] is not None:
        yield {TYPE_KEYS[0]: blocks.ends}


def _block(blocks: Blocks, index: int, block: Event) -> Iterator[Event]:
    delta: Event | None = None
    type = block.get(TYPE_KEYS[0])
    input_type, input, input_delta, json = blocks.input
    for text_type, member, delta_type in blocks.texts:
        if type == text_type and isinstance(text := block.get(member), str):
            delta = {TYPE_KEYS[0]: delta_type, member: text}
            block = {**block, member: ""}
    if isinstance(type, str) and type.endswith(input_type) and input in block:
        delta = {TYPE_KEYS[0]: input_delta, json: encode_json(block[input]).decode()}
        block = {**block, input: {}}
    yield {TYPE_KEYS[0]: blocks.start, INDEX: index, blocks.part: block}
    if delta is not None:
        yield {TYPE_KEYS[0]: blocks.delta, INDEX: index, DELTA: delta}
    yield {TYPE_KEYS[0]: blocks.stop, INDEX: index}


def errors_in(document: Any) -> list[Fields]:
    """The errors that a document is, or a list that has nothing else: what a server answered."""
    values = parts(document) or [document]
    return list(map(members, values)) if all(map(_is_error, values)) else []


def _is_error(value: Any) -> bool:
    fields = members(value)
    error = fields.get(ERROR_FIELD)
    if not fields or any(map(is_request, fields)):
        return False
    says = isinstance(error, (str, dict)) and bool(cast("object", error))
    return says or type_of(fields) == ERROR or says_failure(fields)


# Lines of batches.

_RESPONSE = next(api.response for api in APIS if BATCH_DONE in api.ends)
_ID, _STATUS = _RESPONSE.ids[0][-1], _RESPONSE.status[0][-1]
# Of several statuses of one type the first counts.
_STATUSES = {type: status for whole in WHOLES for status, type in reversed(whole.types)}


def batch_id(record: Fields) -> str | None:
    """The id that a batch gave to the request of this record: `custom_id`, or Gemini's `key`."""
    id = record.get("custom_id")
    if id is None and ("response" in record or "error" in record):
        id = record.get("key")
    return joined(id) if isinstance(id, str) else None


def batch_event(record: Fields) -> bytes | None:
    """The event that says how a request of a batch ended that has no response of a known API;
    `None` if nothing does."""
    result, response = members(record.get("result")), members(record.get("response"))
    body = members(response.get("body"))
    error = _error_in(record, response, body, result, members(result.get("error")))
    if error is None and result.get("type") in ("canceled", "expired"):
        error = {"code": result["type"], "message": f"the request was {result['type']}"}
    if error is None and _failed(response):
        code = response["status_code"]
        error = {"code": code, "message": f"the response has HTTP status {code}"}
    if error is not None:
        code, message = error.get("code", error.get("type")), error.get("message")
        said = {_ID: body.get(_ID), ERROR_FIELD: {"code": code, "message": message}}
        return _batch_event(BATCH_FAILED, said)
    if not body:
        return None
    said = {key: body[key] for key in (_ID, *_RESPONSE.model[0], _RESPONSE.created) if key in body}
    return _batch_event(BATCH_DONE, {**said, USAGES[0]: _counts(body)})


def _batch_event(type: str, said: Event) -> bytes:
    response: Event = {**said, _STATUS: _STATUSES[type], OUTPUT: []}
    return encode_json({TYPE_KEYS[0]: type, _RESPONSE.member: response})


def _error_in(*holders: Fields) -> Fields | None:
    for holder in holders:
        error = members(holder.get("error"))
        # An error response of the Messages API has the error inside.
        if error := members(error.get("error")) or error:
            return error
    return None


def _failed(response: Fields) -> bool:
    code = response.get("status_code")
    return isinstance(code, int) and code >= 400


def _counts(value: Fields) -> Event:
    """The token counts of a response, under the names that they have in events."""
    usage = members(value.get(USAGES[0]))
    counts: Event = {USAGE_NAMES.get(str(name), str(name)): count for name, count in usage.items()}
    return counts
