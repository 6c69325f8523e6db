"""The official `openai` SDK, as the generator reads it."""

from __future__ import annotations

import openai
import openai.types.chat
import openai.types.responses

from sdk import Sdk

SUBJECTS = (
    ("_chat", "Chat Completions chunks", r"chat\.|completion_usage$"),
    ("_images", "Events of the Images API", r"types\.image_"),
    ("_events", "Events: the union of all, the life of a response, its items", (
        r"response_(stream|created|in_progress|completed|failed|incomplete|queued|error"
        r"|output_item_(added|done)|compaction_compacting)_?event$"
    )),
    ("_text_events", "Events: text, refusals, reasoning, audio", (
        r"response_(text|refusal|reasoning|audio|content_part|output_text_annotation).*_event$"
    )),
    ("_call_events", "Events: tool calls", r"responses\.response_.*_event$"),
    ("_calls", "Tool calls and their outputs", (
        r"tool_call|function_web_search|shell_call_output_content$|computer_action"
        r"|response_(container_reference|local_environment)$"
    )),
    ("_items", "Output items", (
        r"responses\.response_(output_(item|message)|reasoning_item|compaction_item"
        r"|tool_search_(call|output_item))$"
    )),
    ("_input_items", "Input items, as a response's instructions repeat them", (
        r"response_input_item$|easy_input_message$|_item_param$"
    )),
    ("_content", "Parts of messages: text, images, files, annotations", (
        r"response_(input_(text|image|file)(_content)?|output_text|output_refusal)$"
    )),
    ("_response", "A response", (
        r"responses\.response(_usage|_error|_prompt|_text_config|_status)?$"
    )),
    ("_formats", "Text formats and reasoning settings", r"response_format_|shared\.reasoning$"),
    ("_tools", "Tools and the choice of them", r""),
)  # fmt: skip

SDK = Sdk(
    name="openai",
    version=openai.__version__,
    roots={
        "openai.types.responses.response_stream_event.ResponseStreamEvent": (
            openai.types.responses.ResponseStreamEvent
        ),
        "openai.types.image_gen_stream_event.ImageGenStreamEvent": openai.types.ImageGenStreamEvent,
        "openai.types.image_edit_stream_event.ImageEditStreamEvent": (
            openai.types.ImageEditStreamEvent
        ),
        "openai.types.chat.chat_completion_chunk.ChatCompletionChunk": (
            openai.types.chat.ChatCompletionChunk
        ),
    },
    subjects=SUBJECTS,
    layers=(
        "_formats",
        "_content",
        "_tools",
        "_calls",
        "_items",
        "_input_items",
        "_response",
        "_text_events",
        "_call_events",
        "_events",
        "_images",
        "_chat",
    ),
    doc="""\
Structs for the events of the OpenAI API, under the official SDK's class and field names.

`ResponseStreamEvent`, `ImageGenStreamEvent`, `ImageEditStreamEvent` and `ChatCompletionChunk` are
what a stream's events are; the rest is what they hold.""",
    differences="""\
- `partial_image_b64`, `b64_json` and the `result` of an `image_generation_call` are
  `rapidsse.Base64`. Other data in base64 (audio, files) is `str`.""",
    base64_fields={
        "partial_image_b64": None,
        "b64_json": None,
        "result": "image_generation_call",
    },
    former_types={
        ("McpCall", "error"): str,
        ("ComputerUsePreviewTool", "display_height"): float,
        ("ComputerUsePreviewTool", "display_width"): float,
    },
    other_types={
        ("ChoiceDelta", "content"): list,
        ("ResponseError", "code"): int,
        ("ResponseErrorEvent", "code"): int,
    },
)
