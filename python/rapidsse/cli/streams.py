"""The streams of a log: where one ends and the next begins, what each was and cost.

Most events do not say which response they belong to, so a stream is what lies between two
beginnings: a `response.created` (or another response's id), a picture after a completed
one, a chunk with another id or with a role after its choice has finished.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import openai
from .._unknown import UnknownEvent

__all__ = ["Stream", "Streams", "Usage"]

MODELS = 1000
"""How many models are counted by name: names come from the log and may be without end."""

_IMAGE_EVENTS = (
    openai.ImageGenPartialImageEvent,
    openai.ImageGenCompletedEvent,
    openai.ImageEditPartialImageEvent,
    openai.ImageEditCompletedEvent,
)
_TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})


@dataclass(slots=True)
class Usage:
    """Token counts; what a recording lacks counts as 0."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    total: int = 0

    def add(self, other: Usage) -> None:
        self.input += other.input
        self.cached += other.cached
        self.output += other.output
        self.reasoning += other.reasoning
        self.total += other.total


@dataclass(slots=True)
class Stream:
    """One stream so far. `id` is that of the response or the chat completion.

    `api` is empty while only unknown events were met.
    """

    number: int
    api: str = ""
    id: str | None = None
    model: str | None = None
    status: str = ""
    events: int = 0
    ended: bool = False
    usage: Usage | None = None
    finished: set[int] = field(default_factory=set[int])  # the choices of a chat completion


class Streams:
    """Assigns each event to its stream, and keeps the first `limit` streams and the totals."""

    def __init__(self, limit: int) -> None:
        self.kept: list[Stream] = []
        self.count = 0
        self.models: dict[str, tuple[int, Usage]] = {}
        self._limit = limit
        self._current: Stream | None = None
        self._kinds: dict[type, Callable[[Any], Stream]] = {
            UnknownEvent: self._unknown,
            openai.ResponseErrorEvent: self._error,
            openai.ChatCompletionChunk: self._chunk,
            **dict.fromkeys(_IMAGE_EVENTS, self._image),
        }

    def add(self, value: object) -> Stream:
        """The stream of an event, brought up to date with it."""
        stream = self._kinds.get(type(value), self._response)(value)
        stream.events += 1
        return stream

    def finish(self) -> None:
        """Closes the stream that the log ended in."""
        if (stream := self._current) is not None:
            self._current = None
            if stream.usage is not None:
                self._count(stream.model or "-", stream.usage)

    def _count(self, model: str, usage: Usage) -> None:
        if model not in self.models and len(self.models) >= MODELS:
            model = "(other models)"
        number, total = self.models.get(model, (0, Usage()))
        total.add(usage)
        self.models[model] = (number + 1, total)

    def _begin(self) -> Stream:
        self.finish()
        self.count += 1
        self._current = Stream(self.count)
        if len(self.kept) < self._limit:
            self.kept.append(self._current)
        return self._current

    def _of(self, api: str, fresh: bool) -> Stream:
        stream = self._current
        if stream is not None and not stream.api:
            # So far only events that no stream claims: they came before its first.
            fresh = False
        if stream is None or fresh:
            stream = self._begin()
        stream.api = stream.api or api
        return stream

    def _is(self, api: str) -> bool:
        return self._current is not None and self._current.api == api

    def _response(self, value: Any) -> Stream:
        response: openai.Response | None = getattr(value, "response", None)
        current = self._current
        fresh = not self._is("response") or value.type == "response.created"
        if current is not None and not fresh:
            id = None if response is None else response.id
            if current.ended:
                fresh = id is None or id != current.id
            else:
                fresh = None not in (id, current.id) and id != current.id
        stream = self._of("response", fresh)
        if response is not None:
            stream.id = response.id or stream.id
            stream.model = response.model or stream.model
            if response.usage is not None:
                stream.usage = _response_usage(response.usage)
        if value.type in _TERMINAL:
            stream.ended = True
            stream.status = _response_status(value.type, response or openai.Response())
        return stream

    def _unknown(self, value: UnknownEvent) -> Stream:
        return self._current or self._begin()

    def _error(self, value: openai.ResponseErrorEvent) -> Stream:
        # It may come before, instead of or after the terminal event of its response.
        stream = self._of("response", fresh=self._current is None)
        if not stream.ended:
            stream.status = _with_detail("error", value.code or value.message)
        return stream

    def _image(self, value: Any) -> Stream:
        current = self._current
        ended = current is not None and current.ended
        stream = self._of("images", not self._is("images") or ended)
        usage = getattr(value, "usage", None)
        if usage is not None:
            stream.usage = Usage(
                input=usage.input_tokens or 0,
                output=usage.output_tokens or 0,
                total=usage.total_tokens or 0,
            )
        if value.type.endswith(".completed"):
            stream.ended = True
            stream.status = "completed"
        return stream

    def _chunk(self, chunk: openai.ChatCompletionChunk) -> Stream:
        current = self._current
        choices = chunk.choices or []
        fresh = not self._is("chat")
        if current is not None and not fresh:
            other = bool(chunk.id and current.id) and chunk.id != current.id
            # Some servers give every completion the same id.
            again = any(
                choice.index in current.finished and choice.delta is not None and choice.delta.role
                for choice in choices
                if choice.finish_reason is None
            )
            fresh = other or again
        stream = self._of("chat", fresh)
        stream.id = stream.id or chunk.id or None
        stream.model = stream.model or chunk.model or None
        if chunk.usage is not None:
            # The last one counts: some servers send a running total with every chunk.
            stream.usage = _chat_usage(chunk.usage)
        for choice in choices:
            if choice.finish_reason is not None:
                stream.finished.add(choice.index or 0)
                stream.ended = True
                stream.status = choice.finish_reason
        return stream


def _response_usage(usage: openai.ResponseUsage) -> Usage:
    read, written = usage.input_tokens_details, usage.output_tokens_details
    return Usage(
        input=usage.input_tokens or 0,
        cached=(read.cached_tokens if read is not None else 0) or 0,
        output=usage.output_tokens or 0,
        reasoning=(written.reasoning_tokens if written is not None else 0) or 0,
        total=usage.total_tokens or 0,
    )


def _chat_usage(usage: openai.CompletionUsage) -> Usage:
    read, written = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        input=usage.prompt_tokens or 0,
        cached=(read.cached_tokens if read is not None else 0) or 0,
        output=usage.completion_tokens or 0,
        reasoning=(written.reasoning_tokens if written is not None else 0) or 0,
        total=usage.total_tokens or 0,
    )


def _response_status(type: str, response: openai.Response) -> str:
    status = response.status or type.removeprefix("response.")
    if response.error is not None:
        return _with_detail(status, response.error.code or response.error.message)
    if response.incomplete_details is not None:
        return _with_detail(status, response.incomplete_details.reason)
    return status


def _with_detail(status: str, detail: str | None) -> str:
    return f"{status}: {detail}" if detail else status
