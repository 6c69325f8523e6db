"""The responses table: what the events of a stream say about its response, put together.

An API says it in one of three ways: in the response object that some events carry, in the last
event of a stream, or in every chunk. `_apis.py` has which, and the names.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple, cast

from ..._api_events import api_of, at, every, output_of, says_failure, type_of
from ..._apis import CODE, ERROR, ERROR_FIELD, FAILURES, MESSAGE, TYPE_KEYS, Api, Path, Tokens
from ..._apis import Response as _Fields
from ..._values import ToText, integer, members, parts, string, to_text

__all__ = ["FROM_EVENTS", "Error", "Response", "error_in"]

FROM_EVENTS = frozenset(
    [
        "model",
        "status",
        "created_at",
        "completed_at",
        "input_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "total_tokens",
        "output_text",
        "error_code",
        "error_message",
    ]
)
"""The columns that the events' payloads are read for."""

# The years 1 to 9999, which every reader of a timestamp can show.
_FIRST_SECOND, _END_SECOND = -62_135_596_800, 253_402_300_800


class Counts(NamedTuple):
    """Tokens."""

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None


_NOT_COUNTED = Counts()


class Error(NamedTuple):
    """What failed."""

    code: str | None = None
    message: str | None = None


class Response:
    """What one stream's events say of its response."""

    __slots__ = (
        "_api",
        "_ended",
        "_reported",
        "_said",
        "completed_at",
        "created_at",
        "model",
        "output_text",
        "status",
        "tokens",
    )

    def __init__(self) -> None:
        self.model: str | None = None
        self.status: str | None = None
        self.created_at: int | None = None
        self.completed_at: int | None = None
        self.tokens = _NOT_COUNTED
        self.output_text: str | None = None
        self._api: Api | None = None
        self._ended = False
        self._said: Error | None = None  # by the response itself
        self._reported: Error | None = None  # by an event beside it

    def add(self, event: dict[str, Any], name: str = "", *, is_standard: bool = False) -> None:
        """Takes in an event's fields; `name` is the event's. Of standard JSON, no string has
        surrogates."""
        kind, api = type_of(event, name), api_of(event, name)
        if api is None and self._api is not None and self._api.chunks:
            # A count of tokens alone has no mark of its API.
            api = self._api
        self._api = self._api or api
        if api is None:
            pass
        elif api.chunks:
            self._add_chunk(event, api.response)
        elif api.response.member:
            self._add_event(event, kind, api, to_text(is_standard=is_standard))
        elif kind in api.ends:
            self._add_last(event, api.response)
            self.status = _first_text(event, api.response.status) or _status(kind) or None
        paths = ((ERROR_FIELD,),) if api is None else api.event_errors
        self._reported = error_in(event, kind, paths) or self._reported

    @property
    def has_error(self) -> bool:
        """Whether anything said that something failed."""
        return self._said is not None or self._reported is not None

    @property
    def error(self) -> Error:
        """What the response says itself goes before an event beside it."""
        return self._said or self._reported or Error()

    def _add_event(self, event: dict[str, Any], kind: str, api: Api, text: ToText) -> None:
        """An event that may carry the response object."""
        says, is_last = api.response, kind in api.ends
        if self._ended and not is_last:
            return
        response = _object(event.get(says.member))
        if response is not None:
            self._ended = is_last
            self._add_last(response, says)
            self._add_failure(response, says)
            if is_last:
                self.output_text = _output_text(response, says, text)
                self.status = _status(kind) or self.status
        if says.adds_usage:
            self._add_usage(event, says)
        for path in says.status:
            if (status := _last_text(event, path)) is not None:
                self.status = status
                break

    def _add_failure(self, response: dict[str, Any], says: _Fields) -> None:
        if (error := _first_error(response, says.errors)) is not None:
            self._said = error
        elif reason := _first_text(response, says.reasons):
            self._said = Error(reason)

    def _add_last(self, response: dict[str, Any], says: _Fields) -> None:
        """What counts is said last."""
        self.model = _first_text(response, says.model) or self.model
        created_at = _microseconds(response.get(says.created))
        completed_at = _microseconds(response.get(says.completed))
        self.created_at = self.created_at if created_at is None else created_at
        self.completed_at = self.completed_at if completed_at is None else completed_at
        self._add_usage(response, says)

    def _add_chunk(self, chunk: dict[str, Any], says: _Fields) -> None:
        self.model = self.model or _first_text(chunk, says.model)
        # Some servers send 0 where they do not know it.
        if self.created_at is None and (created := chunk.get(says.created)):
            self.created_at = _microseconds(created)
        self._add_usage(chunk, says)
        for path in says.status:
            self.status = _last_text(chunk, path) or self.status

    def _add_usage(self, value: dict[str, Any], says: _Fields) -> None:
        # Of a usage that grows from event to event the last counts.
        for path in says.usage:
            for usage in every(value, path):
                if usage and isinstance(usage, dict):
                    self._add_counts(_counts(cast("dict[str, Any]", usage), says.tokens), says)

    def _add_counts(self, counts: Counts, says: _Fields) -> None:
        # Some servers send a usage of nulls where they do not know it.
        if says.adds_usage or counts == _NOT_COUNTED:
            both = zip(counts, self.tokens, strict=True)
            counts = Counts(*(old if new is None else new for new, old in both))
        self.tokens = counts


def error_in(
    event: dict[str, Any], kind: str, paths: tuple[Path, ...] = ((ERROR_FIELD,),)
) -> Error | None:
    """The error that an event of this type reports; `None` if it reports none."""
    error = _first_error(event, paths)
    if error is None and (kind == ERROR or says_failure(event, kind)):
        return _error(event)
    return error


def _first_error(value: dict[str, Any], paths: tuple[Path, ...]) -> Error | None:
    for path in paths:
        for found in every(value, path):
            if (error := _error(found)) is not None:
                return error
    return None


def _error(error: Any) -> Error | None:
    if isinstance(error, str):
        return Error(None, string(error)) if error else None
    if not isinstance(error, dict):
        return None
    fields = cast("dict[str, Any]", error)
    code = fields.get(CODE, fields.get(TYPE_KEYS[0]))
    if type(code) is int:
        code = str(code)[:_LONGEST_CODE]
    inner = _object(fields.get(ERROR_FIELD))
    message = string(fields.get(MESSAGE))
    if message is None and inner is not None:
        return _error(inner)
    if message is None:
        message = next(filter(None, (_message(fields.get(key)) for key in _MESSAGES)), None)
    return Error(string(code), message)


_MESSAGES = (MESSAGE, *FAILURES)
_PARTS_OF_MESSAGE = (MESSAGE, "msg", *FAILURES, "title", "reason")
_MAX_DEPTH = 3


def _message(value: Any, depth: int = 0) -> str | None:
    """The first text in what an error has for its message, such as a list of what was wrong."""
    if isinstance(value, str):
        return string(value) or None
    inner = (members(value).get(key) for key in _PARTS_OF_MESSAGE)
    found = (_message(each, depth + 1) for each in (*parts(value), *inner))
    return next(filter(None, found), None) if depth < _MAX_DEPTH else None


# An integer of a log may have thousands of digits.
_LONGEST_CODE = 40


def _first_text(value: dict[str, Any], paths: tuple[Path, ...]) -> str | None:
    """The first text at these paths that is not empty."""
    for path in paths:
        for found in every(value, path):
            if text := string(found):
                return text
    return None


def _last_text(value: dict[str, Any], path: Path) -> str | None:
    """The last text at this path that is not empty."""
    for found in reversed(every(value, path)):
        if text := string(found):
            return text
    return None


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _status(kind: str) -> str:
    """The status that the type of a last event names, such as `response.failed`."""
    return kind.rpartition(".")[2] if "." in kind else ""


def _counts(usage: dict[str, Any], tokens: Tokens) -> Counts:
    return Counts(
        _count(usage, tokens.input),
        _count(usage, tokens.cached),
        _count(usage, tokens.cache_write),
        _count(usage, tokens.output),
        _count(usage, tokens.reasoning),
        _count(usage, tokens.total),
    )


def _count(usage: dict[str, Any], paths: tuple[Path, ...]) -> int | None:
    for path in paths:
        if (count := _whole_number(at(usage, path))) is not None:
            return count
    return None


def _whole_number(value: object) -> int | None:
    """An integer, which some servers write with a decimal point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return integer(value)


def _microseconds(time: object) -> int | None:
    """Microseconds since 1970, of seconds or of a time as RFC 3339 writes it."""
    if type(time) is int and _FIRST_SECOND <= time < _END_SECOND:
        return time * 1_000_000
    if type(time) is float and _FIRST_SECOND <= time < _END_SECOND - 1:
        return round(time * 1_000_000)
    if type(time) is str and len(time) <= _LONGEST_TIME:
        try:
            moment = datetime.datetime.fromisoformat(time)
        except ValueError:
            return None
        if moment.tzinfo is not None:
            return (moment - _EPOCH) // datetime.timedelta(microseconds=1)
    return None


_LONGEST_TIME = 40
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _output_text(response: dict[str, Any], says: _Fields, text: ToText) -> str | None:
    """The text of all messages, as the official SDK's `Response.output_text` puts it together."""
    texts: list[str] = []
    for item in output_of(response, says):
        is_message = members(item).get("type") in says.output.messages
        for part in parts(item.get("content")) if is_message else [item]:
            if members(part).get("type") in says.output.text:
                texts.append(text(part.get("text")) or "")
    return "".join(texts) or None
