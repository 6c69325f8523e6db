"""A body that is plainly no event stream, such as the JSON or HTML of an error, is refused: as an
event stream it would have no events, and nobody would notice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, cast

from .._errors import DecodeError
from .._field_names import ANY_FIELD

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["check_body", "checked"]

_HEAD = 4096
_BEGINS = (b"d", b"e", b"i", b"r", b":", b"")
"""The first bytes of fields and comments. No pattern of `_KINDS` begins with one of them."""
_KINDS = {
    "JSON": rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"|\[\s*\{)',
    "HTML": rb"(?i)\s*<(?:!doctype|html|\?xml)",
}
_FIELD = rb"(?m)^(?:%b\b|:)" % ANY_FIELD


def check_body(chunk: object) -> None:
    """Raises `DecodeError` if a body that begins with the chunk is no event stream."""
    if not isinstance(chunk, (bytes, bytearray, memoryview)):
        return
    # Most bodies are known by their first byte, which costs less than any pattern.
    if chunk[:1] in _BEGINS:
        return
    head = bytes(cast("memoryview[int]", chunk)[:_HEAD])
    for kind, begin in _KINDS.items():
        if re.match(begin, head) and not re.search(_FIELD, head):
            reason = f"the body is no event stream, it looks like {kind}"
            raise DecodeError(reason, kind="schema", offset=0, index=0, data=head)


def checked(chunks: Iterator[Buffer]) -> Iterator[Buffer]:
    """The chunks, of which the first is checked; the others cost nothing."""
    return chain(_First(chunks), chunks)


class _First:
    """The first chunk, checked. An iterator that can be asked again if the source raised."""

    def __init__(self, chunks: Iterator[Buffer]) -> None:
        self._chunks = chunks
        self._is_done = False

    def __iter__(self) -> Iterator[Buffer]:
        return self

    def __next__(self) -> Buffer:
        if self._is_done:
            raise StopIteration
        chunk = next(self._chunks)
        self._is_done = True
        check_body(chunk)
        return chunk
