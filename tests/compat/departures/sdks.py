"""What the decoders of both SDKs have in common."""

from __future__ import annotations

from typing import Any

from .rows import BOM, Row, Use, fixed, kept, limit, retry_rows


def sdk_frames() -> list[Row]:
    a, b = (None, "a", None, None), (None, "b", None, None)
    return [
        fixed("BOM", [BOM + b"data: a\n\ndata: b\n\n"], [b], [a, b]),
        fixed("BOM before a name", [BOM + b"event: e\ndata: a\n\n"], [a],
               [("e", "a", None, None)]),
        fixed(
            "invalid UTF-8",
            [b"data: a\n\ndata: \xff\n\ndata: b\n\n"],
            [a, "UnicodeDecodeError"],
            [a, (None, "\ufffd", None, None), b],
        ),
        fixed("invalid UTF-8 in a comment", [b": \xff\n\ndata: a\n\n"],
               ["UnicodeDecodeError"], [a]),
        fixed(
            "comment after an id",
            [b"id: 1\ndata: a\n\n: keep-alive\n\n"],
            [(None, "a", "1", None), (None, "", "1", None)],
            [(None, "a", "1", None)],
        ),
        fixed(
            "blank line after an id",
            [b"id: 1\ndata: a\n\n\n"],
            [(None, "a", "1", None), (None, "", "1", None)],
            [(None, "a", "1", None)],
        ),
        *retry_rows(None, None),
        kept("unterminated last event", [b'data: a\n\ndata: {"b":1}\n'], [a]),
        kept("no id before the first", [b"data: a\n\nid: 1\ndata: b\n\n"],
             [a, (None, "b", "1", None)]),
        limit(
            "empty id without data",
            [b"id:\n\ndata: a\n\n"],
            [(None, "a", "", None)],
            [a],
        ),
    ]  # fmt: skip


def first_event(module: Any, stream: bytes = b"data: a\n\n") -> Any:
    return next(module.SSEDecoder().iter_bytes(iter([stream])))


def sdk_uses(sdk: Any, ours: Any) -> list[Use]:
    modules = (sdk._streaming, ours)
    long = b"data: " + b"x" * 5000 + b"\n\n"
    return [
        Use("long repr", lambda module: len(repr(first_event(module, long))) > 5000, modules,
            True, False, "fixed"),
        Use("class of the events",
            lambda module: isinstance(first_event(module), sdk._streaming.ServerSentEvent),
            modules, True, False, "limit"),
        Use("decoding line by line", lambda module: hasattr(module.SSEDecoder(), "decode"),
            modules, True, False, "limit"),
    ]  # fmt: skip
