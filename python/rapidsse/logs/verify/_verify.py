"""Checks that the streams of a log are whole, in one pass over it.

What an engine finds out by itself (how many numbers are missing, whether the end came) is
taken from it; only events with a response, a final text or an image are looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..._engine import Event, Failure, LogReader, StreamEnd
from ..._errors import InputError
from ..._limits import BATCH_ROWS
from ..._names import spelled
from ..._text import many
from .._bodies import Body, Damage
from .._drive import drive
from .._reasons import reason_of
from ..formats.detect._looks import member_with_event
from ..formats.values._streams import HEAD
from ..tables._interleaved import INTERLEAVED, Interleaved
from ..tables._payloads import Payload
from ..tables._totals import pings_in
from ._problems import Problem, StreamChecks
from ._sequence import Numbers, integers, runs

if TYPE_CHECKING:
    from .._open import Log

__all__ = ["Verifier"]

EXCERPT = 60


class Verifier:
    """Checks logs one after another.

    `report` is called with each problem. Those of one log come in its order, but what is said
    of the sequence numbers of a stream may come after problems of the next streams.
    """

    def __init__(
        self, report: Callable[[Problem], object], *, max_event_size: int | None = None
    ) -> None:
        self._report = report
        self._max_event_size = max_event_size
        self.logs = self.streams = self.events = self.problems = 0
        """What was looked at, and what was found, over all logs."""
        self.skipped = self.passed_over = self.unknown_lines = 0
        """What was not: records and lines without events, other streams of records, and lines of
        event streams that are no field."""
        self.unknown_events = 0
        """Events of no known API: nothing tells whether their streams are whole."""
        self.found = False
        """Whether there was an event in any log, or a record that failed."""

    def verify(self, log: Log) -> None:
        """Checks a log. Reports, rather than raises, that it cannot be read to its end."""
        self.logs += 1
        check = _Check(spelled(log.source), self._add, self._max_event_size)
        reader = LogReader(
            check,
            framing=log.framing,
            columns=("stream", "sequence_number"),
            deliver=frozenset(("state", "texts", "images")),
            max_event_size=self._max_event_size,
            batch_rows=BATCH_ROWS,
        )
        found = 0
        inner: str | None = None

        def damaged(damage: Damage) -> None:
            nonlocal found
            found += 1
            check.problem(damage.kind, damage.message, offset=damage.offset)

        try:
            if log.format == "sse":
                inner = member_with_event(log.head(_looked_at(log))[0])
            for _ in drive(reader, log.bodies(), damaged, check.began):
                check.rows(*_taken(reader))
        except InputError as error:
            found += 1
            self._add(_unreadable(log.source, error.reason))
        self.skipped += log.skipped
        self.passed_over += log.passed_over
        counts = reader.totals()
        self.events += counts.events
        self.unknown_lines += counts.unknown_lines
        self.streams += check.streams
        self.unknown_events += check.unknown_events
        pings = pings_in(reader.types())
        found += counts.events + counts.failures - pings
        is_unknown = log.needs_known_api and not (check.knows_api or check.has_error)
        failed = found - (counts.events - pings)
        self.found |= bool(failed if is_unknown else found)
        if not found:
            what = f"no event but {many(pings, 'keep-alive')}" if pings else "no event"
            check.problem("no_events", f"{what} was found: {log.looks_like}")
        elif is_unknown and counts.events > pings:
            check.problem("no_response", _unknown(log, inner))

    def unreadable(self, source: str, reason: str) -> None:
        """Reports a log that cannot be opened."""
        self.logs += 1
        self._add(_unreadable(source, reason))

    def _add(self, problem: Problem) -> None:
        self.problems += 1
        self._report(problem)


def _unknown(log: Log, inner: str | None) -> str:
    """What is wrong with a log that has no event of a known API; some lie in the member `inner`."""
    if inner is not None:
        return (
            f"no event is one of a known API, but there are some in the member {inner!r} "
            f"({log.looks_like}): save the payloads as JSON Lines, and name the field "
            f"(--event-field {inner}, event_field=)"
        )
    what = "no line is an event" if log.framing == "lines" else "no event is one"
    return (
        f"{what} of a known API, so that nothing tells whether they are all: {log.looks_like}; if "
        "they are of another one, name the format (--log-format, format=); if they hold events, the "
        "field (--event-field, --body-field; event_field=, body_field=)"
    )


def _looked_at(log: Log) -> int:
    """The bytes that are looked at first: of a pipe those that are there."""
    return HEAD if log.is_plain else 1


def _unreadable(source: str, reason: str) -> Problem:
    return Problem(spelled(source), None, None, None, "input", f"cannot be read: {reason}")


def _taken(reader: LogReader) -> tuple[Sequence[int | None], Sequence[int | None]]:
    rows, columns = reader.take()
    return integers(columns["stream"], rows), integers(columns["sequence_number"], rows)


class _Check:
    """The handler of a `LogReader`, for one log."""

    def __init__(
        self, source: str, report: Callable[[Problem], object], max_event_size: int | None
    ) -> None:
        self.streams = 0
        self.knows_api = False
        """Whether a stream was of a known API."""
        self.has_error = False
        """Whether an event of another stream was an error."""
        self.unknown_events = 0
        """Events of the other streams."""
        self._source = source
        self._report = report
        self._limit = max_event_size
        self._checks = StreamChecks(-1)
        # Streams that have ended with numbers wrong, and wait for the rows that name them.
        self._wrong: dict[int, tuple[str | None, int, int]] = {}
        self._numbers = Numbers()
        self._numbered = -1
        self._interleaved = Interleaved()

    def problem(
        self,
        kind: str,
        detail: str,
        stream: int | None = None,
        response_id: str | None = None,
        offset: int | None = None,
    ) -> None:
        """Reports a problem of this log."""
        self._report(Problem(self._source, stream, offset, response_id, kind, detail))

    def began(self, body: Body) -> None:
        """A body begins, whose streams have ended before the next one."""
        self._interleaved = Interleaved()

    def event(self, event: Event) -> None:
        """`LogHandler.event`."""
        stream, fields = event.place.stream, Payload(event.payload, event.spans).fields
        self._of(stream).add(fields, event.name)
        self._interleaved.event(stream, fields, event.name)

    def failure(self, failure: Failure) -> None:
        """`LogHandler.failure`."""
        place, payload = failure.place, failure.payload
        reason = reason_of(failure.kind, payload, self._limit)
        detail = f"event {place.index}, {place.length:,} bytes: {reason}"
        if payload is not None:
            rest = "..." if len(payload) > EXCERPT else ""
            begins = bytes(payload[:EXCERPT]).decode(errors="backslashreplace")
            detail += f"; it begins: {begins}{rest}"
        response_id = self._of(place.stream).response_id
        self.problem(failure.kind, detail, place.stream, response_id, place.offset)

    def stream(self, end: StreamEnd) -> None:
        """`LogHandler.stream`."""
        self.streams += 1
        self.knows_api |= bool(end.api)
        self.unknown_events += 0 if end.api else end.events
        stream, response_id = end.stream, end.response_id
        checks = self._of(stream)
        if end.missing or end.duplicates:
            self._wrong[stream] = response_id, end.missing, end.duplicates
        is_alone = end.events + end.failures == 1
        for detail in checks.texts(end.texts, end.texts_whole, is_alone=is_alone):
            self.problem("text", detail, stream, response_id)
        for detail in checks.images():
            self.problem("image", detail, stream, response_id)
        # Nobody knows how a stream of no known API ends.
        if end.api and not end.complete:
            detail = _no_end(end.events + end.failures, checks.error)
            self.problem("no_end", detail, stream, response_id)
        if self._interleaved.end(end):
            self.problem("interleaved", INTERLEAVED, stream, response_id)
        if not end.api and checks.error is not None:
            self.has_error = True
            self.problem("error", checks.error or "an error event", stream, response_id)
        self._checks = StreamChecks(-1)

    def rows(self, streams: Sequence[int | None], numbers: Sequence[int | None]) -> None:
        """The next rows of the columns; the streams in them may have ended."""
        for stream, start, stop in runs(streams):
            if stream != self._numbered:
                self._name_wrong()
                self._numbered, self._numbers = stream, Numbers()
            self._numbers.add(numbers[start:stop])
        self._name_wrong()

    def _name_wrong(self) -> None:
        if (wrong := self._wrong.pop(self._numbered, None)) is None:
            return
        response_id, missing, duplicates = wrong
        if missing:
            detail = f"{_counted(missing)} missing: {self._numbers.missing()}"
            self.problem("gap", detail, self._numbered, response_id)
        if duplicates:
            detail = f"{_counted(duplicates)} that had come before: {self._numbers.again()}"
            self.problem("duplicate", detail, self._numbered, response_id)

    def _of(self, stream: int) -> StreamChecks:
        if self._checks.stream != stream:
            self._checks = StreamChecks(stream)
        return self._checks


def _counted(count: int) -> str:
    return f"{count:,} sequence number{'' if count == 1 else 's'}"


def _no_end(events: int, error: str | None) -> str:
    detail = f"cut short after {events:,} event{'' if events == 1 else 's'}"
    if error is not None:
        detail += ", after an error event" + (f": {error}" if error else "")
    return detail
