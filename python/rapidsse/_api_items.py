"""What the events of each API add to the items of its output, as data.

The engines put the pieces of items together by it. The compiled engine has a copy, which
`scripts/generate_apis.py` writes; `_apis.py` has all else about an API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "ITEMS",
    "ITEM_EVENTS",
    "KINDS",
    "OBJECT",
    "Additions",
    "ApiItems",
    "How",
    "Leaf",
    "ObjectFields",
    "kind_of",
]

Path = tuple[str, ...]
"""As in `_apis.py`."""

How = Literal["text", "thought", "json", "first", "whole", "mark", "link"]
"""How a value counts:

- `text`: it is appended, if it is text of the output (see `TEXT_PARTS`)
- `thought`: the same for a text that is marked as a thought
- `json`: a string is appended, and any other value as its JSON stands in the event
- `first`: a string that is not empty, unless there is one already
- `whole`: a string, in the place of what there is
- `mark`: only that there is a value
- `link`: as `first`, unless it is a data URL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A value that is a piece of an item."""

    item: str = ""
    """The type of the item; empty if the value tells nothing about it."""
    column: str
    """What of the item it is."""
    paths: tuple[Path, ...]
    """Of several paths the first that has a value counts."""
    how: How = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """Objects in an event that add to items."""

    types: tuple[str, ...] = ()
    """The types of the events that have them; without any, all events of the API may."""
    path: Path = ()
    """Leads to the objects. The elements of its first list are answers; those of its second are
    items."""
    source: int = 0
    """Of several sources that may say the same of an item, the one that comes first counts."""
    runs: bool = False
    """Whether items follow each other: a text goes on with the one before, and all else is
    another item. Otherwise an item has its number in `index`; or where that is lacking,"""
    id: Path = ()
    """an id,"""
    names: tuple[Path, ...] = ()
    """or a name, begins another one. So does an id with a name, where calls have the same number."""
    lists_items: bool = False
    """Whether the elements of the first list are items already."""
    is_only: bool = False
    """Whether there is one item: the event's numbers are of something else."""
    part: Path = ("content_index",)
    """Leads to the number of the part of the item, from the event on."""
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFields:
    """Where the columns lie in an object that is a whole item: of several paths the first that has a
    value counts."""

    text: tuple[Path, ...]
    summary: tuple[Path, ...]
    refusal: tuple[Path, ...]
    call_id: tuple[Path, ...]
    name: tuple[Path, ...]
    arguments: tuple[Path, ...]
    result: tuple[Path, ...]


OBJECT = ObjectFields(
    text=(
        ("content", "*", "text"),
        ("content", "*", "transcript"),
        ("revised_prompt",),
    ),
    summary=(("summary", "*", "text"),),
    refusal=(("content", "*", "refusal"),),
    call_id=(("call_id",), ("approval_request_id",)),
    name=(("name",),),
    arguments=(
        ("arguments",),
        ("input",),
        ("code",),
        ("action",),
        ("actions",),
        ("operation",),
        ("queries",),
    ),
    result=(("output",), ("outputs",), ("results",), ("tools",), ("error",), ("result",)),
)
"""Of the Responses API. An image has no arguments, and is its own result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiItems:
    """What the events of an API say about items."""

    begun: tuple[str, ...] = ()
    """The types of the events with an item that begins,"""
    done: tuple[str, ...] = ()
    """with an item that has ended,"""
    outputs: tuple[str, ...] = ()
    """and with a response that has all items,"""
    inputs: tuple[str, ...] = ()
    """except those of these types, which are input."""
    object: ObjectFields = OBJECT
    """Where the columns of such an item lie."""
    additions: tuple[Additions, ...] = ()
    apart: tuple[str, ...] = ()
    """Types of items that the API numbers separately from the others."""

    @property
    def events(self) -> tuple[str, ...]:
        """The types of the events that hold items as a whole."""
        return (*self.begun, *self.done, *self.outputs)


# The Responses API, and Realtime.


def _deltas(
    item: str, column: str, *types: str, part: str = "content_index", how: How = "text"
) -> Additions:
    leaf = Leaf(item=item, column=column, paths=(("delta",),), how=how)
    return Additions(types=types, part=(part,), leaves=(leaf,))


def _done(
    item: str, column: str, member: str, *types: str, part: str = "content_index"
) -> Additions:
    leaf = Leaf(item=item, column=column, paths=((member,),), how="whole")
    return Additions(types=types, part=(part,), leaves=(leaf,))


_RESPONSE = ApiItems(
    begun=("response.output_item.added",),
    done=("response.output_item.done",),
    outputs=(
        "response.in_progress",
        "response.completed",
        "response.done",
        "response.incomplete",
        "response.failed",
    ),
    additions=(
        _deltas("message", "text", "response.output_text.delta", "response.text.delta"),
        _deltas(
            "message",
            "text",
            "response.output_audio_transcript.delta",
            "response.audio_transcript.delta",
        ),
        _deltas("function_call", "arguments", "response.function_call_arguments.delta"),
        _deltas("reasoning", "text", "response.reasoning_text.delta"),
        _deltas(
            "reasoning",
            "summary",
            "response.reasoning_summary_text.delta",
            part="summary_index",
        ),
        _deltas("message", "refusal", "response.refusal.delta"),
        _deltas("mcp_call", "arguments", "response.mcp_call_arguments.delta"),
        _deltas("custom_tool_call", "arguments", "response.custom_tool_call_input.delta"),
        _deltas("code_interpreter_call", "arguments", "response.code_interpreter_call_code.delta"),
        _deltas(
            "shell_call", "commands", "response.shell_call_command.delta", part="command_index"
        ),
        _done("message", "text", "text", "response.output_text.done", "response.text.done"),
        _done(
            "message",
            "text",
            "transcript",
            "response.output_audio_transcript.done",
            "response.audio_transcript.done",
        ),
        _done("function_call", "arguments", "arguments", "response.function_call_arguments.done"),
        _done("reasoning", "text", "text", "response.reasoning_text.done"),
        _done(
            "reasoning",
            "summary",
            "text",
            "response.reasoning_summary_text.done",
            part="summary_index",
        ),
        _done("message", "refusal", "refusal", "response.refusal.done"),
        _done("mcp_call", "arguments", "arguments", "response.mcp_call_arguments.done"),
        _done("custom_tool_call", "arguments", "input", "response.custom_tool_call_input.done"),
        _done(
            "shell_call",
            "commands",
            "command",
            "response.shell_call_command.done",
            part="command_index",
        ),
        _done(
            "code_interpreter_call",
            "arguments",
            "code",
            "response.code_interpreter_call_code.done",
        ),
    ),
)

# The Images API.

_IMAGES = ApiItems(
    additions=(
        Additions(
            types=("image_generation.completed", "image_edit.completed"),
            leaves=(
                Leaf(item="image", column="end", paths=(("b64_json",), ("url",)), how="mark"),
                Leaf(item="image", column="result", paths=(("url",),), how="link"),
                Leaf(item="image", column="text", paths=(("revised_prompt",),), how="first"),
            ),
        ),
    ),
)

# Chat Completions, and the older Completions.


def _tool_call(names: tuple[Path, ...], arguments: tuple[Path, ...]) -> tuple[Leaf, ...]:
    return (
        Leaf(item="tool_call", column="call_id", paths=(("id",),), how="first"),
        Leaf(item="tool_call", column="name", paths=names, how="first"),
        Leaf(item="tool_call", column="arguments", paths=arguments, how="json"),
    )


def _of_message(member: str, source: int = 0) -> tuple[Additions, ...]:
    """What a choice adds in this member."""
    path = ("choices", "*", member)
    return (
        Additions(
            path=path,
            source=source,
            leaves=(
                Leaf(
                    item="reasoning",
                    column="text",
                    paths=(("reasoning_content",), ("reasoning",), ("content", "*", "thinking")),
                ),
                Leaf(
                    item="message",
                    column="text",
                    paths=(("content",), ("audio", "transcript")),
                ),
                Leaf(item="message", column="refusal", paths=(("refusal",),)),
                Leaf(
                    item="function_call",
                    column="name",
                    paths=(("function_call", "name"),),
                    how="first",
                ),
                Leaf(
                    item="function_call",
                    column="arguments",
                    paths=(("function_call", "arguments"),),
                    how="json",
                ),
            ),
        ),
        Additions(
            path=(*path, "tool_calls", "*"),
            source=source,
            id=("id",),
            names=(("function", "name"), ("custom", "name")),
            leaves=_tool_call(
                (("function", "name"), ("custom", "name")),
                (("function", "arguments"), ("custom", "input")),
            ),
        ),
        Additions(
            path=(*path, "images", "*"),
            source=source,
            runs=True,
            leaves=(
                Leaf(
                    item="image", column="media", paths=(("image_url",), ("b64_json",)), how="mark"
                ),
                Leaf(
                    item="image",
                    column="result",
                    paths=(("image_url", "url"), ("image_url",)),
                    how="link",
                ),
            ),
        ),
    )


_CHAT = ApiItems(
    additions=(
        *_of_message("delta"),
        # Some servers say all that came so far, too: in each chunk, or in the last one.
        *_of_message("message", source=1),
        Additions(
            path=("choices", "*"),
            source=2,
            leaves=(Leaf(item="message", column="text", paths=(("text",),)),),
        ),
        Additions(
            path=("choices", "*"),
            leaves=(Leaf(column="end", paths=(("finish_reason",),), how="first"),),
        ),
    ),
)

# Anthropic's Messages.

_MESSAGE = ApiItems(
    additions=(
        Additions(
            types=("content_block_delta",),
            path=("delta",),
            leaves=(
                Leaf(item="text", column="text", paths=(("text",),)),
                Leaf(item="thinking", column="text", paths=(("thinking",),)),
                Leaf(item="tool_use", column="arguments", paths=(("partial_json",),)),
            ),
        ),
        Additions(
            types=("content_block_start",),
            path=("content_block",),
            leaves=(
                Leaf(column="type", paths=(("type",),), how="first"),
                Leaf(column="call_id", paths=(("id",), ("tool_use_id",)), how="first"),
                Leaf(column="name", paths=(("name",),), how="first"),
                Leaf(item="text", column="text", paths=(("text",),)),
                Leaf(item="thinking", column="text", paths=(("thinking",),)),
                Leaf(item="tool_use", column="input", paths=(("input",),), how="json"),
                Leaf(column="result", paths=(("content",), ("file_id",)), how="json"),
            ),
        ),
        Additions(
            types=("content_block_stop",),
            leaves=(Leaf(column="end", paths=((),), how="mark"),),
        ),
    ),
)

# Gemini.


def _of_part(item: str, column: str, *members: str, how: How = "json") -> Leaf:
    """What these members of a part's member say."""
    # Gemini's Python SDK writes the names in snake case.
    names = item, re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", item)
    paths = tuple((name, member) for name in names for member in members)
    return Leaf(item=item, column=column, paths=paths, how=how)


_GEMINI = ApiItems(
    additions=(
        Additions(
            path=("candidates", "*", "content", "parts", "*"),
            runs=True,
            leaves=(
                Leaf(item="thought", column="text", paths=((),), how="thought"),
                Leaf(item="text", column="text", paths=((),)),
                _of_part("functionCall", "call_id", "id", how="first"),
                _of_part("functionCall", "name", "name", how="first"),
                _of_part("functionCall", "arguments", "args"),
                _of_part("functionResponse", "call_id", "id", how="first"),
                _of_part("functionResponse", "name", "name", how="first"),
                _of_part("functionResponse", "result", "response"),
                _of_part("executableCode", "arguments", "code"),
                _of_part("codeExecutionResult", "result", "output", "outcome"),
                _of_part("inlineData", "media", "mimeType", "mime_type", how="first"),
                _of_part("fileData", "result", "fileUri", "file_uri"),
            ),
        ),
        Additions(
            path=("candidates", "*"),
            leaves=(
                Leaf(column="end", paths=(("finishReason",), ("finish_reason",)), how="first"),
            ),
        ),
    ),
)

# Gemini's Interactions.


def _of_step(begin: str, member: str, delta: str, stop: str) -> tuple[Additions, ...]:
    return (
        Additions(
            types=(delta,),
            path=("delta",),
            leaves=(
                Leaf(item="model_output", column="text", paths=((),)),
                Leaf(item="thought", column="text", paths=(("content",),)),
                Leaf(column="call_id", paths=(("id",), ("call_id",)), how="first"),
                Leaf(column="name", paths=(("name",),), how="first"),
                Leaf(item="function_call", column="arguments", paths=(("arguments",),), how="json"),
                Leaf(item="function_result", column="result", paths=(("result",),), how="json"),
            ),
        ),
        Additions(
            types=(begin,),
            path=(member,),
            leaves=(
                Leaf(column="type", paths=(("type",),), how="first"),
                Leaf(column="call_id", paths=(("id",), ("call_id",)), how="first"),
                Leaf(column="name", paths=(("name",),), how="first"),
                Leaf(
                    item="model_output",
                    column="text",
                    paths=(("text",), ("content",), ("summary",)),
                ),
                Leaf(item="function_call", column="input", paths=(("arguments",),), how="json"),
                Leaf(item="function_result", column="result", paths=(("result",),), how="json"),
            ),
        ),
        Additions(types=(stop,), leaves=(Leaf(column="end", paths=((),), how="mark"),)),
    )


_INTERACTION = ApiItems(
    outputs=("interaction.completed", "interaction.complete"),
    inputs=("user_input",),
    # A step has no id of its own, and an output of the older API may be a text itself.
    object=replace(OBJECT, text=(*OBJECT.text, ("text",)), call_id=(("call_id",), ("id",))),
    additions=(
        *_of_step("step.start", "step", "step.delta", "step.stop"),
        *_of_step("content.start", "content", "content.delta", "content.stop"),
    ),
)

# Cohere's Chat.


def _of_cohere(type: str) -> tuple[Additions, ...]:
    """What an event of this type adds, or begins."""
    message = ("delta", "message")
    return (
        Additions(
            types=(f"content-{type}",),
            path=(*message, "content"),
            leaves=(
                Leaf(column="type", paths=(("type",),), how="first"),
                Leaf(item="text", column="text", paths=(("text",),)),
                Leaf(item="thinking", column="text", paths=(("thinking",),)),
            ),
        ),
        Additions(
            types=(f"tool-call-{type}",),
            path=(*message, "tool_calls"),
            leaves=(
                Leaf(item="tool_call", column="call_id", paths=(("id",),), how="first"),
                Leaf(item="tool_call", column="name", paths=(("function", "name"),), how="first"),
                Leaf(item="tool_call", column="arguments", paths=(("function", "arguments"),)),
            ),
        ),
    )


_COHERE = ApiItems(
    additions=(
        *_of_cohere("delta"),
        *_of_cohere("start"),
        Additions(
            types=("tool-plan-delta",),
            path=("delta", "message"),
            leaves=(Leaf(item="tool_plan", column="text", paths=(("tool_plan",),)),),
        ),
        Additions(types=("content-end",), leaves=(Leaf(column="end", paths=((),), how="mark"),)),
        Additions(
            types=("tool-call-end",),
            leaves=(Leaf(item="tool_call", column="end", paths=((),), how="mark"),),
        ),
    ),
    apart=("tool_call", "tool_plan"),
)

# Cohere's older Chat.

_COHERE_V1 = ApiItems(
    additions=(
        Additions(
            types=("text-generation",),
            leaves=(Leaf(item="message", column="text", paths=(("text",),)),),
        ),
        Additions(
            types=("tool-calls-generation",),
            path=("tool_calls", "*"),
            lists_items=True,
            runs=True,
            leaves=_tool_call((("name",),), (("parameters",),)),
        ),
    ),
    apart=("tool_call",),
)

# OpenAI's Assistants.

_ASSISTANT = ApiItems(
    additions=(
        Additions(
            types=("thread.message.delta",),
            path=("delta",),
            leaves=(
                Leaf(item="message", column="text", paths=(("content", "*", "text", "value"),)),
                Leaf(item="message", column="refusal", paths=(("content", "*", "refusal"),)),
            ),
        ),
        Additions(
            types=("thread.run.step.delta",),
            path=("delta", "step_details", "tool_calls", "*"),
            lists_items=True,
            id=("id",),
            names=(("function", "name"), ("type",)),
            leaves=(
                *_tool_call(
                    (("function", "name"), ("type",)),
                    (("function", "arguments"), ("code_interpreter", "input")),
                ),
                Leaf(
                    item="tool_call",
                    column="result",
                    paths=(("function", "output"), ("code_interpreter", "outputs", "*", "logs")),
                    how="json",
                ),
            ),
        ),
    ),
    apart=("tool_call",),
)

# Bedrock's Converse.


def _of_block(event: str, *path: str, leaves: tuple[Leaf, ...]) -> Additions:
    """What a block of the content adds in an event."""
    return Additions(path=(event, *path), part=(event, "contentBlockIndex"), leaves=leaves)


_CONVERSE = ApiItems(
    additions=(
        _of_block(
            "contentBlockDelta",
            "delta",
            leaves=(
                Leaf(item="text", column="text", paths=(("text",),)),
                Leaf(item="reasoningContent", column="text", paths=(("reasoningContent", "text"),)),
                Leaf(item="toolUse", column="arguments", paths=(("toolUse", "input"),), how="json"),
            ),
        ),
        _of_block(
            "contentBlockStart",
            "start",
            "toolUse",
            leaves=(
                Leaf(item="toolUse", column="call_id", paths=(("toolUseId",),), how="first"),
                Leaf(item="toolUse", column="name", paths=(("name",),), how="first"),
            ),
        ),
        Additions(
            path=("messageStop",),
            leaves=(Leaf(column="end", paths=(("stopReason",),), how="first"),),
        ),
    ),
)

# Ollama.

_OLLAMA = ApiItems(
    additions=(
        Additions(
            leaves=(
                Leaf(
                    item="reasoning",
                    column="text",
                    paths=(("message", "thinking"), ("thinking",)),
                ),
                Leaf(item="message", column="text", paths=(("message", "content"), ("response",))),
                Leaf(column="end", paths=(("done_reason",),), how="first"),
            ),
        ),
        Additions(
            path=("message", "tool_calls", "*"),
            lists_items=True,
            runs=True,
            leaves=_tool_call((("function", "name"),), (("function", "arguments"),)),
        ),
    ),
)

# Text Generation Inference.

_TGI = ApiItems(
    additions=(
        Additions(
            # It numbers the tokens.
            is_only=True,
            leaves=(
                Leaf(item="message", column="text", paths=(("token",),)),
                Leaf(column="end", paths=(("details", "finish_reason"),), how="first"),
            ),
        ),
    ),
)

ITEMS: dict[str, ApiItems] = {
    "response": _RESPONSE,
    "images": _IMAGES,
    "chat": _CHAT,
    "completion": _CHAT,
    "message": _MESSAGE,
    "gemini": _GEMINI,
    "interaction": _INTERACTION,
    "cohere": _COHERE,
    "cohere_v1": _COHERE_V1,
    "assistant": _ASSISTANT,
    "converse": _CONVERSE,
    "ollama": _OLLAMA,
    "tgi": _TGI,
}
"""By the names of the APIs."""


ITEM_EVENTS = frozenset(type for items in ITEMS.values() for type in items.events)


KINDS = {
    "message": "message",
    "text": "message",
    "model_output": "message",
    "reasoning": "reasoning",
    "thinking": "reasoning",
    "redacted_thinking": "reasoning",
    "thought": "reasoning",
    "tool_plan": "reasoning",
    "reasoningContent": "reasoning",
    "image": "image",
    "image_generation_call": "image",
    "functionCall": "call",
    "toolUse": "call",
    "executableCode": "call",
    "mcp_approval_request": "call",
    "program": "call",
    "functionResponse": "result",
    "codeExecutionResult": "result",
}
"""What the types of items are, in the words of all APIs; see `kind_of`."""

_ENDINGS = {"call": "call", "tool_use": "call", "result": "result", "output": "result"}


def kind_of(type: str, media_type: str = "") -> str:
    """The kind of an item of this type; `media_type` is that of its data, if it says so."""
    if media_type.startswith("image/"):
        return "image"
    if (kind := KINDS.get(type)) is not None:
        return kind
    return next((kind for end, kind in _ENDINGS.items() if type.endswith(end)), "other")
