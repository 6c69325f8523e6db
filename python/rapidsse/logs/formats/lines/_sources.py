"""What a line of a log says of where it comes from: a container, a process, a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

from ...._apis import DONE
from ...._json import encode_json
from ...._values import members
from ..._short_ids import shortened
from ..values._json import record_or_none
from ._ids import Ids, recur
from ._prefixes import source_in_prefix

__all__ = ["NOWHERE", "SourceOf", "source_of_lines"]

_MAX_DEPTH = 3
_PLACES = frozenset(
    [
        "stream",
        "container",
        "containername",
        "containerid",
        "pod",
        "podname",
        "podid",
        "logstream",
        "logstreamname",
        "instance",
        "instanceid",
        "host",
        "hostname",
        "pid",
        "processid",
        "process",
        "unit",
        "systemdunit",
        "syslogidentifier",
    ]
)
"""What members are called that name a place: each line of a response comes from the same."""

_REQUESTS = frozenset(
    [
        "requestid",
        "reqid",
        "xrequestid",
        "traceid",
        "streamid",
        "connectionid",
        "connid",
        "conversationid",
        "sessionid",
        "correlationid",
        "runid",
        "callid",
        "jobid",
    ]
)
"""What members are called that name a request, if not each line has another."""

NOWHERE: Hashable = object()
"""The source of an end mark that does not say which response has ended."""

_Path = tuple[str, ...]
SourceOf = Callable[[bytes, bytes], Hashable]
"""The source of a line, of which the second is what is read."""


def source_of_lines(
    lines: Sequence[bytes], take: Callable[[bytes], bytes | None], event: tuple[str | int, ...]
) -> SourceOf | None:
    """What tells the sources of the lines of a log apart that begins with these; `None` if they do
    not alternate. `event` is where an object has the event, and `take` takes it."""
    records = [record for line in lines if (record := _record(line))]
    if records:
        paths = _paths(records, event)
        if paths and recur(_at(record, paths) for record in records):
            return lambda line, text: _at(_record(line), paths)
    elif recur(map(source_in_prefix, lines)):
        return lambda line, text: source_in_prefix(line)
    ids = Ids()
    for line in lines:
        _id(ids, take(line) or b"")
    if not ids.are_mixed:
        return None
    ids = Ids()
    return lambda line, text: _id(ids, text)


def _record(line: bytes) -> Mapping[Any, Any]:
    return members(record_or_none(line))


def _paths(records: Sequence[Mapping[Any, Any]], event: tuple[str | int, ...]) -> list[_Path]:
    found = dict[_Path, list[Hashable]]()
    for record in records:
        for path, value in _named(record, (), event):
            found.setdefault(path, []).append(value)
    return [
        path
        for path, values in found.items()
        if _plain(path[-1]) in _PLACES or len(set(values)) < len(values)
    ]


def _named(
    fields: Mapping[Any, Any], path: _Path, event: tuple[str | int, ...]
) -> Iterator[tuple[_Path, Hashable]]:
    for key, value in fields.items():
        if not isinstance(key, str) or (*path, key) == event:
            continue
        name = _plain(key)
        if name in _PLACES or name in _REQUESTS:
            yield (*path, key), _scalar(value)
        elif len(path) < _MAX_DEPTH - 1:
            yield from _named(members(value), (*path, key), event)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name[-100:]).lower()


def _at(record: Mapping[Any, Any], paths: Sequence[_Path]) -> Hashable:
    values = list[Hashable]()
    for path in paths:
        value: Any = record
        for key in path:
            value = members(value).get(key)
        values.append(_scalar(value))
    return tuple(values)


def _scalar(value: Any) -> Hashable:
    if isinstance(value, (dict, list)):
        try:
            return shortened(encode_json(value).decode())
        except RecursionError:
            # Nested so deep that it names nothing.
            return None
    return shortened(value) if isinstance(value, str) else value


def _id(ids: Ids, text: bytes) -> Hashable:
    """The id to which the text of an event belongs."""
    data = text.strip().removeprefix(b"data:").strip()
    if data == DONE:
        return NOWHERE
    return ids.of_payload(data if data[:1] == b"{" else b"")
