"""The official `google-genai` SDK, as the generator reads it."""

from __future__ import annotations

import google.genai
import google.genai.types
from google.genai._gaos.types import interactions

from sdk import Sdk

SUBJECTS = (
    ("_generate", "Chunks of `generateContent`", (
        r"genai\.types\.(Candidate|GenerateContent.*|ModalityTokenCount|ModelStatus|LogprobsResult.*"
        r"|SafetyRating|Url.*)$"
    )),
    ("_grounding", "Where an answer comes from: grounding and citations", (
        r"genai\.types\.(Grounding.*|Rag.*|RetrievalMetadata|SearchEntryPoint|Segment|Citation.*"
        r"|GoogleTypeDate)$"
    )),
    ("_parts", "Contents and their parts", r"genai\.types$"),
    ("_events", "Interactions: events", r"event$|interactionstatusupdate$|\.step(start|stop|delta\w*)$"),
    ("_interaction", "Interactions: an interaction, and its use of tokens", (
        r"interactionsseeventinteraction$|usage$|modalitytokens$|groundingtoolcount$"
    )),
    ("_deltas", "Interactions: what a step grows by", r"delta$"),
    ("_steps", "Interactions: steps", r"step$|\.status$"),
    ("_tool_results", "Interactions: calls of tools and their results", r"arguments$|result(places)?$"),
    ("_content", "Interactions: contents and their annotations", r""),
)  # fmt: skip

SDK = Sdk(
    name="google-genai",
    version=google.genai.__version__,
    roots={
        "google.genai.types.GenerateContentResponse": google.genai.types.GenerateContentResponse,
        "google.genai._gaos.types.interactions.interactionsseevent.InteractionSSEEvent": (
            interactions.InteractionSSEEvent
        ),
    },
    subjects=SUBJECTS,
    layers=(
        "_parts",
        "_grounding",
        "_generate",
        "_content",
        "_tool_results",
        "_steps",
        "_interaction",
        "_deltas",
        "_events",
    ),
    doc="""\
Structs for the events of the Gemini API, under the official SDK's class and field names.

`GenerateContentResponse` is what a stream of `generateContent` holds, and `InteractionSSEEvent`
what one of the Interactions API does; the rest is what they hold.""",
    differences="""\
- `data` is `rapidsse.Base64`, as that of an `inlineData`. Other data in base64
  (`thought_signature`, `signature`, `continuation_token`) is `str`, as the API sends it.
- Times (`create_time`) are a `datetime`.""",
    base64_fields={"data": None},
    tag_fields=("event_type", "type"),
    marks_unknown="is_unknown",
    added_fields=frozenset(
        {
            "GenerateContentResponse.sdk_http_response",
            "GenerateContentResponse.automatic_function_calling_history",
            "GenerateContentResponse.parsed",
        }
    ),
)
