"""One event per line, inside of something else: a member of an object, or what a logger wrote in
front of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import repeat

from ...._errors import InputError
from ..._bodies import PASSED_OVER, Body, Part
from ...sources._content import Content
from ..values._json import record_or_none
from ..values._pieces import sse_event
from ..values._streams import HEAD, is_field
from ._envelope import Path, envelope_of
from ._lines import ended, is_stripped, rewritten
from ._member import Member
from ._mixed import Waiting
from ._prefixes import is_event_line, without_prefix, without_prefix_of_json
from ._sources import NOWHERE, SourceOf, source_of_lines

__all__ = ["event_bodies"]

_Take = Callable[[bytes], bytes | None]


def event_bodies(content: Content, field: str | None) -> Iterator[Part]:
    """The events of all lines, as one body, or one of each source if their lines are interleaved.
    `field` names the member that holds the event, by keys joined with dots; without it the first
    line that has one tells."""
    head, _ = content.first(HEAD)
    lines = head.splitlines(keepends=True)[:-1]
    path = _path(head, field)
    member = None if path is None else Member(path, head, is_named=field is not None)
    take = _logged if member is None else member.take
    stripped = bool(is_stripped(b"".join(filter(None, map(take, lines))), is_enough=True))
    source_of = source_of_lines(lines, take, path or ())
    if member is not None:
        # Those of the lines that were looked at come again.
        member.others = 0
    yield from _bodies(content, take, source_of, is_stripped=stripped)
    if member is not None:
        yield from repeat(PASSED_OVER, member.others)


def _bodies(
    content: Content, take: _Take, source_of: SourceOf | None, *, is_stripped: bool
) -> Iterator[Part]:
    if source_of is None:
        yield Body(content.start, rewritten(content, take, is_stripped=is_stripped))
        return
    with Waiting() as waiting:
        apart = _Apart(take, source_of, waiting, is_stripped=is_stripped)
        chunks = rewritten(content, apart.take, is_stripped=is_stripped)
        yield Body(content.start, apart.first(chunks))
        yield from waiting.bodies(content.start + content.size)
    if apart.broken is not None:
        raise apart.broken


class _Apart:
    """Takes the events of the first source; those of the others wait."""

    def __init__(
        self, take: _Take, source_of: SourceOf, waiting: Waiting, *, is_stripped: bool
    ) -> None:
        self.broken: InputError | None = None
        self._take = take
        self._source_of = source_of
        self._waiting = waiting
        self._is_stripped = is_stripped
        self._first: list[Hashable] = []

    def first(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks of the first source. What breaks the log is raised after the others."""
        try:
            yield from chunks
        except InputError as error:
            self.broken = error

    def take(self, line: bytes) -> bytes | None:
        """The event of a line, if it is of the first source; nothing of the others."""
        text = self._take(line)
        if text is None:
            return None
        source = self._source_of(line, text)
        if source is NOWHERE:
            return b""
        if not self._first and is_field(text[:HEAD].decode(errors="replace")):
            self._first.append(source)
        if source in self._first:
            return text
        self._waiting.add(source, ended(text) if self._is_stripped else text)
        return b""


def _path(head: bytes, field: str | None) -> Path | None:
    """Where the lines have their events; `None`, if they are no JSON."""
    if field is not None:
        return tuple(field.split("."))
    for each in head.splitlines():
        line = without_prefix_of_json(each)
        if line is not each and is_event_line(line):
            return None
        if (envelope := envelope_of(record_or_none(line))) is not None:
            return envelope.path
    return None


def _logged(line: bytes) -> bytes | None:
    found = without_prefix(line)
    if found is None:
        # A line of another kind, such as one that continues a message.
        return None
    text, is_part = found
    if text[:1] == b"{" and not is_part:
        return sse_event(text) if is_event_line(text) else None
    return text if is_part else text + b"\n"
