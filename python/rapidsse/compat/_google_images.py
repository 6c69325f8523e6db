"""Images on their way around the SDK's own parsing.

The SDK reads the JSON of an event, writes it and reads it again. Long base64 is cut out before,
and its bytes are put into the SDK's objects afterwards. In between, a short piece of base64 that
occurs nowhere else stands for it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from .._engine import base64_decode
from .._errors import Base64Error
from .._limits import MIN_CUT

if TYPE_CHECKING:
    from .._rust import _Payload as Payload

__all__ = ["KEYS", "Images"]

KEYS = frozenset({"data"})
"""The members that hold base64."""


class Images:
    """The images of one stream that are cut out, and not put in again yet."""

    def __init__(self) -> None:
        self._prefix = os.urandom(12)
        self._count = 0
        # By what stands for them: text where the SDK keeps text, bytes where it decodes base64.
        self._texts: dict[str, Payload] = {}
        self._images: dict[bytes, bytes] = {}

    def cut(self, payload: Payload, spans: Sequence[tuple[int, int]]) -> str:
        """The JSON of an event, without its images. What is no JSON stays as it is.

        `spans` are those under the keys of `KEYS`.
        """
        parts: list[Payload] = []
        texts: dict[str, Payload] = {}
        images: dict[bytes, bytes] = {}
        at = 0
        for start, end in spans:
            if end - start < MIN_CUT:
                continue
            text = payload[start:end]
            try:
                image = base64_decode(text)
            except Base64Error:
                continue
            self._count += 1
            mark = self._prefix + self._count.to_bytes(6, "big")
            name = base64.b64encode(mark)
            parts += [payload[at:start], name]
            at = end
            texts[name.decode()] = text
            images[mark] = image
        if parts:
            short = b"".join([*parts, payload[at:]])
            if _is_json(short):
                self._texts |= texts
                self._images |= images
                return str(short, "utf-8")
        return str(payload, "utf-8", "replace")

    def put_in(self, value: Any) -> None:
        """Puts the images into an object of the SDK."""
        if self._images:
            self._visit(value)
            # The SDK leaves out what it does not know, and an image in it.
            self._texts.clear()
            self._images.clear()

    def _visit(self, value: Any) -> None:
        # The fields of a model, or the value itself.
        members: Any = getattr(value, "__dict__", value)
        for place in _places(members):
            item = members[place]
            if isinstance(item, bytes):
                members[place] = self._images.get(item, item)
            elif isinstance(item, str):
                text = self._texts.get(item)
                members[place] = item if text is None else str(text, "ascii")
            else:
                self._visit(item)


def _places(members: Any) -> Iterable[Any]:
    kind: object = type(members)  # pyright: ignore[reportUnknownVariableType]
    if kind is dict:
        return list(members)
    return range(len(members)) if kind is list else ()


def _is_json(payload: bytes) -> bool:
    try:
        msgspec.json.decode(payload, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
