"""The responses table: what the events of a stream say about its response, put together.

An API says it in one of three ways: in the response object that some events carry, in the last
event of a stream, or in every chunk. `_apis.py` has which, and the names.
"""

from __future__ import annotations

from typing import Any, cast

from ..._apis import ERROR, Api, api_of, at
from ..._apis import Response as _Fields
from ._payloads import integer, mapping, sequence, text

__all__ = ["FROM_EVENTS", "Response"]

FROM_EVENTS = frozenset(
    [
        "model",
        "status",
        "created_at",
        "completed_at",
        "input_tokens",
        "cached_tokens",
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

_Tokens = tuple[int | None, int | None, int | None, int | None, int | None]
_Error = tuple[str | None, str | None]


class Response:
    """What one stream's events have told so far."""

    __slots__ = (
        "_ended",
        "_reported",
        "_said",
        "completed_at",
        "created_at",
        "id",
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
        self.tokens: _Tokens = (None, None, None, None, None)
        self.output_text: str | None = None
        self._ended = False
        self._said: _Error | None = None  # by the response itself
        self._reported: _Error | None = None  # by an event beside it

    def add(self, event: dict[str, Any]) -> None:
        """Takes in an event's fields."""
        kind = text(event.get("type")) or ""
        api = api_of(event)
        if api is None:
            if kind == ERROR:
                self._reported = text(event.get("code")), text(event.get("message"))
        elif api.chunks:
            self._add_chunk(event, api.response)
        elif api.response.member:
            if (response := _object(event.get(api.response.member))) is not None:
                self._add_response(response, kind, api)
        elif kind in api.ends:
            self._add_last(event, api.response)
            self.status = _status(kind)
        if (error := _object(event.get("error"))) is not None:
            self._reported = text(error.get("code")), text(error.get("message"))

    @property
    def error(self) -> _Error:
        """Code and message. What the response says itself goes before an event beside it."""
        return self._said or self._reported or (None, None)

    def _add_response(self, response: dict[str, Any], kind: str, api: Api) -> None:
        terminal = kind in api.ends
        if self._ended and not terminal:
            return
        self._ended = terminal
        self._add_last(response, api.response)
        self.status = text(response.get("status")) or (_status(kind) if terminal else self.status)
        if (error := _object(response.get("error"))) is not None:
            self._said = text(error.get("code")), text(error.get("message"))
        elif reason := text(mapping(response.get("incomplete_details")).get("reason")):
            self._said = reason, None
        if terminal:
            self.output_text = _output_text(response.get("output"), api.response.text)

    def _add_last(self, response: dict[str, Any], fields: _Fields) -> None:
        """What counts is said last."""
        self.model = text(response.get("model")) or self.model
        created_at = _microseconds(response.get(fields.created))
        completed_at = _microseconds(response.get(fields.completed))
        self.created_at = self.created_at if created_at is None else created_at
        self.completed_at = self.completed_at if completed_at is None else completed_at
        if usage := mapping(response.get("usage")):
            self.tokens = _counts(usage, fields)

    def _add_chunk(self, chunk: dict[str, Any], fields: _Fields) -> None:
        self.model = self.model or text(chunk.get("model")) or None
        if self.created_at is None:
            self.created_at = _microseconds(chunk.get(fields.created))
        # Of a usage that grows from chunk to chunk the last counts.
        if (usage := _object(chunk.get("usage"))) is not None:
            self.tokens = _counts(usage, fields)
        for choice in sequence(chunk.get("choices")):
            self.status = text(mapping(choice).get("finish_reason")) or self.status


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _status(kind: str) -> str:
    """The status that the type of a last event names, such as `response.failed`."""
    return kind.rpartition(".")[2]


def _counts(usage: dict[str, Any], fields: _Fields) -> _Tokens:
    paths = fields.tokens
    return (
        integer(at(usage, paths.input)),
        integer(at(usage, paths.cached)),
        integer(at(usage, paths.output)),
        integer(at(usage, paths.reasoning)),
        integer(at(usage, paths.total)),
    )


def _microseconds(seconds: object) -> int | None:
    """Microseconds since 1970, of seconds."""
    if type(seconds) is int and _FIRST_SECOND <= seconds < _END_SECOND:
        return seconds * 1_000_000
    if type(seconds) is float and _FIRST_SECOND <= seconds < _END_SECOND - 1:
        return round(seconds * 1_000_000)
    return None


def _output_text(output: Any, kind: str) -> str | None:
    """The text of all messages, as the official SDK's `Response.output_text` puts it together."""
    texts: list[str] = []
    for item in sequence(output):
        if mapping(item).get("type") != "message":
            continue
        for part in sequence(item.get("content")):
            if mapping(part).get("type") == kind:
                texts.append(text(part.get("text")) or "")
    return "".join(texts) or None
