"""What whole responses of each API look like, as data, and the events that stream them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BATCH_DONE", "BATCH_FAILED", "USAGE_NAMES", "WHOLES", "Blocks", "Whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The parts of a whole response, and the events by which each of them is streamed."""

    parts: str
    """The member of the response that lists them, and is empty in its first event."""
    begins: str
    """The type of that event,"""
    start: str
    part: str
    """of the event that begins a part, and its member that holds the part,"""
    delta: str
    texts: tuple[tuple[str, str, str], ...]
    """of that with the part's text: the type of the part, the text's member, the type of `delta`,"""
    input: tuple[str, str, str, str]
    """or with its JSON: the end of the part's type, its member, the type of `delta`, the text's
    member,"""
    stop: str
    """of the event that ends a part,"""
    changes: str
    says: tuple[str, ...]
    """of that with what the response says in the end, and these members of it,"""
    ends: str
    """and of the last, which comes where the first of these members is not null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole response, as a request without `stream` receives it.

    It is read as the events by which the same response is streamed: one that holds it
    (`types`), one for each of its parts (`each`), one chunk (`answer`), or the events of `blocks`.
    """

    says: tuple[tuple[str, tuple[str | None, ...]], ...] = ()
    """Members, and the values of which each has one; `None`: it is not there."""
    has: tuple[str, ...] = ()
    """Members that are there,"""
    lists: tuple[str, ...] = ()
    """and that are lists."""
    member: str = ""
    """The member of the event that holds the response; else its members are the event's."""
    types: tuple[tuple[str, str], ...] = ()
    """The event's type by the response's `status`; the first is that without one,"""
    other: str = ""
    """and this that of a status which is not among them."""
    each: str = ""
    each_has: tuple[tuple[str, str | None], ...] = ()
    """A list, each element of which has one of these members, with this value (`None`: any)."""
    answer: tuple[str, str, str] | None = None
    """The list of answers, the member that is an answer as a whole, and what its delta is called."""
    numbered: str = ""
    """The list in an answer whose elements have a number in a delta."""
    object: str = ""
    """The `object` of the chunk."""
    blocks: Blocks | None = None


WHOLES = (
    # https://platform.openai.com/docs/api-reference/responses/object
    Whole(
        says=(("object", ("response",)),),
        lists=("output",),
        member="response",
        types=(
            ("completed", "response.completed"),
            ("incomplete", "response.incomplete"),
            ("failed", "response.failed"),
            ("cancelled", "response.failed"),
        ),
        # A response in the background may be asked for before it has ended.
        other="response.in_progress",
    ),
    # https://platform.openai.com/docs/api-reference/chat/object
    Whole(
        says=(("object", (None, "chat.completion")),),
        answer=("choices", "message", "delta"),
        numbered="tool_calls",
        object="chat.completion.chunk",
    ),
    # https://platform.openai.com/docs/api-reference/images/object
    Whole(
        says=(("object", (None,)),),
        has=("created",),
        each="data",
        each_has=(("b64_json", None), ("url", None)),
        types=(("completed", "image_generation.completed"),),
    ),
    # https://platform.openai.com/docs/api-reference/embeddings/object
    Whole(
        says=(("object", ("list",)),),
        has=("usage",),
        each="data",
        each_has=(("object", "embedding"),),
        member="response",
        types=(("completed", "response.completed"),),
    ),
    # https://docs.anthropic.com/en/api/messages
    Whole(
        # An item of a Response has the same type, and no reason.
        says=(("object", (None,)), ("type", ("message",)), ("role", ("assistant",))),
        has=("stop_reason",),
        lists=("content",),
        member="message",
        blocks=Blocks(
            parts="content",
            begins="message_start",
            start="content_block_start",
            part="content_block",
            delta="content_block_delta",
            texts=(("text", "text", "text_delta"), ("thinking", "thinking", "thinking_delta")),
            input=("tool_use", "input", "input_json_delta", "partial_json"),
            stop="content_block_stop",
            changes="message_delta",
            says=("stop_reason", "stop_sequence"),
            ends="message_stop",
        ),
    ),
)
"""What whole responses look like."""

BATCH_DONE, BATCH_FAILED = "response.completed", "response.failed"
"""The types of the events that say how a request of a batch ended, where its response does not."""

USAGE_NAMES = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens"}
"""What counts of a response are called in these events."""
