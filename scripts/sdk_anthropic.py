"""The official `anthropic` SDK, as the generator reads it."""

from __future__ import annotations

import anthropic
import anthropic.types

from sdk import Sdk

SUBJECTS = (
    ("_events", "Events: the union of all, and the deltas", r"_event$|_delta$"),
    ("_usage", "Tokens, and where they went", (
        r"usage$|cache_|output_tokens_details$|types\.diagnostics$"
    )),
    ("_message", "A message", r"types\.(message|container|container_skill|refusal_.*)$"),
    ("_tool_calls", "Tool calls, and who calls", r"tool_use_block$|_caller"),
    ("_content", "Parts of messages: text and its citations, thinking", (
        r"types\.(content_block|text_(block|citation)|citation_.*|citations_.*_location"
        r"|(redacted_)?thinking_block|container_upload_block)$"
    )),
    ("_tool_results", "Results of tools that run at the server, and the documents in them", r""),
)  # fmt: skip

SDK = Sdk(
    name="anthropic",
    version=anthropic.__version__,
    roots={
        "anthropic.types.raw_message_stream_event.RawMessageStreamEvent": (
            anthropic.types.RawMessageStreamEvent
        ),
    },
    subjects=SUBJECTS,
    layers=("_usage", "_tool_calls", "_tool_results", "_content", "_message", "_events"),
    doc="""\
Structs for the events of the Messages API, under the official SDK's class and field names.

`RawMessageStreamEvent` is what a stream's events are; the rest is what they hold. `ping` and
`error` are no members of it, as in the SDK: a decoder gives `rapidsse.UnknownEvent` for them.""",
    differences="""\
- The `data` of a document whose source has the type `base64` is `rapidsse.Base64`. Text that only
  Anthropic reads (`signature`, `encrypted_content`, the `data` of redacted thinking) is `str`.
- `Container.expires_at` is a `datetime`. A text there that is no time of RFC 3339 reads as None.""",
    base64_fields={"data": "base64"},
)
