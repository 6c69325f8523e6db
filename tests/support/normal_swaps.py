"""Like `normal_streams`, for the libraries that `install` replaces."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import msgspec

from normal_streams import (
    COMMENT,
    Block,
    Line,
    blocks_of,
    for_httpx_sse,
    no_empty_id_without,
    numbers_of_the_grammar,
    rewritten,
    with_valid_utf8,
    without_bom,
)

__all__ = ["NORMAL_SWAPS"]

MAX_RETRY = 2**64 - 1


def no_empty_names(lines: list[Line]) -> None:
    for line in lines:
        if line.field == b"event" and not line.value:
            line.text = COMMENT


def no_events_of_empty_fields(lines: list[Line]) -> None:
    """No event that has nothing but an empty name or an empty id."""
    for block in blocks_of(lines):
        if not (block.has_more_than_id() or block.id()):
            for line in block.lines:
                if line.field in (b"event", b"id"):
                    line.text = COMMENT


def no_cr_at_the_end(lines: list[Line]) -> None:
    """No CR that ends the last line of the stream and is not a blank line."""
    *_, before, last = [Line(COMMENT, b""), *lines]
    if not last.text and before.text and before.end == b"\r":
        before.end = b"\n"


def no_cr_alone(lines: list[Line]) -> None:
    for line in lines:
        if line.end == b"\r":
            line.end = b"\n"


def no_line_ends_of_text(stream: bytes) -> bytes:
    """Without the characters that end a line for `str.splitlines` only."""
    text = stream.decode("utf-8", "replace")
    return re.sub("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "_", text).encode()


def in_ascii(stream: bytes) -> bytes:
    return re.sub(rb"[^\0-\x7f]", b"_", stream)


def numbers_of_text(lines: list[Line]) -> None:
    """No `retry` that only one of `str.isdigit` and the grammar takes, and none too large."""
    for line in lines:
        if line.field != b"retry":
            continue
        text = line.value.decode("utf-8", "replace")
        if text.isdigit() != line.value.isdigit() or len(text) > 4300:
            line.text = b"retry: none"
        elif line.value.isdigit() and int(line.value) > MAX_RETRY:
            line.text = b"retry: %d" % MAX_RETRY


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def json_data(lines: list[Line]) -> None:
    """All data is JSON: other data ends the stream with an error, on both sides."""
    for block in blocks_of(lines):
        data = [line for line in block.lines if line.field == b"data"]
        for line in data[1:]:
            line.text = COMMENT
        for line in data[:1]:
            if line.value and not line.value.isspace():
                text = line.value.decode("utf-8", "replace")
                if not _is_json(text):
                    line.text = b"data: " + json.dumps(text, ensure_ascii=False).encode()
            elif not block.last(b"event"):
                line.text = b"data: null"


def for_httpx2(stream: bytes) -> bytes:
    return rewritten(
        without_bom(stream),
        numbers_of_the_grammar,
        no_events_of_empty_fields,
        no_cr_at_the_end,
    )


def for_langfuse(stream: bytes) -> bytes:
    return for_httpx_sse(rewritten(no_line_ends_of_text(in_ascii(stream)), no_cr_alone))


def for_mistralai(stream: bytes) -> bytes:
    return rewritten(
        without_bom(with_valid_utf8(stream)),
        numbers_of_text,
        no_empty_names,
        no_empty_id_without(Block.data),
    )


def for_langgraph(stream: bytes) -> bytes:
    return rewritten(
        stream, json_data, numbers_of_the_grammar, no_empty_id_without(Block.has_more_than_id)
    )


def for_a2a(stream: bytes) -> bytes:
    return rewritten(no_line_ends_of_text(without_bom(stream)), no_empty_names)


NORMAL_SWAPS: dict[str, Callable[[bytes], bytes]] = {
    "httpx2": for_httpx2,
    "cohere": for_httpx_sse,
    "langfuse": for_langfuse,
    "mistralai": for_mistralai,
    "langgraph": for_langgraph,
    "a2a": for_a2a,
}
