"""Removes from a stream exactly what the rows of `departures` are about.

On the rest, a library and its stand-in must agree. Lines are rewritten in place and never removed,
so that no line ends become adjacent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
COMMENT = b":"
MAX_RETRY = 2**64 - 1


class Line:
    """A line and what ends it: nothing, if it is the last one and was cut."""

    def __init__(self, text: bytes, end: bytes) -> None:
        self.text = text
        self.end = end
        self.field, _, value = text.partition(b":")
        self.value = value.removeprefix(b" ")


class Block(NamedTuple):
    """The lines up to a blank one, or up to the end of the stream."""

    lines: list[Line]
    blank: Line | None

    def values(self, field: bytes) -> list[bytes]:
        return [line.value for line in self.lines if line.field == field]

    def data(self) -> bytes:
        return b"\n".join(self.values(b"data"))

    def last(self, field: bytes) -> bytes:
        return (self.values(field) or [b""])[-1]

    def id(self) -> bytes | None:
        """The id that the block sets, `None` if it sets none."""
        valid = [value for value in self.values(b"id") if b"\0" not in value]
        return valid[-1] if valid else None

    def has_retry(self) -> bool:
        return any(value.isdigit() for value in self.values(b"retry"))

    def has_more_than_id(self) -> object:
        return self.last(b"event") or self.values(b"data") or self.has_retry()


def lines_of(stream: bytes) -> list[Line]:
    parts = re.split(rb"(\r\n|\r|\n)", stream)
    return [Line(*pair) for pair in zip(parts[::2], [*parts[1::2], b""], strict=True)]


def blocks_of(lines: list[Line]) -> Iterator[Block]:
    block: list[Line] = []
    for line in lines:
        if not line.text and line.end:
            yield Block(block, line)
            block = []
        else:
            block.append(line)
    yield Block(block, None)


Step = Callable[[list[Line]], None]


def rewritten(stream: bytes, *steps: Step) -> bytes:
    for step in steps:
        lines = lines_of(stream)
        step(lines)
        stream = b"".join(line.text + line.end for line in lines)
    return stream


# Steps: each named for the rows that it takes out. ------------------------------------------------


def without_bom(stream: bytes) -> bytes:
    while stream.startswith(BOM):
        stream = stream[len(BOM) :]
    return stream


def with_valid_utf8(stream: bytes) -> bytes:
    return stream.decode("utf-8", "replace").encode()


def numbers_of_the_grammar(lines: list[Line]) -> None:
    """No `retry` that only one of `int` and the grammar reads, none above 2**64 - 1."""
    for line in lines:
        if line.field == b"retry" and line.value.isdigit() != is_int(line.value):
            line.text = b"retry: none"
        elif line.field == b"retry" and line.value.isdigit() and int(line.value) > MAX_RETRY:
            line.text = b"retry: %d" % MAX_RETRY


def is_int(value: bytes) -> bool:
    try:
        int(value.decode("utf-8", "replace"))
    except ValueError:
        return False
    return True


def numbers_as_written(lines: list[Line]) -> None:
    """No `retry` but such as `str(int(...))` gives, which sseclient-py delivers as text."""
    for line in lines:
        if line.field == b"retry":
            number = min(int(line.value), MAX_RETRY) if line.value.isdigit() else 10
            line.text = b"retry: %d" % number


def no_nul_in_ids(lines: list[Line]) -> None:
    for line in lines:
        if line.field == b"id":
            line.text = line.text.replace(b"\0", b"0")


def no_blank_line_that_repeats_an_id(lines: list[Line]) -> None:
    """No blank line that would make an event of nothing, because an id was seen before."""
    last_id = b""
    lines_of_event: list[Line] = []
    for block in blocks_of(lines):
        # What a comment in place of a blank line has joined is one block.
        lines_of_event += block.lines
        event = Block(lines_of_event, block.blank)
        id = event.id()
        last_id = last_id if id is None else id
        if block.blank and last_id and not (id or event.has_more_than_id()):
            block.blank.text = COMMENT
        else:
            lines_of_event = []


def no_empty_id_without(has_more: Callable[[Block], object]) -> Step:
    """No empty id in an event that has no more than that, and is not delivered."""

    def step(lines: list[Line]) -> None:
        for block in blocks_of(lines):
            for line in () if has_more(block) else block.lines:
                if line.field == b"id" and not line.value:
                    line.text = COMMENT

    return step


def blank_lines_that_are_seen(lines: list[Line]) -> None:
    """No blank line but such as sseclient-py sees: LF LF, CR CR, CRLF CRLF and CRLF LF."""
    before = b""
    for line in lines:
        if not line.text and before and line.end and not (before + line.end).endswith(
            (b"\n\n", b"\r\r", b"\r\n\r\n")
        ):  # fmt: skip
            line.end = before
        before = line.end


def no_blank_crlf_after_cr(lines: list[Line]) -> None:
    """No CR CRLF, whose last LF makes a blank line of its own when a chunk begins with it."""
    for before, line in reversed(list(pairwise(lines))):
        if not line.text and line.end == b"\r\n" and before.end == b"\r":
            before.end = b"\r\n"


# Streams ------------------------------------------------------------------------------------------


def for_httpx_sse(stream: bytes) -> bytes:
    return rewritten(without_bom(stream), numbers_of_the_grammar, no_blank_line_that_repeats_an_id)


def for_sseclient(stream: bytes) -> bytes:
    return rewritten(
        without_bom(with_valid_utf8(stream)),
        numbers_as_written,
        no_nul_in_ids,
        blank_lines_that_are_seen,
    )


def for_openai(stream: bytes) -> bytes:
    """Leaves events without data and those that repeat an id: the stand-in drops either."""
    return rewritten(
        without_bom(with_valid_utf8(stream)),
        numbers_of_the_grammar,
        no_empty_id_without(Block.data),
    )


def for_anthropic(stream: bytes) -> bytes:
    return rewritten(
        without_bom(with_valid_utf8(stream)),
        numbers_of_the_grammar,
        no_empty_id_without(Block.has_more_than_id),
        no_blank_crlf_after_cr,
        no_blank_line_that_repeats_an_id,
    )


NORMAL: dict[str, Callable[[bytes], bytes]] = {
    "httpx-sse": for_httpx_sse,
    "sseclient": for_sseclient,
    "openai": for_openai,
    "anthropic": for_anthropic,
}
