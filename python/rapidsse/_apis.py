"""What the events of each API mean, as data: the only table of it.

The engines tell the streams of a log apart by it, and the tables and `verify` read payloads by
it. The compiled engine has a copy of what it needs, `rust/core/src/logs/apis.rs`, which
`scripts/generate_apis.py` writes.

To add an API, add an `Api` to `APIS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

__all__ = [
    "APIS",
    "BASE64_KEYS",
    "BEGINS",
    "CHUNKS",
    "ENDS",
    "ERROR",
    "FAILED",
    "FINAL_TEXTS",
    "IMAGE_FIELDS",
    "IMAGE_ITEMS",
    "PARTIAL_FIELDS",
    "PARTIAL_IMAGES",
    "PREFIXES",
    "RESPONSES",
    "TEXT_DELTAS",
    "Api",
    "api_of",
    "at",
    "image_of",
]

Path = tuple[str, ...]
"""The keys that lead to a value, from the outermost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Where the token counts lie in the object under `usage`."""

    input: Path
    cached: Path
    output: Path
    reasoning: Path
    total: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Where the response itself lies, and what it says.

    `member` is the event's member that holds the response object. Without one, the event that
    ends the stream says it, or every chunk does.
    """

    member: str = ""
    created: str = "created_at"
    completed: str = "completed_at"
    tokens: Tokens
    text: str = ""
    """The `type` of a part of the output that is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Where the base64 of images lies."""

    partial: tuple[str, ...] = ()
    """The types of events that hold a partial image."""
    partial_fields: tuple[str, ...] = ()
    """The members of an event that are a partial image,"""
    fields: tuple[str, ...] = ()
    """or an image, unless the event's type says that it is a partial one."""
    item: str = ""
    """The `type` of an item that is an image, and its member that holds the image."""
    item_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An API, by what its events look like."""

    name: str
    """As `StreamEnd.api` gives it."""
    prefixes: tuple[str, ...] = ()
    """Its events have a `type` that begins with one of these,"""
    object: str = ""
    """or this `object`."""
    chunks: bool = False
    """Each event is a chunk of the response, with its `id`, and adds to its `choices`. A
    `finish_reason` completes it, or the mark `[DONE]`; further chunks may follow."""
    begins: tuple[str, ...] = ()
    """The types of events that always begin a stream,"""
    ends: tuple[str, ...] = ()
    """that end one (first the type that says that all went well),"""
    text_deltas: tuple[str, ...] = ()
    """that add the text in `delta`,"""
    final_texts: tuple[str, ...] = ()
    """and that hold a text as a whole in `text`."""
    response: Response
    images: Images = field(default_factory=Images)


_TOKENS = Tokens(
    input=("input_tokens",),
    cached=("input_tokens_details", "cached_tokens"),
    output=("output_tokens",),
    reasoning=("output_tokens_details", "reasoning_tokens"),
    total=("total_tokens",),
)

APIS = (
    # https://platform.openai.com/docs/api-reference/responses-streaming
    Api(
        name="response",
        prefixes=("response.",),
        begins=("response.created",),
        ends=("response.completed", "response.incomplete", "response.failed"),
        text_deltas=("response.output_text.delta",),
        final_texts=("response.output_text.done",),
        response=Response(member="response", tokens=_TOKENS, text="output_text"),
        images=Images(
            partial=("response.image_generation_call.partial_image",),
            partial_fields=("partial_image_b64",),
            item="image_generation_call",
            item_field="result",
        ),
    ),
    # https://platform.openai.com/docs/api-reference/images-streaming
    Api(
        name="images",
        prefixes=("image_generation.", "image_edit."),
        ends=("image_generation.completed", "image_edit.completed"),
        response=Response(tokens=_TOKENS),
        images=Images(
            partial=("image_generation.partial_image", "image_edit.partial_image"),
            fields=("b64_json",),
        ),
    ),
    # https://platform.openai.com/docs/api-reference/chat-streaming
    Api(
        name="chat",
        object="chat.completion.chunk",
        chunks=True,
        response=Response(
            created="created",
            tokens=Tokens(
                input=("prompt_tokens",),
                cached=("prompt_tokens_details", "cached_tokens"),
                output=("completion_tokens",),
                reasoning=("completion_tokens_details", "reasoning_tokens"),
                total=("total_tokens",),
            ),
        ),
    ),
)

ERROR = "error"
"""The `type` of an event that says that something failed, of any API."""

FAILED = frozenset(("failed", "incomplete", "cancelled"))
"""The statuses of responses that failed, or did not come to their end."""

# What is looked for before it is known whose event it is.
PREFIXES = tuple(prefix for api in APIS for prefix in api.prefixes)
CHUNKS = frozenset(api.object for api in APIS if api.object)
RESPONSES = tuple(api.response.member for api in APIS if api.response.member)
BEGINS = frozenset(type for api in APIS for type in api.begins)
ENDS = frozenset(type for api in APIS for type in api.ends)
TEXT_DELTAS = frozenset(type for api in APIS for type in api.text_deltas)
FINAL_TEXTS = frozenset(type for api in APIS for type in api.final_texts)
PARTIAL_IMAGES = frozenset(type for api in APIS for type in api.images.partial)
PARTIAL_FIELDS = tuple(name for api in APIS for name in api.images.partial_fields)
IMAGE_FIELDS = (*PARTIAL_FIELDS, *(name for api in APIS for name in api.images.fields))
IMAGE_ITEMS = {api.images.item: api.images.item_field for api in APIS if api.images.item}
BASE64_KEYS = (*IMAGE_FIELDS, *IMAGE_ITEMS.values())
"""The keys of strings that are base64."""


def api_of(event: Mapping[str, Any]) -> Api | None:
    """The API that an event is of, if that is known."""
    kind, type = event.get("object"), event.get("type")
    for api in APIS:
        if api.object and api.object == kind:
            return api
    if isinstance(type, str):
        for api in APIS:
            if type.startswith(api.prefixes):
                return api
    return None


def image_of(item: Mapping[str, Any]) -> Any:
    """The image that an item of a response is; `None` if it is something else."""
    kind = item.get("type")
    field = IMAGE_ITEMS.get(kind) if isinstance(kind, str) else None
    return None if field is None else item.get(field)


def at(value: Any, path: Path) -> Any:
    """The value at a path of nested objects; `None` where there is none."""
    for key in path:
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value
