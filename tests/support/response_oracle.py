"""A naive reading of what events say about their responses: each API in plain code of its own.

Shares no code with the package. `Stream` is one response as far as it was read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from json_oracle import get, whole

MAX_INT = 2**63 - 1

RESPONSE_ENDS = ("response.completed", "response.done", "response.incomplete", "response.failed")
ENDS = (
    *RESPONSE_ENDS,
    *("image_generation.completed", "image_edit.completed", "message_stop"),
    *("interaction.completed", "interaction.complete", "interaction.cancelled", "message-end"),
)
BEGINS = (
    *("response.created", "message_start", "message-start"),
    *("interaction.created", "interaction.start"),
)
COHERE = (
    *("message-start", "message-end", "content-start", "content-delta", "content-end"),
    *("tool-plan-delta", "tool-call-", "citation-start", "citation-end"),
)
MEMBERS = {"response": "response", "message": "message", "interaction": "interaction"}
"""Where the response object lies, by API."""


def kind_of(value: dict[str, Any], name: str) -> str:
    if name == "error":
        return "error"
    for kind in (value.get("type"), value.get("event_type")):
        if isinstance(kind, str):
            return kind
    return name


def api_of(value: dict[str, Any], name: str) -> str:
    object = value.get("object")
    if object in ("chat.completion.chunk", "chat.completion", "chat.completion.done"):
        return "chat"
    if object == "text_completion":
        return "completion"
    kind = kind_of(value, name)
    if kind in ("response.create", "response.cancel", "response.steer"):
        return api_of_shape(value)
    if kind.startswith("response."):
        return "response"
    if kind.startswith(("image_generation.", "image_edit.")):
        return "images"
    if kind.startswith(("message_start", "message_delta", "message_stop", "content_block_")):
        return "message"
    starts = "interaction.", "step.", "content.start", "content.delta", "content.stop"
    if kind.startswith(starts):
        return "interaction"
    return "cohere" if kind.startswith(COHERE) else api_of_shape(value)


def event_in(value: dict[str, Any]) -> dict[str, Any]:
    """The event itself, which may be a member of another object."""
    if api_of(value, "") == "" and kind_of(value, "") == "":
        for member in ("response", "message", "interaction"):
            inner = value.get(member)
            if isinstance(inner, dict) and api_of(inner, "") != "":
                return inner
    return value


def api_of_shape(value: dict[str, Any]) -> str:
    if isinstance(value.get("choices"), list):
        return "chat"
    if isinstance(value.get("candidates"), list):
        return "gemini"
    others = "promptFeedback", "prompt_feedback", "usageMetadata", "usage_metadata"
    return "gemini" if any(isinstance(value.get(other), dict) for other in others) else ""


def id_of(value: dict[str, Any], api: str) -> str | None:
    if api in ("chat", "completion", "cohere"):
        return get(value, "id", str) or None
    if api == "gemini":
        return get(value, "responseId", str) or get(value, "response_id", str) or None
    return get(value.get(MEMBERS.get(api, "")), "id", str) or None


def says_error(value: dict[str, Any], name: str, api: str) -> bool:
    errors = value.get("error"), mapping(value.get("x_groq")).get("error")
    said = (isinstance(each, dict) or (isinstance(each, str) and each != "") for each in errors)
    return kind_of(value, name) == "error" or any(said) or (api == "" and fails(value, name))


def fails(value: dict[str, Any], name: str) -> bool:
    """Whether an event of no API is an error as frameworks and gateways write it."""
    if value.get("object") == "error":
        return True
    if name not in ("", "message") or kind_of(value, "") != "":
        return False
    for each in (value.get("detail"), value.get("errors")):
        if isinstance(each, (str, list, dict)) and len(each) > 0:
            return True
    code, message = value.get("code"), value.get("message")
    if isinstance(code, str) and re.fullmatch("[0-9]{1,18}", code):
        code = int(code)
    is_failed = code != "" if isinstance(code, str) else False
    if type(code) is int:
        is_failed = -(2**63) <= code < 0 or 400 <= code < 2**63
    return isinstance(message, str) and message != "" and is_failed


def says_usage(value: dict[str, Any]) -> bool:
    names = "usage", "usageMetadata", "usage_metadata"
    return any(isinstance(value.get(name), dict) for name in names)


def pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a text, of an object with one, or of a list of them."""
    if isinstance(value, str):
        yield value
    if isinstance(value, list) and depth == 0:
        for each in value:
            yield from pieces(each, 1)
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        kind = value.get("type")
        is_text = not isinstance(kind, str) or kind in ("text", "text_delta", "output_text")
        if is_text and value.get("thought") is not True:
            yield value["text"]


class Part:
    """What an event adds to one answer."""

    def __init__(
        self, index: int | None, end: Any, texts: list[str], role: bool, *, more: bool = False
    ) -> None:
        self.index = index
        # Something beside texts; and which member has the texts.
        self.more = more
        self.member = 0
        self.failed = end == "error" if isinstance(end, str) else False
        self.finished = end is not None and end != "" and not self.failed
        self.texts = texts
        self.role = role

    @property
    def is_open(self) -> bool:
        return not self.failed and not self.finished


def parts_of(value: dict[str, Any], api: str) -> list[Part]:
    parts: list[Part] = []
    if api in ("chat", "completion"):
        for choice in dicts(value.get("choices")):
            delta, message = mapping(choice.get("delta")), mapping(choice.get("message"))
            each = delta.get("content"), choice.get("text"), message.get("content")
            found = list(map(list, map(pieces, each)))
            member = next((number for number, texts in enumerate(found) if texts), 0)
            index = get(choice, "index", int) or 0
            end = choice.get("finish_reason")
            role = bool(get(delta, "role", str))
            parts.append(Part(index, end, found[member], role, more=any(map(_has_more, each))))
            parts[-1].member = member
    if api == "gemini":
        for answer in dicts(value.get("candidates")):
            content = mapping(answer.get("content")).get("parts")
            index = get(answer, "index", int) or 0
            texts, more = list(pieces(content)), _has_more(content)
            ends = answer.get("finishReason"), answer.get("finish_reason")
            parts.append(Part(index, first_said(ends), texts, False, more=more))
        for name, reason in (
            ("promptFeedback", "blockReason"), ("prompt_feedback", "block_reason")
        ):  # fmt: skip
            if isinstance(feedback := value.get(name), dict):
                parts.append(Part(None, feedback.get(reason), [], False))
    has_delta = api in ("message", "interaction", "cohere")
    if has_delta and isinstance(delta := value.get("delta"), dict):
        inner = list(pieces(mapping(delta.get("message")).get("content")))
        own = list(pieces(delta))
        parts.append(Part(None, delta.get("stop_reason"), own or inner, False))
        parts[-1].member = int(bool(inner) and not own)
    if api == "message" and isinstance(block := value.get("content_block"), dict):
        parts.append(Part(None, None, list(pieces(block)), False))
    return parts


def first_said(ends: Iterable[Any]) -> Any:
    return next((end for end in ends if end is not None and end != ""), None)


def _has_more(content: Any) -> bool:
    """Whether there are parts that are not just empty texts."""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, dict):
            text = part.get("text")
            if isinstance(text, str):
                if text:
                    return True
            elif set(part) - {"type", "text", "thought"}:
                return True
    return False


def dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class Stream:
    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.api = ""
        self.id: str | None = None
        # Each with its SSE field `event`.
        self.events: list[tuple[dict[str, Any], str]] = []
        self.failures = 0
        self.has_end = self.has_error = False
        self.numbers: Counter[int] = Counter()
        self.deltas: dict[tuple[int, int], str] = {}
        self.members: dict[tuple[int, int], int] = {}
        # Ids in their order, and for each answer the parts in theirs.
        self.ids: list[str] = []
        self.answers: dict[int | None, list[Part]] = {}

    @property
    def next_index(self) -> int:
        return len(self.events) + self.failures

    @property
    def missing(self) -> int:
        seen = self.numbers
        missing = max(seen) - min(seen) + 1 - len(seen) if seen else 0
        return min(missing, MAX_INT)

    @property
    def duplicates(self) -> int:
        return self.numbers.total() - len(self.numbers)

    @property
    def texts(self) -> dict[tuple[int, int], str]:
        return {part: whole(text) for part, text in self.deltas.items()}

    @property
    def ended(self) -> bool:
        done = {index for index in self.answers if self.is_finished(index)}
        begun = {index for index in self.answers if index is not None}
        finished = bool(done) and (None in done or begun <= done)
        return self.has_end or (finished and not self.has_error)

    @property
    def ids_change(self) -> bool:
        return len(set(self.ids)) > 1

    @property
    def ids_are_weak(self) -> bool:
        repeats = any(one == next for one, next in zip(self.ids, self.ids[1:], strict=False))
        return self.ids_change or not repeats

    def is_finished(self, index: int | None) -> bool:
        return any(part.finished for part in self.answers.get(index, []))

    def is_left_by(self, value: dict[str, Any], name: str, *, one_response: bool = False) -> bool:
        """Whether the event belongs to another stream."""
        api, kind = api_of(value, name), kind_of(value, name)
        if api == "":
            return False
        if kind in BEGINS:
            differs = None not in (self.id, id_of(value, api)) and self.id != id_of(value, api)
            return self.has_end or not one_response or differs
        if self.api == "" or one_response:
            return False
        if self.api != api:
            heads = ("choices", "candidates", "promptFeedback", "usageMetadata")
            heads += ("prompt_feedback", "usage_metadata")
            bare = {key: each for key, each in value.items() if key not in heads}
            is_named = api_of(bare, name) != ""
            return is_named or {self.api, api} != {"chat", "completion"}
        if api in ("chat", "completion", "gemini"):
            return self._is_left_by_chunk(value, api)
        return self._is_left_by_event(value, api)

    def _is_left_by_event(self, value: dict[str, Any], api: str) -> bool:
        id = id_of(value, api)
        if id is None or self.id is None:
            return self.has_end
        if id == self.id:
            return False
        number = get(value, "sequence_number", int)
        if self.has_end:
            return True
        if number is not None and self.numbers:
            highest = max(self.numbers)
            return not (number == highest + 1 or (self.ids_change and number > highest))
        return not self.ids_change

    def _is_left_by_chunk(self, value: dict[str, Any], api: str) -> bool:
        id, parts = id_of(value, api), parts_of(value, api)
        empty = all(part.is_open and not any(part.texts) and not part.more for part in parts)
        is_usage = says_usage(value) and empty
        if id is None or not self.ids or id == self.ids[-1]:
            again = [
                part
                for part in parts
                if part.is_open and (part.role or api == "gemini") and self.is_finished(part.index)
            ]
            return bool(again) and not is_usage
        if is_usage and (self.ids_are_weak or not parts):
            return False
        if not parts:
            return not self.ids_are_weak
        if api == "gemini":
            return True
        if any(self.is_finished(index) for index in self.answers):
            known = (part.index in self.answers for part in parts)
            return not all(known) or any(self.is_finished(part.index) for part in parts)
        if not self.ids_are_weak:
            return True
        roles = (sum(part.role for part in each[1:]) for each in self.answers.values())
        return not any(roles) and any(part.role for part in parts)

    def add(self, value: dict[str, Any], name: str) -> None:
        api, kind = api_of(value, name), kind_of(value, name)
        self.events.append((value, name))
        self.api = self.api or api
        self.has_error |= says_error(value, name, api)
        sequence_number = get(value, "sequence_number", int)
        if sequence_number is not None:
            self.numbers[sequence_number] += 1
        place = self._place(value)
        text_deltas = "response.output_text.delta", "response.text.delta"
        blocks = "content_block_delta", "content_block_start", "step.delta", "content.delta"
        blocks += "content-delta", "content-start"
        if kind in text_deltas + blocks and isinstance(delta := value.get("delta"), str):
            self._add_text(place, delta)
        if api == "":
            return
        if (id := id_of(value, api)) is not None:
            self.id = self.id or id
            self.ids.append(id)
        self.has_end |= kind in ENDS
        chunks = api in ("chat", "completion", "gemini")
        for part in parts_of(value, api):
            self.answers.setdefault(part.index, []).append(part)
            self.has_error |= part.failed
            for text in part.texts if chunks or kind in blocks + text_deltas else []:
                self._add_text((part.index or 0, 0) if chunks else place, text, part.member)

    def _place(self, value: dict[str, Any]) -> tuple[int, int]:
        output = get(value, "output_index", int)
        if output is None:
            output = get(value, "index", int)
        return output or 0, get(value, "content_index", int) or 0

    def _add_text(self, place: tuple[int, int], text: str, member: int = 0) -> None:
        # What another member says again does not count.
        if text and self.members.setdefault(place, member) != member:
            return
        self.deltas[place] = self.deltas.get(place, "") + text


def says_state(value: dict[str, Any], name: str, *, is_edge: bool) -> bool:
    """Whether an event says more of its response than a delta does."""
    api, kind = api_of(value, name), kind_of(value, name)
    if any(isinstance(value.get(member), dict) for member in MEMBERS.values()):
        return True
    if says_error(value, name, api) or says_usage(value):
        return True
    if any(not part.is_open for part in parts_of(value, api)):
        return True
    if api in ("chat", "completion", "gemini"):
        return is_edge or kind in ENDS
    return api in ("images", "cohere") and kind in ENDS
