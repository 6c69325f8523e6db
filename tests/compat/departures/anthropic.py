"""The official `anthropic` SDK."""

from __future__ import annotations

from typing import Any

import anthropic

from rapidsse.compat import anthropic as ours

from .rows import BOM, Row, Use, fixed, kept, limit
from .sdks import first_event, sdk_frames, sdk_uses


def _read_twice(module: Any) -> list[str]:
    """The data of a second body, read with a decoder whose first body was cut short."""
    decoder = module.SSEDecoder()
    list(decoder.iter_bytes(iter([b"data: cut off\n"])))
    return [event.data for event in decoder.iter_bytes(iter([b"data: a\n\n"]))]


def _block(text: str, name: str = "event: content_block_delta\n") -> bytes:
    delta = b'{"type":"text_delta","text":"%s"}' % text.encode()
    payload = b'{"type":"content_block_delta","index":0,"delta":%s}' % delta
    return name.encode() + b"data: " + payload + b"\n\n"


_INVALID = "APIResponseValidationError"
_BLOCK_A, _BLOCK_B = ("RawContentBlockDeltaEvent", "a"), ("RawContentBlockDeltaEvent", "b")
_ERROR = b'data: {"type":"error","error":{"type":"overloaded_error"}}\n\n'

ANTHROPIC: list[Row | Use] = [
    *sdk_frames(),
    fixed("blank line LF, CRLF", [b"data: a\n\r\n", b"data: b\n\n"],
           [(2, "a"), (2, "b")], [(1, "a"), (2, "b")], "live"),
    fixed("blank line CR, CRLF that is cut", [b"id: 1\ndata: a\r\r", b"\ndata: b\n\n"],
           [(None, "a", "1", None), (None, "", "1", None), (None, "b", "1", None)],
           [(None, "a", "1", None), (None, "b", "1", None)]),
    kept("name without data", [b"event: e\n\n"], [("e", "", None, None)]),
    kept("id without data", [b"id: 1\n\n"], [(None, "", "1", None)]),
    kept("retry without data", [b"retry: 10\n\n"], [(None, "", None, 10)]),
    kept("empty data", [b"event: e\ndata:\n\n"], [("e", "", None, None)]),
    Use("a decoder read twice", _read_twice, (anthropic._streaming, ours),
        ["cut off\na"], ["a"], "fixed"),
    *sdk_uses(anthropic, ours),
    Use("raw", lambda module: first_event(module).raw, (anthropic._streaming, ours),
        ["data: a"], [], "limit"),
    # The SDK's `Stream`, on a client as it is and on an accelerated one.
    fixed("Stream: BOM", [BOM + _block("a"), _block("b")],
           [_BLOCK_B], [_BLOCK_A, _BLOCK_B], "accelerate"),
    fixed("Stream: invalid UTF-8", [_block("a").replace(b'"a"', b'"\xff"')],
           ["UnicodeDecodeError"], [("RawContentBlockDeltaEvent", "\ufffd")], "accelerate"),
    kept("Stream: unterminated last event", [_block("a"), _block("b")[:-2]],
         [_BLOCK_A], "accelerate"),
    kept("Stream: event without a name", [_block("a", ""), _block("b")],
         [_BLOCK_B], "accelerate"),
    kept("Stream: ping", [b'event: ping\ndata: {"type":"ping"}\n\n', _block("a")],
         [_BLOCK_A], "accelerate"),
    kept("Stream: empty data", [b"event: e\ndata:\n\n", _block("a")], [_BLOCK_A], "accelerate"),
    kept("Stream: error without data", [b"event: error\n\n"], ["APIStatusError"], "accelerate"),
    kept("Stream: data that is no JSON", [b"event: e\ndata: x\n\n"],
         ["JSONDecodeError"], "accelerate"),
    kept("Stream: fields missing", [_block("a").replace(b'"index":0,', b"")],
         [_BLOCK_A], "accelerate"),
    kept("Stream: unknown type", [b'event: new\ndata: {"type":"new"}\n\n'],
         [("RawMessageStartEvent", None)], "accelerate"),
    kept("Stream: lone surrogate", [_block("\\ud800")],
         [("RawContentBlockDeltaEvent", "\ud800")], "accelerate"),
    # The SDK's `Stream`, and our events of it.
    fixed("events: event without a name", [_block("a", ""), _block("b")],
           [_BLOCK_B], [_BLOCK_A, _BLOCK_B], "events"),
    fixed("events: error without a name", [_block("a"), _ERROR],
           [_BLOCK_A], [_BLOCK_A, "APIStatusError"], "events"),
    fixed("events: unterminated last event", [_block("a"), _block("b")[:-2]],
           [_BLOCK_A], [_BLOCK_A, _BLOCK_B], "events"),
    fixed("events: last event cut short", [_block("a"), _block("b")[:-6]],
           [_BLOCK_A], [_BLOCK_A, _INVALID], "events"),
    fixed("events: data that is no JSON", [b"event: e\ndata: x\n\n"],
           ["JSONDecodeError"], [_INVALID], "events"),
    fixed("events: invalid UTF-8", [_block("a").replace(b'"a"', b'"\xff"')],
           ["UnicodeDecodeError"], [_INVALID], "events"),
    fixed("events: [DONE]", [b"event: e\ndata: [DONE]\n\n", _block("a")],
           ["JSONDecodeError"], [_BLOCK_A], "events"),
    fixed("events: unknown type", [b'event: new\ndata: {"type":"new"}\n\n'],
           [("RawMessageStartEvent", None)], [("UnknownEvent", None)], "events"),
    fixed("events: ping under another name", [b'event: e\ndata: {"type":"ping"}\n\n'],
           [("RawMessageStartEvent", None)], [], "events"),
    kept("events: ping", [b'event: ping\ndata: {"type":"ping"}\n\n', _block("a")],
         [_BLOCK_A], "events"),
    kept("events: error in an event", [_block("a"), b"event: error\n" + _ERROR],
         [_BLOCK_A, "APIStatusError"], "events"),
    kept("events: error without data", [b"event: error\n\n"], ["APIStatusError"], "events"),
    kept("events: empty data", [b"event: e\ndata:\n\n", _block("a")], [_BLOCK_A], "events"),
    limit("events: no name and no JSON", [b"data: x\n\n", _block("a")],
          [_BLOCK_A], [_INVALID], "events"),
    limit("events: field of another type", [_block("a").replace(b'"a"', b"5")],
          [("RawContentBlockDeltaEvent", 5)], [("RawContentBlockDeltaEvent", None)], "events"),
    limit("events: NaN", [_block("a").replace(b":0,", b':0,"x":NaN,')],
          [_BLOCK_A], [_INVALID], "events"),
    limit("events: lone surrogate", [_block("\\ud800")],
          [("RawContentBlockDeltaEvent", "\ud800")], [_INVALID], "events"),
]  # fmt: skip
