"""The SDKs' loops over the events of a stream, as far as they are known.

A loop asks each event for its JSON, and has its client process that. If it does nothing else with
the JSON than to look for an error in it, the event may give it what the client would return.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any, NamedTuple

__all__ = ["Loop", "does_no_more", "is_known"]

# All that these name, and all texts in them: whatever else they did would add some.
_NAMES = frozenset((
    "Any", "APIConnectionError", "APIError", "APITimeoutError", "Exception", "_cast_to", "_client",
    "_decoder", "_iter_events", "_make_status_error", "_observer", "_options",
    "_process_response_data", "aclose", "aiter_bytes", "begin", "cast", "close", "data",
    "drain_response_async", "end", "event", "get", "http_version", "is_closed", "is_finalizing",
    "is_mapping", "isinstance", "iter_bytes", "json", "request", "request_exceptions", "response",
    "startswith", "status_code", "str", "stream_mode", "synthesize_event_and_data", "sys",
    "timeout_exceptions",
))  # fmt: skip
_TEXTS = frozenset((
    "legacy", "[DONE]", "thread.", "error", "message", "An error occurred during streaming",
    "HTTP/1.1", "ping", "message_stop", "Error code: ", "read", "failed", "data", "event",
))  # fmt: skip


class Loop(NamedTuple):
    """The code of a loop, and of what gives it the events. Not the frames, which hold these."""

    code: CodeType
    source: CodeType

    @classmethod
    def around(cls, decoding: FrameType) -> Loop | None:
        """Returns the loop that reads what a decoder yields, given the frame of the decoder."""
        source = decoding.f_back
        loop = source and source.f_back
        return cls(loop.f_code, source.f_code) if loop and source else None

    @classmethod
    def of(cls, stream: Any) -> Loop | None:
        """Returns that of a class of streams."""
        functions = (getattr(stream, name, None) for name in ("__stream__", "_iter_events"))
        code, source = (getattr(function, "__code__", None) for function in functions)
        return cls(code, source) if code and source else None


def is_known(loop: Loop, package: str) -> bool:
    """Whether this is the loop of an SDK's streams, and does no more."""
    module = sys.modules.get(f"{package}._streaming")
    own = (Loop.of(getattr(module, name, None)) for name in ("Stream", "AsyncStream"))
    return loop in own and does_no_more(loop)


def does_no_more(loop: Loop) -> bool:
    """Whether the code of a loop names nothing that is not known."""
    return all(
        _NAMES.issuperset(code.co_names)
        and _TEXTS.issuperset(text for text in code.co_consts if isinstance(text, str))
        for code in loop
    )
