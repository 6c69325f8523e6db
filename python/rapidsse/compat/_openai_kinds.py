"""The two kinds of event that the OpenAI API streams, and how to distinguish them.

Events of the Responses and the Images API have a `type`, and form one union. A Chat Completions
chunk has no `type`; its `object` identifies it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .. import openai

if TYPE_CHECKING:
    from .._rust import _Payload as Payload

__all__ = ["CHUNK_TYPE", "TypedEvent", "is_chunk"]

CHUNK_TYPE = "chat.completion.chunk"

TypedEvent = openai.ResponseStreamEvent | openai.ImageGenStreamEvent | openai.ImageEditStreamEvent


class _Shape(msgspec.Struct):
    """The members that distinguish a chunk from an event with a `type`."""

    type: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    object: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    choices: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET

    def is_chunk(self) -> bool:
        if self.type is not msgspec.UNSET:
            return False
        object = "" if self.object is msgspec.UNSET else msgspec.json.decode(self.object)
        # Azure's first chunk has choices and an empty `object`.
        return object == CHUNK_TYPE or (not object and self.choices is not msgspec.UNSET)


_shape = msgspec.json.Decoder(_Shape)


def is_chunk(payload: Payload) -> bool:
    """Whether a payload is a Chat Completions chunk rather than an event with a `type`."""
    try:
        return _shape.decode(payload).is_chunk()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
