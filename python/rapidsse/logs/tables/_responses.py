"""The responses table: what the events of a stream say about its response, put together.

Three APIs tell it in their own ways: the Responses API in the response that most events
carry, the Images API in its last event, Chat Completions in the chunks themselves.
"""

from __future__ import annotations

from typing import Any

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

_TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})
_IMAGES = ("image_generation.", "image_edit.")

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
        if event.get("object") == "chat.completion.chunk":
            self._add_chunk(event)
        elif kind.startswith(_IMAGES):
            if kind.endswith(".completed"):
                self._add_picture(event)
        elif kind.startswith("response."):
            if isinstance(event.get("response"), dict):
                self._add_response(event["response"], kind)
        elif kind == "error":
            self._reported = text(event.get("code")), text(event.get("message"))
        if isinstance(event.get("error"), dict):
            error = event["error"]
            self._reported = text(error.get("code")), text(error.get("message"))

    @property
    def error(self) -> _Error:
        """Code and message. What the response says itself goes before an event beside it."""
        return self._said or self._reported or (None, None)

    def _add_response(self, response: dict[str, Any], kind: str) -> None:
        terminal = kind in _TERMINAL
        if self._ended and not terminal:
            return
        self._ended = terminal
        self.model = text(response.get("model")) or self.model
        self.status = text(response.get("status")) or (
            kind.removeprefix("response.") if terminal else self.status
        )
        self._add_times(response.get("created_at"), response.get("completed_at"))
        self._add_usage(response.get("usage"))
        if isinstance(response.get("error"), dict):
            error = response["error"]
            self._said = text(error.get("code")), text(error.get("message"))
        elif reason := text(mapping(response.get("incomplete_details")).get("reason")):
            self._said = reason, None
        if terminal:
            self.output_text = _output_text(response.get("output"))

    def _add_picture(self, event: dict[str, Any]) -> None:
        self.model = text(event.get("model")) or self.model
        self._add_times(event.get("created_at"), None)
        self._add_usage(event.get("usage"))

    def _add_chunk(self, chunk: dict[str, Any]) -> None:
        # Of a usage that grows from chunk to chunk the last counts.
        self.model = self.model or text(chunk.get("model")) or None
        if self.created_at is None:
            self._add_times(chunk.get("created"), None)
        if isinstance(chunk.get("usage"), dict):
            usage = chunk["usage"]
            self.tokens = (
                integer(usage.get("prompt_tokens")),
                integer(mapping(usage.get("prompt_tokens_details")).get("cached_tokens")),
                integer(usage.get("completion_tokens")),
                integer(mapping(usage.get("completion_tokens_details")).get("reasoning_tokens")),
                integer(usage.get("total_tokens")),
            )
        for choice in sequence(chunk.get("choices")):
            self.status = text(mapping(choice).get("finish_reason")) or self.status

    def _add_times(self, created: object, completed: object) -> None:
        created_at, completed_at = _microseconds(created), _microseconds(completed)
        self.created_at = self.created_at if created_at is None else created_at
        self.completed_at = self.completed_at if completed_at is None else completed_at

    def _add_usage(self, usage: Any) -> None:
        if usage := mapping(usage):
            self.tokens = (
                integer(usage.get("input_tokens")),
                integer(mapping(usage.get("input_tokens_details")).get("cached_tokens")),
                integer(usage.get("output_tokens")),
                integer(mapping(usage.get("output_tokens_details")).get("reasoning_tokens")),
                integer(usage.get("total_tokens")),
            )


def _microseconds(seconds: object) -> int | None:
    """Microseconds since 1970, of seconds."""
    if type(seconds) is int and _FIRST_SECOND <= seconds < _END_SECOND:
        return seconds * 1_000_000
    if type(seconds) is float and _FIRST_SECOND <= seconds < _END_SECOND - 1:
        return round(seconds * 1_000_000)
    return None


def _output_text(output: Any) -> str | None:
    """The text of all messages, as the official SDK's `Response.output_text` puts it together."""
    texts: list[str] = []
    for item in sequence(output):
        if mapping(item).get("type") != "message":
            continue
        for part in sequence(item.get("content")):
            if mapping(part).get("type") == "output_text":
                texts.append(text(part.get("text")) or "")
    return "".join(texts) or None
