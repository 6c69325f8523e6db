"""Lines of a log that are read as other text: without what a logger wrote around them, or with the
blank lines that were dropped between events.

What is left of a line is followed by a comment, so that offsets stay those of the log's content.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ...._apis import DONE, ERROR_FIELD
from ...._errors import InputError
from ..._bodies import Damage
from ...sources._content import LINE_LIMIT
from ..values._json import record_or_none
from ..values._streams import HEAD, ends_in_field_name, has_field

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ...sources._content import Content

__all__ = [
    "ended",
    "is_stripped",
    "restored",
    "rewritten",
    "text_ended",
    "too_long",
    "with_blank_lines",
]

_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_LINE_OF_CR = re.compile(rb"[^\r]*\r|[^\r]+\Z")
# Bytes that are looked through at once; and those that decide the field of a line, with a BOM.
_STEP = 1 << 20
_DECIDING = 9
# A field that some servers add.
_ERROR = ERROR_FIELD.encode() + b":"


def rewritten(
    content: Content, take: Callable[[bytes], bytes | None], *, is_stripped: bool = False
) -> Iterator[bytes]:
    """The content, of whose lines only that is kept which `take` returns: text of an event stream,
    which ends in an LF unless the next line continues it. `None`: the line is skipped.

    With `is_stripped` each line of data ends its event.
    """
    # The bytes by which the content is ahead of what was yielded.
    rest = 0
    is_begun = False
    for _, line, length in content.lines():
        rest += length
        text = None if line is None else take(bytes(line))
        if text is None:
            content.skipped += 1
        else:
            if is_stripped:
                text = ended(text)
            rest -= len(text)
            is_begun = text[-1:] != b"\n" if text else is_begun
            yield text
        # A comment within a line would be part of it.
        if rest >= 2 and not is_begun:
            yield b":" + b" " * (rest - 2) + b"\n"
            rest = 0


def restored(first: bytes, chunks: Iterable[bytes]) -> Iterable[bytes]:
    """The chunks of a body that begins with `first`, with its blank lines if they were dropped."""
    is_whole = len(first) < HEAD
    return with_blank_lines(chunks) if is_stripped(first[:HEAD], is_enough=is_whole) else chunks


def with_blank_lines(chunks: Iterable[Buffer]) -> Iterator[bytes]:
    """An event stream with the blank lines that were dropped: each line of data ends its event.

    A space or a CR is dropped for each, so that offsets stay as they are, where there is one.
    """
    rest, lines = b"", None
    for chunk in chunks:
        text = rest + bytes(chunk)
        # A CR at the end may be half of a line end.
        lines = lines or (_lines_of(text) if b"\n" in text or b"\r" in text[:-1] else None)
        *whole, rest = (lines and lines.findall(text)) or [text]
        if whole:
            yield b"".join(map(_with_blank_line, whole))
    if rest:
        yield b"".join(map(_with_blank_line, (lines or _lines_of(rest)).findall(rest)))


def _lines_of(text: bytes) -> re.Pattern[bytes]:
    """What a line is: some write a CR alone behind it."""
    return _LINE if b"\n" in text or b"\r" not in text else _LINE_OF_CR


def _with_blank_line(line: bytes) -> bytes:
    if not _ends_event(line):
        return line
    data = line.removeprefix(BOM_UTF8).rstrip(b"\r\n")
    if data[5:6] == b" " and not line.endswith(b"\r\n"):
        return b"data:" + data[6:] + b"\n\n"
    return data + b"\n\n"


def ended(text: bytes) -> bytes:
    """The text of a line with the blank line behind it, if it is an event's only line of data."""
    return text.rstrip(b"\r\n") + b"\n\n" if _ends_event(text) else text


def _ends_event(line: bytes) -> bool:
    return line.startswith((b"data:", BOM_UTF8 + b"data:")) and _is_payload(line)


def _is_payload(line: bytes) -> bool:
    """Whether a line of data is all of an event's: an object of JSON, or the mark of the end."""
    data = line.partition(b":")[2].strip()
    return data == DONE or (data[:1] == b"{" and data[-1:] == b"}")


def is_stripped(head: bytes, *, is_enough: bool) -> bool | None:
    """Whether the blank lines between events were dropped: the first event has several lines of
    data, each of which is JSON. `None` where more of the head could tell."""
    *lines, last = head.split(b"\r" if _lines_of(head) is _LINE_OF_CR else b"\n")
    if is_enough:
        lines.append(last)
    first = False
    for line in lines:
        if line.startswith(b"data:"):
            if not _is_json(line):
                return False
            if first:
                return True
            first = True
        elif first and not line.strip(b"\r"):
            return False
    return False if is_enough else None


def _is_json(line: bytes) -> bool:
    if not _is_payload(line):
        return False
    data = line.partition(b":")[2].strip()
    return data == DONE or isinstance(record_or_none(data), dict)


def text_ended(chunks: Iterable[Buffer]) -> Iterator[Buffer]:
    """An event stream. If none of its lines is a field, its last line is ended, in the place of its
    last byte: it is no event that was cut short. Raises what the chunks raise, after that."""
    last, line, found = b"", b"", False
    broken: InputError | None = None
    try:
        for chunk in chunks:
            if found or not (text := memoryview(chunk)):
                yield chunk
                continue
            for at in range(0, len(text), _STEP):
                step = line + bytes(text[at : at + _STEP])
                found = found or has_field(step)
                line = step[max(step.rfind(b"\n"), step.rfind(b"\r")) + 1 :][:_DECIDING]
            if last:
                yield last
            # It may be the last of all.
            last = b"" if found else bytes(text[-1:])
            yield chunk if found else text[:-1]
    except InputError as error:
        broken = error
    if last:
        is_cut = ends_in_field_name(line) or line.startswith(_ERROR)
        yield last if last in b"\r\n" or is_cut else b"\n"
    if broken is not None:
        raise broken


def too_long(offset: int, length: int) -> Damage:
    """A line whose bytes were not kept."""
    return Damage(offset, length, "too_large", f"a line of more than {LINE_LIMIT >> 20} MiB")
