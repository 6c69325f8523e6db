"""The bases of the Structs in `openai` and `anthropic`."""

from __future__ import annotations

import msgspec


class Model(msgspec.Struct, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """A Struct whose fields may all be lacking: then they read as None, and encode to nothing."""


class TaggedModel(Model, tag_field="type"):
    """A Struct that a union picks by its JSON's `type`, which is the class attribute `type`."""
