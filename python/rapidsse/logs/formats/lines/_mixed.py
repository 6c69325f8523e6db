"""Logs with interleaved responses. What the recording says of each line separates them, such as a
container's name, or else the ids of their chunks do.

Whether a log is one is decided by its beginning. What is not of the first response waits in a
temporary file until the log has ended.
"""

from __future__ import annotations

import tempfile
from codecs import BOM_UTF8
from collections.abc import Hashable, Iterator
from typing import Any, Self

from ...._apis import DONE
from ...._engine import FrameReader
from ...._errors import EventTooLarge, InputError
from ..._bodies import Body, Damage, Part
from ...sources._content import Content
from ..values._pieces import sse_event
from ._ids import MAX_SOURCES, Ids
from ._lines import too_long

__all__ = ["Waiting", "line_bodies", "stream_bodies"]

_BLOCK = 64 << 10
_IN_MEMORY = 8 << 20


class Waiting:
    """Text of several sources, each to be read as a whole in the end; a context manager. Of all of
    it no more than `_IN_MEMORY` bytes are in memory."""

    def __init__(self) -> None:
        self._texts: dict[Hashable, bytearray] = {}
        # The blocks of each in the file: their places and sizes.
        self._blocks: dict[Hashable, list[tuple[int, int]]] = {}
        self._size = 0
        self._file: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, source: Hashable, text: bytes) -> None:
        """Adds text. Of very many sources the last ones are taken for one."""
        if source not in self._texts and len(self._texts) >= MAX_SOURCES:
            source = None
        kept = self._texts.setdefault(source, bytearray())
        kept += text
        self._size += len(text)
        if len(kept) >= _BLOCK:
            self._write(source)
        elif self._size > _IN_MEMORY:
            for each in list(self._texts):
                self._write(each)

    def _write(self, source: Hashable) -> None:
        kept = self._texts[source]
        if not kept:
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `__exit__`)
        self._blocks.setdefault(source, []).append((self._file.seek(0, 2), len(kept)))
        self._file.write(kept)
        self._size -= len(kept)
        kept.clear()

    def bodies(self, offset: int) -> Iterator[Body]:
        """A body of each source, in the order in which they came, as if they stood one after
        another."""
        for source, kept in self._texts.items():
            size = sum(size for _, size in self._blocks.get(source, ())) + len(kept)
            yield Body(offset, self._chunks(source))
            offset += size

    def _chunks(self, source: Hashable) -> Iterator[bytes]:
        for place, size in self._blocks.get(source, ()):
            self._file.seek(place)
            yield self._file.read(size)
        yield bytes(self._texts[source])


def stream_bodies(content: Content, max_event_size: int | None) -> Iterator[Part]:
    """The event streams that are interleaved in one."""
    return _bodies(_events(content, max_event_size))


def line_bodies(content: Content) -> Iterator[Part]:
    """The event streams that are interleaved in lines of events."""
    return _bodies(_lines(content))


_Event = tuple[bytes, str | None] | Damage
"""The payload of an event and its name, or what is in place of an event."""


def _bodies(found: Iterator[_Event]) -> Iterator[Part]:
    ids = Ids()
    broken: InputError | None = None
    with Waiting() as waiting:
        try:
            for each in found:
                if isinstance(each, Damage):
                    yield each
                # An end mark does not say which of them has ended.
                elif each[0].strip() != DONE:
                    waiting.add(ids.of_payload(each[0]), sse_event(*each))
        except InputError as error:
            broken = error
        yield from waiting.bodies(0)
    if broken is not None:
        raise broken


def _events(content: Content, max_event_size: int | None) -> Iterator[_Event]:
    reader = FrameReader(max_event_size=max_event_size, eof="dispatch")
    for chunk in content.chunks("sse", max_event_size):
        reader.push(chunk)
        yield from _read(reader)
    reader.finish()
    yield from _read(reader)


def _read(reader: FrameReader) -> Iterator[_Event]:
    while True:
        try:
            event = next(reader, None)
        except EventTooLarge as error:
            yield Damage(error.offset, 0, "too_large", str(error))
            continue
        if event is None:
            return
        yield bytes(event.data_bytes), event.event if event.event != "message" else None


def _lines(content: Content) -> Iterator[_Event]:
    for offset, line, length in content.lines():
        if line is None:
            yield too_long(offset, length)
        elif payload := bytes(line).removeprefix(BOM_UTF8).strip():
            yield payload, None
