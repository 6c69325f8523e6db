"""The official `openai` SDK."""

from __future__ import annotations

import openai

from rapidsse.compat import openai as ours

from .rows import Row, Use, fixed, kept, limit
from .sdks import sdk_frames, sdk_uses


def _text(text: str) -> bytes:
    return b'data: {"type":"response.output_text.delta","delta":"%s"}\n\n' % text.encode()


_TEXT_A, _TEXT_B = ("ResponseTextDeltaEvent", "a"), ("ResponseTextDeltaEvent", "b")
_INVALID = "APIResponseValidationError"

OPENAI: list[Row | Use] = [
    *sdk_frames(),
    fixed("name without data", [b"event: e\n\n"], [("e", "", None, None)], []),
    fixed("id without data", [b"id: 1\n\n"], [(None, "", "1", None)], []),
    fixed("retry without data", [b"retry: 10\n\n"], [(None, "", None, 10)], []),
    fixed("empty data", [b"event: e\ndata:\n\n"], [("e", "", None, None)], []),
    *sdk_uses(openai, ours),
    # The SDK's `Stream`, on a client as it is and on an accelerated one.
    fixed("Stream: event without data", [b"event: e\n\n", _text("a")],
           ["JSONDecodeError"], [_TEXT_A], "accelerate"),
    fixed("Stream: comment after an id", [b"id: 1\n", _text("a"), b": keep-alive\n\n", _text("b")],
           [_TEXT_A, "JSONDecodeError"], [_TEXT_A, _TEXT_B], "accelerate"),
    fixed("Stream: invalid UTF-8", [_text("a").replace(b'"a"', b'"\xff"')],
           ["UnicodeDecodeError"], [("ResponseTextDeltaEvent", "\ufffd")], "accelerate"),
    kept("Stream: unterminated last event", [_text("a"), _text("b")[:-2]],
         [_TEXT_A], "accelerate"),
    kept("Stream: [DONE] with more behind it", [_text("a"), b"data: [DONE]!\n\n"],
         [_TEXT_A], "accelerate"),
    kept("Stream: data after [DONE]", [_text("a"), b"data: [DONE]\n\n", _text("b")],
         [_TEXT_A], "accelerate"),
    kept("Stream: data that is no JSON", [b"data: x\n\n"], ["JSONDecodeError"], "accelerate"),
    kept("Stream: NaN", [_text('a","x":NaN,"y":"')], [_TEXT_A], "accelerate"),
    kept("Stream: fields missing", [_text("a")], [_TEXT_A], "accelerate"),
    kept("Stream: field of another type", [_text("a").replace(b'"a"', b"5")],
         [("ResponseTextDeltaEvent", 5)], "accelerate"),
    kept("Stream: unknown type", [b'data: {"type":"new","delta":"a"}\n\n'],
         [("ResponseAudioDeltaEvent", "a")], "accelerate"),
    kept("Stream: lone surrogate", [_text("\\ud800")],
         [("ResponseTextDeltaEvent", "\ud800")], "accelerate"),
    # The SDK's `Stream`, and our events of it.
    fixed("events: event without data", [b"event: e\n\n", _text("a")],
           ["JSONDecodeError"], [_TEXT_A], "events"),
    fixed("events: empty data", [b"data:\n\n", _text("a")],
           ["JSONDecodeError"], [_TEXT_A], "events"),
    fixed("events: unterminated last event", [_text("a"), _text("b")[:-2]],
           [_TEXT_A], [_TEXT_A, _TEXT_B], "events"),
    fixed("events: last event cut short", [_text("a"), _text("b")[:-6]],
           [_TEXT_A], [_TEXT_A, _INVALID], "events"),
    fixed("events: data that is no JSON", [b"data: x\n\n"],
           ["JSONDecodeError"], [_INVALID], "events"),
    fixed("events: invalid UTF-8", [_text("a").replace(b'"a"', b'"\xff"')],
           ["UnicodeDecodeError"], [_INVALID], "events"),
    fixed("events: space before [DONE]", [_text("a"), b"data:  [DONE]\n\n"],
           [_TEXT_A, "JSONDecodeError"], [_TEXT_A], "events"),
    fixed("events: unknown type", [b'data: {"type":"new","delta":"a"}\n\n'],
           [("ResponseAudioDeltaEvent", "a")], [("UnknownEvent", None)], "events"),
    kept("events: [DONE] with more behind it", [_text("a"), b"data: [DONE]!\n\n"],
         [_TEXT_A], "events"),
    kept("events: data after [DONE]", [_text("a"), b"data: [DONE]\n\n", _text("b")],
         [_TEXT_A], "events"),
    kept("events: error in an event", [_text("a"), b'data: {"error":{"message":"no"}}\n\n'],
         [_TEXT_A, "APIError"], "events"),
    limit("events: field of another type", [_text("a").replace(b'"a"', b"5")],
          [("ResponseTextDeltaEvent", 5)], [("ResponseTextDeltaEvent", None)], "events"),
    limit("events: data that is no object", [b"data: 1\n\n"],
          [("int", None)], [_INVALID], "events"),
    limit("events: NaN", [_text('a","x":NaN,"y":"')], [_TEXT_A], [_INVALID], "events"),
    limit("events: lone surrogate", [_text("\\ud800")],
          [("ResponseTextDeltaEvent", "\ud800")], [_INVALID], "events"),
]  # fmt: skip
