"""The bases of the Structs in `openai`, `anthropic` and `google`."""

from __future__ import annotations

import msgspec


class Model(msgspec.Struct, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """A Struct whose fields may all be lacking: then they read as None, and encode to nothing."""


class CamelModel(Model, rename="camel"):
    """A Struct whose fields have names in camel case in JSON."""


class TaggedModel(Model, tag_field="type"):
    """A Struct that a union picks by its JSON's `type`, which is the class attribute `type`."""


class EventModel(Model, tag_field="event_type"):
    """A Struct that a union picks by its JSON's `event_type`, which is a class attribute."""
