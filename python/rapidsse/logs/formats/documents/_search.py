"""The event streams in a value: a record, or a document.

A record is one request, and has one stream: of several, the one that its names call a response,
and that holds events of a known API. What a prompt quotes is never read. The elements of a list
are records of their own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ...._api_events import api_of, at
from ...._apis import IDS
from ...._json import encode_json
from ...._limits import MAX_DEPTH
from ...._values import members, parts
from ...sources._compression import BrokenData
from ..lines._envelope import envelope_of, events_at
from ..lines._lines import restored
from ..values._base64 import from_base64, text_of_base64, text_of_numbers
from ..values._encoding import decoded
from ..values._json import record_or_none, utf8, values_or_none
from ..values._pieces import events_of_json, is_event, joined, other_events, sse_event
from ..values._roles import Role, is_request
from ..values._sameness import Sameness
from ..values._streams import HEAD, is_body, is_stream, without_http_head
from ..values._whole import batch_event, batch_id, events_of_whole
from ._exports import in_time_order, list_by_numbers, object_of_pairs
from ._several import has_several

__all__ = ["Search", "Stream", "header"]

_HEADERS = ("headers", "header", "responseHeaders", "response_headers")
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*[\[{\"]|\".*\"\s*\Z)", re.DOTALL)
_DATA = re.compile(rb"^data:", re.MULTILINE)
# The elements of a list that are compared, to see whether they are pieces of one stream.
_MOST_COMPARED = 100
# Deltas of Realtime have it, too.
_ID_PATHS = (*IDS, ("response_id",))


@dataclass(slots=True)
class Stream:
    """An event stream of a record, and what decides whether it is the record's response."""

    data: bytes
    role: Role
    is_known: bool = False
    """It begins with an event of a known API."""
    id: str | None = None
    """The id of the response, where its first event has it."""
    is_whole: bool = False
    """It was not streamed, or was put together: a stream is preferred."""
    is_one: bool = True
    """It is one response."""
    custom_id: str | None = None
    record: Any = None
    """The element of a list, or the named record, that it was found in."""

    @property
    def rank(self) -> tuple[bool, bool, bool, Role]:
        # What a prompt quotes is not among them.
        return self.role is Role.RESPONSE, self.is_known, not self.is_whole, self.role


@dataclass(slots=True)
class _Headers:
    """What the headers of a response say of its body."""

    encoding: str = ""
    is_stream: bool = False


class Search:
    """Looks through values. `passed_over` counts the streams that were not taken; `empty`, the
    responses that are event streams by their headers, and have no body; `skipped`, the elements
    without a stream of lists in which others have one."""

    def __init__(self, *, is_document: bool = False, has_aliases: bool = False) -> None:
        self.passed_over = 0
        self.empty = 0
        self.skipped = 0
        self._is_document = is_document
        # YAML's aliases may refer to a value again and again. The values are kept, so that each
        # has an identity of its own.
        self._visited: dict[int, Any] | None = {} if has_aliases else None
        # The first record in which each response was found, and the digests of all, if there are
        # several.
        self._records: dict[bytes, Any] = {}
        self._others: dict[bytes, set[bytes]] = {}
        self._sameness = Sameness()

    def streams(self, value: Any) -> list[Stream]:
        """The streams in a value, in its order. Raises `RecursionError` if it is nested deeper
        than `MAX_DEPTH`."""
        # A document may be a single event.
        parts = [value] if self._is_document and is_event(value) else value
        found = self._any(parts, Role.UNKNOWN, _Headers(), 0)
        return [stream for stream in found if not self._is_again(stream)]

    def _any(self, value: Any, role: Role, headers: _Headers, depth: int) -> list[Stream]:
        if depth > MAX_DEPTH:
            raise RecursionError
        if isinstance(value, (str, bytes)):
            if (data := _text_of(value, role, headers)) is not None:
                is_list = not isinstance(value, bytes) and value.lstrip()[:1] in ("[", "{")
                return self._taken(data, role, is_one=not (is_list and has_several(data)))
            inner = None if role < Role.UNKNOWN else _json_in(value)
            return [] if inner is None else self._any(inner, role, headers, depth + 1)
        if not isinstance(value, (dict, list)):
            return []
        if self._visited is not None:
            identity = id(cast("object", value))
            if identity in self._visited:
                return []
            self._visited[identity] = value
        if isinstance(value, dict):
            return self._record(members(value), role, headers, depth)
        return self._list(parts(value), role, headers, depth)

    def _list(
        self, elements: Sequence[Any], role: Role, headers: _Headers, depth: int
    ) -> list[Stream]:
        if (fields := object_of_pairs(elements)) is not None:
            return self._record(fields, role, headers, depth)
        if (text := text_of_numbers(elements)) is not None:
            return self._any(text, role, headers, depth + 1)
        elements = in_time_order(elements)
        if (data := joined(elements)) is not None:
            self.passed_over += sum(map(other_events, elements))
            return self._taken(data, role, is_one=not has_several(data))
        if (data := self._pieces(elements)) is not None:
            return self._taken(data, role, is_one=not has_several(data))
        found = list[Stream]()
        without = 0
        for each in elements:
            before = self.passed_over
            streams = self._any(each, role, headers, depth + 1)
            found += _in_record(streams, each)
            without += bool(each) and not streams and self.passed_over == before
        self.skipped += without if found else 0
        return _merged(found, role)

    def _pieces(self, elements: Sequence[Any]) -> bytes | None:
        """The event stream of which each element has a list of events; `None` if they are records,
        with a response each."""
        envelope = envelope_of(elements[0]) if elements else None
        if envelope is None or envelope.events is None:
            return None
        if not envelope.continues(elements[1:_MOST_COMPARED]):
            return None
        pieces = [events_at(each, envelope.path) for each in elements]
        self.skipped += pieces.count(None)
        return b"".join(filter(None, pieces))

    def _record(
        self, fields: Mapping[Any, Any], role: Role, headers: _Headers, depth: int
    ) -> list[Stream]:
        if events := events_of_whole(fields):
            return self._whole(events, role)
        if (elements := list_by_numbers(fields)) is not None:
            return self._list(elements, role, headers, depth)
        if role is Role.RESPONSE and is_event(fields):
            # A whole response of Gemini is like an event of one.
            return self._whole([encode_json(fields)], role)
        if (own := _headers_of(fields)) is not None:
            headers = own
        candidates = list[list[Stream]]()
        is_container = self._is_document
        for name, value in fields.items():
            inner = role.inside(name)
            if found := self._any(value, inner, headers, depth + 1):
                candidates.append(found)
                is_container &= inner is role and isinstance(value, (dict, list))
                if is_container:
                    _in_record(found, cast("object", value))
        if (custom_id := batch_id(fields)) is not None:
            return self._of_batch(fields, custom_id, self._chosen(candidates))
        if own is not None and own.is_stream and not candidates and role is not Role.PROMPT:
            self.empty += 1
        if is_container or len(candidates) == 1:
            # Records by their names, or by numbers.
            return [stream for found in candidates for stream in found]
        return self._chosen(candidates)

    def _chosen(self, candidates: list[list[Stream]]) -> list[Stream]:
        """The response among the streams of a record's members."""
        if not candidates:
            return []
        best = max(stream.rank for found in candidates for stream in found)
        chosen = list[Stream]()
        for found in candidates:
            others = {stream.id for stream in chosen}
            for stream in found:
                # A response may be there twice: as it was received, and taken apart.
                is_other = self._is_document if stream.id is None else stream.id not in others
                if stream.rank == best and (is_other or not others):
                    chosen.append(stream)
                else:
                    self.passed_over += 1
        return chosen

    def _of_batch(
        self, fields: Mapping[Any, Any], custom_id: str, found: list[Stream]
    ) -> list[Stream]:
        """The response to a request of a batch, or how the request ended."""
        if not found and (event := batch_event(fields)) is not None:
            found = self._whole([event], Role.RESPONSE)
        for stream in found:
            stream.custom_id = stream.custom_id or custom_id
        return found

    def _whole(self, events: list[bytes], role: Role) -> list[Stream]:
        found = self._taken(b"".join(map(sse_event, events)), role)
        for stream in found:
            stream.is_whole = True
        return found

    def _taken(self, data: bytes | None, role: Role, *, is_one: bool = True) -> list[Stream]:
        if data is None:
            return []
        if role < Role.UNKNOWN:
            self.passed_over += 1
            return []
        text = b"".join(restored(data, (data,)))
        return [Stream(text, role, *_first_event(data), is_one=is_one)]

    def _is_again(self, stream: Stream) -> bool:
        """Whether the same recording was in the value before. Another request may have had the
        same response, to the byte."""
        if stream.id is None:
            return False
        response = hashlib.blake2b(stream.data, digest_size=16).digest()
        if response not in self._records:
            self._records[response] = stream.record
            return False
        first = self._sameness.of(self._records[response])
        others = self._others.setdefault(response, {first})
        record = self._sameness.of(stream.record)
        is_again = record in others
        self.passed_over += is_again
        others.add(record)
        return is_again


def _merged(streams: list[Stream], role: Role) -> list[Stream]:
    """The streams of a list's elements; one, if each element has a single event of the same
    response, and is no record of a request."""
    ids = {stream.id for stream in streams if stream.id is not None}
    if len(streams) < 2 or len(ids) != 1 or not all(_is_single(each, role) for each in streams):
        return streams
    data = b"".join(stream.data.rstrip(b"\r\n") + b"\n\n" for stream in streams)
    return [Stream(data, max(stream.role for stream in streams), *_first_event(data))]


def _is_single(stream: Stream, role: Role) -> bool:
    """Whether the stream is one event of a list whose role this is."""
    is_record = stream.role > max(role, Role.BODY) or any(map(is_request, members(stream.record)))
    is_answer = stream.is_whole or stream.custom_id is not None
    return not (is_record or is_answer) and len(_DATA.findall(stream.data)) == 1


def _in_record(streams: list[Stream], record: Any) -> list[Stream]:
    for stream in streams:
        if stream.record is None:
            stream.record = record
    return streams


def _text_of(value: str | bytes, role: Role, headers: _Headers) -> bytes | None:
    """The event stream that a string holds, or bytes, or what they are the JSON of."""
    is_body = role >= Role.BODY
    if isinstance(value, str):
        value = without_http_head(text_of_base64(value) or value)
    if isinstance(value, bytes):
        try:
            data = b"".join(decoded(value, headers.encoding))
        except BrokenData:
            return None
        if is_stream(data[:HEAD].decode(errors="replace")):
            return data
        return (
            _text_of(data.decode(errors="replace"), role, headers)
            if data[:1] in (b"{", b"[")
            else None
        )
    if _looks_like_stream(value, named=is_body and headers.is_stream):
        return utf8(value)
    if is_body and headers.encoding:
        try:
            return _text_of(from_base64(value), role, headers)
        except ValueError:
            # The recorder has decoded the body, and kept the header.
            pass
    if is_body and value.lstrip()[:1] in ("{", "["):
        return events_of_json(value)
    return None


def _json_in(value: str | bytes) -> Any:
    """The string, object or list that a string is the JSON of, or a list of the objects; `None` if
    it is no JSON."""
    if isinstance(value, str):
        value = text_of_base64(value) or value
    if not isinstance(value, str) or not _JSON.match(value):
        return None
    found = record_or_none(value)
    return found if found is not None else values_or_none(value)


def _looks_like_stream(text: str, *, named: bool) -> bool:
    return is_body(text) or (named and is_stream(text))


def _first_event(data: bytes) -> tuple[bool, str | None]:
    """Whether the first event is one of a known API, and the id of its response."""
    start = data.find(b"data:")
    while start >= 0:
        end = data.find(b"\n", start)
        line = data[start + 5 : end if end >= 0 else len(data)].strip()
        if line.startswith(b"{"):
            break
        start = data.find(b"data:", start + 5)
    else:
        return False, None
    event = members(record_or_none(line))
    if api_of(event) is None:
        return False, None
    ids = [at(event, path) for path in _ID_PATHS]
    return True, next((each for each in ids if isinstance(each, str) and each), None)


def _headers_of(fields: Mapping[Any, Any]) -> _Headers | None:
    headers = next((fields[name] for name in _HEADERS if name in fields), None)
    if not isinstance(headers, (dict, list)):
        return None
    media_type = header(headers, "content-type").partition(";")[0].strip().lower()
    return _Headers(header(headers, "content-encoding"), media_type == "text/event-stream")


def header(headers: Any, name: str) -> str:
    """A header's value, from an object or from a list of names and values: the last, where it has
    several."""
    for key, value in (*map(_pair, parts(headers)), *members(headers).items()):
        if isinstance(key, str) and key.lower() == name:
            last = parts(value)[-1:] if isinstance(value, list) else [value]
            return _scalar(last[0]) if last else ""
    return ""


def _pair(each: Any) -> tuple[Any, Any]:
    if fields := members(each):
        return fields.get("name", fields.get("key")), fields.get("value")
    pair = parts(each)
    return (pair[0], pair[1]) if len(pair) == 2 else (None, None)


def _scalar(value: Any) -> str:
    """A scalar as text. Nothing of a list or an object: a nest of aliases, which takes a few bytes
    of YAML, would become gigabytes of text."""
    return "" if isinstance(value, (list, dict)) else str(value)
