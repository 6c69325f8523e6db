"""What the events of each API mean, as data: the only table of it.

The engines tell the streams of a log apart by it, and the tables and `verify` read payloads by
it (`_api_events.py`). The compiled engine has a copy of what it needs,
`rust/core/src/logs/apis.rs`, which `scripts/generate_apis.py` writes. Items of the output are in
`_api_items.py`, whole responses in `_api_wholes.py`.

To add an API, add an `Api` to `APIS`, and to `HEADS` the members of its events that hold what
they add to the response.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "APIS",
    "ASIDES",
    "BASE64_KEYS",
    "BEGINS",
    "CHUNKS",
    "CODE",
    "CONTENT_INDEX",
    "DELTA",
    "DONE",
    "EACH",
    "ENDS",
    "ERROR",
    "ERROR_FIELD",
    "ERROR_PARENTS",
    "FAILED",
    "FAILED_FINISHES",
    "FAILURES",
    "FINAL_TEXTS",
    "FIRST_FAILED_CODE",
    "HEADS",
    "IDS",
    "IMAGE_DATA",
    "IMAGE_FIELDS",
    "IMAGE_ITEMS",
    "IMAGE_MARKS",
    "IMAGE_MEDIA",
    "IMAGE_URL",
    "INDEX",
    "ITEM",
    "ITEM_ID",
    "MEDIA_TYPES",
    "MESSAGE",
    "OBJECT",
    "OUTPUT",
    "OUTPUT_INDEX",
    "PARTIAL_FIELDS",
    "PARTIAL_IMAGES",
    "PARTIAL_INDEX",
    "PINGS",
    "PREFIXES",
    "RESPONSES",
    "SEQUENCE_NUMBER",
    "TEXT",
    "TEXT_DELTAS",
    "TEXT_PARTS",
    "THOUGHT",
    "TYPE_KEYS",
    "USAGES",
    "Api",
    "Head",
    "Path",
    "Tokens",
    "Types",
]

Path = tuple[str, ...]
"""The keys that lead to a value, from the outermost; `EACH` stands for every element of a list."""

EACH = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A member of an event that holds what the event adds to its response.

    Paths begin in its value. A text is a string, or an object with `text` and one of the types
    in `TEXT_PARTS`, or a list of these.
    """

    name: str
    each: bool = False
    """Its value is a list of answers, each with its number in `index`."""
    text: bool = False
    """Its value is a text; otherwise an object."""
    flag: bool = False
    """Its value says whether the answer has ended."""
    whole: bool = False
    """Its value is null until the answer has ended, and then its text as a whole."""
    finishes: tuple[Path, ...] = ()
    """What says why the answer ended: not null, not empty, and none of `FAILED_FINISHES`. Of several
    the first that says something counts."""
    role: Path = ()
    """What only the first chunk of an answer has."""
    texts: tuple[Path, ...] = ()
    """Of several paths the first that has a text counts."""
    usage: bool = False
    """It is the count of tokens."""


HEADS = (
    # Chat Completions, and the older Completions.
    Head(
        name="choices",
        each=True,
        finishes=(("finish_reason",),),
        role=("delta", "role"),
        texts=(("delta", "content"), ("text",), ("message", "content")),
    ),
    # Gemini.
    Head(
        name="candidates",
        each=True,
        finishes=(("finishReason",), ("finish_reason",)),
        texts=(("content", "parts"),),
    ),
    Head(name="promptFeedback", finishes=(("blockReason",),)),
    Head(name="prompt_feedback", finishes=(("block_reason",),)),
    Head(name="usageMetadata", usage=True),
    Head(name="usage_metadata", usage=True),
    # Anthropic, Interactions, and Cohere and Assistants, whose texts are at the other paths.
    Head(
        name="delta",
        finishes=(("stop_reason",),),
        texts=((), ("message", "content"), ("content", EACH, "text", "value")),
    ),
    Head(name="content_block", texts=((),)),
    # Bedrock's Converse.
    Head(name="messageStart", role=("role",)),
    Head(name="contentBlockStart"),
    Head(name="contentBlockDelta", texts=(("delta", "text"),)),
    Head(name="contentBlockStop"),
    Head(name="messageStop", finishes=(("stopReason",),)),
    Head(name="metadata", usage=True),
    # Ollama.
    Head(name="message", texts=(("content",),)),
    Head(name="response", text=True),
    Head(name="done", flag=True),
    # Cohere's older Chat.
    Head(name="text", text=True),
    # Text Generation Inference.
    Head(name="token", texts=((),)),
    Head(name="generated_text", whole=True),
)

TYPE_KEYS = ("type", "event_type")
"""The members that say what an event is, the first of them that is a string; else the SSE field
`event` does."""

TEXT_PARTS = ("text", "text_delta", "output_text")
"""The types of objects whose `text` is text of the output; one without a type is such, too."""

TEXT, THOUGHT = "text", "thought"
"""The member of such an object that is the text, and the one which, if it is true, says that it
is a thought."""

ASIDES = (THOUGHT, "special")
"""The members which, if one is true, say that it is none of the output: a thought, or a token that
stands for something else."""

ERROR_FIELD = "error"
"""The member that says that something failed: an object, or a text."""

ERROR_PARENTS = ("x_groq",)
"""The members of an event that may have it, too."""

FAILURES = ("detail", "errors")
"""The members that say the same in an event of no known API that has no type: a text, a list or an
object that is not empty. That is how frameworks and gateways write errors (FastAPI, Cloudflare)."""

CODE, MESSAGE = "code", "message"
"""So do these two together: a text, and a code that is no number or one that says that something
failed."""

FIRST_FAILED_CODE = 400
"""As in HTTP, numbers from this one on do, and negative ones."""

USAGES = ("usage",)
"""The members of an event that count its tokens, beside those of `HEADS`."""

OBJECT, DELTA = "object", "delta"
"""The member that says what an event or a response is, if no type does, and the one that an event
adds."""

INDEX, OUTPUT_INDEX, CONTENT_INDEX = "index", "output_index", "content_index"
"""The number of an element of a list, that of an item of the output, and that of a part of it."""

ITEM_ID, SEQUENCE_NUMBER = "item_id", "sequence_number"
"""The id of the item to which an event adds, and the number of the event in its stream."""

PARTIAL_INDEX = "partial_image_index"
"""The number of a partial image."""

ITEM, OUTPUT = "item", "output"
"""The member of an event that is an item of the output, and that of a response with all."""

DONE = b"[DONE]"
"""The payload that ends a stream, of any API."""

PINGS = ("ping", "keepalive", "keep-alive", "keep_alive", "heartbeat")
"""The types of events that keep a connection alive, and say nothing."""

FAILED_FINISHES = ("error",)
"""What does not say that an answer is complete, although it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Where the token counts lie in the object that counts them: the first path with a count."""

    input: tuple[Path, ...]
    cached: tuple[Path, ...]
    cache_write: tuple[Path, ...] = ()
    output: tuple[Path, ...]
    reasoning: tuple[Path, ...]
    total: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a response lists the items of its output, and their text."""

    lists: tuple[str, ...] = (OUTPUT,)
    """The members of the response that list them; the first that is a list counts."""
    messages: tuple[str, ...] = ("message",)
    """The types of the items that have text in their content,"""
    text: tuple[str, ...] = ()
    """and those of the parts of it that are text. An item may be such a part itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Where the response itself lies, and what it says.

    `member` is the event's member that holds the response object. Without one, the event that
    ends the stream says it, or every event does. Of several paths the first that has a value counts.
    """

    member: str = ""
    ids: tuple[Path, ...] = ()
    """Its id, from the event on."""
    model: tuple[Path, ...] = (("model",),)
    status: tuple[Path, ...] = ()
    created: str = "created_at"
    completed: str = "completed_at"
    usage: tuple[Path, ...] = tuple((name,) for name in USAGES)
    adds_usage: bool = False
    """Whether a later usage that lacks a count leaves the earlier one."""
    tokens: Tokens
    output: Output = field(default_factory=Output)
    errors: tuple[Path, ...] = (("error",),)
    """Where an error lies: an object with `code` or `type` and `message`, or a text."""
    reasons: tuple[Path, ...] = ()
    """Where the response object says why it is incomplete."""


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
class Types:
    """The types of an API's events."""

    prefixes: tuple[str, ...] = ()
    """They begin with one of these."""
    requests: tuple[str, ...] = ()
    """Types that do, but are what the client sends: no events of the API."""
    keys: tuple[str, ...] = TYPE_KEYS
    """The members that may name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An API, by what its events look like."""

    name: str
    """As `StreamEnd.api` gives it."""
    types: Types = field(default_factory=Types)
    """Its events have one of these types,"""
    objects: tuple[str, ...] = ()
    """or one of these `object`s,"""
    shapes: tuple[tuple[str, ...], ...] = ()
    """or, if they say neither, all of one of these groups of `HEADS`."""
    heads: tuple[str, ...] = ()
    """Those of `HEADS` that mean something in its events. Where one holds several answers, or has a
    role, or says whether the answer has ended, each event is a chunk of the response; further chunks
    may follow the one that completes it."""
    begins: tuple[str, ...] = ()
    """The types of events that always begin a stream,"""
    ends: tuple[str, ...] = ()
    """that end one (first the type that says that all went well),"""
    text_deltas: tuple[str, ...] = ()
    """that add a text,"""
    final_texts: tuple[str, ...] = ()
    """and that hold a text as a whole in `text`."""
    response: Response
    images: Images = field(default_factory=Images)
    chunks: bool = field(init=False)
    """Whether each event is a chunk of the response."""

    def __post_init__(self) -> None:
        heads = (head for head in HEADS if head.name in self.heads)
        chunks = any(head.each or head.role or head.flag or head.whole for head in heads)
        object.__setattr__(self, "chunks", chunks)

    @property
    def event_errors(self) -> tuple[Path, ...]:
        """Where an error lies in an event, beside that of its response object."""
        return ((ERROR_FIELD,),) if self.response.member else self.response.errors

    @property
    def roles(self) -> bool:
        """Whether the first chunk of an answer is recognised by its role."""
        return any(head.role for head in HEADS if head.name in self.heads)


_TOKENS = Tokens(
    input=(("input_tokens",),),
    cached=(
        ("input_tokens_details", "cached_tokens"),
        ("input_token_details", "cached_tokens"),
    ),
    output=(("output_tokens",),),
    reasoning=(("output_tokens_details", "reasoning_tokens"),),
    total=(("total_tokens",),),
)

_CHAT = Response(
    ids=(("id",),),
    created="created",
    status=(("choices", EACH, "finish_reason"),),
    errors=(("error",), ("choices", EACH, "error"), *((name, "error") for name in ERROR_PARENTS)),
    # Groq's, and Moonshot's.
    usage=(("usage",), ("x_groq", "usage"), ("choices", EACH, "usage")),
    tokens=Tokens(
        input=(("prompt_tokens",),),
        # The others are DeepSeek's and Moonshot's.
        cached=(
            ("prompt_tokens_details", "cached_tokens"),
            ("prompt_cache_hit_tokens",),
            ("cached_tokens",),
        ),
        cache_write=(("prompt_tokens_details", "cache_write_tokens"),),
        output=(("completion_tokens",),),
        reasoning=(("completion_tokens_details", "reasoning_tokens"),),
        total=(("total_tokens",),),
    ),
)

_COHERE_TOKENS = Tokens(
    input=(("tokens", "input_tokens"), ("billed_units", "input_tokens")),
    cached=(("cached_tokens",),),
    output=(("tokens", "output_tokens"), ("billed_units", "output_tokens")),
    reasoning=(),
    total=(),
)

_CONVERSE = (
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
)
_GEMINI = ("candidates", "promptFeedback", "prompt_feedback", "usageMetadata", "usage_metadata")

APIS = (
    # https://platform.openai.com/docs/api-reference/responses-streaming
    # https://platform.openai.com/docs/api-reference/realtime-server-events
    Api(
        name="response",
        types=Types(
            prefixes=("response.",),
            requests=("response.create", "response.cancel", "response.steer"),
        ),
        begins=("response.created",),
        ends=("response.completed", "response.done", "response.incomplete", "response.failed"),
        text_deltas=("response.output_text.delta", "response.text.delta"),
        final_texts=("response.output_text.done", "response.text.done"),
        response=Response(
            member="response",
            ids=(("response", "id"),),
            status=(("response", "status"),),
            tokens=_TOKENS,
            output=Output(text=("output_text", "text")),
            errors=(("error",), ("status_details", "error")),
            reasons=(("incomplete_details", "reason"), ("status_details", "reason")),
        ),
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
        types=Types(prefixes=("image_generation.", "image_edit.")),
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
        objects=("chat.completion.chunk", "chat.completion", "chat.completion.done"),
        shapes=(("choices",),),
        heads=("choices",),
        response=_CHAT,
    ),
    # https://platform.openai.com/docs/api-reference/completions
    Api(
        name="completion",
        objects=("text_completion",),
        heads=("choices",),
        response=_CHAT,
    ),
    # https://docs.anthropic.com/en/docs/build-with-claude/streaming
    Api(
        name="message",
        types=Types(prefixes=("message_start", "message_delta", "message_stop", "content_block_")),
        heads=("delta", "content_block"),
        begins=("message_start",),
        ends=("message_stop",),
        text_deltas=("content_block_delta", "content_block_start"),
        response=Response(
            member="message",
            ids=(("message", "id"),),
            status=(("delta", "stop_reason"), ("message", "stop_reason")),
            adds_usage=True,
            tokens=Tokens(
                input=(("input_tokens",),),
                cached=(("cache_read_input_tokens",),),
                cache_write=(("cache_creation_input_tokens",),),
                output=(("output_tokens",),),
                reasoning=(),
                total=(),
            ),
        ),
    ),
    # https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse, also with the names
    # that its Python SDK writes.
    Api(
        name="gemini",
        shapes=tuple((name,) for name in _GEMINI),
        heads=_GEMINI,
        response=Response(
            ids=(("responseId",), ("response_id",)),
            model=(("modelVersion",), ("model_version",)),
            status=(
                ("candidates", EACH, "finishReason"),
                ("candidates", EACH, "finish_reason"),
                ("promptFeedback", "blockReason"),
                ("prompt_feedback", "block_reason"),
            ),
            created="createTime",
            usage=(("usageMetadata",), ("usage_metadata",)),
            tokens=Tokens(
                input=(("promptTokenCount",), ("prompt_token_count",)),
                cached=(("cachedContentTokenCount",), ("cached_content_token_count",)),
                output=(("candidatesTokenCount",), ("candidates_token_count",)),
                reasoning=(("thoughtsTokenCount",), ("thoughts_token_count",)),
                total=(("totalTokenCount",), ("total_token_count",)),
            ),
        ),
    ),
    # https://ai.google.dev/api/interactions-api
    Api(
        name="interaction",
        types=Types(
            prefixes=("interaction.", "content.start", "content.delta", "content.stop", "step.")
        ),
        heads=("delta",),
        begins=("interaction.created", "interaction.start"),
        ends=("interaction.completed", "interaction.complete", "interaction.cancelled"),
        text_deltas=("step.delta", "content.delta"),
        response=Response(
            member="interaction",
            ids=(("interaction", "id"),),
            status=(("interaction", "status"), ("status",)),
            created="created",
            completed="updated",
            output=Output(lists=("steps", "outputs"), messages=("model_output",), text=("text",)),
            tokens=Tokens(
                input=(("total_input_tokens",),),
                cached=(("total_cached_tokens",),),
                output=(("total_output_tokens",),),
                reasoning=(("total_thought_tokens",), ("total_reasoning_tokens",)),
                total=(("total_tokens",),),
            ),
        ),
    ),
    # https://docs.cohere.com/v2/docs/streaming
    Api(
        name="cohere",
        types=Types(
            prefixes=(
                "message-start",
                "message-end",
                "content-start",
                "content-delta",
                "content-end",
                "tool-plan-delta",
                "tool-call-",
                "citation-start",
                "citation-end",
            )
        ),
        heads=("delta",),
        begins=("message-start",),
        ends=("message-end",),
        text_deltas=("content-delta", "content-start"),
        response=Response(
            ids=(("id",),),
            status=(("delta", "finish_reason"),),
            usage=(("delta", "usage"),),
            tokens=_COHERE_TOKENS,
            errors=(("error",), ("delta", "error")),
        ),
    ),
    # https://docs.cohere.com/v1/docs/streaming
    Api(
        name="cohere_v1",
        types=Types(
            prefixes=(
                "stream-start",
                "stream-end",
                "text-generation",
                "citation-generation",
                "search-queries-generation",
                "search-results",
                "tool-calls-",
            ),
            # `{"type":"stream-start"}` is of others.
            keys=TYPE_KEYS[1:],
        ),
        heads=("text",),
        begins=("stream-start",),
        ends=("stream-end",),
        text_deltas=("text-generation",),
        response=Response(
            member="response",
            ids=(("generation_id",),),
            status=(("response", "finish_reason"), ("finish_reason",)),
            usage=(("meta",),),
            tokens=_COHERE_TOKENS,
        ),
    ),
    # https://platform.openai.com/docs/api-reference/assistants-streaming
    Api(
        name="assistant",
        # The thread that may have been created before is none of a run's events.
        types=Types(prefixes=("thread.run.", "thread.message.")),
        heads=("delta",),
        begins=("thread.run.created",),
        ends=(
            "thread.run.completed",
            "thread.run.requires_action",
            "thread.run.incomplete",
            "thread.run.failed",
            "thread.run.cancelled",
            "thread.run.expired",
        ),
        text_deltas=("thread.message.delta",),
        response=Response(
            ids=(("run_id",),),
            status=(("status",),),
            completed="completed_at",
            tokens=_CHAT.tokens,
            errors=(("error",), ("last_error",)),
        ),
    ),
    # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
    Api(
        name="converse",
        shapes=tuple((name,) for name in _CONVERSE),
        heads=(*_CONVERSE, "metadata"),
        response=Response(
            status=(("messageStop", "stopReason"),),
            usage=(("metadata", "usage"),),
            tokens=Tokens(
                input=(("inputTokens",),),
                cached=(("cacheReadInputTokens",),),
                cache_write=(("cacheWriteInputTokens",),),
                output=(("outputTokens",),),
                reasoning=(),
                total=(("totalTokens",),),
            ),
        ),
    ),
    # https://docs.ollama.com/api
    Api(
        name="ollama",
        shapes=(("message", "done"), ("response", "done")),
        heads=("message", "response", "done"),
        response=Response(
            status=(("done_reason",),),
            usage=((),),
            tokens=Tokens(
                input=(("prompt_eval_count",),),
                cached=(),
                output=(("eval_count",),),
                reasoning=(),
                total=(),
            ),
        ),
    ),
    # https://huggingface.co/docs/text-generation-inference
    Api(
        name="tgi",
        shapes=(("token", "generated_text"),),
        heads=("token", "generated_text"),
        response=Response(
            status=(("details", "finish_reason"),),
            usage=(("details",),),
            tokens=Tokens(
                input=(("input_length",),),
                cached=(),
                output=(("generated_tokens",),),
                reasoning=(),
                total=(),
            ),
        ),
    ),
)

ERROR = "error"
"""The type of an event that says that something failed, of any API, or its `object`."""

FAILED = frozenset(("failed", "incomplete", "cancelled", "error"))
"""The statuses of responses that failed, or did not come to their end."""

# Looked for before the API of an event is known.
PREFIXES = tuple(prefix for api in APIS for prefix in api.types.prefixes)
CHUNKS = {object: api for api in APIS for object in api.objects}
RESPONSES = tuple(dict.fromkeys(api.response.member for api in APIS if api.response.member))
IDS = tuple(dict.fromkeys(id for api in APIS for id in api.response.ids))
BEGINS = frozenset(type for api in APIS for type in api.begins)
ENDS = frozenset(type for api in APIS for type in api.ends)
TEXT_DELTAS = frozenset(type for api in APIS for type in api.text_deltas)
FINAL_TEXTS = frozenset(type for api in APIS for type in api.final_texts)
PARTIAL_IMAGES = frozenset(type for api in APIS for type in api.images.partial)
PARTIAL_FIELDS = tuple(name for api in APIS for name in api.images.partial_fields)
IMAGE_FIELDS = (*PARTIAL_FIELDS, *(name for api in APIS for name in api.images.fields))
IMAGE_ITEMS = {api.images.item: api.images.item_field for api in APIS if api.images.item}
IMAGE_URL = "data:image/"
"""What an image's data URL begins with."""

IMAGE_DATA = "data"
"""The member of an object that is an image, if one of `MEDIA_TYPES` says so."""

MEDIA_TYPES = ("mimeType", "mime_type", "media_type")
"""What that member is called; it begins with `IMAGE_MEDIA`."""

IMAGE_MEDIA = "image/"
IMAGE_MARKS = (IMAGE_MEDIA, IMAGE_MEDIA.replace("/", "\\"), *IMAGE_ITEMS, "b64_json")
"""What stands in the JSON of an event with an image: the slash may be escaped."""

BASE64_KEYS = (*IMAGE_FIELDS, *IMAGE_ITEMS.values(), IMAGE_DATA, "url", "image_url")
"""The keys of strings that are base64, or data URLs of it."""
