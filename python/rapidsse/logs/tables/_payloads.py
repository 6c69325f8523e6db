"""The JSON of one event as plain Python values, with its base64 left in place.

Nothing is required of it: a field of another type than expected reads as `None`, because
old logs, other servers and newer APIs all have their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..._apis import IMAGE_URL
from ..._json import decode_json, joined
from ..._limits import MAX_COPY, MIN_CUT
from ..._typed._base64 import Base64, in_place
from ..._typed._placeholders import nonce as new_nonce

if TYPE_CHECKING:
    from ..._engine import Span

__all__ = ["Payload", "integer", "is_base64", "mapping", "mark", "sequence", "text"]

# A data URL says within so many bytes what it is.
_URL_HEAD = 256
_IN_URL = ";base64,"
is_base64 = re.compile(r"[A-Za-z0-9+/=]{1024,}+").fullmatch
"""Base64 that is too long to stand in a text."""
_NOTHING: dict[str, Any] = {}


class Payload:
    """An event's JSON object in `fields`, in which a placeholder stands for each long base64.

    `spans` are an engine's: string values, so that with them cut out the rest is still JSON.
    Nobody can foresee a placeholder: a text equal to one is one.
    """

    __slots__ = ("_cut", "_view", "fields")

    def __init__(self, payload: bytes | memoryview, spans: Sequence[Span]) -> None:
        self._cut: dict[str, Span] = {}
        long = [span for span in spans if span.end - span.start >= MIN_CUT]
        if not long:
            self.fields = _fields(bytes(payload) if len(payload) < MAX_COPY else payload)
            return
        self._view = memoryview(payload).toreadonly()
        nonce, parts, at = new_nonce(), list[bytes | memoryview](), 0
        for number, span in enumerate(long):
            placeholder = f"{nonce}:{number}"
            self._cut[placeholder] = span
            parts += (self._view[at : span.start], placeholder.encode())
            at = span.end
        parts.append(self._view[at:])
        self.fields = _fields(b"".join(parts))

    def base64(self, value: str) -> Base64:
        """The base64 that stands in the place of `value`, a string of `fields`."""
        span = self._cut.get(value)
        return Base64(value) if span is None else in_place(self._view[span.start : span.end])

    def is_image_url(self, value: str) -> bool:
        """Whether `value`, a string of `fields`, stands for the data URL of an image."""
        span = self._cut.get(value)
        if span is not None:
            head = bytes(self._view[span.start : min(span.start + _URL_HEAD, span.end)])
            value = head.decode("ascii", "replace")
        return value.startswith(IMAGE_URL) and _IN_URL in value[:_URL_HEAD]

    def marked(self, value: Any) -> Any:
        """`value`, a value of `fields`, with the length of each long base64 in its place."""
        if isinstance(value, str):
            return self._marked(value)
        if isinstance(value, list):
            return [self.marked(each) for each in sequence(value)]
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {name: self.marked(each) for name, each in fields.items()}
        return value

    def _marked(self, value: str) -> str:
        span = self._cut.get(value)
        if span is None:
            return value
        # Also what is no base64 is cut out where base64 may be.
        value = str(self._view[span.start : span.end], "utf-8")
        return mark(value) if is_base64(value) else value

    def content(self, value: str) -> int:
        """The number of that base64: other base64 of the log with the same is the same text. 0
        if nothing is known."""
        span = self._cut.get(value)
        return 0 if span is None else span.content


def mark(base64: str) -> str:
    """What stands for long base64 in a text."""
    return f"<base64 {len(base64)} characters>"


def _fields(payload: bytes | memoryview) -> dict[str, Any]:
    fields: dict[str, Any] = decode_json(payload)[0]
    return fields


def text(value: object) -> str | None:
    """A string, or `None`. U+FFFD stands for a surrogate that is not paired."""
    return joined(value) if isinstance(value, str) else None


def integer(value: object) -> int | None:
    """An integer of 64 bits, or `None`."""
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def mapping(value: Any) -> dict[str, Any]:
    """An object's fields; none where it is no object."""
    fields: dict[str, Any] = cast(Any, value) if isinstance(value, dict) else _NOTHING
    return fields


def sequence(value: Any) -> list[Any]:
    """An array's elements; none where it is no array."""
    elements: list[Any] = cast(Any, value) if isinstance(value, list) else []
    return elements
