"""Text in UTF-16, as PowerShell writes it where output is redirected: read as UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

__all__ = ["as_utf8", "is_utf16"]

# By their byte order marks, or by ASCII characters without one.
_LITTLE = re.compile(rb"\xff\xfe(?!\0\0)|(?:[\t\n\r -~]\0){3}")
_BIG = re.compile(rb"\xfe\xff|(?:\0[\t\n\r -~]){3}")
_ENOUGH = 6


def _encoding(head: bytes) -> str | None:
    if _LITTLE.match(head):
        return "utf-16-le"
    return "utf-16-be" if _BIG.match(head) else None


def is_utf16(head: bytes) -> bool:
    """Whether content begins with UTF-16 text."""
    return _encoding(head) is not None


def as_utf8(steps: Iterable[bytes]) -> Iterator[bytes]:
    """The steps as they are, or as UTF-8 if they are UTF-16. What is none becomes U+FFFD."""
    steps = iter(steps)
    head = b""
    try:
        while len(head) < _ENOUGH and (step := next(steps, b"")):
            head += step
    except Exception:
        # All that is good comes before the error. An empty step is the end.
        if head:
            yield head
        raise
    encoding = _encoding(head)
    if encoding is None:
        if head:
            yield head
        yield from steps
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for step in chain((head,), steps):
        if text := decoder.decode(step).encode():
            yield text
    if text := decoder.decode(b"", final=True).encode():
        yield text
