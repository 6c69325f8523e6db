"""Recorded responses of an archive (vcr, har), whose bodies are read as if they stood one
after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from ..._bodies import SKIPPED, Body, Damage, Part
from ..._limits import MAX_INFLATED
from ...sources._compression import BrokenData
from ..lines._lines import restored
from ..values._encoding import decoded
from ..values._pieces import events_of_json
from ..values._streams import HEAD, is_stream

__all__ = ["Recorded", "Unreadable", "bodies_in_a_row"]


@dataclass(slots=True)
class Recorded:
    """A response's body as it was recorded, and what its headers say of it."""

    data: bytes
    encoding: str = ""
    media_type: str = ""


@dataclass(slots=True)
class Unreadable:
    """A record that is not of the format's shape, and why. `data` are its bytes, if kept."""

    message: str
    data: bytes = b""


def bodies_in_a_row(records: Iterable[Recorded | Unreadable]) -> Iterator[Part]:
    """The bodies of those responses that are event streams, by header or by content, or JSON of a
    known API: whole responses, or lists of events.

    A body's offset is the sum of the sizes before. Bytes that cannot be decoded count as
    they were recorded.
    """
    offset = 0
    for record in records:
        if isinstance(record, Unreadable):
            yield Damage(offset, len(record.data), "record", record.message, record.data)
            offset += len(record.data)
            continue
        steps = _Steps(record)
        first = next(steps, b"")
        if events := _events_of_json(first, steps):
            yield Body(offset, (events,), is_response=True)
            offset += len(events)
        elif not _is_event_stream(record, first):
            if steps.broken is None:
                yield SKIPPED
                continue
        elif first:
            yield Body(offset, restored(first, chain((first,), steps)), is_response=True)
            # The offset of the next body is known when this one has been read.
            for _ in steps:
                pass
            offset += steps.size
        elif steps.broken is None:
            message = "the response is an event stream without a body"
            yield Damage(offset, 0, "record", message, record.data)
        if steps.broken is not None:
            yield Damage(offset, len(record.data), "encoding", steps.broken, record.data)
            offset += len(record.data)


class _Steps:
    """The decoded body. Ends where it breaks; `broken` says why."""

    def __init__(self, record: Recorded) -> None:
        self.size = 0
        self.broken: str | None = None
        self._steps = _decoded(record)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            step = next(self._steps)
        except BrokenData as error:
            self.broken = str(error)
            raise StopIteration from None
        self.size += len(step)
        return step


def _decoded(record: Recorded) -> Iterator[bytes]:
    for step in decoded(record.data, record.encoding):
        if step:
            yield step


def _events_of_json(first: bytes, steps: Iterator[bytes]) -> bytes | None:
    """The events of a body that is JSON, which is read as a whole; `None` if it has none."""
    if first.lstrip()[:1] not in (b"{", b"["):
        return None
    text = bytearray(first)
    for step in steps:
        text += step
        if len(text) > MAX_INFLATED:
            return None
    return events_of_json(text.decode(errors="replace"))


def _is_event_stream(record: Recorded, first: bytes) -> bool:
    if record.media_type.partition(";")[0].strip().lower() == "text/event-stream":
        return True
    return is_stream(first[:HEAD].decode(errors="replace"))
